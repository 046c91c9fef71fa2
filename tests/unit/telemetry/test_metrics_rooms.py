"""What the leader shows of rooms, nodes and drains."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from redis import Redis

from orchestrator.coordinator.metrics import PassFigures, Survey, View, rooms, viewed
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, NodeOrder, WorkerKind
from orchestrator.domain.schedule import Turn
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.errors import StoreUnavailable, WireUnreachable
from orchestrator.ids import FencingToken, NodeId, PersonaId, StreamId
from tests.support.streams import a_desired, a_spec
from tests.unit.stream.hands import HandClock

WALL = 1e9


def a_status(stream: str, phase: Phase = Phase.ON_AIR, token: int = 1) -> StreamStatus:
    return StreamStatus(StreamId(stream), FencingToken(token), phase, "d", 0.0)


def a_beat(node: str, *statuses: StreamStatus, draining: bool = False) -> NodeBeat:
    return NodeBeat(NodeId(node), "boot", WorkerKind.STREAM, 4, draining=draining, streams=statuses)


def a_situation(*beats: NodeBeat, streams: Sequence[str] = ("s1", "s2")) -> Situation:
    desired = {StreamId(name): a_desired(a_spec(name)) for name in streams}
    return Situation(desired=desired, beats=beats)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def survey(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Survey:
    monkeypatch.setattr("orchestrator.coordinator.metrics.depths", lambda *_: {})
    return Survey(Redis(), "", clock)


def shown(survey: Survey) -> dict[str, dict[tuple[str, ...], float]]:
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for one in survey.readings():
        found.setdefault(one.metric.name, {})[one.labels] = one.value
    return found


ONE, TWO = ("s1", "suyun", "douyin"), ("s2", "suyun", "douyin")


def test_a_room_is_on_air_if_a_node_says_so_and_off_air_if_it_should_be() -> None:
    carried = a_beat("n1", a_status("s1"), a_status("s2", Phase.CONNECTING))
    one, two = rooms(a_situation(carried), WALL)
    assert (one.holders, one.off_air) == (1, False)
    assert (two.holders, two.off_air) == (0, True)


def test_two_nodes_that_have_one_room_on_air_are_counted() -> None:
    both = a_situation(a_beat("n1", a_status("s1")), a_beat("n2", a_status("s1", token=2)))
    assert rooms(both, WALL)[0].holders == 2


def test_a_room_that_was_stopped_or_whose_shop_is_closed_is_not_wanted() -> None:
    turn = Turn(WALL, WALL + 60, PersonaId("sweet"))
    planned = a_desired(replace(a_spec("s1"), turns=(turn,)))
    stopped = a_desired(a_spec("s2"), wanted=False)
    situation = Situation(desired={StreamId("s1"): planned, StreamId("s2"): stopped})
    assert [room.wanted for room in rooms(situation, WALL)] == [True, False]
    assert [room.wanted for room in rooms(situation, WALL - 1)] == [False, False]


def test_a_drain_is_dated_from_its_order_or_from_when_it_was_first_seen() -> None:
    beats = (a_beat("n1", a_status("s1")), a_beat("n2", a_status("s2"), draining=True))
    ordered = NodeOrder(NodeId("n1"), drained_at=WALL - 500)
    situation = replace(a_situation(*beats), orders={NodeId("n1"): ordered})
    first = viewed(situation, View(), WALL)
    later = viewed(situation, first, WALL + 30)
    assert later.drains[NodeId("n1")].since == WALL - 500
    assert (later.drains[NodeId("n2")].since, later.drains[NodeId("n2")].left) == (WALL, 1)
    assert later.nodes == {"open": 0, "draining": 2, "aside": 0, "cut_off": 0}


def test_time_off_air_adds_up_while_it_is_wanted(survey: Survey, clock: HandClock) -> None:
    off = a_situation(a_beat("n1", a_status("s1")))
    for _ in range(4):
        survey.look(off)
        clock.advance(2.0)
    assert shown(survey)["room_off_air_seconds"] == {ONE: 0.0, TWO: 6.0}
    survey.look(a_situation(a_beat("n1", a_status("s1"), a_status("s2"))))
    clock.advance(60.0)
    assert shown(survey)["room_off_air_seconds"][TWO] == 6.0


def test_passes_that_follow_at_once_look_once_a_second(survey: Survey, clock: HandClock) -> None:
    survey.look(a_situation(a_beat("n1", a_status("s1"))))
    clock.advance(0.3)
    survey.look(a_situation())
    assert shown(survey)["room_on_air"][ONE] == 1.0
    clock.advance(0.8)
    survey.look(a_situation())
    assert shown(survey)["room_on_air"][ONE] == 0.0


def test_what_was_seen_long_ago_is_not_told_but_what_is_wanted_is(
    survey: Survey, clock: HandClock
) -> None:
    survey.look(a_situation(a_beat("n1", a_status("s1"))))
    clock.advance(20.0)
    found = shown(survey)
    assert found["room_wanted"] == {ONE: 1.0, TWO: 1.0}
    assert "room_on_air" not in found
    assert "fleet_rooms_on_air" not in found


def test_a_standby_says_nothing_of_the_fleet(survey: Survey) -> None:
    survey.look(a_situation(a_beat("n1", a_status("s1"))))
    survey.stand_by()
    assert not shown(survey)


def test_a_stream_that_left_the_matrix_is_gone(survey: Survey, clock: HandClock) -> None:
    survey.look(a_situation())
    clock.advance(2.0)
    survey.look(a_situation(streams=("s1",)))
    assert set(shown(survey)["room_off_air_seconds"]) == {ONE}


def test_the_fleet_is_counted(survey: Survey) -> None:
    survey.look(a_situation(a_beat("n1", a_status("s1")), a_beat("n2")))
    found = shown(survey)
    figures = {name: values[()] for name, values in found.items() if () in values}
    assert figures == {
        "fleet_rooms_wanted": 2.0,
        "fleet_rooms_on_air": 1.0,
        "fleet_rooms_unplaced": 2.0,
        "fleet_slots": 8.0,
        "fleet_slots_free": 7.0,
    }


def test_a_pass_that_fails_says_what_it_could_not_reach(clock: HandClock) -> None:
    passes = PassFigures(clock)
    passes.leads = True
    passes.ended_well(0.01)
    passes.failed(StoreUnavailable("locked"))
    told = {(one.metric.name, one.labels): one.value for one in passes.readings()}
    assert told["store_reachable", ()] == 0.0
    assert told["redis_reachable", ()] == 1.0
    assert told["coordinator_failed_passes", ("StoreUnavailable",)] == 1.0
    passes.failed(WireUnreachable("away"))
    assert {one.metric.name: one.value for one in passes.readings()}["redis_reachable"] == 0.0


def test_a_coordinator_that_never_reached_anything_claims_nothing(clock: HandClock) -> None:
    told = {one.metric.name for one in PassFigures(clock).readings()}
    assert told == {"coordinator_leader", "coordinator_last_pass_timestamp_seconds"}
