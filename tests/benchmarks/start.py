"""Start: from `apply` to the first packet at the platform, with clips rendered before.

The fleet runs already; a stream that is off air is put on air by changing the desired state, as
`doppelcast apply` does, and the sandbox platform says when its first packet arrived.
"""

import statistics
import tempfile
import time
from pathlib import Path

from orchestrator.cli.demo_stage import sandbox_endpoints
from orchestrator.cli.fleet import free_port
from orchestrator.clock import SystemClock
from orchestrator.domain.stream import StreamSpec
from orchestrator.sandbox.platform import Sandbox
from tests.benchmarks.workshop import Fleet, document_of, few_specs, fleet, many_of, render_all

TRIALS = 20


def run(trials: int = TRIALS) -> dict[str, object]:
    """Measure; seconds."""
    specs = few_specs()
    render_all(specs)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        streams = many_of(specs, f"rtmp://127.0.0.1:{port}/live", 1)
        with fleet(Path(folder), 5, ("recorder", "stream", "coordinator")) as running:
            times = [_trial(running, streams) for _ in range(trials)]
    ordered = sorted(times)
    return {
        "trials": trials,
        "p50_seconds": round(statistics.median(ordered), 2),
        "p95_seconds": round(ordered[max(0, round(0.95 * len(ordered)) - 1)], 2),
        "max_seconds": round(ordered[-1], 2),
    }


def _trial(running: Fleet, streams: tuple[StreamSpec, ...]) -> float:
    _await_idle_node(running)
    with Sandbox(sandbox_endpoints(streams)) as sandbox:
        applied = time.monotonic()
        running.store.apply(document_of(streams), streams, by="benchmark", now=time.time())
        running.store.start()
        deadline = applied + 60
        while time.monotonic() < deadline:
            running.tree.check()
            first = sandbox.snapshot()[streams[0].stream].first_packet_at
            if first is not None:
                running.store.stop()
                _await_idle_node(running)
                return first - applied
            time.sleep(0.02)
    raise TimeoutError("no packet within a minute")


def _await_idle_node(running: Fleet) -> None:
    """A node that carries nothing: the moment at which an operator would apply."""
    clock = SystemClock()
    deadline = clock.monotonic() + 60
    while clock.monotonic() < deadline:
        running.tree.check()
        beats = running.board.beats()
        if beats and not any(beat.streams for beat in beats):
            return
        clock.wait(0.05)
    raise TimeoutError("no idle stream worker within a minute")
