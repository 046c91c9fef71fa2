"""What is read again of the board."""

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.coordinator.pins import IN_TURN, Pins, Subject, doubtful
from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.domain.stream import Want
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.news import Known
from orchestrator.wire.board import Pinned
from tests.support.streams import a_desired, a_spec

HERE = NodeId("node-1")


class _Board:
    """Says what hangs there, and remembers what it was asked."""

    def __init__(self, wants: dict[StreamId, Want]) -> None:
        self.wants = wants
        self.asked: list[Sequence[StreamId]] = []

    def pinned(self, streams: Sequence[StreamId]) -> Pinned:
        self.asked.append(streams)
        return Pinned({s: self.wants[s] for s in streams if s in self.wants}, {})


def fleet(streams: int) -> Subject:
    desired = [a_desired(a_spec(f"shop-{number:04}")) for number in range(streams)]
    placed = [placement(d, token) for token, d in enumerate(desired, start=1)]
    known = Known(
        desired={d.spec.stream: d for d in desired}, placements={p.stream: p for p in placed}
    )
    return Subject(known, {p.stream for p in placed})


def placement(desired: DesiredStream, token: int) -> Placement:
    spec = desired.spec
    return Placement(
        spec.stream, spec.endpoint.target, HERE, FencingToken(token), spec.link_digest, 1, 0.0
    )


def wants(subject: Subject) -> dict[StreamId, Want]:
    known = subject.known
    return {
        s: Want(s, True, p.token, HERE, known.desired[s].digest)
        for s, p in known.placements.items()
    }


def a_stream(subject: Subject) -> StreamId:
    return sorted(subject.known.placements)[0]


def test_the_first_look_reads_everything_and_the_next_ones_some_in_turn() -> None:
    subject = fleet(3 * IN_TURN)
    board = _Board(wants(subject))
    pins = Pins(board)  # type: ignore[arg-type]  # as far as it is asked
    assert pins.look(subject).wants == board.wants
    for _ in range(3):
        assert pins.look(subject).wants == board.wants
    assert [len(names) for names in board.asked] == [3 * IN_TURN, IN_TURN, IN_TURN, IN_TURN]
    assert {name for names in board.asked[1:] for name in names} == subject.names


def test_what_is_lost_is_found_in_turn_and_looked_at_until_it_is_there_again() -> None:
    subject = fleet(2 * IN_TURN)
    board = _Board(wants(subject))
    pins = Pins(board)  # type: ignore[arg-type]  # as far as it is asked
    pins.look(subject)
    lost = a_stream(subject)
    del board.wants[lost]
    looks = [pins.look(subject) for _ in range(2)]
    assert lost not in looks[-1].wants
    board.asked.clear()
    for _ in range(3):
        pins.look(subject)
    assert all(lost in names for names in board.asked)


def test_what_is_touched_is_read_at_the_next_look_and_forgetting_reads_everything() -> None:
    subject = fleet(4 * IN_TURN)
    board = _Board(wants(subject))
    pins = Pins(board)  # type: ignore[arg-type]  # as far as it is asked
    pins.look(subject)
    last = sorted(subject.names)[-1]
    pins.touched([last])
    pins.look(subject)
    assert last in board.asked[-1]
    pins.look(subject)
    assert last not in board.asked[-1]
    pins.forget()
    pins.look(subject)
    assert len(board.asked[-1]) == 4 * IN_TURN


def test_a_want_that_says_what_is_desired_is_beyond_doubt() -> None:
    subject = fleet(3)
    assert doubtful(subject, Pinned(wants(subject), {})) == set()


def test_doubtful_is_what_is_missing_or_older_or_names_another_spec_or_ends() -> None:
    subject = fleet(5)
    seen = wants(subject)
    missing, older, other, ends, fine = sorted(seen)
    del seen[missing]
    seen[older] = replace(seen[older], token=FencingToken(0))
    seen[other] = replace(seen[other], spec_digest="another")
    seen[ends] = replace(seen[ends], wanted=False)
    assert doubtful(subject, Pinned(seen, {})) == {missing, older, other, ends}
    assert fine in subject.names


def test_doubtful_is_who_is_stopped_or_gone_or_carried_by_nobodys_order_or_prepares() -> None:
    subject = fleet(4)
    seen = Pinned(wants(subject), {})
    stopped, gone, stray, prepares = sorted(seen.wants)
    known = subject.known
    desired = dict(known.desired)
    desired[stopped] = replace(desired[stopped], wanted=False)
    del desired[gone]
    placed = {s: p for s, p in known.placements.items() if s != stray}
    standbys = {prepares: replace(placed[prepares], standby=True)}
    changed = Subject(Known(desired, placed, standbys), subject.carried)
    assert doubtful(changed, seen) == {stopped, gone, stray, prepares}
