"""Orders clips from the render workers: each once in a while, in order of need.

A clip that isn't there after `AGAIN_SECONDS` is ordered again: the order may have been lost with a
broker, or the render with its worker. Each further time the order is given twice as long, up to
`LONGEST_SECONDS`: where nobody renders, nobody takes orders out of the queue either, and there they
must not pile up. An order expires when the next one follows, so one of them counts at any time.
Rendering twice is harmless; the clip store makes each clip once.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.clock import Clock
from orchestrator.domain.clip import ClipKind, ClipRecipe
from orchestrator.ids import ClipKey
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW

log = logging.getLogger(__name__)

AGAIN_SECONDS = 60.0
LONGEST_SECONDS = 960.0
REMEMBERED = 20_000
SHOWN_CHARACTERS = 24


@dataclass(frozen=True)
class Order:
    """A clip that somebody waits for."""

    recipe: ClipRecipe
    key: ClipKey
    urgent: bool
    lives: float = AGAIN_SECONDS
    """Seconds for which it counts; then it is given again, or nobody waits any more."""

    @property
    def queue(self) -> str:
        """Where the order goes."""
        return RENDER_NOW if self.urgent else RENDER_AHEAD

    @property
    def shown(self) -> str:
        """What people see of it in Flower."""
        recipe = self.recipe
        if recipe.kind is not ClipKind.LINE:
            return f"({recipe.kind} {recipe.seconds:.2f} s · {recipe.shop_name})"
        return f"({recipe.text[:SHOWN_CHARACTERS]} · {recipe.shop_name})"


@dataclass(frozen=True)
class Asked:
    """When an order was given, and for how long it counts."""

    at: float
    lives: float

    def counts(self, now: float) -> bool:
        """Whether it isn't to be given again yet."""
        return now - self.at < self.lives


def next_lives(before: Asked | None, now: float) -> float:
    """How long an order counts that follows on that one. After a while it is a first one again."""
    if before is None or now - before.at > 2 * before.lives:
        return AGAIN_SECONDS
    return min(2 * before.lives, LONGEST_SECONDS)


Send = Callable[[Order], bool]


class Orders:
    """What this process has ordered, and when."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock
        self._asked: dict[tuple[ClipKey, bool], Asked] = {}
        self._lock = threading.Lock()

    def ask(self, recipe: ClipRecipe, key: ClipKey, urgent: bool) -> bool:
        """Order a clip, unless that was done just now; say whether an order went out."""
        now = self._clock.monotonic()
        with self._lock:
            if self._asked_lately(key, urgent, now):
                return False
            self._forget_old(now)
            lives = next_lives(self._asked.get((key, urgent)), now)
            self._asked[key, urgent] = Asked(now, lives)
        if self._send(Order(recipe, key, urgent, lives)):
            return True
        self.forget(key)
        return False

    def forget(self, key: ClipKey) -> None:
        """The order was lost, or what came was no good: it may be ordered again at once."""
        with self._lock:
            self._asked.pop((key, True), None)
            self._asked.pop((key, False), None)

    def _asked_lately(self, key: ClipKey, urgent: bool, now: float) -> bool:
        # What was ordered without haste may be ordered once more, with haste.
        orders = [self._asked.get((key, True))] + (
            [] if urgent else [self._asked.get((key, False))]
        )
        return any(asked is not None and asked.counts(now) for asked in orders)

    def _forget_old(self, now: float) -> None:
        if len(self._asked) >= REMEMBERED:
            self._asked = {k: asked for k, asked in self._asked.items() if asked.counts(now)}
