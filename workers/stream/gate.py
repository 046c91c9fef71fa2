"""What is asked before every step on air: is this run still wanted, does it still have the right?

`check` is cheap and never waits for Redis. A run that was frozen past its lease finds its right to
write gone; it waits, silent, until the lease is renewed or somebody else turns out to have it.
"""

from orchestrator.clock import Clock
from orchestrator.domain.hold import Hold
from orchestrator.errors import LeaseLost, StaleToken
from workers.pool import Stop
from workers.stream.keeper import Keeper
from workers.stream.turnstile import Turnstile

RIGHT_PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.05


class Over(Exception):
    """The run is to end, for that reason."""


class Gate:
    """The way to the endpoint, for one run."""

    def __init__(
        self, stop: Stop, keeper: Keeper, holder: str, turnstile: Turnstile, clock: Clock
    ) -> None:
        self._stop = stop
        self._keeper = keeper
        self._holder = holder
        self._turnstile = turnstile
        self._clock = clock

    @property
    def now(self) -> float:
        """The monotonic clock's reading."""
        return self._clock.monotonic()

    @property
    def held(self) -> bool:
        """Whether the lease is surely this run's now: nobody else can be on air."""
        hold = self._keeper.hold(self._holder)
        return hold is not None and hold.held(self._clock.monotonic())

    def wanted(self) -> None:
        """Raise if the run is to end."""
        if self._stop.asked:
            raise Over(self._stop.reason)

    def wait(self, seconds: float) -> None:
        """Wait that long, unless the run is to end."""
        if self._clock.wait(seconds, until=self._stop.event):
            raise Over(self._stop.reason)

    def take_turn(self) -> None:
        """Wait for a turn to connect, or to start what will."""
        self.wait(self._turnstile.wait_seconds())

    def check(self) -> float:
        """Until when writing is allowed, if it is now; wait for the right if it may come back."""
        self.wanted()
        hold = self._hold()
        patience = self._clock.monotonic() + RIGHT_PATIENCE_SECONDS
        while not hold.may_write(self._clock.monotonic()):
            if self._clock.monotonic() >= patience:
                raise LeaseLost
            self.wait(POLL_SECONDS)
            hold = self._hold()
        return hold.write_until

    def check_before_taken(self) -> float:
        """As `check`, on a connection that the endpoint hasn't taken yet: that isn't on air, so it
        goes on only while the lease is surely this run's, and not while nobody answers."""
        until = self.check()
        if not self.held:
            raise LeaseLost
        return until

    def _hold(self) -> Hold:
        hold = self._keeper.hold(self._holder)
        if hold is None:
            raise LeaseLost
        if hold.refused is not None:
            raise StaleToken if hold.refused.stale else LeaseLost
        return hold
