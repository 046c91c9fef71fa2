"""What the demo shows while it runs: first who waits for what, then what the endpoints receive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from orchestrator.cli.columns import Column, Fitted
from orchestrator.cli.console import clock_face, counted
from orchestrator.cli.overview import Overview, Row
from orchestrator.cli.tables import NOTHING, fleet_line, phase_text, waiting, what_happens
from orchestrator.ids import StreamId
from orchestrator.sandbox.verdict import Verdict

START_SECONDS = 180.0
"""How long the streams may take to go on air before the demo gives up."""
BAR_CELLS = 20


@dataclass
class Progress:
    """How far a demo has come; all times in monotonic seconds."""

    started: float
    streams: tuple[StreamId, ...]
    seconds: float
    kept: int = 0
    """Clips that were rendered before this run."""
    clips: int = 0
    """Clips that are rendered by now."""
    first_packets: dict[str, float] = field(default_factory=dict)
    """Seconds from the processes' start to the first packet, per stream."""
    all_on_air_at: float | None = None

    def note(self, verdicts: Mapping[str, Verdict], clips: int, now: float) -> None:
        """Take in what the endpoints have received, and what was rendered."""
        self.clips = clips
        for name, verdict in verdicts.items():
            if verdict.first_packet_at is not None:
                self.first_packets.setdefault(name, verdict.first_packet_at - self.started)
        if self.all_on_air_at is None and len(self.first_packets) == len(self.streams):
            self.all_on_air_at = now

    def over(self, now: float) -> bool:
        """Whether the demo has lasted as long as it should, or never got going."""
        if self.all_on_air_at is None:
            return now - self.started > START_SECONDS
        return now - self.all_on_air_at >= self.seconds

    def share(self, now: float) -> float:
        """How much is done of what is being done: going on air, then staying there."""
        if self.all_on_air_at is None:
            return len(self.first_packets) / len(self.streams)
        return min(1.0, (now - self.all_on_air_at) / self.seconds)

    def sentence(self, now: float) -> str:
        """Where the demo stands."""
        made = counted(self.clips - self.kept, "clip") + " rendered"
        before = f", {self.kept} from before" if self.kept else ""
        if self.all_on_air_at is None:
            on_air = f"{len(self.first_packets)} of {len(self.streams)} on air"
            return f"{on_air} after {now - self.started:.0f} s · {made}{before}"
        left = max(0.0, self.seconds - (now - self.all_on_air_at))
        return f"all {len(self.streams)} on air · {clock_face(left)} to go · {made}"

    @property
    def stage(self) -> str:
        """Changes whenever something new has begun."""
        return f"{len(self.first_packets)} on air"


@dataclass(frozen=True)
class Watched:
    """A stream as the fleet tells it, and as the sandbox platform sees it."""

    row: Row
    verdict: Verdict

    @property
    def receives(self) -> bool:
        """Something has arrived."""
        return self.verdict.first_packet_at is not None


def watched(view: Overview, verdicts: Mapping[str, Verdict]) -> tuple[Watched, ...]:
    """Both sides of every stream, in the order of the matrix."""
    rows = {row.stream: row for row in view.rows}
    sides = ((rows.get(StreamId(name)), verdict) for name, verdict in verdicts.items())
    return tuple(Watched(row, verdict) for row, verdict in sides if row is not None)


def _when_received(text: str, stream: Watched) -> str:
    return text if stream.receives else NOTHING


def _found(stream: Watched) -> Text:
    if not stream.receives:
        return Text(NOTHING, "dim")
    findings = stream.verdict.findings
    if not findings:
        return Text("nothing", "green")
    return Text(f"{len(findings)}: {findings[0]}", "bold red")


def _meanwhile(stream: Watched) -> Text:
    if stream.receives:
        return Text(f"received for {clock_face(stream.verdict.on_air_seconds)}", "green")
    return Text(what_happens(stream.row), "dim")


TITLE: Column[Watched] = Column("Double → shop", lambda s: s.row.title, folds=True)
PHASE: Column[Watched] = Column("Is", lambda s: phase_text(s.row.phase))
MEANWHILE: Column[Watched] = Column("What happens", _meanwhile, least=12)
RECEIVED: Column[Watched] = Column(
    "Received", lambda s: _when_received(clock_face(s.verdict.on_air_seconds), s), right=True
)
RATE: Column[Watched] = Column(
    "Mb/s",
    lambda s: _when_received(f"{s.verdict.recent_kbps / 1000:.2f}", s),
    rank=1,
    right=True,
)
FOUND: Column[Watched] = Column("Found", _found, least=20)
SKEW: Column[Watched] = Column(
    "A/V skew", lambda s: _when_received(f"{s.verdict.skew_ms:+.0f} ms", s), rank=2, right=True
)
FRAMES: Column[Watched] = Column(
    "fps", lambda s: _when_received(f"{s.verdict.recent_fps:.1f}", s), rank=3, right=True
)
AHEAD: Column[Watched] = Column(
    "Ahead", lambda s: f"{s.row.ahead_seconds:.0f} s", rank=4, right=True
)
PLAYING: Column[Watched] = Column("Playing", lambda s: what_happens(s.row), rank=5, least=12)
RESTARTS: Column[Watched] = Column("Restarts", lambda s: str(s.row.restarts), rank=6, right=True)
NODE: Column[Watched] = Column("Node", lambda s: s.row.node or NOTHING, rank=7)

STARTING = (TITLE, PHASE, MEANWHILE)
RUNNING = (TITLE, PHASE, RECEIVED, FRAMES, RATE, SKEW, AHEAD, RESTARTS, NODE, FOUND, PLAYING)


def live_view(
    view: Overview, verdicts: Mapping[str, Verdict], progress: Progress, now: float
) -> RenderableType:
    """The demo's live picture."""
    columns = STARTING if progress.all_on_air_at is None else RUNNING
    table = Fitted(columns, watched(view, verdicts))
    return Group(_head(progress, now), Text(), table, Text(), fleet_line(view))


def live_line(view: Overview, progress: Progress, now: float) -> str:
    """The same in a sentence."""
    who_waits = waiting(view.rows) if progress.all_on_air_at is None else ""
    return f"{progress.sentence(now)} · {who_waits}" if who_waits else progress.sentence(now)


def _head(progress: Progress, now: float) -> Table:
    head = Table.grid(padding=(0, 2, 0, 0))
    bar = ProgressBar(
        total=1.0,
        completed=progress.share(now),
        width=BAR_CELLS,
        complete_style="cyan",
        finished_style="green",
    )
    head.add_row(bar, Text(progress.sentence(now)))
    return head


def rendered_clips(media: Path) -> int:
    """How many clips are in the store."""
    return sum(1 for _ in media.glob("clips/*/*.flv"))


def first_on_air(first_packets: Sequence[float], streams: int) -> str:
    """When streams came on air, in a sentence."""
    if not first_packets:
        return "Nothing came on air."
    first, last = min(first_packets), max(first_packets)
    every = f"all {streams}" if len(first_packets) == streams else f"{len(first_packets)}"
    return f"The first stream was on air after {first:.1f} s, {every} after {last:.1f} s."
