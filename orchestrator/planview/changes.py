"""What changed between two plans of a day, and which rule made it change.

The old plan is judged by the day as it is now: what breaks there is why a cell had to change. A
cell that broke nothing is explained by what keeps it empty now, by a contract, or by what changed
beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from orchestrator.ids import ShopId
from orchestrator.planner.checker import unmet, violations
from orchestrator.planner.explain import empty
from orchestrator.planner.plan import Change, Duty, Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.rules import Violation

GONE = "is not in the matrix any more"


@dataclass(frozen=True)
class Changed:
    """A stretch of a shop's day that another double has now, or none; or another operator."""

    shop: ShopId
    first: int
    last: int
    before: Duty | None
    after: Duty | None
    rule: str
    """The rule that broke; empty where none did."""
    why: str

    @property
    def switch(self) -> bool:
        """Whether viewers see it: another double, or none."""
        return _seen(self.before) != _seen(self.after)


@dataclass(frozen=True)
class Relief:
    """One operator takes rooms over from another: the same hours, the same two, some shops."""

    first: int
    last: int
    before: str
    after: str
    shops: tuple[ShopId, ...]
    why: str


def changes(problem: Problem, before: Plan, after: Plan, since: int) -> tuple[Changed, ...]:
    """All changes from slot `since` on, in order of time, joined where they are alike."""
    reasons = _Reasons(problem, before, after)
    cells = [change for change in before.diff(after) if change.slot >= since]
    told = [(change, *reasons.of(change)) for change in cells]
    found = []
    for _, group in groupby(enumerate(told), _alike):
        row = [item for _, item in group]
        (first, rule, why), last = row[0], row[-1][0]
        found.append(
            Changed(first.shop, first.slot, last.slot, first.before, first.after, rule, why)
        )
    return tuple(sorted(found, key=lambda change: (change.first, change.shop)))


def reliefs(changed: Sequence[Changed]) -> tuple[Relief, ...]:
    """The changes of operators alone, shops together, in order of time."""
    rooms: dict[tuple[int, int, str, str], list[Changed]] = {}
    for change in changed:
        if not change.switch and change.before and change.after:
            key = change.first, change.last, change.before.operator, change.after.operator
            rooms.setdefault(key, []).append(change)
    return tuple(
        Relief(
            *key,
            tuple(change.shop for change in row),
            next((c.why for c in row if c.rule), row[0].why),
        )
        for key, row in sorted(rooms.items())
    )


def _alike(item: tuple[int, tuple[Change, str, str]]) -> tuple[object, ...]:
    place, (change, rule, _) = item
    who: tuple[object, ...] = _seen(change.before), _seen(change.after)
    if who[0] == who[1]:
        who = tuple(None if d is None else d.operator for d in (change.before, change.after))
    return change.shop, who, rule, change.slot - place


def _seen(duty: Duty | None) -> str | None:
    return None if duty is None else duty.persona


class _Reasons:
    """Which rule a change follows from."""

    def __init__(self, problem: Problem, before: Plan, after: Plan) -> None:
        self._problem = problem
        known = {cell: duty for cell, duty in before.duties.items() if _known(problem, cell, duty)}
        broken = violations(problem, Plan(known))
        self._cell: Mapping[tuple[ShopId, int], Violation] = {
            (v.shop, v.slot): v for v in reversed(broken) if v.shop and v.slot is not None
        }
        self._slot = {v.slot: v for v in broken if v.slot is not None and not v.shop}
        self._day = [v for v in broken if v.slot is None]
        self._lacking = {lack.brand for lack in unmet(problem, Plan(known))}
        self._empty = {(r.shop, r.slot): r.why for r in empty(problem, after)}

    def of(self, change: Change) -> tuple[str, str]:
        """The rule, or nothing, and the reason in words."""
        gone = self._gone(change)
        if gone:
            return "names are known", gone
        found = self._cell.get((change.shop, change.slot)) or self._slot.get(change.slot)
        if found and change.before:
            return found.rule, found.what
        brand = self._problem.shop[change.shop].brand
        for violation in self._day:
            if change.before and brand in violation.what.split():
                return violation.rule, violation.what
        if change.before is None and brand in self._lacking:
            return "contract minimum", f"{brand} lacks hours of its contract"
        return "", self._beside(change)

    def _gone(self, change: Change) -> str:
        if change.shop not in self._problem.shop:
            return f"{change.shop} {GONE}"
        if change.before and change.before.persona not in self._problem.persona:
            return f"{change.before.persona} {GONE}"
        return ""

    def _beside(self, change: Change) -> str:
        """No rule broke here, but something beside it changed."""
        if change.before is None:
            return "hours that are free now are taken up"
        if change.after is None:
            why = self._empty.get((change.shop, change.slot), "shop is open")
            return f"what it needs is needed elsewhere; now in the way: “{why}”"
        if change.before.persona == change.after.persona:
            return f"{change.before.operator} is needed in another room"
        return f"{change.before.persona} is needed elsewhere, or has to rest"


def _known(problem: Problem, cell: tuple[ShopId, int], duty: Duty) -> bool:
    shop, slot = cell
    known = shop in problem.shop and duty.persona in problem.persona
    return known and 0 <= slot < len(problem.slots)
