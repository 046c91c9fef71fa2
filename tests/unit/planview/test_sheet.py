"""A day's sheet: what is in it, and why."""

from dataclasses import replace

from orchestrator.planner.plan import NOTHING
from orchestrator.planner.problem import Contract, Operator
from orchestrator.planview.sheet import OVER, Gap, OwnHours, Stay
from orchestrator.planview.summary import hindrance
from tests.unit.planview.sheets import CLAY, LEAF, LIN, MEI, POT, TEA, a_problem, a_sheet


def test_a_lane_holds_stays_gaps_and_the_streamers_own_hours() -> None:
    tea, pot = a_sheet().lanes
    assert [(type(b), b.first, b.last) for b in tea.blocks] == [
        (Stay, 0, 2), (Stay, 3, 4), (Gap, 5, 6), (OwnHours, 7, 7),
    ]  # fmt: skip
    assert [(b.first, b.last) for b in pot.blocks if isinstance(b, Gap)] == [(0, 1), (4, 7)]


def test_a_closed_shop_has_no_gap() -> None:
    shops = a_problem().shops
    late = replace(shops[1], open=frozenset({2, 3}))
    _, pot = a_sheet(a_problem(shops=(shops[0], late))).lanes
    assert [type(block) for block in pot.blocks] == [Stay]


def test_no_rule_is_blamed_for_hours_that_were_over_when_the_day_was_planned() -> None:
    _, pot = a_sheet(since=5).lanes
    gaps = [block for block in pot.blocks if isinstance(block, Gap)]
    assert [(gap.first, gap.last, gap.why == OVER) for gap in gaps] == [
        (0, 1, True), (4, 4, True), (5, 7, False),
    ]  # fmt: skip


def test_what_can_still_be_done_for_a_contract_comes_before_what_is_over() -> None:
    sheet = a_sheet(since=7)
    (promise,) = sheet.unmet
    assert OVER not in hindrance(sheet, promise)
    assert OVER in hindrance(replace(sheet, since=8), promise)


def test_where_prime_time_is_lacking_other_empty_hours_do_not_count() -> None:
    prime = (Contract(CLAY, 0, None, 80),)
    sheet = a_sheet(a_problem(contracts=prime))
    (promise,) = sheet.unmet
    assert hindrance(sheet, promise).startswith("2 h of its open hours in prime time are empty")


def test_a_stay_says_how_well_its_double_fits_and_who_fits_better() -> None:
    tea, _ = a_sheet().lanes
    lin, mei = tea.stays
    assert (lin.choice.fit, lin.choice.rank, lin.choice.among) == (100, 1, 2)
    assert (mei.choice.fit, mei.choice.rank) == (80, 2)
    (better,) = mei.choice.better
    assert (better.persona, better.fit) == (LIN, 100)
    assert better.rule == "persona rests"


def test_who_watches_is_told_by_the_hour() -> None:
    assert [stay.watch for stay in a_sheet().lanes[0].stays] == [(("wu", 0, 2),), (("li", 3, 4),)]


def test_a_contract_that_is_unmet_comes_first() -> None:
    sheet = a_sheet()
    pots, tea = sheet.promises
    assert (pots.contract.brand, pots.met, pots.lacks) == (CLAY, False, 120)
    assert (tea.contract.brand, tea.planned, tea.prime, tea.met) == (LEAF, 150, 30, True)
    assert sheet.lacking == 120


def test_operators_show_their_rooms_while_on_shift() -> None:
    off = (Operator("wu", frozenset(range(8)), 2), Operator("li", frozenset(range(3, 8)), 1))
    wu, li = a_sheet(a_problem(operators=off)).loads
    assert wu.rooms == (1, 1, 2, 1, 0, 0, 0, 0)
    assert li.rooms == (None, None, None, 1, 1, 0, 0, 0)


def test_the_fleet_counts_the_streamers_rooms_too() -> None:
    fleet = a_sheet().fleet
    assert fleet.doubles == (1, 1, 2, 2, 1, 0, 0, 0)
    assert fleet.human == (0,) * 7 + (1,)


def test_doubles_without_hours_are_there_too() -> None:
    sheet = a_sheet(plan=NOTHING)
    assert sheet.on_air == {LIN: 0, MEI: 0}
    assert {lane.shop.id for lane in sheet.lanes} == {TEA, POT}
