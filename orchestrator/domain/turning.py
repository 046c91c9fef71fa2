"""Who is on, and what comes next: a shop's turns met with what each of its doubles says. Pure.

    turn of a double     opening, rounds without end (rundown.py)
    …edge…               another double's handover line first, then its own opening
    the streamer's own   a slate, until a human's feed is there
    end of the day       the goodbye, begun so that it ends as the shop closes; then nothing

Who is on is asked at the moment at which a clip would leave for the endpoint. A line that would
still be running at the edge isn't begun: pauses and loops fill the time, and the last of them is
cut at the first place on the clip grid that isn't before the edge. So no double is on before its
turn, and the one before it is gone within a grid unit, if it has anything but lines to show. Where
lines are all there is, the last of them may run over: something has to be shown. A goodbye follows
the same double's silence, and a cut would be seen there: whole clips fill that time if they can.

A clock on the wall that is set back by a little doesn't bring anybody back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from random import Random

from orchestrator.domain.filling import Rest, grid_units, rest
from orchestrator.domain.media import UNIT_MS
from orchestrator.domain.phrases import CHINESE as PHRASES
from orchestrator.domain.rundown import Cue, CueKind, HumanHours, Place, Ready, Rundown
from orchestrator.domain.schedule import Turn
from orchestrator.domain.standing_in import Choice, Rung, choose
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import PersonaId

SET_BACK_SECONDS = 5.0
"""A clock that was set back by no more than that changes nothing for whoever is on."""
LATE_GOODBYE_SECONDS = 10.0
"""A goodbye that late is still said; after that the shop just closes."""
FILLED_SECONDS = 30.0
"""With more time than that left, whole clips will fill it whatever comes first."""


@dataclass(frozen=True)
class Stretch:
    """Turns of one double that follow one another: for viewers, one."""

    begins_at: float
    ends_at: float
    persona_id: PersonaId | None
    """None: the streamer's own hours."""
    closes: bool
    """Whether the shop closes at its end."""


@dataclass(frozen=True)
class Stand:
    """How far a stream has come in its day."""

    stretch: Stretch
    place: Place
    greets: bool = False
    """Whether the double has yet to say that it takes over."""
    parted: bool = False
    """Whether the goodbye has been said."""


@dataclass(frozen=True)
class Step:
    """What is shown next, and where the stream stands then."""

    choice: Choice
    stand: Stand
    most_ms: int | None = None
    """How much of the clip is shown at most, in grid units; None: all of it."""


@dataclass(frozen=True)
class Clips:
    """What is known of them at a moment."""

    ready: Ready
    length: Callable[[Cue], float]
    shown: Sequence[Cue] = ()
    """What was shown before, the best to repeat first."""


class Cast:
    """A spec's doubles and its day. What they say is taken over from the one `before`, if it is
    the same: a new plan mostly has the same scripts, and a script's clips take a while to name."""

    def __init__(self, spec: StreamSpec, seed: int = 0, before: "Cast | None" = None) -> None:
        self.spec = spec
        self.digest = spec.digest
        self.stretches = stretches(spec)
        self._seed = seed
        on = dict.fromkeys(stretch.persona_id for stretch in self.stretches)
        self._parts = {persona: self._part(persona, before) for persona in on}

    def has(self, stretch: Stretch) -> bool:
        """Whether whoever is on in it has a part in this day."""
        return stretch.persona_id in self._parts

    def rundown(self, stretch: Stretch) -> Rundown:
        """What is said and shown in that stretch."""
        return self._parts[stretch.persona_id]

    def at(self, at: float) -> Stretch | None:
        """Whose time it is; None: the shop is closed."""
        return next((s for s in self.stretches if s.begins_at <= at < s.ends_at), None)

    def within(self, at: float, seconds: float) -> tuple[Stretch, ...]:
        """The stretches that begin after that moment, and not later than that."""
        return tuple(s for s in self.stretches if at < s.begins_at <= at + seconds)

    def first(self, at: float) -> Stretch:
        """What a stream that begins then is to be prepared for."""
        return self.at(at) or next(iter(self.within(at, inf)), self.stretches[-1])

    def on(self, stand: Stand | None, at: float) -> Stretch:
        """The stretch that a stream is in; before its first step, the one it prepares for."""
        if stand is not None and self.has(stand.stretch):
            return stand.stretch
        return self.first(at)

    def opens_in(self, at: float) -> float | None:
        """Seconds until the shop is open; None: it doesn't open any more."""
        if self.at(at) is not None:
            return 0.0
        return next((s.begins_at - at for s in self.within(at, inf)), None)

    def cues(self, since: float = -inf) -> tuple[Cue, ...]:
        """All that may be played from that moment on, each once."""
        left = {s.persona_id for s in self.stretches if s.ends_at > since}
        parts = [part for persona, part in self._parts.items() if persona in left]
        asides = [cue for part in parts for cue in (*part.handovers, *part.closings)]
        found = [cue for part in parts for cue in part.cues]
        if self.spec.turns:
            found += asides
        return tuple({cue.key: cue for cue in found}.values())

    def handover(self, stretch: Stretch, ready: Ready) -> Cue | None:
        """What its double says first where it takes over."""
        return self._one_of(self.rundown(stretch).handovers, stretch.begins_at, ready)

    def goodbye(self, stretch: Stretch, ready: Ready) -> Cue | None:
        """What is said last in a stretch at whose end the shop closes."""
        if not stretch.closes:
            return None
        return self._one_of(self.rundown(stretch).closings, stretch.ends_at, ready)

    def opens_with(self, stretch: Stretch) -> tuple[Cue, ...]:
        """What a stretch can't do without at its beginning, that first which is needed most."""
        rundown = self.rundown(stretch)
        handover, opening = self.handover(stretch, _any), rundown.opening()
        said = [cue for cue in (handover, opening) if cue is not None]
        return (rundown.idle, *said, *rundown.standbys)

    def title(self, stretch: Stretch) -> str:
        """How people call the stream while that stretch lasts."""
        if stretch.persona_id is not None:
            return self.spec.played_by(stretch.persona_id).title
        human = replace(self.spec.persona, name=PHRASES.human)
        return replace(self.spec, persona=human).title

    def _part(self, persona_id: PersonaId | None, before: "Cast | None") -> Rundown:
        part = self.spec.played_by(persona_id)
        if before is not None and before._seed == self._seed:
            known = before._parts.get(persona_id)
            if known is not None and before.spec.played_by(persona_id) == part:
                return known
        kind = HumanHours if persona_id is None else Rundown
        return kind(part, self._seed)

    def _one_of(self, cues: Sequence[Cue], at: float, ready: Ready) -> Cue | None:
        """Another one each time; the same one whoever asks."""
        order = list(cues)
        Random(f"{self.spec.stream}/{at}").shuffle(order)
        return next(filter(ready, order), None)


def stretches(spec: StreamSpec) -> tuple[Stretch, ...]:
    """The shop's day; without turns the spec's own double is on for good."""
    if not spec.turns:
        return (Stretch(-inf, inf, spec.persona_id, closes=False),)
    turns = sorted(spec.turns, key=lambda turn: turn.begins_at)
    found: list[Stretch] = []
    for turn in turns:
        found = _with(found, turn)
    return tuple(found)


def _with(before: list[Stretch], turn: Turn) -> list[Stretch]:
    new = Stretch(turn.begins_at, turn.ends_at, turn.persona_id, closes=True)
    if not before or before[-1].ends_at < turn.begins_at:
        return [*before, new]
    *others, last = before
    if last.persona_id == turn.persona_id:
        return [*others, replace(last, ends_at=turn.ends_at)]
    return [*others, replace(last, closes=False), new]


def next_step(cast: Cast, stand: Stand | None, at: float, clips: Clips) -> Step | None:
    """What leaves at that moment; None: the shop is closed, and all has been said."""
    stand = _stands(cast, stand, at, clips.ready)
    if stand is None:
        return None
    goodbye = None if stand.parted else cast.goodbye(stand.stretch, clips.ready)
    until = stand.stretch.ends_at - (clips.length(goodbye) if goodbye else 0.0)
    if goodbye is not None and at >= until:
        return _said(goodbye, replace(stand, parted=True))
    greeting = cast.handover(stand.stretch, clips.ready) if stand.greets else None
    stand = replace(stand, greets=False)
    if greeting is not None and at + clips.length(greeting) <= until:
        return _said(greeting, stand)
    return _next(cast, stand, until - at, clips, goodbye=goodbye is not None)


def _stands(cast: Cast, stand: Stand | None, at: float, ready: Ready) -> Stand | None:
    """Where a stream stands at that moment that stood there before."""
    stretch = _whose(cast, stand, at)
    if stretch is None:
        return _about_to_part(cast, stand, at, ready)
    if stand is None or stand.stretch.persona_id != stretch.persona_id:
        return Stand(stretch, cast.rundown(stretch).start(), greets=stand is not None)
    parted = stand.parted and stand.stretch.ends_at == stretch.ends_at
    return replace(stand, stretch=stretch, parted=parted)


def resumed(cast: Cast, stand: Stand | None) -> Stand | None:
    """The same stand in a cast that replaces the one it was taken in."""
    if stand is None or not cast.has(stand.stretch):
        return stand
    return replace(stand, place=cast.rundown(stand.stretch).resumed(stand.place))


def _whose(cast: Cast, stand: Stand | None, at: float) -> Stretch | None:
    if stand is not None and stand.stretch in cast.stretches:
        begins = stand.stretch.begins_at
        if begins - SET_BACK_SECONDS <= at < begins:
            return stand.stretch
    return cast.at(at)


def _about_to_part(cast: Cast, stand: Stand | None, at: float, ready: Ready) -> Stand | None:
    """The shop is closed: only the goodbye is left, if there is one and it isn't too late."""
    if stand is None or stand.parted or at >= stand.stretch.ends_at + LATE_GOODBYE_SECONDS:
        return None
    closing = replace(stand.stretch, ends_at=min(stand.stretch.ends_at, at), closes=True)
    if not cast.has(closing) or cast.goodbye(closing, ready) is None:
        return None
    return replace(stand, stretch=closing, greets=False)


def _said(cue: Cue, stand: Stand) -> Step:
    place = replace(stand.place, rested=False, product=cue.product, idles=0)
    return Step(Choice(Rung.PROGRAM, cue, place), replace(stand, place=place))


def _next(cast: Cast, stand: Stand, left: float, clips: Clips, *, goodbye: bool) -> Step:
    """The rundown's next cue that may run for as long as is left; then a goodbye, perhaps."""
    rundown = cast.rundown(stand.stretch)
    whole = goodbye and left <= FILLED_SECONDS
    silent = list(filter(clips.ready, rundown.silent(stand.place))) if whole else []
    until = rest(left, map(clips.length, silent)) if whole else Rest(left)

    def suits(cue: Cue) -> bool:
        return cue.kind is not CueKind.LINE or (not stand.parted and until.takes(clips.length(cue)))

    choice = choose(rundown, stand.place, clips.ready, clips.shown, suits)
    if choice.cue in silent:
        fitting = (cue for cue in (choice.cue, *silent) if until.takes(clips.length(cue)))
        choice = replace(choice, cue=next(fitting, choice.cue))
    cut = choice.cue is not None and choice.cue.kind is not CueKind.LINE and left < inf
    most = grid_units(left) * UNIT_MS if cut else None
    return Step(choice, replace(stand, place=choice.place), most)


def _any(_: Cue) -> bool:
    return True
