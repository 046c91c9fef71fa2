"""The board on a real server."""

import logging
import time
from dataclasses import replace

import pytest
from redis import Redis

from orchestrator.domain.node import Farewell, NodeBeat, WorkerKind
from orchestrator.domain.stream import Phase, StreamStatus, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.wire.board import Board, Pinned
from orchestrator.wire.redis_client import connect, run_id
from tests.support.processes import eventually
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess

SPEC = a_spec("a")
WANT = Want(SPEC.stream, True, FencingToken(7), NodeId("n1"), SPEC.digest)
STATUS = StreamStatus(SPEC.stream, FencingToken(7), Phase.ON_AIR, SPEC.digest, 5.0, title="林娜")
BEAT = NodeBeat(NodeId("n1"), "boot", WorkerKind.STREAM, 10, streams=(STATUS,), at=6.0)


@pytest.fixture
def board(redis: Redis, redis_prefix: str) -> Board:
    return Board(redis, redis_prefix)


def test_what_is_pinned_up_is_read_as_it_was(board: Board) -> None:
    board.publish(((SPEC, WANT),))
    assert board.spec(SPEC.stream) == SPEC
    assert board.want(SPEC.stream) == WANT
    board.publish_want(replace(WANT, wanted=False))
    assert board.want(SPEC.stream) == replace(WANT, wanted=False)


def test_nothing_is_known_of_what_was_never_pinned_up_or_is_withdrawn(board: Board) -> None:
    board.publish(((SPEC, WANT),))
    board.withdraw(SPEC.stream)
    assert board.spec(SPEC.stream) is None
    assert board.want(SPEC.stream) is None
    assert board.wants((SPEC.stream, StreamId("x"))) == {}


def test_a_word_to_nobody_lapses_unless_it_is_pinned_up_anew(
    board: Board, redis: Redis, redis_prefix: str
) -> None:
    board.publish(((SPEC, WANT),))
    board.let_lapse([SPEC.stream])
    keys = [f"{redis_prefix}{kind}:{SPEC.stream}" for kind in ("spec", "want")]
    assert all(int(redis.ttl(key)) > 0 for key in keys)
    board.publish(((SPEC, replace(WANT, token=FencingToken(8))),))
    assert [redis.ttl(key) for key in keys] == [-1, -1]


def test_wants_are_read_at_once(board: Board) -> None:
    other = replace(WANT, stream=StreamId("b"))
    board.publish_wants((WANT, other))
    assert board.wants((SPEC.stream, StreamId("b"), StreamId("c"))) == {"a": WANT, "b": other}


def test_who_prepares_hangs_beside_who_has_the_stream(board: Board) -> None:
    successor = replace(WANT, token=FencingToken(8), node=NodeId("n2"))
    board.publish(((SPEC, WANT),))
    assert board.next(SPEC.stream) is None
    board.publish_next(((SPEC, successor),))
    assert board.next(SPEC.stream) == successor
    streams = (StreamId("x"), SPEC.stream)
    assert board.pinned(streams) == Pinned({SPEC.stream: WANT}, {SPEC.stream: successor})
    board.withdraw_next(streams)
    assert board.pinned(streams) == Pinned({SPEC.stream: WANT}, {})
    board.publish_next(((SPEC, successor),))
    board.withdraw(SPEC.stream)
    assert board.pinned(streams) == Pinned({}, {})


def test_nothing_is_pinned_over_something_newer(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    newer, other = replace(WANT, token=FencingToken(8)), replace(WANT, stream=StreamId("b"))
    board.publish(((SPEC, newer),))
    changed = replace(SPEC, shop_name="另一家店")
    with caplog.at_level(logging.WARNING):
        board.publish(((changed, WANT),))
        board.publish_wants((replace(WANT, wanted=False), other))
    assert (board.want(SPEC.stream), board.spec(SPEC.stream)) == (newer, SPEC)
    assert board.want(StreamId("b")) == other
    assert len(caplog.records) == 2


def test_a_run_that_was_told_to_end_is_not_wanted_again(board: Board) -> None:
    board.publish(((SPEC, WANT),))
    board.publish_want(replace(WANT, wanted=False))
    board.publish(((SPEC, WANT),))
    assert board.want(SPEC.stream) == replace(WANT, wanted=False)
    board.publish_want(replace(WANT, token=FencingToken(8)))
    assert board.want(SPEC.stream) == replace(WANT, token=FencingToken(8))


def test_what_cannot_be_read_is_pinned_over(board: Board, redis: Redis, redis_prefix: str) -> None:
    for nonsense in ("{", "7", '{"token": "many"}', ""):
        redis.set(f"{redis_prefix}want:{SPEC.stream}", nonsense)
        board.publish(((SPEC, WANT),))
        assert board.want(SPEC.stream) == WANT


def test_a_node_that_is_emptied_reads_how_far_it_is(
    board: Board, redis: Redis, redis_prefix: str
) -> None:
    farewell = Farewell(NodeId("n1"), "boot", True, 2, ((SPEC.stream, "no room"),))
    board.publish_farewells((farewell, replace(farewell, node=NodeId("n2"))))
    assert board.farewell(NodeId("n1")) == farewell
    assert board.farewells((NodeId("n1"), NodeId("n3"))) == {"n1": farewell}
    assert 0 < int(str(redis.pttl(f"{redis_prefix}farewell:n1"))) <= 10_000
    board.withdraw_farewells((NodeId("n1"),))
    assert board.farewell(NodeId("n1")) is None


def test_heartbeats_are_seen_until_they_end(redis: Redis, redis_prefix: str) -> None:
    board, brief = (Board(redis, redis_prefix, beat_lives=lives) for lives in (60.0, 0.05))
    other = replace(BEAT, node=NodeId("n0"), streams=())
    for beat in (BEAT, other):
        board.beat(beat)
    assert board.beats() == (other, BEAT)
    for beat in (BEAT, other):
        brief.beat(beat)
    assert eventually(lambda: board.beats() == (), 20)


def test_a_node_that_says_goodbye_is_gone_at_once(board: Board) -> None:
    board.beat(BEAT)
    board.goodbye(BEAT.node)
    assert board.beats() == ()


def test_what_cannot_be_read_counts_as_missing(
    board: Board, redis: Redis, redis_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    board.beat(BEAT)
    redis.set(f"{redis_prefix}beat:n1", '{"node": 7')
    redis.set(f"{redis_prefix}want:a", '{"stream": "a"}')
    with caplog.at_level(logging.WARNING):
        assert board.beats() == ()
        assert board.want(SPEC.stream) is None
    assert len(caplog.records) == 2


def test_a_server_that_is_away_is_one_error(own_valkey: ValkeyProcess) -> None:
    client = connect(own_valkey.url)
    board = Board(client, "dc:")
    first = run_id(client)
    own_valkey.kill()
    with pytest.raises(WireUnreachable):
        board.beat(BEAT)
    with pytest.raises(WireUnreachable):
        board.beats()
    own_valkey.start()
    assert run_id(client) != first
    board.beat(BEAT)
    client.close()


def test_where_a_node_can_be_asked_is_known_when_its_beat_is_gone(
    redis: Redis, redis_prefix: str
) -> None:
    board = Board(redis, redis_prefix, beat_lives=0.1)
    board.beat(replace(BEAT, ear="http://10.0.0.5:9101/beat"))
    time.sleep(0.2)
    assert board.beats() == ()
    assert board.ears((BEAT.node, NodeId("n9"))) == {BEAT.node: "http://10.0.0.5:9101/beat"}
    assert int(str(redis.ttl(f"{redis_prefix}ear:n1"))) > 86_000
    # Until it has none any more, or ends
    board.beat(BEAT)
    assert board.ears((BEAT.node,)) == {}
    board.beat(replace(BEAT, ear="http://10.0.0.5:9101/beat"))
    board.goodbye(BEAT.node)
    assert board.ears((BEAT.node,)) == {}


def test_what_a_node_said_when_it_was_asked_is_shown_for_a_moment(
    board: Board, redis: Redis, redis_prefix: str
) -> None:
    board.beat(BEAT)
    board.publish_heard((replace(BEAT, cut_off=True),))
    assert board.heard() == (replace(BEAT, cut_off=True),)
    assert board.beats() == (BEAT,)
    assert 0 < int(str(redis.pttl(f"{redis_prefix}heard:n1"))) <= 3_000


def test_only_the_process_that_is_to_be_ended_is_asked_to_leave(
    board: Board, redis: Redis, redis_prefix: str
) -> None:
    assert not board.is_asked_to_leave(BEAT.node, BEAT.boot)
    board.ask_to_leave(BEAT.node, BEAT.boot)
    assert board.is_asked_to_leave(BEAT.node, BEAT.boot)
    assert not board.is_asked_to_leave(BEAT.node, "its successor")
    assert not board.is_asked_to_leave(NodeId("n2"), BEAT.boot)
    assert 0 < int(str(redis.ttl(f"{redis_prefix}leave:n1"))) <= 3_600
