"""Recovery: every row of the fault table, at full length, twenty trials or more each.

    python -m tests.benchmarks recovery                       all rows, about 20 minutes
    python -m tests.benchmarks recovery ffmpeg-killed drain   some

Twenty streams on two nodes, two coordinators, and an endpoint in a process of its own that takes
everybody, twice with one key if they come. Seconds are those without media at the endpoint; a row
says what a trial is. `overlap_ms` is for how long two connections of one key stood between their
first and their last media at once: one packet of an old holder that comes late counts from its
successor's first. Rows that need root, iproute2 or libfaketime say so and are left out without.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import rows_control as control
from tests.faults import rows_egress as egress
from tests.faults import rows_nodes as nodes
from tests.faults import rows_wire as wire
from tests.faults.outcome import Outcome, together
from tests.support import netns, wallclock
from tests.support.netns import Island
from tests.support.postgres import PostgresProcess, an_empty_database, postgres
from tests.support.postgres import missing as no_postgres
from tests.support.rig import Rig, rig
from tests.support.wallclock import WallClock

STREAMS = 20
SPARE = 2
"""What was refused or stopped is placed anew, maybe elsewhere; twenty are on one node still."""
DROPPED = 5
"""Of those behind the cable, what the endpoint drops meanwhile; twenty others are left."""
FRESH_SECONDS = 12.0
"""After ten seconds steadily on air, a connection's end counts as its first."""
SPREAD_SECONDS = 8.0
CHANGED = "room-03"


@dataclass(frozen=True)
class Scene:
    """A fleet, and what can be done to its surroundings."""

    fleet: Rig
    island: Island | None = None
    clock: WallClock | None = None
    server: PostgresProcess | None = None

    @property
    def busiest(self) -> str:
        """The node that carries most."""
        return max(self.fleet.nodes, key=lambda name: len(self.fleet.carried(name)))

    def rounds(self, count: int, row: Callable[[], Outcome]) -> Outcome:
        """A row several times, all streams steadily on air before each."""
        found: list[Outcome] = []
        for _ in range(count):
            self.fleet.await_on_air(steady=3.0)
            found.append(row())
        return together(found[0].row, found)


@contextmanager
def plain(folder: Path) -> Iterator[Scene]:
    """All streams on one node, room on the other."""
    with rig(folder, streams=STREAMS + SPARE) as fleet:
        _start(fleet)
        fleet.start_coordinator("c2")
        fleet.start_node("node-2")
        yield Scene(fleet)


@contextmanager
def three(folder: Path) -> Iterator[Scene]:
    """Streams on three nodes, room for a third of them more."""
    with rig(folder, streams=STREAMS, slots=STREAMS) as fleet:
        for number in (1, 2, 3):
            fleet.start_node(f"node-{number}")
        fleet.start_recorder()
        fleet.start_coordinator("c1")
        fleet.apply()
        yield Scene(fleet)


@contextmanager
def island(folder: Path) -> Iterator[Scene]:
    """The only node is behind a cable."""
    with _island(folder, 1) as scene:
        yield scene


@contextmanager
def island_and_land(folder: Path) -> Iterator[Scene]:
    """A node behind a cable carries all streams, another one has room."""
    with _island(folder, 2) as scene:
        yield scene


@contextmanager
def heard(folder: Path) -> Iterator[Scene]:
    """The same, and nodes can be asked directly."""
    with _island(
        folder, 2, {"DOPPELCAST_METRICS_PORT": "0", "DOPPELCAST_METRICS_HOST": "0.0.0.0"}
    ) as scene:
        yield scene


@contextmanager
def on_postgres(folder: Path) -> Iterator[Scene]:
    """All streams on one node, and a store that can crash."""
    with (
        postgres() as server,
        an_empty_database(server.url) as url,
        rig(folder, streams=STREAMS + SPARE, store_url=url) as fleet,
    ):
        _start(fleet)
        yield Scene(fleet, server=server)


@contextmanager
def clocks(folder: Path) -> Iterator[Scene]:
    """Everybody's wall clock can be moved."""
    clock = WallClock(folder / "offset")
    with rig(folder, streams=STREAMS) as fleet:
        _start(fleet, dict(clock.environment))
        yield Scene(fleet, clock=clock)


@contextmanager
def _island(folder: Path, count: int, env: dict[str, str] | None = None) -> Iterator[Scene]:
    with (
        netns.namespace() as made,
        rig(folder, streams=STREAMS + DROPPED, host=made.endpoint, redis_host=made.redis) as fleet,
    ):
        fleet.start_recorder()
        fleet.start_coordinator("c1")
        fleet.start_node("node-1", before=made.inside, env=env)
        fleet.apply()
        fleet.await_on_air()
        if count > 1:
            fleet.start_node("node-2", env=env)
        yield Scene(fleet, island=made)


def _start(fleet: Rig, env: dict[str, str] | None = None) -> None:
    fleet.start_recorder()
    fleet.start_coordinator("c1", env=env)
    fleet.start_node("node-1", env=env)
    fleet.apply()
    fleet.await_on_air()


def _fresh(scene: Scene, row: Callable[[Rig, Sequence[str], float], Outcome]) -> Outcome:
    scene.fleet.await_on_air(steady=FRESH_SECONDS)
    return row(scene.fleet, scene.fleet.keys, SPREAD_SECONDS)


def _busy(scene: Scene) -> Outcome:
    scene.fleet.await_on_air(steady=FRESH_SECONDS)
    return egress.endpoint_busy(scene.fleet, scene.fleet.keys)


def _refuses(scene: Scene) -> Outcome:
    fleet, keys = scene.fleet, iter(scene.fleet.keys[:2])

    def once() -> Outcome:
        found = egress.endpoint_refuses(fleet, next(keys))
        fleet.apply()
        return found

    return scene.rounds(2, once)


def _killed(scene: Scene) -> Outcome:
    return scene.rounds(3, lambda: nodes.worker_killed(scene.fleet, scene.busiest))


def _frozen(scene: Scene, all_of_it: bool) -> Outcome:
    return scene.rounds(
        2, lambda: nodes.worker_frozen(scene.fleet, scene.busiest, all_of_it=all_of_it)
    )


def _leader(scene: Scene) -> Outcome:
    return scene.rounds(20, lambda: control.leader_killed(scene.fleet, CHANGED))


def _locked(scene: Scene) -> Outcome:
    return scene.rounds(2, lambda: control.store_locked(scene.fleet, CHANGED))


def _gone(scene: Scene) -> Outcome:
    server = scene.server
    assert server is not None
    return scene.rounds(1, lambda: control.store_gone(scene.fleet, server, CHANGED))


def _clips(scene: Scene) -> Outcome:
    return scene.rounds(1, lambda: control.clips_gone(scene.fleet, 30.0))


def _drain(scene: Scene) -> Outcome:
    return scene.rounds(2, lambda: nodes.drained(scene.fleet, scene.busiest))


def _term(scene: Scene) -> Outcome:
    return scene.rounds(2, lambda: nodes.told_to_end(scene.fleet, scene.busiest))


def _rolling(scene: Scene) -> Outcome:
    return scene.rounds(1, lambda: nodes.rolling_restart(scene.fleet, sorted(scene.fleet.nodes)))


def _cut(scene: Scene) -> Outcome:
    fleet, made = scene.fleet, scene.island
    assert made is not None
    dropped = iter((fleet.keys[:5], fleet.keys[5:10]))
    return scene.rounds(2, lambda: wire.cut_off(fleet, made, next(dropped)))


def _heard(scene: Scene) -> Outcome:
    made = scene.island
    assert made is not None
    scene.fleet.await_on_air(steady=3.0)
    return wire.cut_off_heard(scene.fleet, made, scene.fleet.keys[:DROPPED])


def _beside(scene: Scene, manner: str) -> Outcome:
    made = scene.island
    assert made is not None
    scene.fleet.await_on_air(steady=3.0)
    return wire.cut_off_beside_another(scene.fleet, made, manner)


def _jumps(scene: Scene) -> Outcome:
    assert scene.clock is not None
    clock = scene.clock
    return scene.rounds(1, lambda: control.clock_jumps(scene.fleet, clock))


Row = Callable[[Scene], Outcome]

ROWS: dict[str, dict[str, Row]] = {
    "plain": {
        "ffmpeg-killed": lambda s: _fresh(s, egress.ffmpeg_killed),
        "endpoint-resets": lambda s: _fresh(s, egress.endpoint_resets),
        "endpoint-wedges": lambda s: _fresh(s, egress.endpoint_wedges),
        "ffmpeg-frozen": lambda s: _fresh(s, egress.ffmpeg_frozen),
        "endpoint-busy": _busy,
        "endpoint-refuses": _refuses,
        "worker-killed": _killed,
        "redis-killed": lambda s: s.rounds(1, lambda: wire.redis_killed(s.fleet)),
        "worker-frozen": lambda s: _frozen(s, True),
        "worker-frozen-alone": lambda s: _frozen(s, False),
        "redis-frozen": lambda s: s.rounds(1, lambda: wire.redis_frozen(s.fleet)),
        "leader-killed": _leader,
        "store-locked": _locked,
        "clips-gone": _clips,
        "drain": _drain,
        "term": _term,
    },
    "three": {"rolling-restart": _rolling},
    "island": {"cut-off": _cut},
    "heard": {"cut-off-heard": _heard},
    "postgres": {"store-gone": _gone},
    "land": {"cut-off-newest-wins": lambda s: _beside(s, "newest")},
    "land-again": {"cut-off-first-wins": lambda s: _beside(s, "first")},
    "clocks": {"clock-jumps": _jumps},
}
STAGES = {
    "plain": plain,
    "three": three,
    "island": island,
    "heard": heard,
    "postgres": on_postgres,
    "land": island_and_land,
    "land-again": island_and_land,
    "clocks": clocks,
}
NEEDS: dict[str, Callable[[], str | None]] = {
    "island": netns.missing,
    "heard": netns.missing,
    "postgres": no_postgres,
    "land": netns.missing,
    "land-again": netns.missing,
    "clocks": wallclock.missing,
}


def main(names: Sequence[str]) -> int:
    """Run the named rows, or all; a line of JSON each."""
    known = [name for rows in ROWS.values() for name in rows]
    if unknown := [name for name in names if name not in known]:
        print(f"No such row: {', '.join(unknown)}. There are: {', '.join(known)}.")
        return 2
    wanted = set(names or known)
    failed = False
    for stage, rows in ROWS.items():
        chosen = {name: row for name, row in rows.items() if name in wanted}
        lacking = NEEDS.get(stage, lambda: None)()
        if not chosen or lacking:
            for name in chosen:
                print(json.dumps({"benchmark": "recovery", "name": name, "left_out": lacking}))
            continue
        failed = _staged(stage, chosen) or failed
    return 1 if failed else 0


def _staged(stage: str, rows: dict[str, Row]) -> bool:
    """Whether a row could not be finished; the next ones get a new fleet then."""
    left, failed = dict(rows), False
    while left:
        with tempfile.TemporaryDirectory() as folder, STAGES[stage](Path(folder)) as scene:
            while left:
                name = next(iter(left))
                row = left.pop(name)
                try:
                    found = row(scene)
                except Exception as error:  # the other rows are measured all the same
                    print(f"{name}: {error!r}"[:6000], file=sys.stderr, flush=True)
                    failed = True
                    break
                late = {"judge_late_seconds": round(scene.fleet.judge.late(), 3)}
                line = {"benchmark": "recovery", "name": name, **found.printed(), **late}
                print(json.dumps(line, ensure_ascii=False), flush=True)
    return failed
