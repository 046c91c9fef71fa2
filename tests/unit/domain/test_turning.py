"""A shop's day, played clip by clip on paper: who is on when, and what is said at the edges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.filling import GRID_SLACK_SECONDS
from orchestrator.domain.line import LineKind
from orchestrator.domain.media import UNIT_MS
from orchestrator.domain.rundown import Cue, CueKind, estimated_seconds
from orchestrator.domain.standing_in import Rung
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import (
    LATE_GOODBYE_SECONDS,
    SET_BACK_SECONDS,
    Cast,
    Clips,
    Stand,
    next_step,
    resumed,
    stretches,
)
from orchestrator.ids import PersonaId
from tests.support.planned import CALM, GAP, NAMES, SWEET, Leg, a_day
from tests.support.streams import a_spec

NOON = 1_800_000_000.0
LATE = UNIT_MS / 1000 + GRID_SLACK_SECONDS + 1e-3
"""No later than that after an edge, as long as there is a loop to fill the time with."""
MANY = 2_000


@dataclass(frozen=True)
class Aired:
    """A clip on air."""

    at: float
    seconds: float
    cue: Cue
    rung: Rung

    @property
    def ends(self) -> float:
        return self.at + self.seconds

    @property
    def who(self) -> str | None:
        """The double in the picture."""
        return self.cue.recipe.persona.name if self.cue.recipe.persona else None


@dataclass
class Player:
    """What a worker does, without clips."""

    cast: Cast
    at: float = NOON
    stand: Stand | None = None
    lengths: Mapping[str, int] | None = None
    ready: Callable[[Cue], bool] = lambda _: True

    def length(self, cue: Cue) -> float:
        units = (self.lengths or {}).get(cue.recipe.text)
        return estimated_seconds(cue) if units is None else units * UNIT_MS / 1000

    def plays(self, until: float) -> list[Aired]:
        """Clip after clip until then, or until the shop is closed."""
        found: list[Aired] = []
        while self.at < until and len(found) < MANY:
            clips = Clips(self.ready, self.length, tuple(aired.cue for aired in found[:-3:-1]))
            step = next_step(self.cast, self.stand, self.at, clips)
            if step is None:
                break
            cue = step.choice.cue
            assert cue is not None
            most = self.length(cue) if step.most_ms is None else step.most_ms / 1000
            aired = Aired(self.at, min(self.length(cue), most), cue, step.choice.rung)
            found.append(aired)
            self.stand, self.at = step.stand, aired.ends
        return found


def a_player(*legs: Leg, spec: StreamSpec | None = None) -> Player:
    return Player(Cast(a_day(spec or a_spec(), NOON, *legs)))


def names(aired: list[Aired]) -> list[str]:
    return [one.cue.name for one in aired]


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Leg], dict[str, int], frozenset[str]]:
    who: st.SearchStrategy[PersonaId | None] = st.sampled_from([SWEET, CALM, None, GAP])
    legs = draw(st.lists(st.tuples(who, st.floats(1, 90)), min_size=1, max_size=7))
    legs = [*legs, (draw(st.sampled_from([SWEET, CALM])), draw(st.floats(20, 60)))]
    texts = sorted({line.text for act in a_day(a_spec(), NOON, *legs).acts for line in act.lines})
    lengths = {text: draw(st.integers(1, 60)) for text in texts}
    missing = draw(st.frozensets(st.sampled_from(texts), max_size=3))
    return legs, lengths, missing


@settings(max_examples=60, deadline=None)
@given(day=days(), at=st.floats(0, 200))
def test_nobody_is_on_before_their_turn_and_nobody_stays_after_it(
    day: tuple[list[Leg], dict[str, int], frozenset[str]], at: float
) -> None:
    legs, lengths, missing = day
    cast = Cast(a_day(a_spec(), NOON, *legs))
    if cast.at(NOON + at) is None:
        return

    def ready(cue: Cue) -> bool:
        return cue.recipe.text not in missing

    player = Player(cast, NOON + at, lengths=lengths, ready=ready)
    for aired in player.plays(NOON + 3600):
        if aired.cue.name == "bye/1":  # the next test's
            continue
        stretch = cast.at(aired.at)
        assert stretch is not None, "after closing only the goodbye is said"
        assert aired.who == (None if stretch.persona_id is None else NAMES[stretch.persona_id])
        assert aired.ends < stretch.ends_at + LATE
        assert aired.rung in (Rung.PROGRAM, Rung.IDLE)


@settings(max_examples=60, deadline=None)
@given(day=days())
def test_a_shop_that_closes_says_goodbye_and_is_closed_as_it_ends(
    day: tuple[list[Leg], dict[str, int], frozenset[str]],
) -> None:
    legs, lengths, _ = day
    cast = Cast(a_day(a_spec(), NOON, *legs))
    for stretch in cast.stretches:
        player = Player(cast, stretch.begins_at, lengths=lengths)
        *_, last = player.plays(stretch.ends_at + 3600)
        closing = next(s for s in cast.stretches if s.closes and s.ends_at >= stretch.ends_at)
        if closing.persona_id is not None:
            assert last.cue.name == "bye/1"
        short = closing.ends_at - closing.begins_at < player.length(last.cue)
        if not short:
            assert closing.ends_at - 1e-6 <= last.ends < closing.ends_at + LATE


def test_at_an_edge_the_new_double_says_that_it_takes_over_and_then_opens() -> None:
    player = a_player((SWEET, 30), (CALM, 30))
    aired = player.plays(NOON + 50)
    first = next(n for n, one in enumerate(aired) if one.who == NAMES[CALM])
    assert NOON + 30 <= aired[first].at < NOON + 30 + LATE
    spoken = [one for one in aired[first:] if one.cue.kind is CueKind.LINE]
    assert names(spoken)[:2] == ["over/1", "hello/1"]
    assert "over/1" not in names(aired[:first])


def test_who_opens_the_shop_or_comes_to_it_in_the_middle_takes_over_from_nobody() -> None:
    for at in (NOON, NOON + 37):
        player = a_player((SWEET, 30), (CALM, 30))
        player.at = at
        assert names(player.plays(at + 1)) == ["hello/1"]


def test_turns_of_one_double_that_follow_one_another_have_no_edge() -> None:
    player = a_player((SWEET, 10), (SWEET, 10), (SWEET, 40))
    assert len(player.cast.stretches) == 1
    assert "over/1" not in names(player.plays(NOON + 55))


def test_a_handover_line_that_is_missing_keeps_nobody_away() -> None:
    player = a_player((SWEET, 10), (CALM, 30))
    player.ready = lambda cue: cue.name != "over/1"
    aired = player.plays(NOON + 20)
    assert next(one.cue.name for one in aired if one.who == NAMES[CALM]) == "hello/1"


def test_the_streamers_own_hours_show_a_slate_of_their_own_until_a_double_takes_over() -> None:
    aired = a_player((SWEET, 12), (None, 20), (CALM, 12)).plays(NOON + 40)
    live = [one for one in aired if one.cue.kind is CueKind.HUMAN]
    assert live[0].at < NOON + 12 + LATE
    assert live[-1].ends < NOON + 32 + LATE
    assert {one.rung for one in live} == {Rung.PROGRAM}
    assert next(one for one in aired if one.at >= live[-1].ends).cue.name == "over/1"


def test_a_goodbye_that_is_not_there_keeps_the_shop_open_no_longer() -> None:
    player = a_player((SWEET, 20))
    player.ready = lambda cue: cue.name != "bye/1"
    assert NOON + 20 <= player.plays(NOON + 99)[-1].ends < NOON + 20 + LATE


def test_before_a_goodbye_whole_clips_fill_the_time() -> None:
    cut = 0
    for closes in (40 + 0.3 * n for n in range(30)):
        player = a_player((SWEET, closes))
        aired = player.plays(NOON + 99)
        cut += sum(one.seconds < player.length(one.cue) for one in aired)
        assert NOON + closes <= aired[-1].ends < NOON + closes + LATE
        assert aired[-1].cue.name == "bye/1"
    assert cut <= 3


def test_a_gap_in_the_day_closes_the_shop() -> None:
    player = a_player((SWEET, 20), (GAP, 100), (CALM, 20))
    assert names(player.plays(NOON + 300))[-1] == "bye/1"
    assert player.at < NOON + 20 + LATE


def test_a_handover_and_a_goodbye_are_no_part_of_a_round() -> None:
    aired = a_player((SWEET, 600)).plays(NOON + 500)
    assert not {"over/1", "bye/1"} & set(names(aired))


def test_without_turns_the_same_is_played_as_ever_and_there_is_no_end() -> None:
    spec = replace(a_day(a_spec(), NOON), turns=(), acts=())
    assert [s.persona_id for s in stretches(spec)] == [spec.persona_id]
    player = Player(Cast(spec))
    player.plays(NOON + 2000)
    assert player.at >= NOON + 2000


def test_waiting_for_an_edge_is_no_trouble() -> None:
    player = a_player((SWEET, 180), (CALM, 10))
    player.lengths = {line.text: 300 for act in player.cast.spec.acts for line in act.lines}
    aired = player.plays(NOON + 179)
    assert len([one for one in aired if one.cue.kind is CueKind.IDLE]) > 10
    assert {one.rung for one in aired} == {Rung.PROGRAM}


@pytest.mark.parametrize("back", [0.3, SET_BACK_SECONDS - 1])
def test_a_clock_that_is_set_back_by_a_little_brings_nobody_back(back: float) -> None:
    player = a_player((SWEET, 20), (CALM, 60))
    player.plays(NOON + 21)
    player.at = NOON + 20 - back
    assert {one.who for one in player.plays(NOON + 40)} == {NAMES[CALM]}


def test_a_clock_that_jumps_ahead_brings_on_who_is_on_then() -> None:
    player = a_player((SWEET, 20), (CALM, 2000))
    player.plays(NOON + 5)
    player.at += 1000
    assert names(player.plays(player.at + 0.1)) == ["over/1"]


def test_long_after_closing_nothing_is_said_any_more() -> None:
    player = a_player((SWEET, 60))
    player.plays(NOON + 10)
    player.at = NOON + 60 + LATE_GOODBYE_SECONDS
    assert player.plays(NOON + 999) == []


def test_a_new_plan_with_the_same_double_on_leaves_it_where_it_is() -> None:
    player = a_player((SWEET, 600))
    said = names(player.plays(NOON + 8))
    player.cast = Cast(a_day(a_spec(), NOON, (SWEET, 20), (CALM, 60)))
    player.stand = resumed(player.cast, player.stand)
    after = [one for one in player.plays(NOON + 18) if one.cue.kind is CueKind.LINE]
    assert "hello/1" in said
    assert "hello/1" not in names(after)
    assert player.plays(NOON + 22)[-1].who == NAMES[CALM]


def test_a_new_script_is_gone_on_with_where_the_old_one_was() -> None:
    player = a_player((SWEET, 600))
    player.plays(NOON + 8)
    act, other = player.cast.spec.acts
    lines = tuple(line for line in act.lines if line.line != "quilt/2")
    extra = replace(act.lines[1], line="new/1", text="新的一句。")
    spec = replace(player.cast.spec, acts=(replace(act, lines=(*lines, extra)), other))
    player.cast = Cast(spec)
    player.stand = resumed(player.cast, player.stand)
    said = names([one for one in player.plays(NOON + 60) if one.cue.kind is CueKind.LINE])
    assert "new/1" in said
    assert "quilt/2" not in said
    assert said[0] != "hello/1"


def test_a_new_plan_that_closes_the_shop_now_leaves_time_for_the_goodbye() -> None:
    player = a_player((SWEET, 600))
    player.plays(NOON + 10)
    player.cast = Cast(a_day(a_spec(), NOON, (SWEET, 5)))
    player.stand = resumed(player.cast, player.stand)
    assert names(player.plays(NOON + 99)) == ["bye/1"]


def test_a_new_plan_without_the_double_that_is_on_brings_another_on_at_once() -> None:
    player = a_player((SWEET, 600))
    player.plays(NOON + 10)
    player.cast = Cast(a_day(a_spec(), NOON, (CALM, 600)))
    player.stand = resumed(player.cast, player.stand)
    assert names(player.plays(player.at + 0.1)) == ["over/1"]


def test_a_day_that_is_made_longer_after_the_goodbye_goes_on() -> None:
    player = a_player((SWEET, 20))
    player.plays(NOON + 19)
    player.cast = Cast(a_day(a_spec(), NOON, (SWEET, 600)))
    player.stand = resumed(player.cast, player.stand)
    spoken = [one for one in player.plays(NOON + 60) if one.cue.kind is CueKind.LINE]
    assert len(spoken) > 2


def test_all_that_may_be_played_from_now_on_is_named_and_nothing_else() -> None:
    cast = a_player((SWEET, 30), (CALM, 30)).cast
    on = {cue.recipe.persona.name for cue in cast.cues(NOON + 31) if cue.recipe.persona}
    assert on == {NAMES[CALM]}
    kinds = {cue.name for cue in cast.cues()}
    assert {"over/1", "bye/1", "slate", "idle", "hello/1"} <= kinds
    spec = replace(cast.spec, turns=(), acts=(), lines=cast.spec.acts[0].lines)
    assert not {"over/1", "bye/1"} & {cue.name for cue in Cast(spec).cues()}


def test_what_a_new_plan_has_in_common_with_the_old_one_is_not_made_again() -> None:
    cast = a_player((SWEET, 30), (CALM, 30)).cast
    spec = a_day(cast.spec, NOON, (CALM, 60), (None, 60), (SWEET, 60))
    act, other = spec.acts
    spec = replace(spec, acts=(replace(act, lines=act.lines[:2]), other))
    new = Cast(spec, before=cast)
    calm, _, sweet = new.stretches
    assert new.rundown(calm) is cast.rundown(cast.stretches[1])
    assert new.rundown(sweet) is not cast.rundown(cast.stretches[0])
    assert [cue.name for cue in new.rundown(sweet).said] == ["hello/1", "quilt/0"]


def test_the_title_tells_who_is_on() -> None:
    cast = a_player((SWEET, 30), (None, 30), (CALM, 30)).cast
    titles = [cast.title(stretch) for stretch in cast.stretches]
    assert titles == [f"林娜·{name} → 素云家纺@douyin" for name in ("甜美", "真人", "沉稳")]


def test_a_shop_opens_when_its_first_turn_begins_and_not_at_all_after_the_last() -> None:
    cast = a_player((SWEET, 30), (GAP, 60), (CALM, 30)).cast
    assert cast.opens_in(NOON - 7) == 7
    assert cast.opens_in(NOON) == 0
    assert cast.opens_in(NOON + 31) == 59
    assert cast.opens_in(NOON + 120) is None


def test_scripts_have_what_the_edges_need() -> None:
    kinds = {line.kind for act in a_player((SWEET, 1)).cast.spec.acts for line in act.lines}
    assert {LineKind.HANDOVER, LineKind.CLOSING, LineKind.OPENING} <= kinds
