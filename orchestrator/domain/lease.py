"""A lease: the right to publish to one target, which ends by itself unless it is renewed.

Out of scope: asking (orchestrator.wire.leases), and what a holder may do with the answer
(orchestrator.domain.hold).
"""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.ids import FencingToken, TargetDigest

NO_TOKEN = FencingToken(0)
"""Older than every token that was ever granted."""


class LeaseAnswer(StrEnum):
    """What Redis says to somebody who wants a target."""

    GRANTED = "granted"
    HELD = "held"
    """Another holder's lease lives; wait for its end."""
    STALE = "stale"
    """A newer placement was seen; stop, and ask no more."""


@dataclass(frozen=True)
class LeaseVerdict:
    """The answer, and who stands in the way if it isn't yes."""

    answer: LeaseAnswer
    holder: str = ""
    """Who holds the lease: the one who asked if granted."""
    token: FencingToken = NO_TOKEN
    """The holder's token; when stale, the newest one that was seen."""
    remaining: float = 0.0
    """Seconds until the lease ends unless it is renewed."""

    @property
    def granted(self) -> bool:
        return self.answer is LeaseAnswer.GRANTED

    @property
    def stale(self) -> bool:
        return self.answer is LeaseAnswer.STALE


@dataclass(frozen=True)
class LiveLease:
    """A lease as an observer sees it."""

    target: TargetDigest
    holder: str
    token: FencingToken
