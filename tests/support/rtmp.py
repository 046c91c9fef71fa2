"""RTMP ingests for tests: the sandbox's server, with the manners a test asks for.

with ingest() as shop:                      # one publisher at a time, like a platform
    run([... "-f", "flv", shop.target])
    assert shop.verdict().clean

with ingest(accept_all): ...                # takes everybody, to catch publishing twice
with ingest(always(Wedge(2.0))): ...        # takes the stream, then reads no more
with ingest(always(Refuse())): ...          # a bad key
with ingest(in_turn(Busy(), Accept())): ... # says "Already publishing" once
with ingest(always(ResetAfter(3))): ...     # cuts the line every 3 s
with ingest(always(Silent())): ...          # never answers publish
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from orchestrator.sandbox.anomaly import Rules
from orchestrator.sandbox.overlap import Interval, overlap_seconds
from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint
from orchestrator.sandbox.rtmp.gate import (
    Accept,
    Busy,
    Gate,
    Refuse,
    ResetAfter,
    Silent,
    Wedge,
    accept_all,
    always,
    in_turn,
)
from orchestrator.sandbox.verdict import Verdict
from tests.support.processes import eventually

__all__ = [
    "Accept",
    "Busy",
    "Gate",
    "Ingest",
    "Refuse",
    "ResetAfter",
    "Silent",
    "Wedge",
    "accept_all",
    "always",
    "in_turn",
    "ingest",
    "ingests",
]

APP = "live"


@dataclass(frozen=True)
class Ingest:
    """One endpoint of a running sandbox."""

    sandbox: Sandbox
    name: str
    key: str

    @property
    def url(self) -> str:
        """The address without the key, as a matrix file has it."""
        return self.sandbox.url(self.name)

    @property
    def target(self) -> str:
        """Address and key in one, as ffmpeg wants it."""
        return f"{self.url}/{self.key}"

    def verdict(self) -> Verdict:
        """What is to be said right now."""
        return self.sandbox.snapshot()[self.name]

    def intervals(self) -> list[Interval]:
        """Who was on air when, by connection."""
        return self.sandbox.intervals(self.name)

    def overlap_ms(self) -> float:
        """For how long two connections published at once."""
        return overlap_seconds(self.intervals()) * 1000

    def waits_for_media(self, seconds: float = 30.0) -> bool:
        """Whether media arrives within that time."""
        return eventually(lambda: self.verdict().video_frames > 0, seconds)

    def waits_for_sessions(self, count: int, seconds: float = 30.0) -> bool:
        """Whether that many connections have been granted within that time."""
        return eventually(lambda: self.verdict().sessions >= count, seconds)

    def waits_for_endings(self, count: int = 1, seconds: float = 30.0) -> bool:
        """Whether that many connections have come to their end within that time.

        A publisher that has ended may have left something on its way.
        """
        return eventually(lambda: sum(self.verdict().endings.values()) >= count, seconds)


@contextmanager
def ingest(
    gate: Gate | None = None,
    *,
    record: Path | None = None,
    rules: Rules | None = None,
    key: str = "test-key",
    port: int = 0,
) -> Iterator[Ingest]:
    """One endpoint, on a free loopback port."""
    endpoint = SandboxEndpoint("shop", port, APP, SecretStr(key))
    gates = {} if gate is None else {"shop": gate}
    with Sandbox([endpoint], record, gates=gates, rules=rules) as sandbox:
        yield Ingest(sandbox, "shop", key)


@contextmanager
def ingests(
    count: int, *, record: Path | None = None, rules: Rules | None = None
) -> Iterator[list[Ingest]]:
    """Several endpoints `shop-1` …, each with a port and a key of its own."""
    keys = {f"shop-{n}": f"key-{n}" for n in range(1, count + 1)}
    endpoints = [SandboxEndpoint(name, 0, APP, SecretStr(key)) for name, key in keys.items()]
    with Sandbox(endpoints, record, rules=rules) as sandbox:
        yield [Ingest(sandbox, name, key) for name, key in keys.items()]
