"""When streams were really on air, as the store has it; on SQLite and PostgreSQL."""

import pytest

from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from tests.support.streams import a_spec

ONE = StreamId("one")
N1, N2 = NodeId("n1"), NodeId("n2")
DAY, NIGHT = 100_000.0, 186_400.0


def granted(store: Store, leader: Leader, node: NodeId, at: float) -> Placement:
    (desired,) = [one for one in store.desired() if one.spec.stream == ONE]
    (placement,) = store.placing.grant(leader, [(desired, node)], at)
    return placement


def said(store: Store, placement: Placement, *words: tuple[float, Phase]) -> None:
    store.reporting.record(
        [
            Report(
                f"{placement.token}/{at}",
                ReportKind.PHASE,
                placement.node,
                at,
                placement.stream,
                placement.token,
                {"phase": str(phase)},
            )
            for at, phase in words
        ]
    )


@pytest.fixture(autouse=True)
def a_matrix(store: Store) -> None:
    store.apply("m", [a_spec("one")], "test", 1.0)


def stretches(store: Store, begin: float = DAY, end: float = NIGHT) -> list[tuple[float, float]]:
    found = store.airings.between(begin, end, store.airings.standing(begin))
    assert {one.stream for one in found} <= {ONE}
    return [(one.begins_at, one.ends_at) for one in found]


def test_a_room_is_on_air_from_when_its_worker_said_so_until_it_said_something_else(
    store: Store, leader: Leader
) -> None:
    first = granted(store, leader, N1, DAY + 10)
    said(store, first, (DAY + 11, Phase.PREPARING), (DAY + 12, Phase.CONNECTING))
    assert stretches(store) == []
    said(store, first, (DAY + 15, Phase.ON_AIR), (DAY + 100, Phase.OFF_AIR))
    said(store, first, (DAY + 101, Phase.CONNECTING), (DAY + 110, Phase.ON_AIR))
    assert stretches(store, end=DAY + 200) == [(DAY + 15, DAY + 100), (DAY + 110, DAY + 200)]


def test_what_was_on_air_when_the_day_began_counts_from_there(store: Store, leader: Leader) -> None:
    first = granted(store, leader, N1, DAY - 5000)
    said(store, first, (DAY - 4000, Phase.ON_AIR))
    assert stretches(store, end=DAY + 60) == [(DAY, DAY + 60)]
    said(store, first, (DAY + 100, Phase.ENDED))
    assert stretches(store) == [(DAY, DAY + 100)]


def test_what_was_off_air_when_the_day_began_does_not(store: Store, leader: Leader) -> None:
    first = granted(store, leader, N1, DAY - 5000)
    said(store, first, (DAY - 4000, Phase.ON_AIR), (DAY - 10, Phase.OFF_AIR))
    said(store, first, (DAY + 100, Phase.ENDED))
    assert stretches(store) == []


def test_a_run_whose_node_is_lost_ends_with_its_placement(store: Store, leader: Leader) -> None:
    lost = granted(store, leader, N1, DAY)
    said(store, lost, (DAY + 5, Phase.ON_AIR))
    store.placing.end(leader, [(lost, "its node is lost")], DAY + 300)
    second = granted(store, leader, N2, DAY + 300)
    said(store, second, (DAY + 304, Phase.ON_AIR), (DAY + 400, Phase.ENDED))
    assert stretches(store) == [(DAY + 5, DAY + 300), (DAY + 304, DAY + 400)]


def test_a_moment_on_two_nodes_counts_once(store: Store, leader: Leader) -> None:
    first = granted(store, leader, N1, DAY)
    said(store, first, (DAY + 5, Phase.ON_AIR), (DAY + 102, Phase.ENDED))
    store.placing.end(leader, [(first, "moved")], DAY + 110)
    second = granted(store, leader, N2, DAY + 90)
    said(store, second, (DAY + 100, Phase.ON_AIR))
    assert stretches(store, end=DAY + 200) == [(DAY + 5, DAY + 200)]
