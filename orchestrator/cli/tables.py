"""How the commands show a fleet: tables that fit the console and can be read from two meters."""

from collections.abc import Sequence
from types import MappingProxyType

from rich.text import Text

from orchestrator.cli.columns import Column, Fitted
from orchestrator.cli.console import clock_face, counted
from orchestrator.cli.hours import ALL_DAY, NO_MOMENT, Moment, in_words
from orchestrator.cli.nodes import NodeRow, NodeState
from orchestrator.cli.overview import Overview, Row
from orchestrator.domain.stream import Phase

PHASE_STYLES = MappingProxyType(
    {
        Phase.ON_AIR: "bold white on red",
        Phase.CONNECTING: "yellow",
        Phase.PREPARING: "yellow",
        Phase.READY: "yellow",
        Phase.PLANNED: "dim",
        Phase.OFF_AIR: "bold black on yellow",
        Phase.ENDED: "dim",
        Phase.FAILED: "bold red",
    }
)
PHASE_WORDS = MappingProxyType({phase: phase.value.replace("_", " ").upper() for phase in Phase})
PHASE_CELLS = max(len(word) for word in PHASE_WORDS.values())
NOTHING = "–"
ALARM = "⚠"
NODE_STYLES = MappingProxyType(
    {
        NodeState.UP: "green",
        NodeState.DRAINING: "yellow",
        NodeState.DRAINED: "dim",
        NodeState.ENDING: "yellow",
        NodeState.ASIDE: "bold red",
        NodeState.CUT_OFF: "bold red",
        NodeState.SILENT: "bold red",
    }
)
BEGINNING = frozenset({Phase.PLANNED, Phase.PREPARING, Phase.CONNECTING})


def phase_text(phase: str) -> Text:
    """A phase as a colored word, always equally wide, so that a live table stands still."""
    known = Phase(phase)
    return Text(f"{PHASE_WORDS[known]:^{PHASE_CELLS}}", style=PHASE_STYLES[known])


def what_happens(row: Row) -> str:
    """What a stream plays, or why it doesn't; before all else what a person has to look at."""
    if row.alarm:
        return f"{ALARM} {row.alarm}"
    if row.on_air:
        return _playing(row)
    return row.reason or ("" if row.heard or not row.wanted else "waits for a place")


def _playing(row: Row) -> str:
    return (row.standing_in or row.now_playing) if row.on_air else ""


def _wanted(row: Row) -> Text:
    word = "on air" if row.wanted else "off"
    return Text(word, "" if row.as_wanted else "bold yellow")


def _where(row: Row) -> str:
    """The node, and where the stream is about to move."""
    here = row.node or NOTHING
    return f"{here} → {row.moves_to}" if row.moves_to else here


TITLE: Column[Row] = Column("Double → shop", lambda row: row.title, folds=True)
PHASE: Column[Row] = Column("Is", lambda row: phase_text(row.phase))
STREAM: Column[Row] = Column("Stream", lambda row: row.stream, rank=1)
WANTED: Column[Row] = Column("Wanted", _wanted)
ON_AIR: Column[Row] = Column(
    "On air",
    lambda row: clock_face(row.on_air_seconds) if row.on_air_seconds else NOTHING,
    rank=1,
    right=True,
)
RATE: Column[Row] = Column(
    "Mb/s", lambda row: f"{row.kbps / 1000:.2f}" if row.kbps else NOTHING, rank=2, right=True
)
NOW: Column[Row] = Column("Now / why", what_happens, rank=3, least=16)
PLAYING: Column[Row] = Column("Playing", lambda row: _playing(row) or NOTHING, rank=3, least=10)
WHAT_HAPPENS: Column[Row] = Column("What happens", what_happens, least=12)
FRAMES: Column[Row] = Column(
    "fps", lambda row: f"{row.fps:.1f}" if row.fps else NOTHING, rank=4, right=True
)
AHEAD: Column[Row] = Column(
    "Ahead", lambda row: f"{row.ahead_seconds:.0f} s" if row.heard else NOTHING, rank=5, right=True
)
RESTARTS: Column[Row] = Column(
    "Restarts", lambda row: str(row.restarts) if row.heard else NOTHING, rank=6, right=True
)
STALLS: Column[Row] = Column(
    "Stalls", lambda row: str(row.stalls) if row.heard else NOTHING, rank=8, right=True
)
NODE: Column[Row] = Column("Node", _where, rank=7)


NODE_NAME: Column[NodeRow] = Column("Node", lambda node: node.node)
NODE_STATE: Column[NodeRow] = Column(
    "Is", lambda node: Text(node.state.value, NODE_STYLES[node.state])
)
NODE_STREAMS: Column[NodeRow] = Column(
    "Streams", lambda node: f"{node.streams} of {node.slots}", right=True
)
NODE_BUSY: Column[NodeRow] = Column(
    "Busy", lambda node: f"{node.busy:.0%}" if node.beat else NOTHING, rank=1, right=True
)
NODE_WHY: Column[NodeRow] = Column("Why", lambda node: node.why, rank=0, folds=True)


def status_table(rows: Sequence[Row], moment: Moment = NO_MOMENT) -> Fitted[Row]:
    """One line a stream: wanted beside observed, with the name that `stop` takes; and where it is
    in its day, if days are planned."""
    columns = (
        *(STREAM, TITLE, _wish(rows, moment), PHASE),
        *(ON_AIR, RATE, FRAMES, AHEAD, RESTARTS, STALLS, NODE, PLAYING),
    )
    return Fitted(columns, rows)


def _wish(rows: Sequence[Row], moment: Moment) -> Column[Row]:
    """What is wanted; where days are planned, in the plan's words."""

    def cell(row: Row) -> Text:
        if not row.wanted or row.place == ALL_DAY:
            return _wanted(row)
        return Text(in_words(row.place, moment), "" if row.as_wanted else "bold yellow")

    planned = any(row.place != ALL_DAY for row in rows)
    return Column("Plan", cell) if planned else WANTED


def node_table(nodes: Sequence[NodeRow]) -> Fitted[NodeRow]:
    """One line a node: what it carries, and whether it takes streams."""
    columns = [NODE_NAME, NODE_STATE, NODE_STREAMS, NODE_BUSY]
    return Fitted([*columns, NODE_WHY] if any(node.why for node in nodes) else columns, nodes)


def live_table(rows: Sequence[Row]) -> Fitted[Row]:
    """One line a stream, while a fleet runs; those that aren't as wanted come first."""
    columns = (TITLE, PHASE, ON_AIR, RATE, FRAMES, AHEAD, RESTARTS, NODE, NOW)
    return Fitted(columns, sorted(rows, key=lambda row: row.as_wanted))


def start_table(rows: Sequence[Row]) -> Fitted[Row]:
    """One line a stream, while a fleet starts: who waits for what."""
    return Fitted((TITLE, PHASE, WHAT_HAPPENS), rows)


def waiting(rows: Sequence[Row]) -> str:
    """Who waits for what, in words, the same reason once."""
    reasons: dict[str, int] = {}
    for row in rows:
        if row.wanted and not row.on_air and not row.place.closed:
            why = what_happens(row) or PHASE_WORDS[Phase(row.phase)].lower()
            reasons[why] = reasons.get(why, 0) + 1
    return "; ".join(f"{counted(number, 'stream')}: {why}" for why, number in reasons.items())


def fleet_line(view: Overview) -> Text:
    """One sentence about the fleet."""
    on_air = sum(row.on_air for row in view.rows)
    closed = sum(row.wanted and row.place.closed for row in view.rows)
    wanted = sum(row.wanted for row in view.rows) - closed
    slots = sum(node.slots for node in view.nodes)
    used = sum(node.streams for node in view.nodes)
    living = [node for node in view.nodes if node.beat is not None]
    line = Text(f"{on_air} of {wanted} on air · ")
    if closed:
        line.append(f"{counted(closed, 'shop')} closed · ")
    if not view.broker_answers:
        return line.append("the broker doesn't answer, so nobody knows better", "bold red")
    if not living:
        return line.append("no stream worker beats", "yellow")
    return line.append(f"{counted(len(living), 'node')}, {used} of {slots} slots used")


def reasons(rows: Sequence[Row]) -> Text:
    """Why streams aren't as wanted, or need a person's eye, a line each."""
    lines = Text()
    for row in rows:
        if not row.as_wanted or row.alarm or row.standing_in:
            why = what_happens(row) or PHASE_WORDS[Phase(row.phase)].lower()
            lines.append(f"\n  {row.stream}: ", "bold red" if row.alarm else "bold").append(why)
    return lines
