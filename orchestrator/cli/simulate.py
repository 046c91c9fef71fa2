"""`doppelcast simulate`: a day of a whole fleet in minutes, with faults, on a virtual clock."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from orchestrator.cli.console import clock_face, counted, err, out, print_json, say
from orchestrator.cli.context import current_settings
from orchestrator.clock import SystemClock, utc
from orchestrator.matrixfile import load
from orchestrator.planning.book import broadcast_day, day_plan, plan_for, streams_of
from orchestrator.simulate.faults import Weather
from orchestrator.simulate.figures import Figures, as_json, kinds, sorts, spread
from orchestrator.simulate.fleet import invented
from orchestrator.simulate.world import Size, simulated

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
STREAMS_A_NODE = 20
INVENTED = 1000
"""Streams, where neither a matrix nor a number is given."""
LOOKS_EVERY = 0.5
"""Seconds between two looks at how far it is."""


def _seconds(value: str | float) -> float:
    """`10m`, `90s`, `1.5h`; `0` and `never` are zero."""
    word = str(value).strip().lower()
    if isinstance(value, float) or word in ("0", "never"):
        return float(value) if isinstance(value, float) else 0.0
    try:
        seconds = float(word[:-1]) * UNITS.get(word[-1:], 0.0)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise typer.BadParameter(f"{value!r} is not a time; write 90s, 10m or 2h, or never.")
    return seconds


def _every(what: str, default: str) -> Any:
    return typer.Option(parser=_seconds, metavar="TIME", help=what, show_default=default)


MatrixFile = Annotated[
    Path | None,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="Simulate this matrix."),
]
Streams = Annotated[
    int | None,
    typer.Option(
        min=1, show_default=str(INVENTED), help="Without a matrix: so many invented streams."
    ),
]
Nodes = Annotated[
    int | None, typer.Option(min=2, show_default="one for 20 streams", help="Nodes of the fleet.")
]
Hours = Annotated[float, typer.Option(min=0.01, help="Hours to simulate.")]
LoseEvery = Annotated[float, _every("How often a node dies: 10m, 2h, never.", "10m")]
FreezeEvery = Annotated[float, _every("How often a node stands still for a while.", "never")]
CutOffEvery = Annotated[float, _every("How often a node can't reach Redis.", "never")]
Outages = Annotated[int, typer.Option(min=0, help="Times that nobody can reach Redis.")]
Drops = Annotated[int, typer.Option(min=0, help="Connections that endpoints drop with each fault.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same day.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def simulate(  # noqa: PLR0913 - a command has as many options as people need
    matrix: MatrixFile = None,
    streams: Streams = None,
    nodes: Nodes = None,
    hours: Hours = 24.0,
    lose_node_every: LoseEvery = 600.0,
    freeze_node_every: FreezeEvery = 0.0,
    cut_off_node_every: CutOffEvery = 0.0,
    redis_outages: Outages = 3,
    drops: Drops = 2,
    seed: Seed = 1,
    json: AsJson = False,
) -> None:
    """Let a fleet live through a day with faults, in minutes, and say what viewers would see of it.

    The real coordinator, store, leases and scripts run against simulated nodes and endpoints, on a
    clock that doesn't wait. Leaves with 1 if a stream ever had two publishers.

    Examples: [bold]doppelcast simulate --streams 2000 --nodes 100[/bold],
    [bold]doppelcast simulate deploy/demo/small.yaml --nodes 3 --lose-node-every 1h[/bold]
    """
    if matrix is not None and streams is not None:
        raise typer.BadParameter("the matrix says how many there are.", param_hint="--streams")
    weather = Weather(
        hours=hours,
        lose_node_every=lose_node_every,
        freeze_node_every=freeze_node_every,
        cut_off_node_every=cut_off_node_every,
        redis_outages=redis_outages,
        drops=drops,
    )
    size = (
        Size(invented(streams or INVENTED), 0, seed) if matrix is None else _of_matrix(matrix, seed)
    )
    several = nodes or max(2, -(-len(size.specs) // STREAMS_A_NODE))
    with _nothing_told():
        figures = _watched(replace(size, nodes=several), weather)
    if json:
        print_json(as_json(figures))
    else:
        _show(figures)
    if not figures.never_two:
        raise typer.Exit(1)


@contextmanager
def _nothing_told() -> Iterator[None]:
    """Without the log of a coordinator that places thousands of streams."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


def _of_matrix(path: Path, seed: int) -> Size:
    """The matrix' streams, with the plans of today and tomorrow if it has a plan."""
    now = SystemClock().wall()
    loaded = load(path, SecretStr, current_settings().font, utc(now))
    if loaded.matrix.plan is None:
        return Size(loaded.streams(), 0, seed, now)
    today = broadcast_day(loaded.matrix, now)
    first = plan_for(loaded.matrix, today, now)
    yesterday = day_plan(first, loaded.matrix.streamer.time_zone)
    second = plan_for(loaded.matrix, today + timedelta(days=1), now, yesterday=yesterday)
    return Size(streams_of(loaded, (first, second), now), 0, seed, now)


def _watched(size: Size, weather: Weather) -> Figures:
    """Simulate, and show how far it is on standard error, if somebody sees that."""
    machine = SystemClock()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("simulating", total=weather.hours * 3600.0)
        looked = [machine.monotonic()]

        def look(now: float, off: int) -> None:
            at = machine.monotonic()
            if at - looked[0] >= LOOKS_EVERY:
                looked[0] = at
                words = f"{clock_face(now)}  {counted(off, 'stream')} off air"
                progress.update(task, completed=now, description=words)

        return simulated(size, weather, look)


def _show(figures: Figures) -> None:
    hours = f"{figures.hours:g} h"
    say(
        f"{counted(figures.streams, 'stream')} on {counted(figures.nodes, 'node')}, {hours}, "
        f"seed {figures.seed}; simulated in {figures.took:.0f} s."
    )
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _lines(figures):
        table.add_row(name, value)
    out.print(table)
    if figures.never_two:
        say("[green]✓[/green] No stream ever had two publishers.")
        return
    say(f"[bold red]✗ {counted(len(figures.overlaps), 'time')} two published at once[/bold red]:")
    for overlap in figures.overlaps[:5]:
        say(f"  at {clock_face(overlap.at)}: {', '.join(overlap.holders)}")


def _lines(figures: Figures) -> list[tuple[str, str]]:
    lines = [
        ("all on air after", f"{figures.begun_in:.1f} s"),
        ("off air", f"{figures.off_air_seconds:,.0f} stream-seconds"),
        ("off-air share", f"{figures.off_air_share:.2e}"),
        ("longest off air", f"{figures.longest_off_air:.1f} s"),
        ("two at once", f"{figures.two_holders_seconds:.1f} stream-seconds"),
        ("moves", f"{figures.moved} to another node; {figures.placed} placed anew"),
    ]
    for kind, times in kinds(figures).items():
        found = spread(times)
        if found is not None:
            words = f"p50 {found.p50:.1f} s, p95 {found.p95:.1f} s, at most {found.most:.1f} s"
            lines.append((f"{kind.value} ({len(times)}×)", f"all on air again: {words}"))
    for name, some in sorts(figures.passes).items():
        found = spread([one.milliseconds for one in some])
        store, redis = spread([one.store for one in some]), spread([one.redis for one in some])
        if found is not None and store is not None and redis is not None:
            words = f"p50 {found.p50:.0f} ms, p95 {found.p95:.0f} ms, at most {found.most:.0f} ms"
            asked = f"{store.p50:.0f} questions to the store, {redis.p50:.0f} commands to Redis"
            lines.append((f"{name} pass ({len(some)}×)", f"{words}; {asked}"))
    return lines
