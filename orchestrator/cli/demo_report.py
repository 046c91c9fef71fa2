"""What the demo says at its end: the verdict on every endpoint, for people and for machines."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from orchestrator.cli.columns import Column, Fitted
from orchestrator.cli.console import clock_face, counted
from orchestrator.cli.demo_view import Progress, first_on_air
from orchestrator.cli.tables import NOTHING
from orchestrator.ids import StreamId
from orchestrator.sandbox.label import LabelCheck
from orchestrator.sandbox.verdict import Span, Verdict

NOTHING_TO_LOOK_AT = "nothing arrived to look for the AI label in"
LABEL_MISSING = "the AI label is missing in frames that were looked at"


@dataclass(frozen=True)
class Judged:
    """One endpoint at the end."""

    title: str
    verdict: Verdict
    label: LabelCheck | None
    first_packet: float | None
    """Seconds from the processes' start."""

    @property
    def findings(self) -> tuple[str, ...]:
        """All that is wrong, the label included."""
        if self.label is None:
            return (*self.verdict.findings, NOTHING_TO_LOOK_AT)
        if not self.label.visible_throughout:
            return (*self.verdict.findings, LABEL_MISSING)
        return self.verdict.findings


@dataclass(frozen=True)
class Outcome:
    """What the sandbox platform found, per stream, and when the streams came on air."""

    titles: Mapping[StreamId, str]
    verdicts: Mapping[str, Verdict]
    labels: Mapping[str, LabelCheck]
    progress: Progress
    last_view: RenderableType
    """The live picture, as it was at the end."""

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every endpoint, in the order of the matrix."""
        first = self.progress.first_packets
        return tuple(
            Judged(title, self.verdicts[name], self.labels.get(name), first.get(name))
            for name, title in self.titles.items()
        )

    @property
    def clean(self) -> bool:
        """Every stream was judged clean, and showed its label in every frame looked at."""
        return all(not endpoint.findings for endpoint in self.judged)

    @property
    def began(self) -> bool:
        """Anything came on air at all."""
        return bool(self.progress.first_packets)


def _range(span: Span | None, unit: str = "") -> str:
    if span is None:
        return NOTHING
    few = f"{span.least}" if span.least == span.most else f"{span.least}–{span.most}"
    return few + unit


def _label(endpoint: Judged) -> str:
    check = endpoint.label
    return f"{check.with_label}/{check.frames}" if check else NOTHING


def _verdict(endpoint: Judged) -> Text:
    if not endpoint.findings:
        return Text("clean", "bold green")
    return Text(counted(len(endpoint.findings), "finding"), "bold red")


def _first(endpoint: Judged) -> str:
    return "never" if endpoint.first_packet is None else f"{endpoint.first_packet:.1f} s"


COLUMNS: tuple[Column[Judged], ...] = (
    Column("Double → shop", lambda e: e.title, folds=True),
    Column("First\npacket", _first, right=True),
    Column("On air", lambda e: clock_face(e.verdict.on_air_seconds), rank=1, right=True),
    Column("Frame\nstep", lambda e: _range(e.verdict.video_step_ms, " ms"), rank=5, right=True),
    Column("GOP\nframes", lambda e: _range(e.verdict.gop_frames), rank=6, right=True),
    Column("A/V\nskew", lambda e: f"{e.verdict.skew_ms:+.0f} ms", rank=2, right=True),
    Column("Mb/s", lambda e: f"{e.verdict.kbps / 1000:.2f}", rank=4, right=True),
    Column("Label\nseen", _label, rank=3, right=True),
    Column("Verdict", _verdict),
)


def final_view(outcome: Outcome) -> Group:
    """The verdicts, and below them every finding in full."""
    table = Fitted(COLUMNS, outcome.judged, title="What the sandbox platform received\n")
    first = first_on_air(tuple(outcome.progress.first_packets.values()), len(outcome.titles))
    return Group(table, Text(), *_findings(outcome), Text(first))


def _findings(outcome: Outcome) -> list[Text]:
    lines = []
    for endpoint in outcome.judged:
        for finding in endpoint.findings:
            name = (f"  {endpoint.verdict.name}: ", "bold")
            lines.append(Text.assemble(name, (finding, "red"), overflow="fold"))
    return [*lines, Text()] if lines else []


def report_of(outcome: Outcome) -> str:
    """The verdicts as JSON."""
    endpoints = {
        endpoint.verdict.name: {
            **asdict(endpoint.verdict),
            "title": endpoint.title,
            "first_packet_seconds": endpoint.first_packet,
            "clean": not endpoint.findings,
            "findings": endpoint.findings,
            "label": asdict(endpoint.label) if endpoint.label else None,
        }
        for endpoint in outcome.judged
    }
    document = {
        "clean": outcome.clean,
        "seconds": outcome.progress.seconds,
        "clips_rendered": outcome.progress.clips - outcome.progress.kept,
        "clips_from_before": outcome.progress.kept,
        "endpoints": endpoints,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
