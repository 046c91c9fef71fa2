"""What of its clips a stream can have right now: in memory, on the disk, or not yet.

A clip that turns out to be damaged, or to have other codec headers than the connection was opened
with, counts as missing. What the stream must not be without is held in memory.

Mostly used where the disk may be waited for (errands.py); `recalled` never goes there.
"""

import logging
from collections.abc import Iterable, Sequence

from orchestrator.domain.rundown import Cue, estimated_seconds
from orchestrator.domain.standing_in import Shortage
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from orchestrator.ids import ClipKey, StreamId
from workers.media.flv import Clip
from workers.stream.lacks import Lacks
from workers.stream.orders import Orders
from workers.stream.shelf import Shelf

log = logging.getLogger(__name__)


class Stock:
    """One stream's clips."""

    def __init__(self, stream: StreamId, shelf: Shelf, orders: Orders) -> None:
        self._stream = stream
        self._shelf = shelf
        self._orders = orders
        self.lacks = Lacks(shelf.clock)
        self._seconds: dict[ClipKey, float] = {}
        self._held: dict[ClipKey, Clip] = {}
        self._shown: dict[ClipKey, Clip] = {}
        self._config = ""

    def reconnects(self) -> None:
        """The next connection may have other codec headers."""
        self._config = ""
        self.lacks.reconnected()

    def opens_with(self, clip: Clip) -> None:
        """The connection has this clip's codec headers."""
        self._config = clip.config_digest

    def showing(self, clips: dict[ClipKey, Clip]) -> None:
        """These were shown last, and stay in memory for that."""
        self._shown = clips

    def length(self, cue: Cue) -> float:
        """How long it lasts, or will, as far as that is known."""
        known = self._seconds.get(cue.key)
        if known is None:
            known = self._seconds[cue.key] = estimated_seconds(cue)
        return known

    def ready(self, cue: Cue) -> bool:
        """Whether it can be had, and nothing was found wrong with it."""
        there = cue.key in self._held or self._shelf.has(cue.key)
        return there and not self.lacks.bad(cue.key)

    def stored(self, cue: Cue) -> bool:
        """Whether it is on the disk."""
        return self._shelf.stored(cue.key)

    def in_memory(self, cue: Cue) -> bool:
        """Whether it can be had without the disk."""
        return self.recalled(cue) is not None

    def holds_any(self, cues: Iterable[Cue]) -> bool:
        """Whether one of these is held."""
        return any(cue.key in self._held for cue in cues)

    def order(self, cue: Cue, urgent: bool) -> bool:
        """Have it rendered if it isn't in the store; whether it can be played now."""
        stored = self._shelf.stored(cue.key)
        self.lacks.see(cue, stored)
        if not stored:
            self._orders.ask(cue.recipe, cue.key, urgent)
        there = stored or cue.key in self._held or self._shelf.has(cue.key)
        return there and not self.lacks.bad(cue.key)

    def foresee(self, cue: Cue, urgent: bool) -> bool:
        """Have it rendered if it isn't in the store; that it is missing is no trouble yet."""
        stored = self._shelf.stored(cue.key)
        if not stored:
            self._orders.ask(cue.recipe, cue.key, urgent)
        return stored

    def hold(self, cue: Cue) -> None:
        """Keep it in memory, if it can be had."""
        if cue.key not in self._held and (clip := self.clip(cue)) is not None:
            self._held[cue.key] = clip

    def hold_only(self, cues: Iterable[Cue]) -> None:
        """Nothing but these needs to be held any more."""
        keys = {cue.key for cue in cues}
        self._held = {key: clip for key, clip in self._held.items() if key in keys}

    def recalled(self, cue: Cue) -> Clip | None:
        """A clip that is in memory and may follow on this connection."""
        key = cue.key
        clip = self._held.get(key) or self._shown.get(key) or self._shelf.recall(key)
        return clip if clip is not None and self._config in ("", clip.config_digest) else None

    def clip(self, cue: Cue) -> Clip | None:
        """A clip that may follow on this connection; None says that something else is needed."""
        clip = self.recalled(cue) or self._read(cue.key)
        if clip is None:
            return None
        if self._config not in ("", clip.config_digest):
            log.error("a clip has other codec headers than its stream", extra=self._facts(cue.key))
            self.lacks.foreign(cue.key)
            return None
        self._seconds[cue.key] = clip.duration_ms / 1000
        return clip

    def shortage(self, cues: Sequence[Cue]) -> Shortage:
        """What is missing of these, and why."""
        lost = [c.key for c in cues if self.lacks.bad(c.key) or not self._shelf.stored(c.key)]
        return Shortage(
            clips=len(cues),
            missing=len(lost),
            waited=self.lacks.waited,
            damaged=sum(map(self.lacks.was_damaged, lost)),
            foreign=sum(map(self.lacks.is_foreign, lost)),
            store=self._shelf.trouble(),
        )

    def _read(self, key: ClipKey) -> Clip | None:
        try:
            return self._shelf.get(key)
        except ClipMissing:
            log.warning("a clip is gone and is rendered again", extra=self._facts(key))
            self._orders.forget(key)
        except ClipCorrupt as error:
            facts = self._facts(key) | {"error": str(error)}
            log.warning("a clip is damaged and is rendered again", extra=facts)
            if self.lacks.damaged(key):
                self._orders.forget(key)
        except MediaError as error:
            facts = self._facts(key) | {"error": str(error)}
            log.warning("a clip can't be read", extra=facts)
            self.lacks.unread(key)
        if self._shelf.stored(key):  # it could not be thrown out
            self.lacks.unread(key)
        return None

    def _facts(self, key: ClipKey) -> dict[str, str]:
        return {"action": "clip", "stream": str(self._stream), "clip": key}
