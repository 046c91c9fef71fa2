"""A run's right to its endpoint: the lease, asked for right before every connection.

No answer means no: what is on air stays there without Redis, but nothing new connects.
"""

from orchestrator.errors import StaleToken, WireUnreachable
from orchestrator.ids import TargetDigest
from workers.stream.course import Course
from workers.stream.gate import Gate
from workers.stream.keeper import Keeper

ASK_AGAIN_SECONDS = 0.1
TAKEOVER_SECONDS = 0.05
"""How often a run asks that was given the air, while its predecessor leaves it."""


class Right:
    """One target, for one run."""

    def __init__(
        self, keeper: Keeper, gate: Gate, course: Course, holder: str, target: TargetDigest
    ) -> None:
        self._keeper = keeper
        self._gate = gate
        self._course = course
        self._holder = holder
        self._target = target
        self._token = course.standing.token

    def take(self, every: float) -> None:
        """Ask until the answer is yes."""
        while not self.ask():
            self._gate.wait(every)

    def ask(self) -> bool:
        """Ask once. `StaleToken` if a newer placement was seen."""
        self._gate.wanted()
        try:
            verdict = self._keeper.acquire(self._target, self._holder, self._token)
        except WireUnreachable as error:
            self._course.note(str(error))
            return False
        if verdict.stale:
            raise StaleToken
        if not verdict.granted:
            self._course.note(f"{verdict.holder} still holds the endpoint's lease")
        return verdict.granted

    def give_back(self) -> None:
        """To be called only after the connection is closed."""
        self._keeper.release(self._target, self._holder, self._token)
