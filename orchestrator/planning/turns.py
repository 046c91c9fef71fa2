"""From a plan to each shop's turns: slots become stretches of time. Pure.

    turns_of(problem, plan)["suyun-douyin"]   # (Turn(begins_at, ends_at, persona, operator), ...)

Slots that follow one another with the same double and the same operator are one turn. What a plan
leaves empty is no turn: the shop is closed then. The streamer's own hours are turns without a
double.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestrator.domain.schedule import Turn
from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem, Shop

PAST_SECONDS = 3600.0
"""Turns that are over for that long are left out of what workers carry."""


@dataclass(frozen=True)
class Tempo:
    """A day at another pace: what is planned for `origin` happens at `anchor`, and the rest of the
    day around it `factor` times as fast. No clock is touched; only turns are."""

    origin: float = 0.0
    anchor: float = 0.0
    factor: float = 1.0

    def at(self, planned: float) -> float:
        """When that happens."""
        return self.anchor + (planned - self.origin) / self.factor


AS_PLANNED = Tempo()


def turns_of(
    problem: Problem,
    plan: Plan,
    names: Mapping[str, str] | None = None,
    tempo: Tempo = AS_PLANNED,
) -> dict[ShopId, tuple[Turn, ...]]:
    """Every shop's day in the order of time; `names` are the operators', by id."""
    called = names or {}
    return {
        shop.id: joined(
            Turn(tempo.at(begins), tempo.at(ends), persona, called.get(operator, operator))
            for begins, ends, persona, operator in _cells(problem, plan, shop)
        )
        for shop in problem.shops
    }


def joined(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Those that go on without a gap and without a change are one."""
    found: list[Turn] = []
    for turn in turns:
        last = found[-1] if found else None
        if last is not None and last == replace(
            turn, begins_at=last.begins_at, ends_at=turn.begins_at
        ):
            found[-1] = replace(last, ends_at=turn.ends_at)
        else:
            found.append(turn)
    return tuple(found)


def followed(before: Sequence[Turn], after: Sequence[Turn], now: float) -> tuple[Turn, ...]:
    """A shop's turns, and then those of the day after; without what has long been over.

    A shop that has no turn at all would be open all day, so one always stays.
    """
    begins = min((turn.begins_at for turn in after), default=None)
    kept = [turn for turn in before if begins is None or turn.begins_at < begins]
    if kept and begins is not None:
        kept[-1] = replace(kept[-1], ends_at=min(kept[-1].ends_at, begins))
    every = joined([*kept, *after])
    return tuple(turn for turn in every if turn.ends_at > now - PAST_SECONDS) or every[-1:]


def _cells(
    problem: Problem, plan: Plan, shop: Shop
) -> Iterator[tuple[float, float, PersonaId | None, str]]:
    """Begin and end of each slot in which somebody is there, with who that is and who watches."""
    for slot in problem.slots:
        begins = slot.begin.timestamp()
        ends = begins + 60 * slot.minutes
        duty = plan.duties.get((shop.id, slot.number))
        if duty is not None:
            yield begins, ends, duty.persona, duty.operator
        elif shop.id in problem.human_rooms(slot.number):
            yield begins, ends, None, ""
