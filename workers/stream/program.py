"""What a stream plays, clip after clip: the shop's day met with what is rendered.

`take` gives the next clip that is there and good, for whoever is on at the moment when it leaves
(`orchestrator.domain.turning`); `look` orders what is missing of what comes next, urgently what is
due soon, and what the next double needs well before its turn. A plan of the day that replaces the
one that is followed (`change`) counts from the next clip on.

Nothing that happens to the clip store takes a stream off air. The idle loops and the slate are held
in memory as soon as they can be read, and what was shown last stays there; the way down from the
program is `orchestrator.domain.standing_in`. The disk is never waited for: another thread goes
there (errands.py), and where that takes too long, the stream goes on with what is in memory.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from orchestrator.domain.rundown import Cue, CueKind, Place, Rundown
from orchestrator.domain.standing_in import Rung, repeatable, with_the_store
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import Cast, Clips, Stand, Step, next_step, resumed
from orchestrator.ids import PersonaId
from workers.media.flv import Clip
from workers.stream.errands import HANGS_SECONDS
from workers.stream.foresight import Foresight
from workers.stream.orders import Orders
from workers.stream.pinned import Pinned
from workers.stream.shelf import Shelf
from workers.stream.shortfall import Shortfall
from workers.stream.stock import Stock

log = logging.getLogger(__name__)

URGENT_SECONDS = 15.0
TRIES = 20


@dataclass(frozen=True)
class Take:
    """A clip that is taken on air, and how much of it."""

    cue: Cue
    clip: Clip
    duration_ms: int
    persona: PersonaId | None = None
    """The double whose turn it is; None: the streamer's own hours."""


@dataclass(frozen=True)
class Found:
    """What could be had: a step in the day, and its clip. No step: the shop is closed."""

    step: Step | None
    clip: Clip | None = None


@dataclass(frozen=True)
class Stage:
    """Whoever is on, or comes first, and how far that has come."""

    cast: Cast
    rundown: Rundown
    place: Place


class Program:
    """One stream's day, in play. `seed` is the placement's token."""

    def __init__(
        self, spec: StreamSpec, seed: int, shelf: Shelf, orders: Orders, ahead_seconds: float
    ) -> None:
        self._seed = seed
        self._cast = Cast(spec, seed)
        self._coming: deque[Cast] = deque(maxlen=1)
        self._stand: Stand | None = None
        self._ahead_seconds = ahead_seconds
        self._clock = shelf.clock
        self._sender = shelf.sender()
        self._stock = Stock(spec.stream, shelf, orders)
        self._foresight = Foresight(self._stock, shelf.clock)
        self._shown: tuple[Take, ...] = ()
        self._rendered = 0.0
        keys = [cue.key for cue in self._cast.cues(self._clock.wall())]
        self._pins = Pinned(shelf, spec.stream, seed, keys)
        self._shortfall = Shortfall(spec.stream, shelf.clock)

    def pin(self) -> None:
        """Have everything kept that may be played; `look` renews it."""
        self._sender.soon(self._pins.set)

    def unpin(self) -> None:
        """The run ends. A placement that takes over has pins of its own."""
        self._sender.soon(self._pins.drop)

    def change(self, spec: StreamSpec) -> None:
        """From the next clip on the day goes like that. From any thread; takes a moment."""
        self._coming.append(Cast(spec, self._seed, self._cast))

    def prepare(self) -> None:
        """Order what the stream goes on air with, and then all that comes after it."""
        self._adopt()
        stage = self._stage
        self._sender.soon(lambda: self._prepare(stage))

    def look(self, urgent_seconds: float = URGENT_SECONDS) -> float:
        """Order what is missing ahead; how many seconds ahead everything is rendered."""
        self._adopt()
        stage = self._stage
        self._sender.soon(lambda: self._survey(stage, urgent_seconds))
        return self._rendered

    @property
    def digest(self) -> str:
        """Which spec is followed."""
        return self._cast.digest

    @property
    def title(self) -> str:
        """How people call the stream now: by the double that is on, or comes first."""
        return self._cast.title(self._cast.on(self._stand, self._clock.wall()))

    @property
    def opens_in(self) -> float | None:
        """Seconds until the shop is open; 0: it is; None: it doesn't open any more."""
        self._adopt()
        return self._cast.opens_in(self._clock.wall())

    @property
    def closed(self) -> bool:
        """Whether the shop is closed by now."""
        return self.opens_in != 0.0

    @property
    def has_opening(self) -> bool:
        """Whether the double is there, and what it says first."""
        rundown = self._stage.rundown
        opening = rundown.opening()
        wanted = [rundown.idle, *([opening] if opening else [])]
        return bool(self._sender.soon(lambda: all(map(self._stock.ready, wanted))))

    @property
    def has_anything(self) -> bool:
        """Whether there is something that may be shown for as long as it takes."""
        return bool(self._sender.soon(self._any_standby))

    @property
    def standing_in(self) -> str:
        """What is shown instead of the program, and why; empty while the program runs."""
        return self._shortfall.words

    def sample(self) -> Clip | None:
        """A clip to open a connection with; nothing is taken on air."""
        stock, rundown = self._stock, self._stage.rundown
        stock.reconnects()
        cues = (rundown.idle, rundown.slate, *self._repeatable())
        clip = self._sender.soon(lambda: _first(filter(stock.ready, cues), stock.clip))
        clip = clip or _first(cues, stock.recalled)
        if clip is None:
            self._note(Rung.NOTHING)
        else:
            stock.opens_with(clip)
        return clip

    def take(self, in_seconds: float = 0.0) -> Take | None:
        """The next clip, if it leaves in so many seconds; None if nothing at all is there, or the
        shop is closed by then."""
        self._adopt()
        at = self._clock.wall() + in_seconds
        found = self._sender.soon(lambda: self._find(at)) or self._remember(at)
        step, clip = found.step, found.clip
        if step is None:
            return None
        self._note(step.choice.rung)
        if step.choice.cue is None or clip is None:
            return None
        self._enter(step.stand)
        duration = clip.duration_ms if step.most_ms is None else min(clip.duration_ms, step.most_ms)
        take = Take(step.choice.cue, clip, duration, step.stand.stretch.persona_id)
        self._shown = (*(old for old in self._shown if _spoken(old) != _spoken(take)), take)
        self._stock.showing({shown.cue.key: shown.clip for shown in self._shown})
        return take

    def _adopt(self) -> None:
        """Follow the plan that has come, if one has."""
        if not self._coming:
            return
        self._cast = self._coming.popleft()
        self._stand = resumed(self._cast, self._stand)
        self._set_the_stage()
        log.info("another plan of the day is followed", extra=self._facts())

    def _enter(self, stand: Stand) -> None:
        before, self._stand = self._stand, stand
        if before is None or before.stretch.persona_id == stand.stretch.persona_id:
            return
        self._set_the_stage()
        who = str(stand.stretch.persona_id or "the streamer")
        log.info("another one is on", extra=self._facts() | {"persona": who})

    def _set_the_stage(self) -> None:
        """Nothing counts any more that was for somebody else, or in another plan."""
        self._foresight.again()
        self._stock.lacks.only(cue.key for cue in self._everything())
        self._pins.keep(cue.key for cue in self._cast.cues(self._clock.wall()))

    def _find(self, at: float) -> Found:
        """The best that there is, read from the disk if need be."""
        for _ in range(TRIES):
            step = self._step(at, self._stock.ready)
            cue = step.choice.cue if step else None
            if step is None or cue is None:
                return Found(step)
            expected = self._stock.length(cue)
            clip = self._stock.clip(cue)
            # A line may be found to be longer than it was thought to be, and too long for now.
            if clip is not None and self._stock.length(cue) <= expected:
                return Found(self._judged(step, cue), clip)
        return self._remember(at)

    def _judged(self, step: Step, cue: Cue) -> Step:
        overdue = self._stock.lacks.overdue
        rung = with_the_store(step.choice.rung, stored=self._stock.stored(cue), overdue=overdue)
        if rung is not Rung.PROGRAM:
            self._count()
        return replace(step, choice=replace(step.choice, rung=rung))

    def _remember(self, at: float) -> Found:
        """The best that is in memory. The disk isn't asked: it may be what doesn't answer."""
        step = self._step(at, self._stock.in_memory)
        if step is None:
            return Found(None)
        choice = step.choice
        if self._sender.hangs() >= HANGS_SECONDS:
            rung = with_the_store(choice.rung, stored=False, overdue=0.0)
            step = replace(step, choice=replace(choice, rung=rung))
            self._shortfall.silent_store()
        return Found(step, self._stock.recalled(choice.cue) if choice.cue else None)

    def _step(self, at: float, ready: Callable[[Cue], bool]) -> Step | None:
        clips = Clips(ready, self._stock.length, self._repeatable())
        return next_step(self._cast, self._stand, at, clips)

    def _prepare(self, stage: Stage) -> None:
        opening = stage.rundown.opening()
        self._stock.order(stage.rundown.idle, urgent=True)
        if opening is not None:
            self._stock.order(opening, urgent=True)
        self._survey(stage, urgent_seconds=0.0)

    def _survey(self, stage: Stage, urgent_seconds: float) -> None:
        at = rendered = 0.0
        whole, length = True, self._stock.length
        for cue in stage.rundown.ahead(stage.place, self._ahead_seconds, length):
            spoken = cue.kind is CueKind.LINE
            ready = self._stock.order(cue, urgent=spoken and at < urgent_seconds)
            whole = whole and (ready or not spoken)
            at += length(cue)
            rendered = at if whole else rendered
        self._rendered = rendered
        self._hold_standbys(stage.rundown)
        self._foresight.look(stage.cast, stage.rundown)
        self._pins.renew()
        self._take_stock()

    def _hold_standbys(self, rundown: Rundown) -> None:
        standbys = rundown.standbys
        for cue in standbys:
            # With nothing to fall back upon, that comes before what is to be said.
            urgent = cue is rundown.idle and not self._stock.holds_any(standbys)
            if self._stock.order(cue, urgent):
                self._stock.hold(cue)

    def _take_stock(self) -> None:
        if not self._shown:  # before the first clip there is no take that would tell
            self._note(Rung.PROGRAM if self._any_standby() else Rung.NOTHING)
        if self._shortfall.rung is not Rung.PROGRAM:
            self._count()

    def _count(self) -> None:
        self._shortfall.count(self._stock.shortage(self._everything()))

    def _note(self, rung: Rung) -> None:
        if self._shortfall.note(rung, begun=bool(self._shown)):
            self._pins.doubt()

    def _any_standby(self) -> bool:
        rundown = self._stage.rundown
        return any(map(self._stock.ready, (rundown.idle, rundown.slate)))

    @property
    def _stage(self) -> Stage:
        cast, stand = self._cast, self._stand
        rundown = cast.rundown(cast.on(stand, self._clock.wall()))
        here = stand is not None and cast.has(stand.stretch)
        return Stage(cast, rundown, stand.place if stand and here else rundown.start())

    def _everything(self) -> tuple[Cue, ...]:
        rundown = self._stage.rundown
        return (*rundown.said, *rundown.standbys)

    def _repeatable(self) -> tuple[Cue, ...]:
        """What was shown last, the best first; another double only if there is nothing else."""
        on = self._stage.rundown.idle.recipe.persona
        cues = repeatable([take.cue for take in self._shown])
        return tuple(sorted(cues, key=lambda cue: cue.recipe.persona not in (on, None)))

    def _facts(self) -> dict[str, str]:
        return {"action": "program", "stream": str(self._cast.spec.stream)}


def _first(cues: Iterable[Cue], get: Callable[[Cue], Clip | None]) -> Clip | None:
    return next((clip for clip in map(get, cues) if clip is not None), None)


def _spoken(take: Take) -> bool:
    return take.cue.kind is CueKind.LINE
