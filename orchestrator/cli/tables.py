"""How the commands show a fleet: tables that can be read from two meters away."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from orchestrator.cli.console import clock_face
from orchestrator.cli.overview import Overview, Row
from orchestrator.domain.stream import Phase

PHASE_STYLES = {
    Phase.ON_AIR: "bold white on red",
    Phase.CONNECTING: "yellow",
    Phase.PREPARING: "yellow",
    Phase.PLANNED: "dim",
    Phase.OFF_AIR: "bold black on yellow",
    Phase.ENDED: "dim",
    Phase.FAILED: "bold red",
}
PHASE_WORDS = {phase: phase.value.replace("_", " ").upper() for phase in Phase}


def phase_text(phase: str) -> Text:
    """A phase as a colored word."""
    known = Phase(phase)
    return Text(f" {PHASE_WORDS[known]} ", style=PHASE_STYLES[known])


def streams_table(rows: Sequence[Row], title: str | None = None) -> Table:
    """One line a stream: wanted beside observed."""
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for name in ("Stream", "Double → shop", "Wanted", "Is"):
        table.add_column(name, no_wrap=True)
    for name in ("On air", "fps", "Mb/s", "Ahead", "Restarts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Node", no_wrap=True)
    table.add_column("Now / why", overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(
            row.stream,
            row.title,
            "on air" if row.wanted else "off",
            phase_text(row.phase),
            clock_face(row.on_air_seconds) if row.on_air_seconds else "–",
            f"{row.fps:.1f}" if row.fps else "–",
            f"{row.kbps / 1000:.1f}" if row.kbps else "–",
            f"{row.ahead_seconds:.0f} s" if row.node else "–",
            str(row.restarts) if row.node else "–",
            row.node or "–",
            row.now_playing if row.phase == Phase.ON_AIR else row.reason,
        )
    return table


def fleet_line(view: Overview) -> str:
    """One sentence about the fleet."""
    on_air = sum(row.phase == Phase.ON_AIR for row in view.rows)
    wanted = sum(row.wanted for row in view.rows)
    slots = sum(node.slots for node in view.nodes)
    used = sum(len(node.streams) for node in view.nodes)
    broker = "" if view.broker_answers else " · [bold red]broker unreachable[/]"
    nodes = f"{len(view.nodes)} node(s), {used} of {slots} slots used"
    return f"{on_air} of {wanted} on air · {nodes}{broker}"
