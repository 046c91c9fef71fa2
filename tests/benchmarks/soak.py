"""Soak: thirty streams, for hours, and everything that could go wrong is looked for.

    python -m tests.benchmarks.soak [--minutes 120] [--streams 30] [--clips spoken|plain] [--json F]

A fleet of its own (real Valkey, coordinator, recorder, two stream workers) publishes to the sandbox
platform, which judges in a process of its own. First all streams go on air for a few seconds and
are taken off again: what a process keeps after its first stream is not a leak. Then the soak. Exit
code 1 if anything was found; every finding is named.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from orchestrator.cli.fleet import embedded_broker, process_tree, worker_parts
from orchestrator.cli.tree import ProcessTree
from orchestrator.clock import SystemClock
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.node import NodeBeat
from orchestrator.domain.stream import Phase, StreamSpec
from orchestrator.settings import Settings, settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from tests.benchmarks.workshop import document_of
from tests.support.soak import census, findings, streams
from tests.support.soak.census import Census
from tests.support.soak.judge import JudgeProcess, Verdicts

NODES = ("soak-a", "soak-b")
START_SECONDS = 120.0
GONE_SECONDS = 60.0
SETTLED_SECONDS = 30.0
STEADY_SECONDS = 2.0
LAP_SECONDS = 5.0
LOOK_SECONDS = 0.5
LATE_SECONDS = 10.0
LONG_MINUTES = 60.0
ALL_REPORTS = 10_000_000


@dataclass(frozen=True)
class Plan:
    """How long, and how much."""

    minutes: float = 120.0
    streams: int = 30
    clips: str = "spoken"

    @property
    def warm_seconds(self) -> float:
        """After which memory is looked at: a fifth of a short soak, ten minutes of a long one."""
        return min(600.0, self.minutes * 60 / 5)

    @property
    def sample_seconds(self) -> float:
        return 10.0 if self.minutes < LONG_MINUTES else 30.0


@dataclass
class Result:
    """What came of it."""

    plan: Plan
    found: list[str] = field(default_factory=list)
    samples: list[Census] = field(default_factory=list)
    growths: tuple[findings.Growth, ...] = ()
    verdicts: Verdicts = field(default_factory=dict)
    recorded: int = 0
    warm: int = 0
    """How many samples the warm-up takes."""

    def to_json(self) -> str:
        """All of it, for a file."""
        return json.dumps(
            {
                **self.summary(),
                "samples": [sample.to_json() for sample in self.samples],
                "verdicts": self.verdicts,
            },
            ensure_ascii=False,
        )

    def summary(self) -> dict[str, Any]:
        """What a person asks first."""
        late = max((v["judge_late_seconds"] for v in self.verdicts.values()), default=0.0)
        return {
            **asdict(self.plan),
            "clean": not self.found,
            "findings": self.found,
            "growth_mib_an_hour_and_stream": {
                g.node: {k: round(v, 3) for k, v in asdict(g.per_stream).items()}
                for g in self.growths
            },
            "growth_allowed": findings.allowed_growth(self.plan.minutes),
            "clips_recorded": self.recorded,
            "longest_arrival_lag_seconds": round(
                max((v["lag_seconds"] for v in self.verdicts.values()), default=0.0), 3
            ),
            "largest_skew_ms": max((abs(v["skew_ms"]) for v in self.verdicts.values()), default=0),
            "judge_late_seconds": round(late, 3),
            "cores": self._cores(),
        }

    def _cores(self) -> dict[str, float]:
        if len(self.samples) < 2:
            return {}
        first, last = self.samples[0], self.samples[-1]
        return {
            part: round(
                (last.parts[part].cpu_seconds - count.cpu_seconds) / (last.at - first.at), 3
            )
            for part, count in first.parts.items()
        }


class Soak:
    """A fleet on air, and the one who counts."""

    def __init__(self, tree: ProcessTree, current: Settings, judge: JudgeProcess) -> None:
        self.store = Store.open(current.store)
        self._redis = connect(current.redis)
        self._board = Board(self._redis, current.redis_prefix)
        self._tree, self._judge = tree, judge
        self._pids = tree.processes()
        self._spool = current.home / "spool"
        self._pins = current.media / "pins"

    def close(self) -> None:
        self.store.close()
        self._redis.close()

    def put_on_air(self, specs: Sequence[StreamSpec]) -> None:
        """Make these the desired streams, and wait until all are on air."""
        document = document_of(specs)
        self.store.apply(document, specs, by="soak", now=time.time())
        names = {spec.stream for spec in specs}
        self._await(lambda: self._on_air() == names, START_SECONDS, "not all streams are on air")

    def take_off_air(self) -> None:
        """Want nothing any more, and wait until nothing is carried."""
        self.store.stop()
        self._await(lambda: not self._carried(), GONE_SECONDS, "streams don't leave the air")

    def forget(self) -> None:
        """No streams are desired at all."""
        self.store.apply(document_of(()), (), by="soak", now=time.time())

    def nodes(self) -> dict[str, int]:
        """How many streams each node carries."""
        return {beat.node: len(beat.streams) for beat in self._all_beats()}

    def await_nodes(self) -> None:
        self._await(
            lambda: set(self.nodes()) == set(NODES), START_SECONDS, "the workers don't beat"
        )

    def count(self, *, full: bool = False) -> Census:
        """Everything, now."""
        self._tree.check()
        statuses = [status for beat in self._all_beats() for status in beat.streams]
        workers = {node: self._pids[node] for node in NODES} if full else {}
        return census.taken(
            self._pids,
            self._redis,
            on_air=sum(status.phase is Phase.ON_AIR for status in statuses),
            restarts=sum(status.restarts for status in statuses),
            spooled=sum(path.stat().st_size for path in self._spool.rglob("*.jsonl")),
            pss_mib={node: census.proportional_mib(pid) for node, pid in workers.items()},
        )

    def recorded(self, verdicts: Verdicts) -> list[Report]:
        """What was taken on air there, once all of it is recorded, or patience is at its end."""
        deadline = time.monotonic() + SETTLED_SECONDS
        while True:
            taken = self.store.reporting.latest(ReportKind.TAKEN, ALL_REPORTS)
            mine = [report for report in taken if report.stream in verdicts]
            if time.monotonic() > deadline or not list(findings.of_records(mine, verdicts)):
                return mine
            time.sleep(LOOK_SECONDS)

    def settled(self, before: Census) -> Census:
        """A count once nothing is left, or the last one when patience is at its end."""
        deadline = time.monotonic() + SETTLED_SECONDS
        while True:
            after = self.count()
            if time.monotonic() > deadline or not list(findings.of_the_end(before, after)):
                return after
            time.sleep(LOOK_SECONDS)

    def steady(self) -> Census:
        """A count once nothing has changed for a while, or patience is at its end."""
        deadline = time.monotonic() + SETTLED_SECONDS
        last, since = self.count(), time.monotonic()
        while time.monotonic() < min(since + STEADY_SECONDS, deadline):
            time.sleep(LOOK_SECONDS)
            now = self.count()
            if _held(now) != _held(last):
                last, since = now, time.monotonic()
        return last

    def pins(self) -> set[str]:
        """Names of what is pinned in the clip store."""
        return {path.name for path in self._pins.iterdir()} if self._pins.is_dir() else set()

    def _beats(self) -> tuple[NodeBeat, ...]:
        return self._board.beats()

    def _all_beats(self) -> tuple[NodeBeat, ...]:
        """What all nodes say, one that is late by seconds on a busy machine as well."""
        deadline = time.monotonic() + LATE_SECONDS
        while len(beats := self._beats()) < len(NODES) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return beats

    def _on_air(self) -> set[str]:
        return {s.stream for b in self._beats() for s in b.streams if s.phase is Phase.ON_AIR}

    def _carried(self) -> set[str]:
        return {status.stream for beat in self._beats() for status in beat.streams}

    def _await(self, true: Callable[[], bool], seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            self._tree.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{otherwise} after {seconds:.0f} s: {self.nodes()}")
            time.sleep(LOOK_SECONDS)


def run(plan: Plan, home: Path) -> Result:
    """All of it."""
    repertoire = streams.plain(home / "media") if plan.clips == "plain" else streams.spoken()
    laps = [f"lap-{number:02d}" for number in range(plan.streams)]
    names = [f"soak-{number:02d}" for number in range(plan.streams)]
    result = Result(plan)
    with JudgeProcess([*laps, *names], home / "judge.log") as judge:
        urls = judge.urls
        lap = streams.many(repertoire.specs, {name: urls[name] for name in laps})
        specs = streams.many(repertoire.specs, {name: urls[name] for name in names})
        with _fleet(home, repertoire.media, plan.streams, judge) as soak:
            before, carried, pins = _lap(soak, lap)
            soak.put_on_air(specs)
            before = findings.expecting(before, carried, soak.nodes())
            _watch(soak, judge, result)
            soak.take_off_air()
            soak.forget()
            soak.settled(before)
            result.verdicts = {name: judge.verdicts()[name] for name in names}
            mine = soak.recorded(result.verdicts)
            after = soak.settled(before)
            left = sorted(soak.pins() - pins)
    spooled = sum(path.stat().st_size for path in (home / "spool").rglob("*.jsonl"))
    result.recorded = len(mine)
    result.found += [
        *findings.of_media(result.verdicts),
        *findings.of_records(mine, result.verdicts),
        *findings.of_the_end(before, after),
        *([f"{spooled} bytes are left in spools"] if spooled else []),
        *([f"{len(left)} owners' pins are left in the clip store"] if left else []),
    ]
    return result


def _lap(soak: Soak, specs: Sequence[StreamSpec]) -> tuple[Census, dict[str, int], set[str]]:
    """All on air for the first time and off again; what is there afterwards may be there. And how
    many streams each node carried, and what was pinned before."""
    soak.await_nodes()
    keys, pins = soak.count().keys, soak.pins()
    soak.put_on_air(specs)
    carried = soak.nodes()
    time.sleep(LAP_SECONDS)
    soak.take_off_air()
    soak.forget()
    return replace(soak.steady(), keys=keys), carried, pins


def _held(count: Census) -> list[tuple[int, ...]]:
    return [(part.fds, part.threads, part.processes) for part in count.parts.values()]


def _watch(soak: Soak, judge: JudgeProcess, result: Result) -> None:
    """Count and tell, until the time is over."""
    plan, nodes = result.plan, soak.nodes()
    began = time.monotonic()
    told = 0
    while (passed := time.monotonic() - began) < plan.minutes * 60:
        minute = int(passed / 60)
        result.samples.append(soak.count(full=minute > told or not result.samples))
        if passed < plan.warm_seconds:
            result.warm = len(result.samples)
        if minute > told:
            told = minute
            _tell(minute, result, judge.verdicts(), nodes)
        due = began + len(result.samples) * plan.sample_seconds
        time.sleep(max(0.1, due - time.monotonic()))
    samples = result.samples[result.warm :]
    result.growths = findings.growths(samples, nodes)
    if soak.nodes() != nodes:
        result.found.append(f"streams moved: {nodes} became {soak.nodes()}")
    result.found += [
        *findings.of_growth(result.growths, plan.minutes),
        *findings.of_the_run(samples),
    ]


def _tell(minute: int, result: Result, verdicts: Verdicts, nodes: Mapping[str, int]) -> None:
    """A line a minute."""
    last = result.samples[-1]
    wrong = [f for name, v in verdicts.items() if name.startswith("soak") for f in v["findings"]]
    samples = result.samples[result.warm :]
    growing = findings.growths(samples, nodes) if len(samples) > 1 else ()
    slopes = " ".join(f"{g.per_stream.per_hour:+.2f}" for g in growing) or "warming up"
    workers = [last.parts[node] for node in NODES]
    print(
        f"{minute:4d} min  {last.on_air} on air  {len(wrong)} findings  "
        f"RSS {' '.join(f'{w.rss_mib:.0f}' for w in workers)} MiB "
        f"({slopes} MiB an hour and stream)  "
        f"fds {' '.join(str(w.fds) for w in workers)}  "
        f"threads {' '.join(str(w.threads) for w in workers)}  "
        f"keys {len(last.keys)}  Redis {last.redis_mib:.1f} MiB",
        flush=True,
    )
    for one in wrong[:3]:
        print(f"          {one}", flush=True)


@contextmanager
def _fleet(home: Path, media: Path, count: int, judge: JudgeProcess) -> Iterator[Soak]:
    for name in [name for name in os.environ if name.startswith("DOPPELCAST_")]:
        del os.environ[name]
    os.environ.update(
        DOPPELCAST_HOME=str(home),
        DOPPELCAST_MEDIA_DIR=str(media),
        DOPPELCAST_SLOTS=str(-(-count * 2 // len(NODES) // 3) * 2),
    )
    settings.cache_clear()
    with ExitStack() as stack:
        tree = stack.enter_context(process_tree(home / "logs"))
        current = stack.enter_context(embedded_broker(tree, home, SystemClock()))
        parts = {part.name: part for part in worker_parts(current)}
        tree.start(parts["recorder"])
        for node in NODES:
            environment = {**parts["stream"].environment, "DOPPELCAST_NODE": node}
            tree.start(replace(parts["stream"], name=node, environment=environment))
        tree.start(parts["coordinator"])
        soak = Soak(tree, current, judge)
        stack.callback(soak.close)
        yield soak


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, tell, and say with the exit code whether all was well."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=Plan.minutes)
    parser.add_argument("--streams", type=int, default=Plan.streams)
    parser.add_argument("--clips", choices=("spoken", "plain"), default=Plan.clips)
    parser.add_argument("--json", type=Path, help="write everything that was measured to this file")
    parser.add_argument("--home", type=Path, help="where logs and store go, and stay")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupted)
    with tempfile.TemporaryDirectory(prefix="doppelcast-soak-") as folder:
        home = asked.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        result = run(Plan(asked.minutes, asked.streams, asked.clips), home)
    if asked.json is not None:
        asked.json.write_text(result.to_json(), encoding="utf-8")
    print(json.dumps(result.summary(), ensure_ascii=False, indent=2), flush=True)
    return 1 if result.found else 0


if __name__ == "__main__":
    sys.exit(main())
