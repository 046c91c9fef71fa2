"""The rules of a conflict in words: what each says about a brand's shops, and what would help."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.ids import BrandId
from orchestrator.planner.checker import Unmet
from orchestrator.planner.eligible import unfit
from orchestrator.planner.problem import (
    Exclusivity,
    Operator,
    Persona,
    Problem,
    Shop,
    Standing,
)
from orchestrator.planner.when import hours, spans

ONE = "one double per shop"
"""The rule that no day can do without; it is named when nothing else is in the way."""


@dataclass(frozen=True)
class Part:
    """One of the rules in a conflict: its name, what it says here, and what would help."""

    rule: str
    what: str
    remedy: str


def agreed(problem: Problem, lack: Unmet) -> Part:
    """The contract itself."""
    less = [f"{hours(lack.minutes)} less"] if lack.minutes else []
    less += ["a smaller share of prime time"] if lack.prime_minutes else []
    remedy = f"agree on {' and on '.join(less)} with {lack.brand}"
    return Part(f"contract of {lack.brand}", _asked(problem, lack.brand), remedy)


def part(problem: Problem, brand: BrandId, rule: str) -> Part:
    """One rule of the conflict, as far as it concerns a brand."""
    if rule not in _WORDS:
        other = BrandId(rule.removeprefix("contract of "))
        return Part(rule, _asked(problem, other), f"agree on fewer hours with {other} or {brand}")
    shops = [shop for shop in problem.shops if shop.brand == brand]
    what, remedy = _WORDS[rule](problem, brand, shops)
    return Part(rule, what, remedy)


def _asked(problem: Problem, brand: BrandId) -> str:
    mine = [c for c in problem.contracts if c.brand == brand]
    least = max((c.minimum for c in mine), default=0)
    percent = max((c.prime_percent for c in mine), default=0)
    prime = f", {percent} % of its hours in prime time" if percent else ""
    return f"{brand} is promised {hours(least)}{prime}"


_Said = tuple[str, str]
_Shops = list[Shop]


def _names(shops: _Shops) -> str:
    return ", ".join(shop.id for shop in shops) or "no shop"


def _hours(problem: Problem, brand: BrandId, shops: _Shops) -> _Said:
    total = sum(problem.slots[t].minutes for shop in shops for t in shop.open)
    prime = sum(problem.slots[t].minutes for s in shops for t in s.open if problem.slots[t].prime)
    what = f"{_names(shops)} together open {hours(total)} a day, {hours(prime)} in prime time"
    return what, f"open the shops of {brand} longer, or open another one"


def _shifts(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    bare = {
        shop: {t for t in shop.open if not any(t in o.shift for o in _team(problem, shop))}
        for shop in shops
    }
    told = [f"{shop.id} {spans(problem, slots)}" for shop, slots in bare.items() if slots]
    what = "nobody is on shift for " + "; ".join(told) if told else _on_shift(problem, shops)
    return what, "extend a shift of theirs, or name another operator for these shops"


def _on_shift(problem: Problem, shops: _Shops) -> str:
    team = {o.id: o for shop in shops for o in _team(problem, shop)}
    shifts = [f"{name} {spans(problem, o.shift)}" for name, o in sorted(team.items())]
    return "on shift for them: " + ("; ".join(shifts) or "nobody")


def _team(problem: Problem, shop: Shop) -> list[Operator]:
    return [problem.operator[o] for o in sorted(shop.operators) if o in problem.operator]


def _watching(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    team = {o.id: o.most_rooms for shop in shops for o in _team(problem, shop)}
    told = ", ".join(f"{name} {most}" for name, most in sorted(team.items()))
    return (
        f"rooms that one may watch at once: {told or 'nobody is there'}",
        "let them watch more rooms, or put another operator on these shifts",
    )


def _fleet(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    slots = {t for shop in shops for t in shop.open}
    wanted = {t: sum(t in shop.open for shop in problem.shops) for t in slots}
    tight = {t for t in slots if problem.capacity[t] < wanted[t]}
    least = min((problem.capacity[t] for t in tight), default=0)
    return (
        f"the fleet carries {least} stream{'s' * (least != 1)} at its fewest, more shops are open "
        f"{spans(problem, tight) or 'then'}",
        f"add nodes for {spans(problem, tight) or 'these hours'}",
    )


def _owners(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    told = []
    for owner, platform in sorted({(shop.owner, shop.platform) for shop in shops}):
        most = problem.platform[platform].rooms_per_owner
        rooms = [s for s in problem.shops if (s.owner, s.platform) == (owner, platform)]
        if most is not None and len(rooms) > most:
            told.append(f"{owner} may have {most} of {_names(rooms)} on {platform} at once")
    return "; ".join(told), "spread them over the day, or over accounts of their own"


def _platforms(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    barred = [s for s in shops if problem.platform[s.platform].standing is not Standing.ALLOWED]
    names = ", ".join(sorted({shop.platform for shop in barred}))
    return (
        f"{names} forbids doubles or has conditions: {_names(barred)}",
        "meet the conditions and declare them, or open a shop elsewhere",
    )


def _human(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    mine = [shop for shop in shops if shop.id in problem.human.shops]
    alone = "" if problem.human.doubles_beside else "; no double is on air then"
    return (
        f"the streamer is live {spans(problem, problem.human.slots)} in {_names(mine)}{alone}",
        "move the human hours, let other shops carry them, or let doubles go on beside",
    )


def _allowed(problem: Problem, brand: BrandId, shops: _Shops) -> _Said:
    told = "; ".join(f"{shop.id}: {_who(problem, shop)}" for shop in shops)
    return f"who may be there: {told}", f"allow more doubles for {brand} and its platforms"


def _who(problem: Problem, shop: Shop) -> str:
    may = [p.id for p in problem.personas if any(unfit(shop, p, t) is None for t in shop.open)]
    return ", ".join(may) or "nobody"


def _skills(_: Problem, __: BrandId, shops: _Shops) -> _Said:
    asked = [
        f"{shop.id} asks for {', '.join(sorted(shop.skills))}" for shop in shops if shop.skills
    ]
    return "; ".join(asked), "teach a double these skills, or ask for fewer"


def _consent(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    slots = {t for shop in shops for t in shop.open}
    told = [
        f"{p.id} {spans(problem, slots - p.consent)}"
        for p in problem.personas
        if p.consent is not None and slots - p.consent
    ]
    return "no consent for " + "; ".join(told), "get consent for longer, or plan another double"


def _rest(problem: Problem, _: BrandId, shops: _Shops) -> _Said:
    minutes = problem.slots[0].minutes
    told = [
        f"{p.id} stays {_longest(p, minutes)} in a room, then away for {hours(p.rest * minutes)}"
        for p in problem.personas
        if any(unfit(shop, p, t) is None for shop in shops for t in shop.open)
    ]
    return "; ".join(told), "raise a longest run, or allow another double there"


def _longest(persona: Persona, minutes: int) -> str:
    longest = persona.longest_run
    return "as long as it is wanted" if longest is None else f"{hours(longest * minutes)} at most"


def _rivals(problem: Problem, brand: BrandId, _: _Shops) -> _Said:
    names = ", ".join(b.id for b in problem.brands if problem.rivals(brand, b.id))
    what = f"{brand} never shares a double with its rivals {names} at the same time"
    return what, f"allow more doubles for {brand}, or for its rivals"


def _exclusivity(problem: Problem, brand: BrandId, _: _Shops) -> _Said:
    buyers = [
        b
        for b in problem.brands
        if b.exclusivity is not Exclusivity.NONE
        and (b.id == brand or problem.competitors(b.id, brand))
    ]
    told = "; ".join(f"{b.id} has bought {b.exclusivity.bought}" for b in buyers)
    settled = f"settle it with {' and '.join(b.id for b in buyers)}"
    if any(b.exclusivity.of_streamer for b in buyers):
        return told, settled
    return told, f"{settled}, or bring in another double"


def _maximum(problem: Problem, brand: BrandId, _: _Shops) -> _Said:
    most = min(c.maximum for c in problem.contracts if c.brand == brand and c.maximum is not None)
    return f"{brand} gets {hours(most)} at most", "raise the maximum, or lower the minimum"


def _one(problem: Problem, brand: BrandId, shops: _Shops) -> _Said:
    most = sum(slot.minutes for slot in problem.slots) * len(shops)
    what = f"of {brand} there is {_names(shops)}: {hours(most)} at most, if open all day"
    return what, f"open another shop for {brand}"


_WORDS: dict[str, Callable[[Problem, BrandId, _Shops], _Said]] = {
    "rivals never share a face": _rivals,
    "exclusivity is kept": _exclusivity,
    "persona rests": _rest,
    "consent holds": _consent,
    "persona has the skills": _skills,
    "persona is allowed": _allowed,
    "human has the room": _human,
    "one room per owner": _owners,
    "platform allows doubles": _platforms,
    "contract maximum holds": _maximum,
    "fleet can carry it": _fleet,
    "operator can watch them all": _watching,
    "operator is on duty": _shifts,
    "shop is open": _hours,
    ONE: _one,
}
