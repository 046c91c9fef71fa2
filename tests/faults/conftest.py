"""One fleet for all rows: 22 streams, two nodes, two coordinators, and the judge.

All streams, or nearly all, are on one node, and the other one has room. Each row begins when all
are steadily on air, and leaves the fleet so that this comes true again. Rows that need a fleet of
their own (a node behind a cable, clocks that jump) run beside the others, in a thread, and are
asked at the end.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.faults.outcome import Outcome
from tests.faults.rows_control import clock_jumps
from tests.faults.rows_wire import cut_off
from tests.support import netns, wallclock
from tests.support.fleet import belonging_to, sweep
from tests.support.rig import Rig, rig
from tests.support.wallclock import WallClock

STREAMS = 22
"""Twenty, and two that may be elsewhere: what was refused or stopped is placed anew."""
LIMIT = pytest.mark.timeout(300)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rows take longer than other tests may; whoever comes first starts the fleet."""
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker(LIMIT)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Here the fleet outlives a test, and nodes are started again: `fleet` looks at its end."""


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory, apart: object) -> Iterator[Rig]:
    """The fleet, started once."""
    folder = tmp_path_factory.mktemp("fleet")
    try:
        with rig(folder, streams=STREAMS) as made:
            started(made)
            yield made
        assert _end_of(lambda: belonging_to(folder)) == []
    finally:
        sweep(folder)


def started(made: Rig) -> None:
    """All streams on node-1, room on node-2, and a second coordinator to stand by."""
    made.start_recorder()
    made.start_coordinator("c1")
    made.start_node("node-1")
    made.apply()
    made.await_on_air()
    made.start_coordinator("c2")
    made.start_node("node-2")


@pytest.fixture
def ready(fleet: Rig) -> Rig:
    """The fleet with all streams steadily on air."""
    fleet.await_on_air(steady=1.5)
    return fleet


@pytest.fixture
def busy(ready: Rig) -> str:
    """The node that carries the streams."""
    return max(ready.nodes, key=lambda name: len(ready.placed(name)))


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Outcome]]]:
    """Rows with a fleet of their own, under way from the first test on."""
    rows: dict[str, Callable[[], Outcome]] = {}
    if wallclock.missing() is None:
        rows["clock"] = lambda: _clock_row(tmp_path_factory)
    if netns.missing() is None:
        rows["island"] = lambda: _island_row(tmp_path_factory)
    with ThreadPoolExecutor(1, "apart") as threads:
        futures = {name: threads.submit(row) for name, row in rows.items()}
        yield futures
        for future in futures.values():
            future.cancel()


def _island_row(folders: pytest.TempPathFactory) -> Outcome:
    with ExitStack() as stack:
        island = stack.enter_context(netns.namespace())
        made = stack.enter_context(
            rig(
                folders.mktemp("island"),
                streams=6,
                host=island.endpoint,
                redis_host=island.redis,
            )
        )
        made.start_recorder()
        made.start_coordinator("c1")
        made.start_node("node-1", before=island.inside)
        made.apply()
        made.await_on_air(steady=2.5)
        return cut_off(made, island, made.keys[:2], seconds=9.0, dropped_seconds=5.0)


def _clock_row(folders: pytest.TempPathFactory) -> Outcome:
    folder = folders.mktemp("clock")
    clock = WallClock(folder / "offset")
    with rig(folder, streams=4) as made:
        made.start_recorder()
        made.start_coordinator("c1", env=clock.environment)
        made.start_node("node-1", env=clock.environment)
        made.apply()
        made.await_on_air(steady=2.5)
        return clock_jumps(made, clock, seconds=5.0)


def _end_of(left: Callable[[], list[str]], seconds: float = 30.0) -> list[str]:
    deadline = time.monotonic() + seconds
    while (found := left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
