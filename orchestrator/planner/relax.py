"""The day as it would be without one of its rules: each rule by name, and how to leave it out."""

from collections.abc import Callable
from dataclasses import replace

from orchestrator.ids import BrandId
from orchestrator.planner.problem import Exclusivity, Human, Problem, Shop, Standing

MANY = 10**6
"""More than anything that is counted."""


def _shops(
    problem: Problem, change: Callable[[Shop], Shop], brand: BrandId | None = None
) -> Problem:
    shops = (change(s) if brand in (None, s.brand) else s for s in problem.shops)
    return replace(problem, shops=tuple(shops))


def _hours(problem: Problem, brand: BrandId) -> Problem:
    every = frozenset(range(len(problem.slots)))
    return _shops(problem, lambda shop: replace(shop, open=every), brand)


def _human(problem: Problem, _: BrandId) -> Problem:
    return replace(problem, human=Human())


def _platforms(problem: Problem, _: BrandId) -> Problem:
    allowed = (replace(p, standing=Standing.ALLOWED) for p in problem.platforms)
    return replace(problem, platforms=tuple(allowed))


def _owners(problem: Problem, _: BrandId) -> Problem:
    return replace(
        problem, platforms=tuple(replace(p, rooms_per_owner=None) for p in problem.platforms)
    )


def _personas(problem: Problem, _: BrandId) -> Problem:
    anywhere = (replace(p, brands=None, platforms=None) for p in problem.personas)
    problem = replace(problem, personas=tuple(anywhere))
    return _shops(problem, lambda shop: replace(shop, personas=None))


def _skills(problem: Problem, _: BrandId) -> Problem:
    return _shops(problem, lambda shop: replace(shop, skills=frozenset()))


def _consent(problem: Problem, _: BrandId) -> Problem:
    return replace(problem, personas=tuple(replace(p, consent=None) for p in problem.personas))


def _rest(problem: Problem, _: BrandId) -> Problem:
    tireless = (replace(p, longest_run=None, rest=1) for p in problem.personas)
    return replace(problem, personas=tuple(tireless))


def _rivals(problem: Problem, _: BrandId) -> Problem:
    return replace(problem, brands=tuple(replace(b, rivals=frozenset()) for b in problem.brands))


def _exclusivity(problem: Problem, _: BrandId) -> Problem:
    nothing = (replace(b, exclusivity=Exclusivity.NONE) for b in problem.brands)
    return replace(problem, brands=tuple(nothing))


def _shifts(problem: Problem, _: BrandId) -> Problem:
    every = frozenset(range(len(problem.slots)))
    return replace(problem, operators=tuple(replace(o, shift=every) for o in problem.operators))


def _watching(problem: Problem, _: BrandId) -> Problem:
    return replace(problem, operators=tuple(replace(o, most_rooms=MANY) for o in problem.operators))


def _fleet(problem: Problem, _: BrandId) -> Problem:
    return replace(problem, capacity=(MANY,) * len(problem.slots))


def _maximum(problem: Problem, brand: BrandId) -> Problem:
    contracts = (replace(c, maximum=None) if c.brand == brand else c for c in problem.contracts)
    return replace(problem, contracts=tuple(contracts))


RELAXED: dict[str, Callable[[Problem, BrandId], Problem]] = {
    "rivals never share a face": _rivals,
    "exclusivity is kept": _exclusivity,
    "persona rests": _rest,
    "consent holds": _consent,
    "persona has the skills": _skills,
    "persona is allowed": _personas,
    "human has the room": _human,
    "one room per owner": _owners,
    "platform allows doubles": _platforms,
    "contract maximum holds": _maximum,
    "fleet can carry it": _fleet,
    "operator can watch them all": _watching,
    "operator is on duty": _shifts,
    "shop is open": _hours,
}
"""Each rule by name, and the day as it would be without it."""
