"""Rows about Redis: killed and back empty, frozen, out of one node's reach. Nobody goes off air."""

import time
from collections.abc import Sequence
from contextlib import suppress

from orchestrator.errors import WireUnreachable
from orchestrator.wire.leases import Leases
from tests.faults.outcome import Outcome, off_air, outcome
from tests.support.arrivals import NEVER
from tests.support.netns import Island
from tests.support.processes import eventually
from tests.support.rig import Rig

SETTLE_SECONDS = 4.0
"""Whoever would place something twice after an outage has done it by then."""
PATIENCE = 30.0


def redis_killed(fleet: Rig, seconds: float = 60.0) -> Outcome:
    """SIGKILL; after that long a new, empty server at the same address."""
    began = time.monotonic()
    fleet.valkey.kill()
    time.sleep(seconds)
    fleet.valkey.start()
    return _afterwards(fleet, f"Redis killed {seconds:.0f} s, back empty", began)


def redis_frozen(fleet: Rig, seconds: float = 30.0) -> Outcome:
    """SIGSTOP; connections stay, nothing is answered."""
    began = time.monotonic()
    fleet.valkey.freeze()
    time.sleep(seconds)
    fleet.valkey.thaw()
    return _afterwards(fleet, f"Redis frozen {seconds:.0f} s", began)


def cut_off(
    fleet: Rig,
    island: Island,
    dropped: Sequence[str],
    seconds: float = 15.0,
    dropped_seconds: float = 8.0,
) -> Outcome:
    """A node can't reach Redis, nobody else can take over; then the endpoint drops some streams."""
    began = time.monotonic()
    island.cut()
    time.sleep(seconds)
    at = fleet.judge.reset(dropped)
    time.sleep(dropped_seconds)
    mended = time.monotonic()
    tries = sum(fleet.judge.shore(key).tries(at, mended) for key in dropped)
    held = fleet.judge.shores(began)
    until_mended = [off_air(held[k], began, mended) for k in fleet.keys if k not in dropped]
    island.mend()
    back = all_hold(fleet)
    fleet.await_on_air()
    time.sleep(SETTLE_SECONDS)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    rest = [off_air(shores[k], mended, now) for k in fleet.keys if k not in dropped]
    return outcome(
        "worker cut off from Redis only",
        until_mended,
        shores,
        trial=f"one of {len(until_mended)} streams that the endpoint kept; seconds off air",
        tries_without_a_lease=tries,
        dropped_back_after=[round(shores[k].back_after(at) - mended, 1) for k in dropped],
        all_hold_after=round(back - mended, 1),
        off_air_after_mending=round(max(rest), 2),
    )


def cut_off_heard(
    fleet: Rig, island: Island, dropped: Sequence[str], seconds: float = 20.0
) -> Outcome:
    """A node can't reach Redis but answers when it is asked, another has room, all are accepted."""
    began = time.monotonic()
    island.cut()
    time.sleep(seconds)
    at = fleet.judge.reset(dropped)
    eventually(lambda: all(_back(fleet, key, at) for key in dropped), PATIENCE, 0.1)
    mended = time.monotonic()
    island.mend()
    all_hold(fleet)
    fleet.await_on_air()
    time.sleep(SETTLE_SECONDS)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    kept = [shore for key, shore in shores.items() if key not in dropped]
    return outcome(
        "worker cut off from Redis only, another has room, endpoint takes all",
        [off_air(shore, began, now) for shore in kept],
        shores,
        trial=f"one of {len(kept)} streams that the endpoint kept; seconds off air",
        new_connections=sum(shore.changes(began) for shore in kept),
        dropped_back_after=[round(shores[key].back_after(at) - at, 1) for key in dropped],
        off_air_after_mending=round(max(off_air(s, mended, now) for s in shores.values()), 2),
    )


def _back(fleet: Rig, key: str, at: float) -> bool:
    return fleet.judge.shore(key).back_after(at) < NEVER


def cut_off_beside_another(
    fleet: Rig, island: Island, manner: str, seconds: float = 20.0
) -> Outcome:
    """A node can't reach Redis, and another one has room: the endpoint is the arbiter.

    `manner` is what it does with a second publisher: `newest` puts out the first, which must stay
    out; `first` lets nobody else in until the first is gone.
    """
    began = time.monotonic()
    fleet.judge.manner(fleet.keys, manner)
    island.cut()
    time.sleep(seconds)
    mended = time.monotonic()
    island.mend()
    all_hold(fleet)
    fleet.await_on_air()
    time.sleep(SETTLE_SECONDS)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    fleet.judge.manner(fleet.keys, "accept")
    return outcome(
        f"worker cut off from Redis only, another has room, endpoint keeps the {manner}",
        [shore.longest_silence(began, now) for shore in shores.values()],
        shores,
        trial="one stream; longest time between packets",
        off_air_until_mended=round(max(off_air(s, began, mended) for s in shores.values()), 2),
        connections_a_stream=max(shore.changes(began) for shore in shores.values()),
    )


def _afterwards(fleet: Rig, row: str, began: float) -> Outcome:
    back = time.monotonic()
    registered = all_hold(fleet)
    fleet.await_on_air(seconds=PATIENCE)
    time.sleep(SETTLE_SECONDS)
    now, shores = time.monotonic(), fleet.judge.shores(began - 1.0)
    silences = [shore.longest_silence(began, now) for shore in shores.values()]
    return outcome(
        row,
        [off_air(shore, began, now) for shore in shores.values()],
        shores,
        trial="one stream; seconds off air",
        registered_after=round(registered - back, 2),
        new_connections=sum(shore.changes(began) for shore in shores.values()),
        longest_between_packets=round(max(silences), 2),
    )


def all_hold(fleet: Rig) -> float:
    """The moment at which every target's lease is held, and every node beats."""
    leases = Leases(fleet.redis, fleet.settings.redis_prefix)
    targets = [spec.endpoint.target for spec in fleet.specs]
    nodes = {name for name, node in fleet.nodes.items() if node.group.running}

    def held() -> bool:
        with suppress(WireUnreachable):
            return len(leases.observe(targets)) == len(targets) and fleet.beats().keys() >= nodes
        return False

    assert eventually(held, PATIENCE, 0.05), fleet.complaint()
    return time.monotonic()
