"""Rows about whole nodes: killed, frozen and thawed, drained, restarted one after the other.

Each takes a node that carries streams and says for how long each of them was off air.
"""

import signal
import time
from collections.abc import Sequence

from tests.faults.outcome import Outcome, outcome
from tests.support.arrivals import NEVER, Shore, busiest
from tests.support.processes import eventually
from tests.support.rig import Rig

PATIENCE = 60.0
HERD_SECONDS = 0.1
WATCH_SECONDS = 2.5


def worker_killed(fleet: Rig, name: str) -> Outcome:
    """SIGKILL to a stream worker; its ffmpegs must die with it. The node is started again after."""
    keys = fleet.placed(name)
    at = fleet.nodes[name].kill()
    shores = _await_back(fleet, keys, at)
    calls = fleet.judge.calls(at)
    fleet.start_node(name)
    return outcome(
        "stream worker killed",
        [shores[key].gap_of_change(at) for key in keys],
        shores,
        trial=f"one of {len(keys)} streams of the worker",
        connections=len(calls),
        most_in_100_ms=busiest(calls, HERD_SECONDS),
        connections_a_stream=max(shores[key].changes(at) for key in keys),
    )


def worker_frozen(fleet: Rig, name: str, seconds: float = 20.0, *, all_of_it: bool) -> Outcome:
    """SIGSTOP to a stream worker, with its ffmpegs (as a paused machine) or alone; then SIGCONT."""
    keys, node = fleet.placed(name), fleet.nodes[name]
    at = time.monotonic()
    node.group.freeze() if all_of_it else node.group.process.send_signal(signal.SIGSTOP)
    shores = _await_back(fleet, keys, at)
    time.sleep(max(0.0, at + seconds - time.monotonic()))
    thawed = time.monotonic()
    node.group.thaw()
    time.sleep(WATCH_SECONDS)
    shores = fleet.judge.shores(at - 1.0)
    late = [_late_after(shores[key], thawed) for key in keys]
    return outcome(
        f"worker frozen {seconds:.0f} s, thawed" + ("" if all_of_it else " (its ffmpegs ran on)"),
        [shores[key].gap_of_change(at) for key in keys],
        shores,
        trial=f"one of {len(keys)} streams of the worker",
        messages_of_old_holders_after_thaw=sum(late),
        most_of_one_old_holder=max(late),
        most_in_100_ms=busiest(fleet.judge.calls(at), HERD_SECONDS),
    )


def drained(fleet: Rig, name: str) -> Outcome:
    """`doppelcast drain NODE --wait`; the node is given back after."""
    keys = fleet.placed(name)
    at = time.monotonic()
    done = fleet.cli("drain", name, "--wait", "--timeout", "120", seconds=150)
    took = time.monotonic() - at
    shores = _await_back(fleet, keys, at)
    left = fleet.carried(name)
    undone = fleet.cli("undrain", name)
    return outcome(
        "drain",
        [shores[key].gap_of_change(at) for key in keys],
        shores,
        trial=f"one of {len(keys)} streams of the node",
        took_seconds=round(took, 1),
        exit_codes=(done.returncode, undone.returncode),
        left_on_the_node=len(left),
        connections_a_stream=max(shores[key].changes(at) for key in keys),
        said=(done.stdout + done.stderr)[-400:] if done.returncode else "",
    )


def told_to_end(fleet: Rig, name: str) -> Outcome:
    """TERM without a drain: the worker hands over within its grace, then ends; started again."""
    keys, node = fleet.placed(name), fleet.nodes[name]
    at = time.monotonic()
    node.group.process.terminate()
    code = node.group.wait(90)
    took = time.monotonic() - at
    shores = _await_back(fleet, keys, at)
    fleet.start_node(name)
    return outcome(
        "TERM to a worker",
        [shores[key].gap_of_change(at) for key in keys],
        shores,
        trial=f"one of {len(keys)} streams of the node",
        took_seconds=round(took, 1),
        exit_code=code,
        connections_a_stream=max(shores[key].changes(at) for key in keys),
    )


def rolling_restart(fleet: Rig, names: Sequence[str]) -> Outcome:
    """Drain, TERM, start, undrain: node after node. A trial is a stream's move."""
    began = time.monotonic()
    moves: list[float] = []
    most = 0
    codes: list[int] = []
    for name in names:
        keys, node = fleet.placed(name), fleet.nodes[name]
        at = time.monotonic()
        codes.append(fleet.cli("drain", name, "--wait", "--timeout", "120", seconds=150).returncode)
        node.group.process.terminate()
        node.group.wait(90)
        fleet.start_node(name)
        codes.append(fleet.cli("undrain", name).returncode)
        shores = _await_back(fleet, keys, at)
        moves += [shores[key].gap_of_change(at) for key in keys]
        most = max([most, *(shores[key].changes(at) for key in keys)])
    return outcome(
        "rolling restart by drain",
        moves,
        fleet.judge.shores(began - 1.0),
        trial=f"one move of one of {len(fleet.keys)} streams, {len(names)} nodes",
        took_seconds=round(time.monotonic() - began, 1),
        moves_a_stream=most,
        exit_codes=codes,
    )


def _await_back(fleet: Rig, keys: Sequence[str], at: float) -> dict[str, Shore]:
    """Until each has media on a connection that was granted after that moment."""

    def back() -> bool:
        shores = fleet.judge.shores(at - 1.0)
        return all(shores[key].back_after(at) < NEVER for key in keys)

    eventually(back, PATIENCE, 0.25)
    time.sleep(1.0)  # an old holder that comes late is seen as well
    return fleet.judge.shores(at - 1.0)


def _late_after(shore: Shore, moment: float) -> int:
    """Media messages after that moment on a connection that was granted long before it."""
    held = [one for one in shore.connections if one.granted_at < moment]
    last = max((one.number for one in held), default=0)
    return sum(
        count for one in held if one.number < last for at, count in one.touches if at >= moment
    )
