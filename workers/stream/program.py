"""What a stream plays, clip after clip: the rundown met with what is rendered.

`take` gives the next clip that is there and good; `look` orders what is missing of what comes next,
urgently what is due soon. A clip that turns out to be damaged, or to have other codec headers than
the connection was opened with, is passed over like one that is missing.
"""

import logging
from dataclasses import dataclass

from orchestrator.domain.rundown import Cue, CueKind, Rundown, estimated_seconds
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from orchestrator.ids import ClipKey
from workers.media.flv import Clip
from workers.stream.orders import Orders
from workers.stream.shelf import Shelf

log = logging.getLogger(__name__)

URGENT_SECONDS = 15.0
TRIES = 5


@dataclass(frozen=True)
class Take:
    """A clip that is taken on air, and why."""

    cue: Cue
    clip: Clip


class Program:
    """One stream's rundown, in play."""

    def __init__(
        self, spec: StreamSpec, seed: int, shelf: Shelf, orders: Orders, ahead_seconds: float
    ) -> None:
        self._spec = spec
        self._shelf = shelf
        self._orders = orders
        self._ahead_seconds = ahead_seconds
        self._rundown = Rundown(spec, seed)
        self._place = self._rundown.start()
        self._seconds: dict[ClipKey, float] = {}
        self._foreign: set[ClipKey] = set()
        self._unread: set[ClipKey] = set()
        self._config = ""

    def pin(self) -> None:
        """Have everything kept that may be played. Pins run out; to be called again now and then.

        A successor on another node pins under the same name, so nothing is given back at the end.
        """
        try:
            self._shelf.pin(f"stream:{self._spec.stream}", [cue.key for cue in self._rundown.cues])
        except MediaError as error:  # what isn't pinned may still be played
            facts = {"action": "clip", "stream": self._spec.stream, "error": str(error)}
            log.warning("a stream's clips can't be pinned", extra=facts)

    def prepare(self) -> None:
        """Order what the stream goes on air with, and then all that comes after it."""
        self._order(self._rundown.idle, urgent=True)
        opening = self._rundown.opening()
        if opening is not None:
            self._order(opening, urgent=True)
        self.look(urgent_seconds=0.0)

    def look(self, urgent_seconds: float = URGENT_SECONDS) -> float:
        """Order what is missing ahead; how many seconds ahead everything is rendered."""
        at = rendered = 0.0
        whole = True
        self._unread.clear()
        for cue in self._rundown.ahead(self._place, self._ahead_seconds, self._length):
            if not self._ready(cue):
                spoken = cue.kind is CueKind.LINE
                self._order(cue, urgent=spoken and at < urgent_seconds)
                whole = whole and not spoken
            at += self._length(cue)
            rendered = at if whole else rendered
        for cue in self._rundown.standbys:
            self._order(cue, urgent=False)
        return rendered

    @property
    def has_opening(self) -> bool:
        """Whether the double is there, and what it says first."""
        opening = self._rundown.opening()
        return self._ready(self._rundown.idle) and (opening is None or self._ready(opening))

    @property
    def has_anything(self) -> bool:
        """Whether there is something that may be shown for as long as it takes."""
        return any(map(self._ready, (self._rundown.idle, self._rundown.slate)))

    def sample(self) -> Clip | None:
        """A clip to open a connection with; nothing is taken on air."""
        for cue in (self._rundown.idle, self._rundown.slate):
            clip = self._clip(cue) if self._ready(cue) else None
            if clip is not None:
                self._config = clip.config_digest
                return clip
        return None

    def take(self) -> Take | None:
        """The next clip; None if nothing at all is there."""
        for _ in range(TRIES):
            cue, place = self._rundown.take(self._place, self._ready)
            clip = self._clip(cue) if cue else None
            if cue and clip:
                self._place = place
                return Take(cue, clip)
        return None

    def _ready(self, cue: Cue) -> bool:
        bad = cue.key in self._foreign or cue.key in self._unread
        return not bad and self._shelf.has(cue.key)

    def _length(self, cue: Cue) -> float:
        return self._seconds.get(cue.key) or estimated_seconds(cue)

    def _order(self, cue: Cue, urgent: bool) -> None:
        if not self._shelf.has(cue.key):
            self._orders.ask(cue.recipe, cue.key, urgent)

    def _clip(self, cue: Cue) -> Clip | None:
        facts = {"action": "clip", "stream": self._spec.stream, "clip": cue.key}
        try:
            clip = self._shelf.get(cue.key)
        except (ClipMissing, ClipCorrupt):
            log.warning("a clip is gone and is rendered again", extra=facts)
            self._orders.forget(cue.key)
            return None
        except MediaError as error:
            log.warning("a clip can't be read", extra=facts | {"error": str(error)})
            self._unread.add(cue.key)
            return None
        if self._config and clip.config_digest != self._config:
            log.error("a clip has other codec headers than its stream", extra=facts)
            self._foreign.add(cue.key)
            return None
        self._seconds[cue.key] = clip.duration_ms / 1000
        return clip
