"""The planned day of the demo: it validates, it keeps to the rules, and a plan fulfills it."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from orchestrator.cli.main import app
from orchestrator.domain.line import LineKind
from orchestrator.domain.matrix import Matrix
from orchestrator.domain.schedule import Act
from orchestrator.domain.script import heard
from orchestrator.domain.voices import VOICES
from orchestrator.ids import ShopId
from orchestrator.matrixfile import Loaded, load
from orchestrator.matrixfile.timetable import with_doubles
from orchestrator.planner.checker import unmet, violations
from orchestrator.planner.eligible import closed
from orchestrator.planner.greedy import greedy
from orchestrator.planner.problem import Exclusivity
from orchestrator.planning.day import problem_of
from tests.integration.test_matrixfile_demo import ABSOLUTE

DAY = Path(__file__).parents[2] / "deploy" / "demo" / "day.yaml"
SUNDAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(DAY, lambda reference: SecretStr(f"key-of-{reference}"))


@pytest.fixture(scope="module")
def matrix(loaded: Loaded) -> Matrix:
    return loaded.matrix


@pytest.fixture(scope="module")
def acts(loaded: Loaded) -> tuple[Act, ...]:
    return tuple(act for there in loaded.acts().values() for act in there)


def test_the_day_is_five_doubles_in_twelve_shops_of_six_brands(matrix: Matrix) -> None:
    assert (len(matrix.personas), len(matrix.shops), len(matrix.brands)) == (5, 12, 6)
    assert {persona.voice.name for persona in matrix.personas} <= {v.name for v in VOICES}
    voices = {(persona.voice.name, persona.voice.speed) for persona in matrix.personas}
    assert len(voices) == 5, "each double sounds like itself"
    assert len({shop.endpoint.url for shop in matrix.shops}) == 12


def test_the_day_shows_what_a_plan_is_for(matrix: Matrix) -> None:
    problem = problem_of(matrix, SUNDAY)
    assert problem.at(0) == "06:00"
    assert len({operator.shift for operator in problem.operators}) == 5
    assert len(set(problem.capacity)) == 2
    assert len(problem.contracts) == 6
    assert any(brand.rivals for brand in problem.brands)
    assert {brand.exclusivity for brand in problem.brands} > {Exclusivity.NONE}
    assert problem.human.slots
    assert problem.human.doubles_beside
    assert any(shop.personas for shop in problem.shops)


@pytest.mark.parametrize("day", [SUNDAY, date(2028, 2, 29)])
def test_even_a_quick_plan_fulfills_every_contract_and_leaves_no_room_empty(
    matrix: Matrix, day: date
) -> None:
    problem = problem_of(matrix, day)
    plan = greedy(problem)
    assert violations(problem, plan) == ()
    assert unmet(problem, plan) == ()
    in_person = {(shop, slot) for slot in problem.human.slots for shop in problem.human.shops}
    open_cells = {(shop.id, slot) for shop in problem.shops for slot in shop.open}
    assert set(plan.duties) == open_cells - in_person


def test_a_check_counts_the_hours_that_the_planner_has(matrix: Matrix) -> None:
    problem = problem_of(matrix, SUNDAY)
    for shop in matrix.shops:
        place = problem.shop[ShopId(shop.id)]
        cells = [slot for slot in place.open if closed(problem, place, slot) is None]
        assert with_doubles(matrix, shop).bit_count() == 30 * len(cells)


def test_check_names_all_doubles_that_a_plan_may_send(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    for shop in matrix.shops:
        monkeypatch.setenv((shop.endpoint.key or "").removeprefix("env:"), f"key-of-{shop.id}")
    shown = CliRunner().invoke(app, ["check", str(DAY)])
    assert shown.exit_code == 0
    assert "12 streams" in shown.output
    assert "林娜·元气 / 爽朗 → 暖釜厨电@taobao" in shown.output
    assert "doppelcast plan" in shown.output


def test_every_double_takes_over_and_says_goodbye(acts: tuple[Act, ...]) -> None:
    for act in acts:
        kinds = [line.kind for line in act.lines]
        assert kinds[0] is LineKind.HANDOVER
        assert kinds[-1] is LineKind.CLOSING
        assert any("由人工智能生成" in line.text for line in act.lines)


def test_scripts_are_short_and_say_nothing_that_advertising_law_forbids(
    acts: tuple[Act, ...],
) -> None:
    for act in acts:
        assert len(act.lines) <= 8
        assert len({heard(line.text) for line in act.lines}) == len(act.lines)
        for line in act.lines:
            assert 10 <= len(line.text) <= 75, line.text
            assert not ABSOLUTE.search(line.text), line.text
