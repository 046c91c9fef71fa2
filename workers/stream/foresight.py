"""What a stream will need at its next edges: ordered in time, and in memory when it is needed.

    15 min before a turn    all that its double says there, without haste; what it opens with first
    3 min before            what it opens with, urgently; from then on that is held in memory
    the same                for the goodbye before the shop closes

What is missing here isn't missing on air yet, so it is no trouble that anybody is told of.
"""

from collections.abc import Sequence

from orchestrator.clock import Clock
from orchestrator.domain.rundown import Cue, Rundown
from orchestrator.domain.turning import Cast
from orchestrator.ids import ClipKey
from workers.stream.stock import Stock

ORDER_SECONDS = 900.0
URGENT_SECONDS = 180.0
LOOK_AGAIN_SECONDS = 5.0
OPENED_SECONDS = 60.0
"""What a double opens with has been played by then, and needn't be held any more."""


class Foresight:
    """Sees to the next edges of one stream's day. For where the disk may be waited for."""

    def __init__(self, stock: Stock, clock: Clock) -> None:
        self._stock = stock
        self._clock = clock
        self._due = clock.monotonic()
        self._there: frozenset[ClipKey] = frozenset()
        """Found in the store once. They are pinned; the disk isn't asked each time."""

    def again(self) -> None:
        """Another plan, another edge: look at once."""
        self._due = self._clock.monotonic()
        self._there = frozenset()

    def look(self, cast: Cast, on: Rundown) -> None:
        """Order what is needed soon, now and then. `on`: whoever is on air, and stays in memory."""
        now = self._clock.monotonic()
        if now < self._due:
            return
        self._due = now + LOOK_AGAIN_SECONDS
        at = self._clock.wall()
        near = self._near(cast, at)
        for cue in near:
            self._stock.foresee(cue, urgent=True)
        far = [cue for cue in _far(cast, at) if cue.key not in self._there]
        self._there |= {cue.key for cue in far if self._stock.foresee(cue, urgent=False)}
        opened = cast.within(at - OPENED_SECONDS, OPENED_SECONDS)
        played = [cue for stretch in opened for cue in cast.opens_with(stretch)]
        self._stock.hold_only((*on.standbys, *near, *played))
        self._hold_one(near)

    def _near(self, cast: Cast, at: float) -> tuple[Cue, ...]:
        coming = cast.within(at, URGENT_SECONDS)
        goodbyes = _goodbyes(cast, at, URGENT_SECONDS)
        return (*(cue for stretch in coming for cue in cast.opens_with(stretch)), *goodbyes)

    def _hold_one(self, near: Sequence[Cue]) -> None:
        """One a look: what is due on air is read meanwhile, and shall not have to wait."""
        wanted = (cue for cue in near if not self._stock.holds_any([cue]))
        cue = next(filter(self._stock.ready, wanted), None)
        if cue is not None:
            self._stock.hold(cue)


def _far(cast: Cast, at: float) -> tuple[Cue, ...]:
    coming = cast.within(at, ORDER_SECONDS)
    first = (cue for stretch in coming for cue in cast.opens_with(stretch))
    rest = (cue for stretch in coming for cue in cast.rundown(stretch).cues)
    return (*first, *rest, *_goodbyes(cast, at, ORDER_SECONDS))


def _goodbyes(cast: Cast, at: float, seconds: float) -> tuple[Cue, ...]:
    """What is said before the shop closes, if it does so that soon."""
    stretch = cast.at(at)
    if stretch is None or stretch.ends_at - at > seconds:
        return ()
    goodbye = cast.goodbye(stretch, lambda _: True)
    return () if goodbye is None else (goodbye,)
