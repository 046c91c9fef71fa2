"""A lease as the one that publishes under it sees it: may I write, may I connect?

Fail static: while Redis can't be *reached*, what is on air stays on air, so every attempt that
found nobody there prolongs the right to write. The right to connect comes from an answer only.

A process that was frozen (SIGSTOP, a paused machine) makes no attempts meanwhile. When it thaws its
right to write has run out, and attempts that reach nobody don't bring it back: another worker may
be on air. It is silent until Redis grants the lease again.

Pure; all times are this process's monotonic clock.
"""

from dataclasses import dataclass, replace

from orchestrator.domain.lease import LeaseVerdict


@dataclass(frozen=True)
class Hold:
    """What is known of a lease by now."""

    seconds: float
    asked_at: float
    """When the last attempt began."""
    write_until: float
    out_of_reach: bool = False
    granted_until: float = 0.0
    """Until then nobody else can have the lease; `write_until` may lie beyond, unanswered."""
    refused: LeaseVerdict | None = None
    """Set for good once somebody else was preferred; a new lease is a new hold."""

    def may_write(self, now: float) -> bool:
        """Whether bytes may leave on the connection that there is."""
        return self.refused is None and now < self.write_until

    def held(self, now: float) -> bool:
        """Whether the lease is surely ours, refused or not: there is time for a goodbye."""
        return now < self.granted_until

    def due(self, now: float, every: float) -> bool:
        """Whether it is time to renew."""
        return self.refused is None and now >= self.asked_at + every


def first(verdict: LeaseVerdict, asked_at: float, seconds: float) -> Hold:
    """The hold that an answer to a first request gives."""
    refused = None if verdict.granted else verdict
    until = asked_at + seconds if verdict.granted else asked_at
    return Hold(seconds, asked_at, write_until=until, granted_until=until, refused=refused)


def answered(hold: Hold, verdict: LeaseVerdict, asked_at: float) -> Hold:
    """After Redis answered a renewal that began at `asked_at`."""
    if not verdict.granted:
        return replace(hold, asked_at=asked_at, out_of_reach=False, refused=verdict)
    granted = asked_at + hold.seconds
    until = max(hold.write_until, granted)
    return replace(
        hold, asked_at=asked_at, write_until=until, granted_until=granted, out_of_reach=False
    )


def unanswered(hold: Hold, asked_at: float, now: float) -> Hold:
    """After a renewal that began at `asked_at` has reached nobody by `now`."""
    alive = hold.may_write(asked_at) and now - asked_at < hold.seconds
    until = max(hold.write_until, now + hold.seconds) if alive else hold.write_until
    return replace(hold, asked_at=asked_at, write_until=until, out_of_reach=True)
