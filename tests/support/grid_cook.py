"""A render worker that is quick: takes orders from the queues, makes test pictures on the grid."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.domain.clip import ClipKind, ClipRecipe, clip_key
from orchestrator.domain.rundown import Cue, CueKind
from orchestrator.ids import ClipKey
from orchestrator.wire.messages import RECIPE
from orchestrator.wire.queues import RENDER_AHEAD, RENDER_NOW
from tests.support.grid_clips import stock_one
from tests.support.stream_worker import Desk, body_of

EVERY_SECONDS = 0.05
KINDS = {
    ClipKind.LINE: CueKind.LINE,
    ClipKind.IDLE: CueKind.IDLE,
    ClipKind.SLATE: CueKind.SLATE,
}


class GridCook:
    """What was ordered, in order, and is made now."""

    def __init__(self, desk: Desk) -> None:
        self.made: list[ClipKey] = []
        self._desk = desk
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cook")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(EVERY_SECONDS):
            while (recipe := self._next()) is not None:
                cue = Cue(KINDS[recipe.kind], "ordered", recipe, clip_key(recipe))
                stock_one(self._desk.settings.media, cue)
                self.made.append(cue.key)

    def _next(self) -> ClipRecipe | None:
        redis, prefix = self._desk.redis, self._desk.settings.redis_prefix
        for queue in (RENDER_NOW, RENDER_AHEAD):
            raw = redis.rpop(f"{prefix}{queue}")
            if raw is not None:
                args, _, _ = body_of(str(raw))
                return RECIPE.validate_python(args[0])
        return None


@contextmanager
def grid_cook(desk: Desk) -> Iterator[GridCook]:
    """Orders are carried out for the length of a block."""
    cook = GridCook(desk)
    cook.start()
    try:
        yield cook
    finally:
        cook.close()
