"""What a stream plays, clip after clip: the rundown met with what is rendered.

`take` gives the next clip that is there and good; `look` orders what is missing of what comes next,
urgently what is due soon. A clip that turns out to be damaged, or to have other codec headers than
the connection was opened with, is passed over like one that is missing.

Nothing that happens to the clip store takes a stream off air. The idle loops and the slate are held
in memory as soon as they can be read, and what was shown last stays there; the way down from the
program is `orchestrator.domain.standing_in`. The disk is never waited for: another thread goes
there (errands.py), and where that takes too long, the stream goes on with what is in memory.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from orchestrator.domain.rundown import Cue, CueKind, Rundown, estimated_seconds
from orchestrator.domain.standing_in import (
    Choice,
    Rung,
    Shortage,
    choose,
    in_words,
    repeatable,
    with_the_store,
)
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from orchestrator.ids import ClipKey
from workers.media.flv import Clip
from workers.stream.errands import HANGS_SECONDS
from workers.stream.lacks import Lacks
from workers.stream.orders import Orders
from workers.stream.pinned import Pinned
from workers.stream.shelf import Shelf

log = logging.getLogger(__name__)

URGENT_SECONDS = 15.0
TRIES = 20


@dataclass(frozen=True)
class Take:
    """A clip that is taken on air, and why."""

    cue: Cue
    clip: Clip


@dataclass(frozen=True)
class Found:
    """What could be had: a choice, and its clip."""

    choice: Choice
    clip: Clip | None


class Program:
    """One stream's rundown, in play. `seed` is the placement's token."""

    def __init__(
        self, spec: StreamSpec, seed: int, shelf: Shelf, orders: Orders, ahead_seconds: float
    ) -> None:
        self._spec = spec
        self._shelf = shelf
        self._orders = orders
        self._ahead_seconds = ahead_seconds
        self._clock = shelf.clock
        self._sender = shelf.sender()
        self._lacks = Lacks(shelf.clock)
        self._rundown = Rundown(spec, seed)
        self._place = self._rundown.start()
        self._seconds = {cue.key: estimated_seconds(cue) for cue in self._rundown.cues}
        self._config = ""
        self._held: dict[ClipKey, Clip] = {}
        self._shown: tuple[Take, ...] = ()
        self._rendered = 0.0
        self._pins = Pinned(shelf, spec.stream, seed, [cue.key for cue in self._rundown.cues])
        self._rung, self._since = Rung.PROGRAM, self._clock.monotonic()
        self._shortage = Shortage()

    def pin(self) -> None:
        """Have everything kept that may be played; `look` renews it."""
        self._sender.soon(self._pins.set)

    def unpin(self) -> None:
        """The run ends. A placement that takes over has pins of its own."""
        self._sender.soon(self._pins.drop)

    def prepare(self) -> None:
        """Order what the stream goes on air with, and then all that comes after it."""
        self._sender.soon(self._prepare)

    def look(self, urgent_seconds: float = URGENT_SECONDS) -> float:
        """Order what is missing ahead; how many seconds ahead everything is rendered."""
        self._sender.soon(lambda: self._survey(urgent_seconds))
        return self._rendered

    @property
    def has_opening(self) -> bool:
        """Whether the double is there, and what it says first."""
        opening = self._rundown.opening()
        wanted = [self._rundown.idle, *([opening] if opening else [])]
        return bool(self._sender.soon(lambda: all(map(self._ready, wanted))))

    @property
    def has_anything(self) -> bool:
        """Whether there is something that may be shown for as long as it takes."""
        return bool(self._sender.soon(self._any_standby))

    @property
    def standing_in(self) -> str:
        """What is shown instead of the program, and why; empty while the program runs."""
        return in_words(self._rung, self._clock.monotonic() - self._since, self._shortage)

    def sample(self) -> Clip | None:
        """A clip to open a connection with; nothing is taken on air."""
        self._config = ""
        self._lacks.reconnected()
        cues = (self._rundown.idle, self._rundown.slate, *self._repeatable())
        clip = self._sender.soon(lambda: _first(filter(self._ready, cues), self._clip))
        clip = clip or _first(cues, self._recalled)
        if clip is None:
            self._note(Rung.NOTHING)
        else:
            self._config = clip.config_digest
        return clip

    def take(self) -> Take | None:
        """The next clip; None if nothing at all is there."""
        found = self._sender.soon(self._find) or self._remember()
        choice, clip = found.choice, found.clip
        self._note(choice.rung)
        if choice.cue is None or clip is None:
            return None
        self._place = choice.place
        take = Take(choice.cue, clip)
        self._shown = (*(old for old in self._shown if _spoken(old) != _spoken(take)), take)
        return take

    def _find(self) -> Found:
        """The best that there is, read from the disk if need be."""
        for _ in range(TRIES):
            choice = choose(self._rundown, self._place, self._ready, self._repeatable())
            clip = self._clip(choice.cue) if choice.cue else None
            if choice.cue is None or clip is not None:
                return Found(self._judged(choice), clip)
        return self._remember()

    def _judged(self, choice: Choice) -> Choice:
        stored = choice.cue is not None and self._shelf.stored(choice.cue.key)
        rung = with_the_store(choice.rung, stored=stored, overdue=self._lacks.overdue)
        if rung is not Rung.PROGRAM:
            self._count()
        return replace(choice, rung=rung)

    def _remember(self) -> Found:
        """The best that is in memory. The disk isn't asked: it may be what doesn't answer."""
        choice = choose(
            self._rundown, self._place, lambda cue: bool(self._recalled(cue)), self._repeatable()
        )
        if self._sender.hangs() >= HANGS_SECONDS:
            rung = with_the_store(choice.rung, stored=False, overdue=0.0)
            choice = replace(choice, rung=rung)
            self._shortage = replace(self._shortage, store="the clip store doesn't answer")
        return Found(choice, self._recalled(choice.cue) if choice.cue else None)

    def _prepare(self) -> None:
        self._order(self._rundown.idle, urgent=True)
        opening = self._rundown.opening()
        if opening is not None:
            self._order(opening, urgent=True)
        self._survey(urgent_seconds=0.0)

    def _survey(self, urgent_seconds: float) -> None:
        at = rendered = 0.0
        whole = True
        for cue in self._rundown.ahead(self._place, self._ahead_seconds, self._length):
            spoken = cue.kind is CueKind.LINE
            ready = self._order(cue, urgent=spoken and at < urgent_seconds)
            whole = whole and (ready or not spoken)
            at += self._length(cue)
            rendered = at if whole else rendered
        self._rendered = rendered
        self._hold_standbys()
        self._pins.renew()
        self._take_stock()

    def _hold_standbys(self) -> None:
        for cue in self._rundown.standbys:
            # With nothing to fall back upon, that comes before what is to be said.
            urgent = not self._held and cue is self._rundown.idle
            if self._order(cue, urgent) and cue.key not in self._held:
                clip = self._clip(cue)
                if clip is not None:
                    self._held[cue.key] = clip

    def _take_stock(self) -> None:
        if not self._shown:  # before the first clip there is no take that would tell
            self._note(Rung.PROGRAM if self._any_standby() else Rung.NOTHING)
        if self._rung is not Rung.PROGRAM:
            self._count()

    def _count(self) -> None:
        cues = (*self._rundown.said, *self._rundown.standbys)
        lost = [c.key for c in cues if self._lacks.bad(c.key) or not self._shelf.stored(c.key)]
        self._shortage = Shortage(
            clips=len(cues),
            missing=len(lost),
            waited=self._lacks.waited,
            damaged=sum(map(self._lacks.was_damaged, lost)),
            foreign=sum(map(self._lacks.is_foreign, lost)),
            store=self._shelf.trouble(),
        )

    def _note(self, rung: Rung) -> None:
        if rung is self._rung:
            return
        self._rung, self._since = rung, self._clock.monotonic()
        if rung is Rung.PROGRAM:
            self._shortage = Shortage()
            self._pins.doubt()
            log.info("the program runs again", extra=self._facts())
        else:
            facts = self._facts() | {"why": self.standing_in}
            # Before the first clip it is no more than a stream that waits for its renders.
            level = logging.WARNING if self._shown else logging.INFO
            log.log(level, "something stands in for the program", extra=facts)

    def _any_standby(self) -> bool:
        return any(map(self._ready, (self._rundown.idle, self._rundown.slate)))

    def _ready(self, cue: Cue) -> bool:
        there = cue.key in self._held or self._shelf.has(cue.key)
        return there and not self._lacks.bad(cue.key)

    def _length(self, cue: Cue) -> float:
        return self._seconds[cue.key]

    def _order(self, cue: Cue, urgent: bool) -> bool:
        """Have it rendered if it isn't in the store; whether it can be played now."""
        stored = self._shelf.stored(cue.key)
        self._lacks.see(cue, stored)
        if not stored:
            self._orders.ask(cue.recipe, cue.key, urgent)
        there = stored or cue.key in self._held or self._shelf.has(cue.key)
        return there and not self._lacks.bad(cue.key)

    def _repeatable(self) -> tuple[Cue, ...]:
        return repeatable([take.cue for take in self._shown])

    def _recalled(self, cue: Cue) -> Clip | None:
        """A clip that is in memory and may follow on this connection."""
        shown = {take.cue.key: take.clip for take in self._shown}
        clip = self._held.get(cue.key) or shown.get(cue.key) or self._shelf.recall(cue.key)
        return clip if clip is not None and self._config in ("", clip.config_digest) else None

    def _clip(self, cue: Cue) -> Clip | None:
        clip = self._recalled(cue) or self._read(cue.key)
        if clip is None:
            return None
        if self._config not in ("", clip.config_digest):
            log.error("a clip has other codec headers than its stream", extra=self._facts(cue.key))
            self._lacks.foreign(cue.key)
            return None
        self._seconds[cue.key] = clip.duration_ms / 1000
        return clip

    def _read(self, key: ClipKey) -> Clip | None:
        try:
            return self._shelf.get(key)
        except ClipMissing:
            log.warning("a clip is gone and is rendered again", extra=self._facts(key))
            self._orders.forget(key)
        except ClipCorrupt as error:
            facts = self._facts(key) | {"error": str(error)}
            log.warning("a clip is damaged and is rendered again", extra=facts)
            if self._lacks.damaged(key):
                self._orders.forget(key)
        except MediaError as error:
            facts = self._facts(key) | {"error": str(error)}
            log.warning("a clip can't be read", extra=facts)
            self._lacks.unread(key)
        if self._shelf.stored(key):  # it could not be thrown out
            self._lacks.unread(key)
        return None

    def _facts(self, key: ClipKey | None = None) -> dict[str, str]:
        facts = {"action": "clip", "stream": str(self._spec.stream)}
        return facts if key is None else facts | {"clip": key}


def _first(cues: Iterable[Cue], get: Callable[[Cue], Clip | None]) -> Clip | None:
    return next((clip for clip in map(get, cues) if clip is not None), None)


def _spoken(take: Take) -> bool:
    return take.cue.kind is CueKind.LINE
