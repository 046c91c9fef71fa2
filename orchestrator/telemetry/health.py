"""Whether this process lives, and whether it can do its work now. Judged here, shown by `probes`.

Two questions with two answers. *Does it live?* Each loop that must turn ticks; one that hasn't
for longer than its limit hangs, and only a new process helps. A loop ticks while its work fails,
so nobody is restarted because Redis or the store is away: what is on air would go off with it.
*Is it ready?* Each check says in words why not; nothing is restarted for it.

Loops tick and checks are made from any thread. Checks do no I/O: they look at what the process's
own loops have noted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.clock import Clock

Tick = Callable[[], None]
"""To be called at each turn of a loop."""
Check = Callable[[], str]
"""Why the process isn't ready; empty if it is."""
Fact = Callable[[], str]


@dataclass(frozen=True)
class Turn:
    """How a loop stands."""

    age: float
    """Seconds since it ticked."""
    limit: float

    @property
    def ok(self) -> bool:
        return self.age <= self.limit


def verdict(
    ticks: Mapping[str, float], limits: Mapping[str, float], now: float
) -> Mapping[str, Turn]:
    """How each loop stands that has a limit; one that never ticked began just now."""
    return {name: Turn(now - ticks.get(name, now), limit) for name, limit in limits.items()}


class Health:
    """One process's loops and checks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ticks: dict[str, float] = {}
        self._limits: dict[str, float] = {}
        self._checks: dict[str, Check] = {}
        self._facts: dict[str, Fact] = {}

    def loop(self, name: str, limit: float) -> Tick:
        """From now on that loop has to turn at least every so many seconds; gives its tick."""
        self._ticks[name] = self._clock.monotonic()
        self._limits[name] = limit
        return lambda: self.tick(name)

    def tick(self, name: str) -> None:
        """A loop has turned."""
        self._ticks[name] = self._clock.monotonic()

    def release(self, name: str) -> None:
        """That loop has ended as it should, and isn't looked at any more."""
        self._limits.pop(name, None)

    def check(self, name: str, why_not: Check) -> None:
        """From now on this has to be in order for the process to be ready."""
        self._checks[name] = why_not

    def tell(self, name: str, fact: Fact) -> None:
        """Show this beside the answer whether the process is ready."""
        self._facts[name] = fact

    def loops(self) -> Mapping[str, Turn]:
        """How the loops stand now."""
        ticks, limits = dict(self._ticks), dict(self._limits)
        return verdict(ticks, limits, self._clock.monotonic())

    def why_not_ready(self) -> Sequence[str]:
        """All reasons why the process can't do its work now."""
        found = ((name, _asked(check)) for name, check in list(self._checks.items()))
        return [f"{name}: {reason}" for name, reason in found if reason]

    def facts(self) -> Mapping[str, str]:
        """What is shown beside it."""
        return {name: _asked(fact) for name, fact in list(self._facts.items())}


def _asked(check: Check) -> str:
    try:
        return check()
    except Exception as error:  # a probe must answer, whatever a check stumbles over
        return f"can't be told, {type(error).__name__}"
