"""What a matrix says becomes the problem of one day: hours as slots, money as cents."""

from datetime import date

import pytest

from orchestrator.domain.casting import cast_of
from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.checker import violations
from orchestrator.planner.eligible import unfit
from orchestrator.planner.plan import Duty, Plan
from orchestrator.planner.problem import Exclusivity, Problem, Standing
from orchestrator.planning.day import problem_of
from tests.support.matrices import a_brand, a_matrix, a_persona, a_shop, an_operator

DAY = date(2026, 11, 22)
ONE, SWEET, SUYUN = ShopId("one"), PersonaId("sweet"), BrandId("suyun")


def at(problem: Problem, slots: frozenset[int]) -> str:
    """The first slot's begin, and how many there are."""
    return f"{problem.at(min(slots))} +{len(slots)}"


def test_a_matrix_that_says_nothing_is_a_day_of_half_hours_in_which_all_may_be_everywhere() -> None:
    problem = problem_of(a_matrix(), DAY)
    assert len(problem.slots) == 48
    assert problem.capacity == (1,) * 48
    assert problem.shop[ONE].open == frozenset(range(48))
    assert problem.shop[ONE].owner == "suyun"
    assert problem.operator["zhou"].shift == frozenset(range(48))
    assert problem.operator["zhou"].most_rooms == 1
    assert problem.persona[SWEET].consent is None
    assert problem.contracts == ()


def test_hours_become_slots_of_the_plan() -> None:
    matrix = a_matrix(
        plan={"slot_minutes": 60, "day_begins": "06:00", "prime_time": ["20:00-23:00"]},
        shops=[a_shop(hours=["22:00-02:00"])],
        operators=[an_operator(shifts=["18:00-06:00"], most_rooms=4)],
    )
    problem = problem_of(matrix, DAY)
    assert problem.at(0) == "06:00"
    assert at(problem, problem.shop[ONE].open) == "22:00 +4"
    assert at(problem, problem.operator["zhou"].shift) == "18:00 +12"
    assert problem.operator["zhou"].most_rooms == 4
    prime = frozenset(slot.number for slot in problem.slots if slot.prime)
    assert at(problem, prime) == "20:00 +3"


def test_a_doubles_runs_and_rests_are_counted_in_slots_on_the_safe_side() -> None:
    personas = [a_persona("sweet", longest_run="4h15m", rest="40m"), a_persona("wise")]
    problem = problem_of(a_matrix(personas=personas), DAY)
    assert problem.persona[SWEET].longest_run == 8
    assert problem.persona[SWEET].rest == 2
    assert problem.persona[PersonaId("wise")].longest_run is None


def test_consent_ends_with_its_last_day_even_where_the_broadcast_day_goes_on() -> None:
    personas = [a_persona("sweet", consent_until=DAY)]
    problem = problem_of(a_matrix(plan={"day_begins": "06:00"}, personas=personas), DAY)
    consent = problem.persona[SWEET].consent
    assert consent is not None
    assert at(problem, consent) == "06:00 +36"


def test_consent_may_end_in_the_middle_of_a_day() -> None:
    personas = [a_persona("sweet", consent_until="2026-11-22 14:05")]
    problem = problem_of(a_matrix(personas=personas), DAY)
    consent = problem.persona[SWEET].consent
    assert consent is not None
    assert at(problem, consent) == "00:00 +28"


def test_worth_is_in_cents_and_special_hours_go_before_the_usual() -> None:
    shop = a_shop(worth="80.50", worth_at=[{"hours": "19:00-21:00", "worth": 200}])
    worth = problem_of(a_matrix(shops=[shop]), DAY).shop[ONE].worth
    assert (worth[37], worth[38], worth[41], worth[42]) == (8050, 20000, 20000, 8050)


def test_the_fleet_is_counted_by_hours() -> None:
    plan = {"fleet": 9, "fleet_at": [{"hours": "00:00-06:15", "streams": 3}]}
    capacity = problem_of(a_matrix(plan=plan), DAY).capacity
    assert capacity[11] == 3
    assert capacity[12] == 3, "a slot that a leaner hour touches is as lean"
    assert capacity[13] == 9
    assert problem_of(a_matrix(), DAY).capacity[0] == 1


def test_a_shop_asks_for_its_brands_trade_if_any_double_knows_it() -> None:
    knows = [a_persona("sweet", skills=["家纺"]), a_persona("wise")]
    assert problem_of(a_matrix(personas=knows), DAY).shop[ONE].skills == {"家纺"}
    assert problem_of(a_matrix(), DAY).shop[ONE].skills == frozenset()
    own = [a_shop(skills=["茶饮"])]
    assert problem_of(a_matrix(personas=knows, shops=own), DAY).shop[ONE].skills == {"茶饮"}


def test_a_shop_that_names_its_double_wants_no_other_and_asks_nothing() -> None:
    knows = [a_persona("sweet"), a_persona("wise", skills=["家纺"])]
    shop = problem_of(a_matrix(personas=knows, shops=[a_shop(persona="sweet")]), DAY).shop[ONE]
    assert shop.personas == {"sweet"}
    assert shop.skills == frozenset()


def test_a_plan_that_sends_another_double_than_the_shop_names_breaks_a_rule() -> None:
    problem = problem_of(a_matrix(shops=[a_shop(persona="sweet")]), DAY)
    plan = Plan({(ONE, 0): Duty(PersonaId("wise"), "zhou"), (ONE, 1): Duty(SWEET, "zhou")})
    (broken,) = violations(problem, plan)
    assert broken.what == "one wants sweet, not wise, at 00:00"
    assert broken.remedy == "send sweet"


def test_the_planner_may_send_whom_the_shop_has_lines_for_and_nobody_else() -> None:
    personas = [
        a_persona("sweet", skills=["家纺"]),
        a_persona("wise", skills=["家纺"], brands=["manpo"]),
        a_persona("lively", skills=["家纺"], platforms=["custom"]),
        a_persona("calm"),
    ]
    brands = [a_brand("suyun"), a_brand("manpo")]
    shops = [
        a_shop("one"),
        a_shop("two", brand="manpo", platform="youtube"),
        a_shop("three", persona="calm"),
        a_shop("four", persona="lively", platform="twitch"),
    ]
    matrix = a_matrix(personas=personas, brands=brands, shops=shops)
    problem = problem_of(matrix, DAY)
    for shop in matrix.shops:
        there = problem.shop[ShopId(shop.id)]
        able = {p.id for p in problem.personas if unfit(there, p, 0) is None}
        assert able == {persona.id for persona in cast_of(matrix, shop)}
    assert [len(cast_of(matrix, shop)) for shop in matrix.shops] == [2, 2, 1, 0]


def test_contracts_rivals_and_exclusivity_are_the_brands() -> None:
    contract = {"minimum_hours": "7.5", "maximum_hours": 12, "prime_percent": 40}
    sold = "persona, all day"
    brands = [a_brand("suyun", contract=contract, rivals=["manpo"], exclusivity=sold)]
    brands += [a_brand("manpo", category="茶"), a_brand("third")]
    problem = problem_of(a_matrix(brands=brands), DAY)
    (agreed,) = problem.contracts
    assert (agreed.minimum, agreed.maximum, agreed.prime_percent) == (450, 720, 40)
    assert problem.brand[SUYUN].exclusivity is Exclusivity.PERSONA_ALL_DAY
    assert problem.rivals(SUYUN, BrandId("manpo"))
    assert problem.competitors(SUYUN, BrandId("third")), "one trade is one category"
    assert not problem.competitors(BrandId("manpo"), BrandId("third"))


def test_who_may_watch_is_who_is_named_or_else_everybody() -> None:
    operators = [an_operator("zhou"), an_operator("wu"), an_operator("ma")]
    shops = [a_shop("one"), a_shop("two", operator="wu"), a_shop("three", operators=["ma", "wu"])]
    problem = problem_of(a_matrix(operators=operators, shops=shops), DAY)
    watchers = [sorted(shop.operators) for shop in problem.shops]
    assert watchers == [["ma", "wu", "zhou"], ["wu"], ["ma", "wu"]]


def test_platforms_bring_their_rules() -> None:
    shops = [a_shop("one", platform="douyin", cleared=False), a_shop("two", owner="else")]
    problem = problem_of(a_matrix(shops=shops), DAY)
    assert problem.platform["douyin"].standing is Standing.CONDITIONAL
    assert problem.platform["douyin"].rooms_per_owner == 1
    assert problem.platform["custom"].rooms_per_owner is None
    assert not problem.shop[ONE].cleared
    assert problem.shop[ShopId("two")].owner == "else"


def test_human_hours_are_carried_by_the_named_shops_or_by_all_that_are_open() -> None:
    shops = [a_shop("one"), a_shop("two", hours=["08:00-20:30"]), a_shop("three")]
    streamer = {"human_hours": ["20:00-22:00"]}
    problem = problem_of(a_matrix(streamer=streamer, shops=shops), DAY)
    assert at(problem, problem.human.slots) == "20:00 +4"
    assert problem.human.shops == {"one", "three"}
    assert not problem.human.doubles_beside
    named = {**streamer, "human_shops": ["one"], "doubles_beside": True}
    beside = problem_of(a_matrix(streamer=named, shops=shops), DAY).human
    assert (beside.shops, beside.doubles_beside) == ({"one"}, True)


def test_without_human_hours_no_shop_is_the_streamers() -> None:
    assert problem_of(a_matrix(), DAY).human.shops == frozenset()


def test_prices_are_in_cents_and_fit_is_by_double_and_shop() -> None:
    plan = {"stream_hour": "6.50", "switch": 3, "fairness": "0.25"}
    problem = problem_of(a_matrix(plan=plan, shops=[a_shop(fit={"sweet": 115})]), DAY)
    prices = problem.prices
    assert (prices.stream_hour, prices.switch, prices.fairness) == (650, 300, 25)
    assert problem.fit == {(SWEET, ONE): 115}


@pytest.mark.parametrize(
    ("zone", "day", "slots"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 46),
        ("America/New_York", date(2026, 11, 1), 50),
    ],
)
def test_a_day_that_changes_the_clocks_is_planned_as_long_as_it_is(
    zone: str, day: date, slots: int
) -> None:
    streamer = {"time_zone": zone, "human_hours": ["01:00-04:00"]}
    problem = problem_of(a_matrix(streamer=streamer), day)
    assert len(problem.slots) == slots
    assert len(problem.shop[ONE].open) == len(problem.capacity) == slots
    assert len(problem.human.slots) == slots - 42
    assert all(slot.begin.tzinfo is not None for slot in problem.slots)
