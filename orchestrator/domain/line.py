"""A line: one sentence or two, said in one breath."""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.clip import Mood
from orchestrator.ids import ProductId


class LineKind(StrEnum):
    """What a line is for; the rundown's order depends on it."""

    OPENING = "opening"
    PRODUCT = "product"
    CATCHPHRASE = "catchphrase"
    CLOSING = "closing"
    HANDOVER = "handover"
    """Said first by a double that takes a room over from another."""


@dataclass(frozen=True)
class Line:
    """One sentence or two, said in one breath: one clip."""

    line: str
    """Its name within the stream, such as `suyun-quilt/3`."""
    kind: LineKind
    text: str
    mood: Mood = Mood.CALM
    product: ProductId | None = None
