"""What a stream says, in which order: judged on whole rounds of a shop's script."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.clip import BrandFace, Look, PersonaFace, ProductCard, Voice
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.rundown import (
    PATIENT_IDLES,
    Cue,
    CueKind,
    Rundown,
    estimated_seconds,
)
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import BrandId, PersonaId, ProductId, StreamId, TargetDigest

PRODUCTS = ("quilt", "pillow", "sheet")


def a_spec(openings: int = 2, each: int = 7, asides: int = 4, pause: float = 2.0) -> StreamSpec:
    lines = [Line(f"open/{n}", LineKind.OPENING, f"欢迎来到直播间{n}") for n in range(openings)]
    for product in PRODUCTS:
        lines += [
            Line(
                f"{product}/{n}", LineKind.PRODUCT, f"{product} 第{n}句", product=ProductId(product)
            )
            for n in range(each)
        ]
    lines += [Line(f"aside/{n}", LineKind.CATCHPHRASE, f"好呀好呀{n}") for n in range(asides)]
    lines.append(Line("close/0", LineKind.CLOSING, "今天就到这里"))
    return StreamSpec(
        stream=StreamId("suyun-douyin"),
        platform="douyin",
        brand_id=BrandId("suyun"),
        brand=BrandFace("素云家纺", "#335577", "#ffcc88", "家纺"),
        shop_name="素云家纺旗舰店",
        persona_id=PersonaId("sweet"),
        persona=PersonaFace("甜美", Look("toon-head"), Voice("zf_xiaoxiao")),
        streamer_name="林娜",
        endpoint=Endpoint("rtmp://127.0.0.1/live", "env:KEY", TargetDigest("0" * 32)),
        profile="portrait-720",
        label="AI生成 · 数字人主播",
        products=tuple(
            ProductCard(ProductId(p), p, "99.00", None, ("软",), None) for p in PRODUCTS
        ),
        lines=tuple(lines),
        pause_seconds=pause,
    )


def everything(_: Cue) -> bool:
    return True


def played(rundown: Rundown, count: int, ready: Callable[[Cue], bool] = everything) -> list[Cue]:
    place, cues = rundown.start(), []
    for _ in range(count):
        cue, place = rundown.take(place, ready)
        assert cue is not None
        cues.append(cue)
    return cues


def said(cues: list[Cue]) -> list[str]:
    return [cue.name for cue in cues if cue.kind is CueKind.LINE]


def test_a_stream_opens_with_its_openings_in_the_authors_order() -> None:
    assert said(played(Rundown(a_spec()), 10))[:3] == ["open/0", "open/1", "quilt/0"]


def test_the_same_stream_and_seed_say_the_same_on_every_node() -> None:
    names = [said(played(Rundown(a_spec(), seed=7), 200)) for _ in range(2)]
    assert names[0] == names[1]
    assert names[0] != said(played(Rundown(a_spec(), seed=8), 200))


def test_products_take_turns_two_or_three_lines_at_a_time() -> None:
    names = [n.split("/")[0] for n in said(played(Rundown(a_spec()), 60))]
    products = [n for n in names if n in PRODUCTS]
    visits: list[tuple[str, int]] = []
    for name in products[:21]:
        if visits and visits[-1][0] == name:
            visits[-1] = (name, visits[-1][1] + 1)
        else:
            visits.append((name, 1))
    assert [name for name, _ in visits[:6]] == [*PRODUCTS, *PRODUCTS]
    assert all(2 <= size <= 3 for _, size in visits)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3), st.integers(0, 9), st.integers(0, 8), st.integers(0, 1000))
def test_no_line_comes_again_while_others_are_left(
    openings: int, each: int, asides: int, seed: int
) -> None:
    total = openings + each * len(PRODUCTS) + asides
    if not total:
        return
    names = said(played(Rundown(a_spec(openings, each, asides, pause=0.0), seed), total * 4))
    for number in range(4):
        assert len(set(names[number * total : (number + 1) * total])) == total


def test_a_line_comes_again_no_sooner_than_after_a_third_of_a_round() -> None:
    total = 2 + 7 * 3 + 4
    names = said(played(Rundown(a_spec(pause=0.0), seed=3), total * 20))
    last: dict[str, int] = {}
    for at, name in enumerate(names):
        if not name.startswith("open/"):
            assert at - last.get(name, -total) > total / 3, name
        last[name] = at


def test_catchphrases_are_spread_over_the_round() -> None:
    names = said(played(Rundown(a_spec(pause=0.0)), 27))
    places = [at for at, name in enumerate(names) if name.startswith("aside/")]
    assert len(places) == 4
    assert min(b - a for a, b in pairwise(places)) > 1


def test_the_closing_line_is_not_said_in_between() -> None:
    assert "close/0" not in said(played(Rundown(a_spec()), 300))


def test_every_line_is_followed_by_a_pause_of_varied_length_with_the_same_card() -> None:
    cues = played(Rundown(a_spec()), 80)
    for line, pause in zip(cues[::2], cues[1::2], strict=True):
        assert (line.kind, pause.kind) == (CueKind.LINE, CueKind.PAUSE)
        assert pause.recipe.card == line.recipe.card
        assert pause.recipe.seconds >= 2.0
    assert len({pause.recipe.seconds for pause in cues[1::2]}) == 3


def test_no_pause_is_made_where_none_is_wanted() -> None:
    assert {cue.kind for cue in played(Rundown(a_spec(pause=0.0)), 50)} == {CueKind.LINE}


def test_a_missing_line_is_passed_over_and_comes_as_soon_as_it_is_there() -> None:
    rundown = Rundown(a_spec(pause=0.0))
    place, names = rundown.start(), []
    for number in range(6):
        cue, place = rundown.take(place, lambda c, n=number: n >= 3 or c.name != "open/1")
        assert cue is not None
        names.append(cue.name)
    assert names[:4] == ["open/0", "quilt/0", "quilt/1", "open/1"]


def test_with_nothing_new_ready_the_double_idles_before_it_repeats_itself() -> None:
    ready = {"open/0", "idle"}
    cues = played(Rundown(a_spec(pause=0.0)), 2 + PATIENT_IDLES, lambda c: c.name in ready)
    assert [c.name for c in cues] == ["open/0", *["idle"] * PATIENT_IDLES, "open/0"]


def test_a_line_that_never_gets_rendered_does_not_hold_the_stream_up_twice() -> None:
    rundown = Rundown(a_spec(pause=0.0))
    cues = played(rundown, 300, lambda c: c.name != "quilt/3")
    idles = [cue for cue in cues if cue.kind is not CueKind.LINE]
    assert len(idles) <= PATIENT_IDLES


def test_the_slate_is_shown_when_even_the_double_is_missing() -> None:
    cues = played(Rundown(a_spec()), 3, lambda c: c.kind is CueKind.SLATE)
    assert [cue.name for cue in cues] == ["slate"] * 3


def test_nothing_at_all_ready_is_said_so() -> None:
    rundown = Rundown(a_spec())
    cue, _ = rundown.take(rundown.start(), lambda _: False)
    assert cue is None


def test_idle_loops_take_turns_and_show_no_card() -> None:
    cues = played(Rundown(a_spec()), 6, lambda c: c.kind is CueKind.IDLE)
    assert len({cue.key for cue in cues}) == 3
    assert {cue.recipe.card for cue in cues} == {None}


def test_what_comes_ahead_is_what_will_be_played() -> None:
    rundown = Rundown(a_spec(), seed=5)
    ahead = rundown.ahead(rundown.start(), 60.0, estimated_seconds)
    assert sum(map(estimated_seconds, ahead)) >= 60.0
    assert list(ahead) == played(rundown, len(ahead))


def test_every_clip_that_may_be_played_is_known_beforehand() -> None:
    rundown = Rundown(a_spec())
    known = {cue.key for cue in rundown.cues}
    assert {cue.key for cue in played(rundown, 400)} <= known
    assert {cue.key for cue in rundown.standbys} <= known


def test_a_stream_without_a_script_idles() -> None:
    spec = replace(a_spec(), lines=())
    assert {cue.kind for cue in played(Rundown(spec), 20)} == {CueKind.IDLE}


@pytest.mark.parametrize(("text", "seconds"), [("你好", 1.28), ("一" * 43, 10.88)])
def test_a_lines_length_is_guessed_from_its_characters(text: str, seconds: float) -> None:
    spec = replace(a_spec(), lines=(Line("x", LineKind.OPENING, text),))
    opening = Rundown(spec).opening()
    assert opening is not None
    assert estimated_seconds(opening) == pytest.approx(seconds)
