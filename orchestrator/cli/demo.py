"""`doppelcast demo`: a streamer's matrix goes on air at the sandbox platform, and is judged there.

The demo is the real fleet, with the real rendering and publishing; only the platform is ours. Its
stream keys are made for the run. Clips stay in the demo's home, so a second run starts warm; the
store starts anew.
"""

import os
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.live import Live

from orchestrator.cli.apply import put_in_force
from orchestrator.cli.console import fail, out, say
from orchestrator.cli.demo_view import Progress, final_table, live_view, rendered_clips, report_of
from orchestrator.cli.fleet import (
    embedded_broker,
    free_port,
    is_free,
    process_tree,
    start_flower,
    worker_parts,
)
from orchestrator.cli.overview import overview
from orchestrator.cli.tree import ProcessTree
from orchestrator.cli.up import until_asked_to_stop
from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.endpoint import Endpoint, target_digest
from orchestrator.domain.media import PROFILES
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import ConfigurationError
from orchestrator.matrixfile import load
from orchestrator.sandbox.label import LabelCheck, label_check
from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint
from orchestrator.sandbox.verdict import Verdict
from orchestrator.settings import Settings, settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect
from orchestrator.wire.secrets import resolve_key

DEMO_MATRIX = Path(__file__).parents[2] / "deploy" / "demo" / "matrix.yaml"
GOODBYE_SECONDS = 8.0
LABEL_SAMPLES = 12
KEY_NAMES = re.compile(r"\benv:([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True)
class Outcome:
    """What the sandbox platform found, per stream, and when the streams came on air."""

    verdicts: dict[str, Verdict]
    labels: dict[str, LabelCheck]
    progress: Progress

    @property
    def clean(self) -> bool:
        """Every stream was judged clean, and showed its label in every frame looked at."""
        judged = all(v.clean for v in self.verdicts.values())
        labelled = all(c.visible_throughout for c in self.labels.values())
        return judged and labelled and set(self.labels) == set(self.verdicts)


def demo(
    seconds: Annotated[
        float, typer.Option(min=5, help="How long to stay on air once all streams are.")
    ] = 60.0,
    record: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Keep what the endpoints received here, as FLV."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the verdicts to this file.")
    ] = None,
    matrix: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="Another matrix; its endpoints on 127.0.0.1."
        ),
    ] = DEMO_MATRIX,
    flower: Annotated[bool, typer.Option(help="Start Flower, the admins' dashboard.")] = True,
) -> None:
    """Put the demo's six streams on air at the sandbox platform, and judge what arrives.

    Exit code 0 only when every stream is clean: on air, in time, labelled, nothing wrong with it.

    Examples: [bold]doppelcast demo[/bold],
    [bold]doppelcast demo --seconds 600 --record recordings --json verdicts.json[/bold]
    """
    with until_asked_to_stop() as asked, ExitStack() as stack:
        folder = record or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="doppelcast-"))
        )
        with _demo_home() as home:
            run = _Run(home, matrix, folder, asked, SystemClock())
            outcome = run.play(seconds, flower)
    if json is not None:
        json.write_text(
            report_of(outcome.verdicts, outcome.labels, outcome.progress), encoding="utf-8"
        )
    out.print(final_table(outcome.verdicts, outcome.labels, outcome.progress))
    if asked.is_set():
        say("Stopped early; what was judged until then is above.")
    if not outcome.clean:
        fail("Not every stream is clean; the findings are in the table.")
        raise typer.Exit(1)
    say("[green]Every stream was on air, clean and labelled.[/]")


@contextmanager
def _demo_home() -> Iterator[Path]:
    """A home of the demo's own, in force for this process and the ones it starts."""
    before = os.environ.get("DOPPELCAST_HOME")
    home = settings().home / "demo"
    home.mkdir(parents=True, exist_ok=True)
    for stale in ("store.db", "store.db-wal", "store.db-shm"):
        (home / stale).unlink(missing_ok=True)
    for folder in ("logs", "spool"):
        shutil.rmtree(home / folder, ignore_errors=True)
    os.environ["DOPPELCAST_HOME"] = str(home)
    settings.cache_clear()
    try:
        yield home
    finally:
        os.environ.pop("DOPPELCAST_HOME", None)
        if before is not None:
            os.environ["DOPPELCAST_HOME"] = before
        settings.cache_clear()


def make_keys(matrix: Path) -> None:
    """A fresh key for every `env:` reference of the matrix that has none yet."""
    for name in KEY_NAMES.findall(matrix.read_text(encoding="utf-8")):
        os.environ.setdefault(name, f"demo-{secrets.token_urlsafe(12)}")


def sandbox_endpoints(streams: tuple[StreamSpec, ...]) -> tuple[SandboxEndpoint, ...]:
    """One endpoint a stream, where its address says."""
    endpoints = []
    for spec in streams:
        url = urlsplit(spec.endpoint.url)
        key = resolve_key(spec.endpoint.key)
        endpoints.append(SandboxEndpoint(spec.stream, url.port or 1935, url.path.strip("/"), key))
    return tuple(endpoints)


def at_home(spec: StreamSpec) -> StreamSpec:
    """The stream, with its endpoint on a port of this machine that is free now.

    Only loopback addresses can be played here. A port that something else listens on is passed
    over, so that the demo runs beside whatever runs already.
    """
    url = urlsplit(spec.endpoint.url)
    if url.scheme != "rtmp" or url.hostname not in ("127.0.0.1", "localhost"):
        raise ConfigurationError(
            f"{spec.stream} publishes to {url.scheme}://{url.hostname}: the demo plays only "
            "rtmp://127.0.0.1 addresses. For real endpoints use: doppelcast up MATRIX"
        )
    if is_free(url.port or 1935):
        return spec
    address = f"rtmp://127.0.0.1:{free_port()}{url.path}"
    key = resolve_key(spec.endpoint.key)
    target = target_digest(spec.platform, address, key.get_secret_value())
    return replace(spec, endpoint=Endpoint(address, spec.endpoint.key, target))


class _Run:
    """One demo, from the first process to the last verdict."""

    def __init__(
        self, home: Path, matrix: Path, folder: Path, asked: threading.Event, clock: Clock
    ) -> None:
        self._home, self._matrix, self._folder = home, matrix, folder
        self._asked, self._clock = asked, clock

    def play(self, seconds: float, flower: bool) -> Outcome:
        """Everything: start, watch, stop, judge."""
        make_keys(self._matrix)
        loaded = load(self._matrix, resolve_key, settings().font)
        streams = tuple(at_home(spec) for spec in loaded.streams())
        sandbox = Sandbox(sandbox_endpoints(streams), self._folder, self._clock)
        started = self._clock.monotonic()
        sandbox.start()
        try:
            with (
                process_tree(self._home / "logs") as tree,
                embedded_broker(tree, self._home, self._clock) as current,
            ):
                progress = Progress(started, tuple(s.stream for s in streams), seconds)
                put_in_force(loaded, streams, current)
                self._start(tree, current, flower)
                verdicts = self._watch(tree, current, sandbox, progress)
        finally:
            sandbox.stop()
        labels = self._look_for_labels(streams, seconds)
        return Outcome(verdicts, labels, progress)

    def _start(self, tree: ProcessTree, current: Settings, flower: bool) -> None:
        for part in worker_parts(current):
            tree.start(part)
        if flower:
            say(f"Flower, the admins' dashboard: {start_flower(tree, current).address}")
        say(f"Logs: {self._home / 'logs'}")

    def _watch(
        self, tree: ProcessTree, current: Settings, sandbox: Sandbox, progress: Progress
    ) -> dict[str, Verdict]:
        store = Store.open(current.store)
        board = Board(connect(current.redis), current.redis_prefix)
        try:
            with Live(console=out, auto_refresh=False) as live:
                while not self._asked.wait(0.5) and not progress.over(self._clock.monotonic()):
                    tree.check()
                    verdicts, now = sandbox.snapshot(), self._clock.monotonic()
                    progress.note(verdicts, now)
                    clips = rendered_clips(current.media)
                    live.update(
                        live_view(overview(store, board), verdicts, progress, now, clips),
                        refresh=True,
                    )
                verdicts = sandbox.snapshot()
            self._say_goodbye(store, board)
        finally:
            store.close()
        return verdicts

    def _say_goodbye(self, store: Store, board: Board) -> None:
        """Streams leave the air before the processes end, as they would on a platform."""
        store.stop(tuple(d.spec.stream for d in store.desired()))
        give_up = self._clock.monotonic() + GOODBYE_SECONDS
        while self._clock.monotonic() < give_up:
            if not any(node.streams for node in overview(store, board).nodes):
                return
            self._clock.wait(0.2)

    def _look_for_labels(
        self, streams: tuple[StreamSpec, ...], seconds: float
    ) -> dict[str, LabelCheck]:
        """Decode samples of what arrived, and look for the label in each."""
        say("Looking for the AI label in what arrived ...")
        checks: dict[str, LabelCheck] = {}
        for spec in streams:
            recordings = sorted(self._folder.glob(f"{spec.stream}-*.flv"))
            if recordings:
                every = max(1.0, seconds / LABEL_SAMPLES)
                checks[spec.stream] = label_check(
                    recordings[-1], every, PROFILES[spec.profile], spec.label, settings().font
                )
        return checks
