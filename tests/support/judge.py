"""The judge: the accept-all endpoint in a process of its own, and what it has seen.

    with judge() as shop:
        shop.declare(["key-1"])            # others are refused
        ...                                # publish to shop.url + "/key-1"
        shop.reset(["key-1"])              # cut its line
        shop.shore("key-1").overlap_ms()   # for how long two published at once

All moments are readings of `time.monotonic`, which on one machine is the same for all processes.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.arrivals import Attempt, Connection, Shore

ROOT = Path(__file__).parents[2]
LIVE_SECONDS = 0.7
"""Media came that lately: on air."""


class Judge:
    """Asks the judge's process."""

    def __init__(self, process: "subprocess.Popen[str]", host: str) -> None:
        self._process = process
        self._guard = threading.Lock()
        self.port = int(self._read()["port"])
        self.url = f"rtmp://{host}:{self.port}/live"

    @property
    def pid(self) -> int:
        return self._process.pid

    def declare(self, keys: Sequence[str]) -> None:
        """These keys may publish."""
        self._ask("keys", keys=list(keys))

    def manner(self, keys: Sequence[str], manner: str, until: float = 0.0) -> None:
        """accept; refuse; busy (until a moment); first (one at a time); newest (cuts the older)."""
        self._ask("manner", keys=list(keys), manner=manner, until=until)

    def reset(self, keys: Sequence[str]) -> float:
        """Cut their lines; says when."""
        return float(self._ask("reset", keys=list(keys)))

    def wedge(self, keys: Sequence[str]) -> float:
        """Stop reading their lines; says when."""
        return float(self._ask("wedge", keys=list(keys)))

    def latest(self) -> dict[str, tuple[float, int]]:
        """By key: when media last arrived, and the connection's number."""
        return {key: (at, number) for key, (at, number) in self._ask("latest").items()}

    def calls(self, since: float) -> list[float]:
        """When anybody connected."""
        found: list[float] = self._ask("calls", since=since)
        return found

    def late(self) -> float:
        """How late the judge itself has been at worst since it was last asked."""
        return float(self._ask("late"))

    def shores(self, since: float = 0.0) -> dict[str, Shore]:
        """What every key has seen; arrivals since that moment."""
        told = self._ask("tell", since=since)
        pauses = tuple((begin, end) for begin, end in self._ask("pauses", since=since))
        return {key: _shore(key, one, pauses) for key, one in told.items()}

    def shore(self, key: str) -> Shore:
        """What one key has seen."""
        return self.shores()[key]

    def _ask(self, what: str, **given: Any) -> Any:
        with self._guard:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"do": what, **given}) + "\n")
            self._process.stdin.flush()
            answer = self._read()
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the judge's process has ended"
        return json.loads(line)

    def close(self) -> None:
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _shore(key: str, told: dict[str, Any], pauses: tuple[tuple[float, float], ...]) -> Shore:
    connections = tuple(
        Connection(
            number=one["number"],
            granted_at=one["granted_at"],
            touches=tuple((at, int(count)) for at, count in one["touches"]),
            ended_at=one["ended_at"],
            ending=one["ending"],
        )
        for one in told["connections"]
    )
    attempts = tuple(Attempt(at, what) for at, what in told["attempts"])
    return Shore(key, connections, attempts, pauses)


@contextmanager
def judge(host: str = "127.0.0.1", port: int = 0) -> Iterator[Judge]:
    """A judge for the length of a block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.judge_process", host, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    made = Judge(process, host)
    try:
        yield made
    finally:
        made.close()


def all_live(shop: Judge, keys: Sequence[str], now: float) -> bool:
    """Whether each of these keys has had media lately."""
    latest = shop.latest()
    return all(key in latest and now - latest[key][0] < LIVE_SECONDS for key in keys)
