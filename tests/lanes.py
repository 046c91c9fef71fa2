"""All tests, in two lanes at once: what `make test` runs.

    python -m tests.lanes              everything
    python -m tests.lanes ARGUMENTS    plain pytest with these arguments

Most tests wait for what a fleet does in real time; they go one after the other, with the soak
beside them. What needs no fleet goes in a second lane, at a lower priority, and its output follows
at the end.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[1]
PYTEST = (sys.executable, "-m", "pytest")
FOLDERS = ("tests/unit", "tests/contract")
FILES = ("flv", "matrixfile", "sandbox", "render", "speech")
"""Of the integration tests those that begin so. What needs both cores comes last: the first lane
begins with a fleet that renders its first clips."""
NICE = 5


def beside() -> tuple[str, ...]:
    """What goes in the second lane."""
    integration = ROOT / "tests" / "integration"
    found = [path for start in FILES for path in sorted(integration.glob(f"test_{start}*.py"))]
    return (*FOLDERS, *(str(path.relative_to(ROOT)) for path in found))


def both() -> int:
    """Run both lanes; 0 if all is well in both."""
    second = beside()
    with tempfile.TemporaryFile() as output:
        other = _started((*PYTEST, "-o", "cache_dir=.pytest_cache/beside", *second), output)
        with suppress(psutil.NoSuchProcess):
            psutil.Process(other.pid).nice(NICE)
        main = _started((*PYTEST, *(f"--ignore={path}" for path in second)))
        try:
            codes = [_code(main), _code(other)]
        finally:
            _end(main, other)
        output.seek(0)
        _tell(output.read())
    return next((code for code in codes if code), 0)


def _started(argv: Sequence[str], output: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(argv, cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT)


def _code(lane: "subprocess.Popen[bytes]") -> int:
    """Its exit code. Ctrl-C reaches it as well; then it says itself when it is done."""
    while True:
        with suppress(KeyboardInterrupt):
            return lane.wait()


def _end(*lanes: "subprocess.Popen[bytes]") -> None:
    for lane in lanes:
        if lane.poll() is None:
            lane.send_signal(signal.SIGINT)
    for lane in lanes:
        lane.wait()


def _tell(output: bytes) -> None:
    sys.stdout.write("\nThe second lane: what needs no fleet.\n")
    sys.stdout.write(output.decode(errors="replace"))
    sys.stdout.flush()


def _ended(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ended)
    asked = sys.argv[1:]
    sys.exit(subprocess.call([*PYTEST, *asked], cwd=ROOT) if asked else both())
