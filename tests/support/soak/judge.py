"""The sandbox platform in a process of its own: judges on time, whatever the soak itself is doing.

    with JudgeProcess(["shop-1", "shop-2"], log) as judge:
        judge.urls["shop-1"]         # where to publish; the key is the endpoint's name
        judge.verdicts()["shop-1"]   # the sandbox's verdict, as its JSON says it

It ends with whoever started it: its standard input is then at its end.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint

Verdicts = dict[str, dict[str, Any]]
END_SECONDS = 20.0


class JudgeProcess:
    """The judge, as the soak sees it."""

    def __init__(self, names: Sequence[str], log: Path) -> None:
        self._names = tuple(names)
        self._log = log
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.soak.judge", *self._names],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.urls = self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(END_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def verdicts(self) -> Verdicts:
        """What is to be said of every endpoint now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the judge has ended:\n{self._log.read_text(errors='replace')}")
        found: dict[str, Any] = json.loads(line)
        return found


def main(names: Sequence[str]) -> None:
    """Tell the addresses, then answer each line with all verdicts."""
    endpoints = [SandboxEndpoint(name, 0, "live", SecretStr(name)) for name in names]
    with Sandbox(endpoints) as sandbox:
        _say({name: sandbox.url(name) for name in names})
        for _ in sys.stdin:
            _say({name: json.loads(v.to_json()) for name, v in sandbox.snapshot().items()})


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
