"""All tests, in four lanes at once: what `make test` runs.

    python -m tests.lanes              everything
    python -m tests.lanes ARGUMENTS    plain pytest with these arguments

Most tests wait for what processes do in real time, so one after the other they would leave two
cores idle for most of an hour. Whole fleets go one after the other, with the soak beside them. What
needs a few processes, and what needs none, goes in lanes of its own, whose output follows at the
end.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[1]
PYTEST = (sys.executable, "-m", "pytest")


@dataclass(frozen=True)
class Lane:
    """Tests that run beside the fleets."""

    title: str
    folders: tuple[str, ...]
    files: tuple[str, ...]
    """Of the integration tests those that begin so, in this order."""
    nice: int = 0

    @property
    def paths(self) -> tuple[str, ...]:
        """What pytest is to run."""
        integration = ROOT / "tests" / "integration"
        found = [
            path for begin in self.files for path in sorted(integration.glob(f"test_{begin}*.py"))
        ]
        return (*self.folders, *(str(path.relative_to(ROOT)) for path in found))


BESIDE = (
    Lane(
        "workers and what they carry",
        (),
        (
            *("stream_worker", "clips", "health", "probes", "metrics", "publisher", "supervised"),
            *("worker_control", "redis_security"),
        ),
    ),
    Lane(
        "who steers them",
        ("tests/runbook",),
        (
            *("coordinator", "recorder", "postgres", "chart"),
            *("cli_use", "cli_tree", "cli_leave", "cli_migrate", "cli_plan"),
        ),
    ),
    # What needs both cores comes last: the fleets begin with one that renders its first clips.
    Lane(
        "what needs no fleet",
        ("tests/unit", "tests/contract", "tests/chart"),
        (
            "plan_solving",
            "simulation",
            "flower",
            "flv",
            "matrixfile",
            "sandbox",
            "render",
            "speech",
        ),
        nice=5,
    ),
)


CONTAINERS = ("tests/deploy",)
"""Run by `make test-deploy`: they need an engine, and both cores."""


def all_lanes() -> int:
    """Run all lanes; 0 if all is well in each."""
    with ExitStack() as stack:
        running: list[subprocess.Popen[bytes]] = []
        outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in BESIDE]
        stack.callback(lambda: _end(running))
        for number, (lane, output) in enumerate(zip(BESIDE, outputs, strict=True)):
            cache = ("-o", f"cache_dir=.pytest_cache/beside-{number}")
            running.append(_started((*PYTEST, *cache, *lane.paths), output))
            with suppress(psutil.NoSuchProcess):
                psutil.Process(running[-1].pid).nice(lane.nice)
        elsewhere = [*CONTAINERS, *(path for lane in BESIDE for path in lane.paths)]
        running.append(_started((*PYTEST, *(f"--ignore={path}" for path in elsewhere))))
        codes = [_code(process) for process in reversed(running)]
        for lane, output in zip(BESIDE, outputs, strict=True):
            output.seek(0)
            _tell(lane.title, output.read())
    return next((code for code in codes if code), 0)


def _started(argv: Sequence[str], output: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(argv, cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT)


def _code(lane: "subprocess.Popen[bytes]") -> int:
    """Its exit code. Ctrl-C reaches it as well; then it says itself when it is done."""
    while True:
        with suppress(KeyboardInterrupt):
            return lane.wait()


def _end(lanes: "Sequence[subprocess.Popen[bytes]]") -> None:
    for lane in lanes:
        if lane.poll() is None:
            lane.send_signal(signal.SIGINT)
    for lane in lanes:
        lane.wait()


def _tell(title: str, output: bytes) -> None:
    sys.stdout.write(f"\nBeside the fleets: {title}.\n")
    sys.stdout.write(output.decode(errors="replace"))
    sys.stdout.flush()


def _ended(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ended)
    # Whoever starts us in the background may have had us ignore it, and the tests inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = sys.argv[1:]
    sys.exit(subprocess.call([*PYTEST, *asked], cwd=ROOT) if asked else all_lanes())
