"""What the demo shows: rendering and streams while it runs, the verdicts at its end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from orchestrator.cli.console import clock_face
from orchestrator.cli.overview import Overview, Row
from orchestrator.cli.tables import fleet_line, phase_text
from orchestrator.ids import StreamId
from orchestrator.sandbox.label import LabelCheck
from orchestrator.sandbox.verdict import Span, Verdict

START_SECONDS = 180.0
"""How long the streams may take to go on air before the demo gives up."""


@dataclass
class Progress:
    """How far a demo has come; all times in monotonic seconds."""

    started: float
    streams: tuple[StreamId, ...]
    seconds: float
    first_packets: dict[str, float] = field(default_factory=dict)
    """Seconds from the processes' start to the first packet, per stream."""
    all_on_air_at: float | None = None

    def note(self, verdicts: Mapping[str, Verdict], now: float) -> None:
        """Take in what the endpoints have received."""
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

    def sentence(self, now: float) -> str:
        """Where the demo stands."""
        if self.all_on_air_at is None:
            return (
                f"{len(self.first_packets)} of {len(self.streams)} endpoints receive "
                f"· {now - self.started:.0f} s since the start"
            )
        left = max(0.0, self.seconds - (now - self.all_on_air_at))
        return f"all {len(self.streams)} endpoints receive · {clock_face(left)} to go"


def live_view(
    view: Overview, verdicts: Mapping[str, Verdict], progress: Progress, now: float, clips: int
) -> Group:
    """The demo's live picture."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Double → shop", no_wrap=True)
    table.add_column("Is", no_wrap=True)
    for name in ("Received", "fps", "Mb/s", "A/V skew", "Ahead"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Found", no_wrap=True)
    table.add_column("Playing", no_wrap=True, overflow="ellipsis", max_width=28)
    for row in view.rows:
        verdict = verdicts.get(row.stream)
        if verdict is not None:
            table.add_row(*_live_row(row, verdict))
    head = Text(f"{clips} clips rendered · {progress.sentence(now)}")
    return Group(head, table, Text.from_markup(fleet_line(view)))


def _live_row(row: Row, verdict: Verdict) -> tuple[str | Text, ...]:
    receiving = verdict.first_packet_at is not None
    return (
        row.title,
        phase_text(row.phase),
        clock_face(verdict.on_air_seconds) if receiving else "–",
        f"{verdict.recent_fps:.1f}" if receiving else "–",
        f"{verdict.recent_kbps / 1000:.2f}" if receiving else "–",
        f"{verdict.skew_ms:+.0f} ms" if receiving else "–",
        f"{row.ahead_seconds:.0f} s",
        _findings_text(verdict.findings) if receiving else Text("–", "dim"),
        row.now_playing or row.reason,
    )


def _findings_text(findings: Sequence[str]) -> Text:
    if not findings:
        return Text("nothing", "green")
    return Text(f"{len(findings)}: {findings[0]}"[:40], "bold red")


def final_table(
    verdicts: Mapping[str, Verdict], labels: Mapping[str, LabelCheck], progress: Progress
) -> Table:
    """The verdict on every endpoint."""
    table = Table(
        title="What the sandbox platform received", box=box.SIMPLE_HEAD, title_justify="left"
    )
    table.add_column("Endpoint", no_wrap=True)
    for name in ("First packet", "On air", "Frame step", "GOP", "A/V skew", "Mb/s", "Label"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict", overflow="fold")
    for name, verdict in verdicts.items():
        first = progress.first_packets.get(name)
        table.add_row(
            name,
            f"{first:.1f} s" if first is not None else "never",
            clock_face(verdict.on_air_seconds),
            _range(verdict.video_step_ms, "ms"),
            _range(verdict.gop_frames, "frames"),
            f"{verdict.max_skew_ms:.0f} ms",
            f"{verdict.kbps / 1000:.2f}",
            _label_text(labels.get(name)),
            _verdict_text(verdict, labels.get(name)),
        )
    return table


def _range(span: Span | None, unit: str) -> str:
    if span is None:
        return "–"
    few = f"{span.least}" if span.least == span.most else f"{span.least}–{span.most}"
    return f"{few} {unit}"


def _label_text(check: LabelCheck | None) -> str:
    return f"{check.with_label}/{check.frames}" if check else "–"


def _verdict_text(verdict: Verdict, check: LabelCheck | None) -> Text:
    findings = list(verdict.findings)
    if check is None:
        findings.append("nothing to look for the label in")
    elif not check.visible_throughout:
        findings.append("the AI label is missing in frames that were looked at")
    return Text("\n".join(findings), "bold red") if findings else Text("clean", "bold green")


def report_of(
    verdicts: Mapping[str, Verdict], labels: Mapping[str, LabelCheck], progress: Progress
) -> str:
    """The verdicts as JSON."""
    endpoints = {
        name: {
            "first_packet_seconds": progress.first_packets.get(name),
            "clean": verdict.clean,
            **asdict(verdict),
            "label": asdict(labels[name]) if name in labels else None,
        }
        for name, verdict in verdicts.items()
    }
    document = {
        "clean": all(v.clean for v in verdicts.values()),
        "seconds": progress.seconds,
        "endpoints": endpoints,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def rendered_clips(media: Path) -> int:
    """How many clips are in the store."""
    return sum(1 for _ in media.rglob("*.flv"))
