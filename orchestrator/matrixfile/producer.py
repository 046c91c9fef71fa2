"""Who answers for what is generated: a name or a code that can stand in every clip's metadata."""

from collections.abc import Iterator

from orchestrator.compliance.provider import fault_of_producer
from orchestrator.domain.clip import LOCAL_PRODUCER
from orchestrator.errors import Problem
from orchestrator.matrixfile.tree import Tree

REMEDY = (
    "Write the provider code that you were given (27 characters), or a name in Latin letters; "
    f"left out, it is {LOCAL_PRODUCER}."
)


def producer(root: Tree) -> Iterator[Problem]:
    """A provider code that is no code, or a name that the metadata can't hold."""
    place = root.at("streamer", "aigc_producer")
    if place is None or not isinstance(place.value, str):
        return
    fault = fault_of_producer(place.value)
    if fault is not None:
        yield place.problem(f"can't be named as producer: {fault}.", REMEDY)
