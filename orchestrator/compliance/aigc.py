"""The implicit AI label: the value of the metadata key `AIGC` (GB 45438-2025, appendix E).

One bare JSON object of seven strings in a fixed order, single-byte printable characters only, no
spaces. It goes into `onMetaData` of every clip file and every stream, where FLV keeps it.

`ContentProducer` is a provider's registered name or code. A code is never made up: where none is
configured, a plainly local name stands in its place.
"""

import json
from enum import StrEnum

from orchestrator.domain.clip import LOCAL_PRODUCER

METADATA_KEY = "AIGC"
FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)


class Certainty(StrEnum):
    """How sure it is that the content was generated."""

    IS = "1"
    MAY_BE = "2"
    SUSPECTED = "3"


def aigc_value(produce_id: str, producer: str = LOCAL_PRODUCER) -> str:
    """The metadata of one generated piece; producer and propagator are the same on first write."""
    for name, value in (("ProduceID", produce_id), ("ContentProducer", producer)):
        if not value or not is_allowed(value):
            raise ValueError(f"{name} must be printable ASCII without spaces, quotes, backslashes")
    values = (Certainty.IS.value, producer, produce_id, "", producer, produce_id, "")
    return json.dumps(dict(zip(FIELDS, values, strict=True)), separators=(",", ":"))


def is_allowed(value: str) -> bool:
    """Whether every character is one that appendix E allows in a field."""
    return all("!" <= c <= "~" and c not in '"\\' for c in value)


def is_aigc_value(text: str) -> bool:
    """Whether a metadata value is the object that is asked for, as it is read back from a file."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(value, dict)
        and tuple(value) == FIELDS
        and all(isinstance(v, str) and is_allowed(v) for v in value.values())
        and value["Label"] in set(Certainty)
        and bool(value["ContentProducer"] and value["ProduceID"])
    )
