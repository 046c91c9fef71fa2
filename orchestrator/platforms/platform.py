"""A platform: what its ingest takes, what it allows, and how it behaves when a stream breaks.

Plain values, one module a platform, each with its sources and the day they were checked. Where no
text was found the value says so (`UNKNOWN`, or `None`), and the conditions do too. Rules change:
nothing here is legal advice, and whoever goes on air reads the platform's own page first.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stance(StrEnum):
    """Whether a digital human may sell there."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    FORBIDDEN = "forbidden"


class SecondPublisher(StrEnum):
    """What the ingest does when a second connection publishes with the same key."""

    REFUSED = "refused"
    NEWEST_WINS = "newest_wins"
    BOTH = "both"
    UNKNOWN = "unknown"
    """Treated like `NEWEST_WINS`: never retry without holding the lease."""


class Trust(StrEnum):
    """How good the sources are."""

    OFFICIAL = "official"
    SECOND_HAND = "second_hand"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Ingest:
    """What the ingest takes. Rates are ceilings, not recommendations."""

    schemes: tuple[str, ...]
    max_video_kbps: int | None
    key_frame_seconds: float
    second_publisher: SecondPublisher
    trust: Trust


@dataclass(frozen=True)
class Recovery:
    """How long a break may last, and how soon to try again."""

    grace_seconds: float
    """The room is counted as lost after that long without media."""
    first_retry_seconds: float
    """After a cut in the middle of a stream."""
    busy_retry_seconds: float
    """After "somebody is publishing": the platform hasn't let go of the old connection yet."""


@dataclass(frozen=True)
class Platform:
    """One platform's profile."""

    name: str
    title: str
    stance: Stance
    conditions: tuple[str, ...]
    """What must hold for a digital human to sell there, or why it may not."""
    ingest: Ingest
    recovery: Recovery
    sources: tuple[str, ...]
    checked: date
