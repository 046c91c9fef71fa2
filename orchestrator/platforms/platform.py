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
    """Nobody has said. Never retried without holding the lease; a first end in good order is taken
    for a restart of the server, the next for somebody else (workers.stream.ladder)."""


class Trust(StrEnum):
    """How good the sources are."""

    OFFICIAL = "official"
    SECOND_HAND = "second_hand"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Source:
    """Where a claim comes from; where nothing was found, what was looked for."""

    text: str
    trust: Trust


@dataclass(frozen=True)
class Ingest:
    """What the ingest takes. Rates are ceilings, not recommendations."""

    schemes: tuple[str, ...]
    max_video_kbps: int | None
    key_frame_seconds: float
    second_publisher: SecondPublisher
    second_publisher_source: Source
    trust: Trust
    """Of all but the second publisher, which has a source of its own."""


@dataclass(frozen=True)
class Recovery:
    """How long a break may last, and how soon to try again."""

    grace_seconds: float
    """The room is counted as lost after that long without media."""
    first_retry_seconds: float
    """After a cut in the middle of a stream."""
    busy_retry_seconds: float = 1.0
    """After "somebody is publishing": the platform hasn't let go of the old connection yet. Once a
    second is often enough to be back within two of its letting go, and seldom enough to be borne:
    SRS lets go after 5 to 7 s (its issues 2472, 4480)."""
    source: Source = Source(
        "None found: most platforms close after a minute or more", Trust.ASSUMED
    )
    """Of the grace."""


@dataclass(frozen=True)
class Rooms:
    """How many rooms one owner may have on air at once with digital humans in them."""

    per_owner: int | None
    """None: no limit is known."""
    source: Source


ONE_ROOM = Rooms(
    1,
    Source(
        "No official figure found (2026-11-22); rooms of the same content are punished, "
        "second-hand: one room an owner is assumed",
        Trust.ASSUMED,
    ),
)
"""The cautious assumption for platforms that look for rooms of the same content."""
ANY_ROOMS = Rooms(None, Source("No limit found (2026-11-22)", Trust.ASSUMED))


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
    rooms: Rooms = ANY_ROOMS
