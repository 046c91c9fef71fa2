"""What a stream says, in which order: a plan without end, made of a spec and a seed.

A round says every line once: openings first, then the products in turn, up to three lines a visit,
catchphrases between the visits. Round 0 keeps the author's order; later rounds vary it, so that a
line comes again no sooner than after about half a round. Between two lines there is a pause, a
short idle clip that begins and ends in the same pose as the lines do.

What is played next also depends on what is rendered: a missing line is passed over for the next
one that is there, and comes back as soon as it is. With nothing new to say the double idles; a line
is said again only after `PATIENT_IDLES`, or when all that is left has been missing for a round.

Handovers and closings are no part of a round: when they are said is the day's word (turning.py).

Pure: `take` and `ahead` are functions of a place, which is a value. The same stream and seed give
the same rundown on every node.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import ceil
from random import Random

from orchestrator.domain.clip import ClipRecipe, clip_key
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.media import UNIT_MS, units_for
from orchestrator.domain.stream import (
    IDLE_VARIANTS,
    StreamSpec,
    human_recipe,
    idle_recipe,
    line_recipe,
    slate_recipe,
)
from orchestrator.ids import ClipKey, ProductId

PATIENT_IDLES = 6
CHARACTERS_A_SECOND = 4.3
BREATH_SECONDS = 0.6
"""Room tone before and after the words of a line."""
PAUSE_STEP_UNITS = 2
LINES_A_VISIT = 3
LONGEST_LOOK = 400
ASIDE_FROM_ROUNDS = frozenset({LineKind.HANDOVER, LineKind.CLOSING})


class CueKind(StrEnum):
    """What a cue puts on air."""

    LINE = "line"
    PAUSE = "pause"
    IDLE = "idle"
    SLATE = "slate"
    HUMAN = "human"
    """The slate of the streamer's own hours."""


@dataclass(frozen=True)
class Cue:
    """One clip's turn on air."""

    kind: CueKind
    name: str
    """The line's name, or `idle`, `slate`, `human`."""
    recipe: ClipRecipe
    key: ClipKey
    product: ProductId | None = None


@dataclass(frozen=True)
class Place:
    """How far a rundown has come."""

    round: int
    waiting: tuple[str, ...]
    """Lines of this round that weren't said yet, in order."""
    missed: frozenset[str] = frozenset()
    """Lines that were missing for a whole round."""
    order: tuple[str, ...] = ()
    """This round's order, from which the next one is varied."""
    product: ProductId | None = None
    """Whose card is on show."""
    rested: bool = True
    """Whether nobody spoke just now."""
    idles: int = 0
    """Idle loops in a row."""
    count: int = 0
    """Cues taken so far."""


Ready = Callable[[Cue], bool]


class Rundown:
    """All the cues of a stream, and the way through them."""

    def __init__(self, spec: StreamSpec, seed: int = 0) -> None:
        self._spec = spec
        self._seed = seed
        self._lines = {n.line: n for n in spec.lines if n.kind not in ASIDE_FROM_ROUNDS}
        self._cues = {name: _said(spec, line) for name, line in self._lines.items()}
        cards = dict.fromkeys((None, *(line.product for line in spec.lines)))
        self._pauses = {card: _pauses(spec, card) for card in cards}
        self._idles = _idles(spec)
        recipe = slate_recipe(spec)
        self.slate = Cue(CueKind.SLATE, "slate", recipe, clip_key(recipe))
        self.handovers = _of_kind(spec, LineKind.HANDOVER)
        """What the double may say first when it takes the room over from another."""
        self.closings = _of_kind(spec, LineKind.CLOSING)
        """What it may say last when the shop closes."""

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Everything that may be played in a round or instead of it, each once."""
        groups = (self._cues.values(), *self._pauses.values(), self.standbys)
        return tuple({cue.key: cue for group in groups for cue in group}.values())

    @property
    def said(self) -> tuple[Cue, ...]:
        """All that the double has to say."""
        return tuple(self._cues.values())

    @property
    def idle(self) -> Cue:
        """The idle loop that a stream can't go on air without."""
        return self._idles[0]

    @property
    def standbys(self) -> tuple[Cue, ...]:
        """What is shown when there is nothing to say; wanted at all times."""
        return (*self._idles, self.slate)

    def start(self) -> Place:
        """Before the first cue."""
        order = first_round(tuple(self._lines.values()), self._random(0))
        return Place(round=0, waiting=order, order=order)

    def opening(self) -> Cue | None:
        """The line that a stream begins with."""
        order = self.start().waiting
        return self._cues[order[0]] if order else None

    def silent(self, place: Place) -> tuple[Cue, ...]:
        """All that the double may be seen in there without a word."""
        return (*self._pauses[place.product], *self._idles)

    def resumed(self, place: Place) -> Place:
        """A place in a rundown that this one replaces: what is new comes last in its round."""
        new = tuple(name for name in self._lines if name not in place.order)
        return replace(
            place,
            waiting=(*(name for name in place.waiting if name in self._lines), *new),
            missed=place.missed & self._lines.keys(),
            order=(*(name for name in place.order if name in self._lines), *new),
            product=place.product if place.product in self._pauses else None,
        )

    def take(self, place: Place, ready: Ready) -> tuple[Cue | None, Place]:
        """The next cue among those that are ready, and the place after it; None if nothing is."""
        pause = self._pause(place)
        if pause is not None and ready(pause):
            return pause, replace(place, rested=True, count=place.count + 1)
        place = self._refilled(place, ready)
        for name in place.waiting:
            cue = self._cues[name]
            if ready(cue):
                return cue, self._after(place, cue)
        idle = next((cue for cue in self._fillers(place) if ready(cue)), None)
        return idle, replace(place, rested=True, idles=place.idles + 1, count=place.count + 1)

    def ahead(
        self, place: Place, seconds: float, length: Callable[[Cue], float]
    ) -> tuple[Cue, ...]:
        """What comes next for that many seconds, if everything were ready."""
        cues: list[Cue] = []
        total = 0.0
        while total < seconds and len(cues) < LONGEST_LOOK:
            cue, place = self.take(place, _everything)
            if cue is None:
                break
            cues.append(cue)
            total += length(cue)
        return tuple(cues)

    def _pause(self, place: Place) -> Cue | None:
        pauses = self._pauses[place.product]
        return None if place.rested or not pauses else pauses[place.count % len(pauses)]

    def _after(self, place: Place, cue: Cue) -> Place:
        return replace(
            place,
            waiting=tuple(name for name in place.waiting if name != cue.name),
            missed=place.missed - {cue.name},
            product=cue.product,
            rested=False,
            idles=0,
            count=place.count + 1,
        )

    def _refilled(self, place: Place, ready: Ready) -> Place:
        """A place with the next round in it, when there is nothing left of this one."""
        if not self._lines:
            return place
        if any(ready(self._cues[name]) for name in place.waiting):
            return place
        left = frozenset(place.waiting)
        if left - place.missed and place.idles < PATIENT_IDLES:
            return place
        number = place.round + 1
        order = next_round(tuple(self._lines.values()), place.order, self._random(number))
        late = tuple(name for name in place.waiting if name in left)
        waiting = late + tuple(name for name in order if name not in left)
        return replace(place, round=number, waiting=waiting, order=order, missed=left)

    def _fillers(self, place: Place) -> Iterator[Cue]:
        """What may be shown while there is nothing to say, best first."""
        turn = place.count % len(self._idles)
        yield from (*self._idles[turn:], *self._idles[:turn], self.slate)

    def _random(self, number: int) -> Random:
        return Random(f"{self._spec.stream}/{self._seed}/{number}")


class HumanHours(Rundown):
    """The streamer's own hours: a slate says that a human is coming, until a feed is there."""

    def __init__(self, spec: StreamSpec, seed: int = 0) -> None:
        super().__init__(replace(spec, lines=(), pause_seconds=0.0), seed)
        recipe = human_recipe(spec)
        self._idles = (Cue(CueKind.HUMAN, "human", recipe, clip_key(recipe)),)


def _everything(_: Cue) -> bool:
    return True


def estimated_seconds(cue: Cue) -> float:
    """How long a cue will last, as long as it isn't rendered."""
    if cue.kind is CueKind.LINE:
        spoken = len(cue.recipe.text) / CHARACTERS_A_SECOND + BREATH_SECONDS
        return units_for(spoken) * UNIT_MS / 1000
    return units_for(cue.recipe.seconds) * UNIT_MS / 1000


def first_round(lines: Sequence[Line], random: Random) -> tuple[str, ...]:
    """Every line once: openings, then the products in turn in the author's order."""
    openings = [line.line for line in lines if line.kind is LineKind.OPENING]
    asides = [line.line for line in lines if line.kind is LineKind.CATCHPHRASE]
    return (*openings, *_sprinkled(_visits(lines, {}, random), asides))


def next_round(lines: Sequence[Line], before: Sequence[str], random: Random) -> tuple[str, ...]:
    """Every line once, in another order than before; what was said last comes late."""
    was = {name: at for at, name in enumerate(before)}
    openings = [line.line for line in lines if line.kind is LineKind.OPENING]
    asides = [line.line for line in lines if line.kind is LineKind.CATCHPHRASE]
    greeting, others = openings[:1], openings[1:]
    varied = _varied([*others, *asides], was, random)
    order = (*greeting, *_sprinkled(_visits(lines, was, random), varied))
    if len(order) > 1 and before and order[0] == before[-1]:
        return (*order[1:], order[0])
    return order


def _visits(lines: Sequence[Line], was: Mapping[str, int], random: Random) -> list[list[str]]:
    """The products in turn; each one's lines are spread evenly over equally many visits."""
    by_product: dict[ProductId | None, list[str]] = {}
    for line in lines:
        if line.kind is LineKind.PRODUCT:
            by_product.setdefault(line.product, []).append(line.line)
    turns = max((ceil(len(names) / LINES_A_VISIT) for names in by_product.values()), default=0)
    shares = [_shares(_varied(names, was, random), turns) for names in by_product.values()]
    return [share[turn] for turn in range(turns) for share in shares if share[turn]]


def _shares(names: Sequence[str], parts: int) -> list[list[str]]:
    cuts = [ceil(part * len(names) / parts) for part in range(parts + 1)]
    return [list(names[begin:end]) for begin, end in pairwise(cuts)]


def _varied(names: Sequence[str], was: Mapping[str, int], random: Random) -> list[str]:
    """Another order, in which nothing moves up by more than half of the names."""
    if not was:
        return list(names)
    places = {name: at for at, name in enumerate(sorted(names, key=lambda n: was.get(n, -1)))}
    reach = len(names) / 2
    keys = {name: at + random.random() * reach for name, at in places.items()}
    return sorted(names, key=keys.__getitem__)


def _sprinkled(visits: Sequence[Sequence[str]], asides: Sequence[str]) -> list[str]:
    """Asides spread evenly between the visits, and behind them if there are more."""
    after = Counter(
        (number + 1) * max(1, len(visits)) // (len(asides) + 1) for number in range(len(asides))
    )
    rest = iter(asides)
    order = [next(rest) for _ in range(after[0])] if not visits else []
    for number, visit in enumerate(visits, start=1):
        order.extend(visit)
        order.extend(next(rest) for _ in range(after[number] + (after[0] if number == 1 else 0)))
    return [*order, *rest]


def _said(spec: StreamSpec, line: Line) -> Cue:
    recipe = line_recipe(spec, line)
    return Cue(CueKind.LINE, line.line, recipe, clip_key(recipe), line.product)


def _of_kind(spec: StreamSpec, kind: LineKind) -> tuple[Cue, ...]:
    return tuple(_said(spec, line) for line in spec.lines if line.kind is kind)


def _idles(spec: StreamSpec) -> tuple[Cue, ...]:
    """Loops for when there is nothing to say. No card: what was on show may be long ago."""
    recipes = [idle_recipe(spec, variant) for variant in range(IDLE_VARIANTS)]
    return tuple(Cue(CueKind.IDLE, "idle", recipe, clip_key(recipe)) for recipe in recipes)


def _pauses(spec: StreamSpec, card: ProductId | None) -> tuple[Cue, ...]:
    if spec.pause_seconds <= 0:
        return ()
    shortest = units_for(spec.pause_seconds)
    recipes = [
        replace(
            idle_recipe(spec, variant, card),
            seconds=(shortest + variant * PAUSE_STEP_UNITS) * UNIT_MS / 1000,
        )
        for variant in range(IDLE_VARIANTS)
    ]
    return tuple(Cue(CueKind.PAUSE, "idle", r, clip_key(r), card) for r in recipes)
