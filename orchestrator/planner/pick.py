"""One whole day for each shop, out of those that the columns hold, by CP-SAT."""

from collections import defaultdict
from typing import Any

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.bound import Columns

FINE = 100
"""Factors are whole hundredths: shares are in whole per cent."""
WIDE = 10**9


def pick(
    columns: Columns, seed: int, limit: float
) -> list[tuple[ShopId, list[tuple[int, PersonaId]]]]:
    """At most one column a shop, so that all rows hold and the sum of values is largest."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in columns.columns]
    by_shop: dict[int, list[Any]] = defaultdict(list)
    uses: dict[int, list[Any]] = defaultdict(list)
    for column, take in zip(columns.columns, chosen, strict=True):
        by_shop[column.shop].append(take)
        model.add_hint(take, column.variable.solution_value() > 0.5)
        for place, factor in column.uses.items():
            uses[place].append(round(FINE * factor) * take)
    for takes in by_shop.values():
        model.add_at_most_one(takes)
    extra = {
        name: model.new_int_var(0, round(most), "") for name, (_, _, most) in columns.free.items()
    }
    gains: list[Any] = [round(column.value) * take
                        for column, take in zip(columns.columns, chosen, strict=True)]  # fmt: skip
    gains += [round(gain) * extra[name] for name, (_, gain, _) in columns.free.items()]
    for number, row in enumerate(columns.rows):
        flows = [round(FINE * factor) * extra[name] for name, factor in row.variables]
        total = sum([*uses[number], *flows])
        if row.most < 0 or row.variables:
            # what can't be kept for once may be bought, as in the linear program
            slack = model.new_int_var(0, WIDE, "")
            gains.append(-round(columns.scale / FINE) * slack)
            total -= slack
        if not isinstance(total, int):
            model.add(total <= round(FINE * row.most))
    model.maximize(sum(gains))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = limit
    solver.parameters.relative_gap_limit = 1e-3
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return list(columns.heaviest())
    taken = [
        c for c, take in zip(columns.columns, chosen, strict=True) if solver.boolean_value(take)
    ]
    return [columns.as_day(column) for column in taken]
