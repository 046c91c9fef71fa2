"""The day for machines: complete, and read back as it was written."""

import json

import pytest
from pydantic import ValidationError

from orchestrator.planner.conflict import Conflict
from orchestrator.planner.conflictwords import Part
from orchestrator.planner.plan import Plan
from orchestrator.planview.changes import changes
from orchestrator.planview.document import Kept, document
from tests.unit.planview.sheets import CLAY, PLAN, TEA, a_problem, a_sheet


def test_a_plan_is_read_back_as_it_was_written() -> None:
    text = json.dumps(document(a_sheet()))
    kept = Kept.model_validate_json(text)
    assert kept.plan == Plan(PLAN)
    assert kept.begins == tuple(slot.begin.timestamp() for slot in a_problem().slots)


def test_machines_get_what_is_unmet_and_how_good_the_plan_is() -> None:
    sheet = a_sheet()
    told = document(a_sheet(bound=sheet.value * 1.25))
    assert (told["contracts_met"], told["lacking_minutes"]) == (False, 120)
    assert told["contracts"][0]["brand"] == "clay"
    assert told["gap_percent"] == 20.0
    assert document(sheet)["bound_yuan"] is None


def test_machines_get_the_parts_of_the_value_and_each_double_s_hours() -> None:
    told = document(a_sheet())
    parts = told["value_parts_yuan"]
    assert set(parts) == {"sales", "streaming", "switches", "fairness"}
    assert sum(parts.values()) == pytest.approx(told["value_yuan"], abs=0.02)
    assert [(p["persona"], p["on_air_minutes"]) for p in told["personas"]] == [
        ("lin", 90), ("mei", 120),
    ]  # fmt: skip
    better = [
        better for shop in told["shops"] for s in shop["stays"] for better in s["fits_better"]
    ]
    assert better == [{"persona": "lin", "fit_percent": 100, "why_not": "persona rests"}]


def test_machines_get_what_is_in_the_way_of_a_contract_and_how_sure_that_is() -> None:
    (unmet,) = (c for c in document(a_sheet())["contracts"] if not c["met"])
    assert (unmet["conflict"], unmet["conflict_proven"]) == ([], None)
    assert "empty because of" in unmet["in_the_way"]
    parts = (Part("contract of clay", "clay is promised 3 h", "agree on 2 h less with clay"),)
    known = Conflict(CLAY, 120, parts, proven=True, irreducible=True)
    (unmet,) = (c for c in document(a_sheet(conflicts=(known,)))["contracts"] if not c["met"])
    assert unmet["conflict"][0]["remedy"] == "agree on 2 h less with clay"
    assert unmet["conflict_proven"] == {
        "conflicts": True, "needs_every_rule": True, "no_smaller_set": False,
    }  # fmt: skip


def test_every_empty_stretch_has_its_reason_and_remedy() -> None:
    gaps = [gap for shop in document(a_sheet())["shops"] for gap in shop["empty"]]
    assert gaps
    assert all(gap["why"] and gap["remedy"] for gap in gaps)


def test_changes_are_told_with_their_reasons() -> None:
    after = Plan({cell: duty for cell, duty in PLAN.items() if cell != (TEA, 4)})
    found = changes(a_problem(), Plan(PLAN), after, 0)
    (change,) = document(a_sheet(plan=after, since=0, changes=found))["changes"]
    assert change["before"] == {"persona": "mei", "operator": "li"}
    assert change["after"] is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"ends": "soon", "slots": [], "shops": []}'])
def test_what_is_no_plan_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValidationError):
        Kept.model_validate_json(text)
