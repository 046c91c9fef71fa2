"""What a plan would already reject is named when the file is checked: where, what, the remedy."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from orchestrator.domain.line import LineKind
from orchestrator.domain.schedule import Turn
from orchestrator.errors import Problem, SpecError
from orchestrator.ids import PersonaId, ShopId
from orchestrator.matrixfile import Loaded, checked
from tests.support.matrices import PLANNED as GOOD
from tests.support.matrices import Wrong

MIDDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(document: str, now: datetime | None = MIDDAY) -> Loaded:
    return checked(document, Path(), SecretStr, now=now)


def problems(document: str) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as refused:
        read(document)
    return refused.value.problems


KINDS = {
    "contract above opening hours": Wrong(
        "minimum_hours: 12, maximum_hours: 20",
        "minimum_hours: 15, maximum_hours: 20",
        "brands[0].contract.minimum_hours",
        ("suyun", "14 hours a day", "asks for 15", "Extend the shops' hours"),
    ),
    "contract above the hours of one account": Wrong(
        'hours: ["08:00-24:00"]\n',
        'hours: ["08:00-19:00"]\n  - id: more\n    name: 素云家纺二店\n    brand: suyun\n'
        '    platform: douyin\n    hours: ["09:00-19:00"]\n'
        '    endpoint: {url: "rtmp://127.0.0.1:1937/live", key: "env:KEY_C"}\n',
        "brands[0].contract.minimum_hours",
        ("rooms of one owner on one platform in turn", "name the shops' owners"),
    ),
    "contract maximum below minimum": Wrong(
        "maximum_hours: 20",
        "maximum_hours: 9",
        "brands[0].contract.maximum_hours",
        ("below the minimum, 12", "Raise maximum_hours"),
    ),
    "prime share that can't be": Wrong(
        "prime_percent: 15",
        "prime_percent: 40",
        "brands[0].contract.prime_percent",
        ("4.8 hours in prime time (19:00-23:00)", "for 2 of it", "plan.prime_time"),
    ),
    "no prime time": Wrong(
        "plan: {}",
        "plan: {prime_time: []}",
        "brands[0].contract.prime_percent",
        ("which is empty",),
    ),
    "prime share above a hundred": Wrong(
        "prime_percent: 15", "prime_percent: 150", "brands[0].contract.prime_percent", ("100",)
    ),
    "unknown operator": Wrong(
        "operators: [zhou, wu]", "operators: [zhuo, wu]", "shops[1].operators[0]", ("mean zhou?",)
    ),
    "operator and operators": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, wu]\n    operator: zhou",
        "shops[1].operator",
        ("Keep operators, or operator",),
    ),
    "an operator twice": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, zhou, wu]",
        "shops[1].operators[1]",
        ("stands on line 48 already",),
    ),
    "unknown rival": Wrong(
        "rivals: [manpo]", "rivals: [manbo]", "brands[0].rivals[0]", ("brand", "mean manpo?")
    ),
    "rival of itself": Wrong(
        "rivals: [manpo]", "rivals: [suyun]", "brands[0].rivals[0]", ("itself", "Take it out")
    ),
    "unknown brand of a persona": Wrong(
        "longest_run: 4h", "brands: [suyum]", "personas[0].brands[0]", ("mean suyun?",)
    ),
    "unknown platform of a persona": Wrong(
        "longest_run: 4h", "platforms: [duoyin]", "personas[0].platforms[0]", ("mean douyin?",)
    ),
    "forbidden platform of a persona": Wrong(
        "longest_run: 4h", "platforms: [xiaohongshu]", "personas[0].platforms[0]", ("Allowed:",)
    ),
    "unknown persona in fit": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, wu]\n    fit: {swet: 90}",
        "shops[1].fit.swet",
        ("no persona 'swet'", "mean sweet?"),
    ),
    "unknown human shop": Wrong(
        "human_shops: [one]", "human_shops: [onee]", "streamer.human_shops[0]", ("mean one?",)
    ),
    "human shops without human hours": Wrong(
        '  human_hours: ["20:00-22:00"]\n',
        "",
        "streamer.human_shops[0]",
        ("no human hours", "Add human_hours"),
    ),
    "a human shop that is closed": Wrong(
        'human_hours: ["20:00-22:00"]\n  human_shops: [one]',
        'human_hours: ["20:00-23:00"]\n  human_shops: [two]',
        "streamer.human_shops[0]",
        ("closed at 22:00-23:00", "let another shop carry them"),
    ),
    "a persona nobody may use": Wrong(
        "skills: [家纺], voice",
        "skills: [箱包], voice",
        "personas[0]",
        ("no shop may use sweet", "家纺, 茶饮", "take it out"),
    ),
    "a shop nobody may be in": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, wu]\n    skills: [箱包]",
        "shops[1].skills",
        ("nobody may be in two", "knows 箱包", "skills of one"),
    ),
    "a shop whose trade is known to those alone that may not": Wrong(
        "skills: [家纺, 茶饮]",
        "skills: [家纺, 茶饮], brands: [suyun]",
        "shops[1]",
        ("no double that is allowed there knows 茶饮", "skills of one"),
    ),
    "a shop whose double may not be there": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, wu]\n    persona: sweet\n    skills: [茶饮]",
        "shops[1].persona",
        ("it lacks 茶饮", "name another persona"),
    ),
    "a platform's conditions that aren't met": Wrong(
        "operators: [zhou, wu]",
        "operators: [zhou, wu]\n    cleared: false",
        "shops[1].cleared",
        ("淘宝 has conditions", "declared digital-human room"),
    ),
    "shifts that leave a room unwatched": Wrong(
        '"08:00-16:00"',
        '"10:00-15:00"',
        "shops[1]",
        ("nobody watches two at 15:00-16:00", "zhou and wu are off shift", "Extend a shift"),
    ),
    "an operator alone": Wrong(
        "operators: [zhou, wu]",
        "operator: wu",
        "shops[1]",
        ("nobody watches two at 10:00-16:00", "wu is off shift"),
    ),
    "overlapping shifts": Wrong(
        '["16:00-24:00"]',
        '["16:00-24:00", "23:00-01:00"]',
        "operators[1].shifts[1]",
        ("overlaps 16:00-24:00",),
    ),
    "no fleet": Wrong(
        "plan: {}", "plan: {fleet: 0}", "plan.fleet", ("no stream at 08:00-24:00", "Raise")
    ),
    "no fleet in open hours": Wrong(
        "plan: {}",
        'plan: {fleet_at: [{hours: "22:00-08:00", streams: 0}]}',
        "plan.fleet_at",
        ("no stream at 22:00-24:00", "close the shops"),
    ),
    "overlapping fleets": Wrong(
        "plan: {}",
        "plan:\n  fleet_at:\n    - {hours: 22:00-08:00, streams: 1}\n"
        "    - {hours: 07:00-09:00, streams: 2}",
        "plan.fleet_at[1].hours",
        ("overlaps 22:00-08:00",),
    ),
    "a slot that doesn't divide the day": Wrong(
        "plan: {}", "plan: {slot_minutes: 50}", "plan.slot_minutes", ("divide the day", "30")
    ),
    "hours off the grid": Wrong(
        '["10:00-22:00"]', '["10:20-22:00"]', "shops[1].hours[0]", ("grid of 30", "to 20")
    ),
    "a grid that begins beside the hours": Wrong(
        "plan: {}", 'plan: {day_begins: "06:10"}', "shops[1].hours[0]", ("from 06:10", "to 10")
    ),
    "a run shorter than a slot": Wrong(
        "longest_run: 4h", "longest_run: 20m", "personas[0].longest_run", ("slot of 30",)
    ),
    "a run of no form": Wrong(
        "longest_run: 4h", "longest_run: four", "personas[0].longest_run", ("form", "1h30m")
    ),
    "consent that ended": Wrong(
        "longest_run: 4h",
        "consent_until: 2026-11-21",
        "personas[0].consent_until",
        ("has ended", "2026-11-21", "Renew it"),
    ),
    "consent that ended in the evening before": Wrong(
        "longest_run: 4h",
        "consent_until: 2026-11-21 19:00",
        "personas[0].consent_until",
        ("has ended", "2026-11-21 19:00"),
    ),
    "consent that ends on no day": Wrong(
        "longest_run: 4h",
        "consent_until: '2026-02-31'",
        "personas[0].consent_until",
        ("2026-11-22 14:00",),
    ),
    "consent that ends at no time": Wrong(
        "longest_run: 4h",
        "consent_until: tomorrow",
        "personas[0].consent_until",
        ("should be a date", "tomorrow", "2027-10-31"),
    ),
    "exclusivity of no kind": Wrong(
        "rivals: [manpo]",
        "exclusivity: forever",
        "brands[0].exclusivity",
        ("persona, same time", "forever"),
    ),
    "a shop without a double and without a plan": Wrong(
        "plan: {}\n", "", "shops[0].persona", ("is missing", "sweet or wise", "a plan chooses")
    ),
    "unknown key of the plan": Wrong(
        "plan: {}", "plan: {slot: 30}", "plan.slot", ("unknown key", "slot_minutes")
    ),
    "a handover that nothing fills": Wrong(
        "longest_run: 4h",
        "handover: ['我是{price}']",
        "personas[0].handover[0]",
        ("nothing fills {price}", "streamer"),
    ),
    "a handover that names a price": Wrong(
        "longest_run: 4h",
        "handover: [接下来这条毛巾只要9.9元。]",
        "personas[0].handover[0]",
        ("names a sum, 9.9", "products' lines"),
    ),
    "a handover without a glyph": Wrong(
        "closing: [茶凉",
        "handover: [🎉来啦]\n      closing: [茶凉",
        "brands[1].script.handover[0]",
        ("U+1F389",),
    ),
    "a handover that the opening says again": Wrong(
        "closing: [茶凉",
        'handover: ["我是{streamer}的数字人主播，由人工智能生成！"]\n      closing: [茶凉',
        "brands[1].script.handover[0]",
        ("said already on line 32",),
    ),
}


@pytest.mark.parametrize("wrong", KINDS.values(), ids=KINDS.keys())
def test_what_a_plan_would_reject_is_named_with_place_and_remedy(wrong: Wrong) -> None:
    assert wrong.old in GOOD
    found = problems(GOOD.replace(wrong.old, wrong.new, 1))
    here = [problem for problem in found if problem.path == wrong.path]
    assert here, f"nothing at {wrong.path}: {[str(problem) for problem in found]}"
    text = " ".join(map(str, here))
    assert all(part in text for part in wrong.says), text
    assert all(problem.line and problem.remedy for problem in here)


def test_a_good_plan_has_no_problems() -> None:
    assert len(read(GOOD).streams()) == 2


def test_a_shop_that_every_double_leaves_out_is_named() -> None:
    document = GOOD.replace("name: 甜美,", "name: 甜美, brands: [suyun],").replace(
        "name: 知性,", "name: 知性, platforms: [douyin],"
    )
    (problem,) = problems(document)
    assert problem.path == "shops[1]"
    assert "leave it out" in problem.message
    assert "Add manpo and taobao" in problem.remedy


def test_the_human_is_in_one_room_of_an_account_at_a_time() -> None:
    more = (
        "  - id: three\n    name: 素云家纺三店\n    brand: suyun\n    platform: douyin\n"
        '    endpoint: {url: "rtmp://127.0.0.1:1937/live", key: "env:KEY_C"}\n'
        '    hours: ["08:00-24:00"]\n'
    )
    (problem,) = problems(GOOD.replace("human_shops: [one]", "human_shops: [one, three]") + more)
    assert problem.path == "streamer.human_shops"
    assert "one and three carry" in problem.message
    (problem,) = problems(GOOD.replace("  human_shops: [one]\n", "") + more)
    assert problem.path == "streamer.human_hours"
    read(GOOD + more)
    read(GOOD.replace("human_shops: [one]", "human_shops: [one, three]") + more + "    owner: b\n")


def test_a_plan_may_be_a_bare_word() -> None:
    assert read(GOOD.replace("plan: {}", "plan:")).matrix.plan is not None


def test_a_time_of_the_day_needs_no_quotes() -> None:
    matrix = read(GOOD.replace("plan: {}", "plan: {day_begins: 19:30}")).matrix
    assert matrix.plan is not None
    assert matrix.plan.day_begins == "19:30"


def test_without_a_plan_a_shop_names_its_double_and_its_operator() -> None:
    document = GOOD.replace("plan: {}\n", "")
    missing = {problem.path for problem in problems(document)}
    assert missing >= {"shops[0].persona", "shops[1].persona", "shops[0]"}


def test_a_key_without_a_value_names_nobody() -> None:
    document = GOOD.replace("plan: {}\n", "").replace(
        "    operators: [zhou, wu]\n", "    operator:\n    persona:\n"
    )
    found = [problem for problem in problems(document) if problem.path.startswith("shops[1]")]
    assert [problem.message for problem in found] == [
        "nobody answers for this room.",
        "is missing.",
    ]


def test_consent_is_judged_by_the_streamers_day() -> None:
    ends = GOOD.replace("longest_run: 4h", "consent_until: 2026-11-22")
    read(ends, datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    with pytest.raises(SpecError, match="has ended"):
        read(ends, datetime(2026, 11, 22, 16, 0, tzinfo=UTC))
    read(ends, None)


def test_a_consent_that_ends_within_the_day_is_the_plans_business() -> None:
    ended = GOOD.replace("longest_run: 4h", "consent_until: 2026-11-22 19:00")
    read(ended, MIDDAY)
    nights = ended.replace("plan: {}", 'plan: {day_begins: "06:00"}')
    read(nights, datetime(2026, 11, 22, 21, 59, tzinfo=UTC))
    with pytest.raises(SpecError, match="has ended"):
        read(nights, datetime(2026, 11, 22, 22, 0, tzinfo=UTC))


def test_without_a_plan_a_double_is_declared_as_long_as_its_consent_holds() -> None:
    small = (Path(__file__).parents[2] / "deploy/demo/small.yaml").read_text(encoding="utf-8")
    ends = small.replace("id: sweet,", "id: sweet, consent_until: 2026-11-22 19:00,")
    read(ends, datetime(2026, 11, 22, 10, 59, tzinfo=UTC))
    with pytest.raises(SpecError, match="has ended"):
        read(ends, datetime(2026, 11, 22, 11, 0, tzinfo=UTC))


def test_human_hours_need_no_operator_and_hold_no_contract() -> None:
    off_then = GOOD.replace('"16:00-24:00"', '"16:00-20:00", "22:00-24:00"')
    (problem,) = problems(off_then)
    assert "nobody watches two at 20:00-22:00" in str(problem), "doubles go on in the other shops"
    read(off_then.replace("doubles_beside: true", "doubles_beside: false"))


def said(loaded: Loaded, shop: str, persona: str, kind: LineKind) -> list[str]:
    (act,) = [a for a in loaded.acts()[ShopId(shop)] if a.persona_id == persona]
    return [line.text for line in act.lines if line.kind is kind]


def test_a_shop_has_an_act_for_each_double_that_may_be_there() -> None:
    acts = read(GOOD).acts()
    assert {shop: [act.persona_id for act in there] for shop, there in acts.items()} == {
        "one": ["sweet", "wise"],
        "two": ["wise"],
    }


def test_a_double_takes_over_and_says_goodbye_in_the_houses_words_where_none_are_written() -> None:
    loaded = read(GOOD)
    (handover,) = said(loaded, "one", "sweet", LineKind.HANDOVER)
    assert "林娜的数字人主播" in handover
    assert "甜美" in handover
    assert "人工智能生成" in handover
    (goodbye,) = said(loaded, "one", "sweet", LineKind.CLOSING)
    assert "素云家纺一店" in goodbye
    assert said(loaded, "two", "wise", LineKind.CLOSING) == ["茶凉了再续，下次见。"]


def test_a_double_takes_over_in_its_own_words_and_the_brands() -> None:
    own = GOOD.replace("longest_run: 4h", "handover: ['{persona}来啦。']").replace(
        "      products: {towel:", "      handover: ['{brand}换人啦。']\n      products: {towel:"
    )
    loaded = read(own)
    assert said(loaded, "one", "sweet", LineKind.HANDOVER) == ["甜美来啦。", "素云家纺换人啦。"]
    assert said(loaded, "one", "wise", LineKind.HANDOVER) == ["素云家纺换人啦。"]


def test_lines_of_an_act_have_names_of_their_own() -> None:
    for acts in read(GOOD).acts().values():
        for act in acts:
            assert len({line.line for line in act.lines}) == len(act.lines)


def test_without_turns_a_stream_says_what_it_said_before_there_were_plans() -> None:
    for spec in read(GOOD).streams():
        assert spec.acts == ()
        assert spec.turns == ()
        assert LineKind.HANDOVER not in {line.kind for line in spec.lines}


def test_with_turns_a_stream_has_the_acts_that_are_on_and_no_other() -> None:
    sweet, wise = PersonaId("sweet"), PersonaId("wise")
    turns = {
        ShopId("one"): (Turn(0, 10, wise), Turn(10, 20, None), Turn(20, 30, wise)),
        ShopId("two"): (),
    }
    one, two = read(GOOD).streams(turns)
    assert one.turns == turns[ShopId("one")]
    assert [act.persona_id for act in one.acts] == [wise]
    assert one.played_by(wise).persona.name == "知性"
    assert two.acts == ()
    assert two.turns, "no turns at all would mean all day"
    assert not any(turn.covers(at) for turn in two.turns for at in (0.0, 1.0, 1e9))
    with pytest.raises(ValueError, match="sweet"):
        read(GOOD).streams({ShopId("two"): (Turn(0, 10, sweet),)})


@pytest.mark.parametrize("change", [dict.clear, lambda block: block.update(fleet=3)])
def test_a_plans_own_settings_change_no_stream(change: Callable[[Any], None]) -> None:
    document = yaml.safe_load(GOOD.replace(" on:", ' "on":'))
    change(document["plan"])
    changed = yaml.safe_dump(document, allow_unicode=True)
    assert [s.digest for s in read(changed).streams()] == [s.digest for s in read(GOOD).streams()]
