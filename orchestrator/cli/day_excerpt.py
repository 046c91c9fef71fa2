"""Two hours of a planned day, to be played in two minutes: which two, and what is to be seen. Pure.

The liveliest stretch of the day is taken, the one with most changes of doubles. Only the turns are
squeezed around the moment at which it begins; every process goes by its own clock, which runs as
ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from orchestrator.domain.schedule import Turn
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import Stretch, stretches
from orchestrator.ids import PersonaId, ShopId
from orchestrator.planning.turns import Tempo

EXCERPT_SECONDS = 2 * 3600.0
MOST_SHOPS = 6
"""Every double's clips in every shop have to be rendered before the day begins."""
EARLY_SECONDS = 0.35
"""A unit of the clip grid, and two clocks that are read one after the other."""
LATE_SECONDS = 2.5
CLOSING_SECONDS = 5.0
"""A goodbye is begun so that it ends as the shop closes."""

Turns = Mapping[ShopId, tuple[Turn, ...]]


@dataclass(frozen=True)
class Scene:
    """A stay of a double as the endpoint saw it."""

    persona: PersonaId | None
    begins_at: float
    """Wall-clock seconds."""


@dataclass(frozen=True)
class Sights:
    """What an endpoint saw of a stream."""

    scenes: tuple[Scene, ...]
    connections: int
    ended_at: float | None
    """When the last picture came, in wall-clock seconds."""


def liveliest(turns: Turns) -> float:
    """When those two hours begin that have most changes of doubles in them; of several such those
    with hours of the streamer's own, and with most shops."""
    begins = sorted({turn.begins_at for several in turns.values() for turn in several})
    return max(begins, key=lambda origin: (*_life(turns, origin), -origin))


def excerpt(turns: Turns, origin: float) -> dict[ShopId, tuple[Turn, ...]]:
    """What lies within the two hours that begin there, in the liveliest of the shops that are open
    then."""
    cut = {shop: tuple(_cut(several, origin)) for shop, several in turns.items()}
    some = sorted(filter(cut.__getitem__, cut), key=lambda shop: -_changes(cut[shop]))
    return {shop: cut[shop] for shop in turns if shop in some[:MOST_SHOPS]}


def at_tempo(specs: Sequence[StreamSpec], tempo: Tempo) -> tuple[StreamSpec, ...]:
    """The same streams, with their turns at another pace."""
    return tuple(replace(spec, turns=_squeezed(spec.turns, tempo)) for spec in specs)


def findings(spec: StreamSpec, seen: Sights) -> tuple[str, ...]:
    """What was seen otherwise than the turns say, in words."""
    planned = stretches(spec)
    found = list(_order(spec, planned, seen.scenes))
    openings = sum(stretch.closes for stretch in planned)
    if seen.connections != openings:
        found.append(f"{seen.connections} connections instead of {openings}")
    if not found:
        found += _times(planned, seen)
    return tuple(found)


def name_of(spec: StreamSpec, persona: PersonaId | None) -> str:
    """How people call who is on."""
    act = next((act for act in spec.acts if act.persona_id == persona), None)
    return "human" if act is None else act.persona.name


def _life(turns: Turns, origin: float) -> tuple[int, bool, int]:
    inside = excerpt(turns, origin).values()
    human = any(turn.persona_id is None for several in inside for turn in several)
    return sum(map(_changes, inside)), human, len(inside)


def _changes(turns: Sequence[Turn]) -> int:
    return sum(
        one.persona_id != other.persona_id and one.ends_at == other.begins_at
        for one, other in pairwise(turns)
    )


def _cut(turns: Sequence[Turn], origin: float) -> Iterator[Turn]:
    last = origin + EXCERPT_SECONDS
    for turn in turns:
        begins, ends = max(turn.begins_at, origin), min(turn.ends_at, last)
        if begins < ends:
            yield replace(turn, begins_at=begins, ends_at=ends)


def _squeezed(turns: Sequence[Turn], tempo: Tempo) -> tuple[Turn, ...]:
    return tuple(
        replace(turn, begins_at=tempo.at(turn.begins_at), ends_at=tempo.at(turn.ends_at))
        for turn in turns
    )


def _order(spec: StreamSpec, planned: Sequence[Stretch], scenes: Sequence[Scene]) -> Iterator[str]:
    wanted = [name_of(spec, stretch.persona_id) for stretch in planned]
    was = [name_of(spec, scene.persona) for scene in scenes]
    if wanted != was:
        yield f"{' → '.join(was) or 'nobody'} instead of {' → '.join(wanted)}"


def _times(planned: Sequence[Stretch], seen: Sights) -> Iterator[str]:
    for stretch, scene in zip(planned, seen.scenes, strict=True):
        late = scene.begins_at - stretch.begins_at
        if late < -EARLY_SECONDS:
            yield f"{-late:.1f} s before its turn"
        elif late > LATE_SECONDS:
            yield f"{late:.1f} s after the edge"
    if seen.ended_at is not None and abs(seen.ended_at - planned[-1].ends_at) > CLOSING_SECONDS:
        yield f"on air until {seen.ended_at - planned[-1].ends_at:+.1f} s of closing"
