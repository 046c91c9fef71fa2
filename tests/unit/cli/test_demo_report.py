"""What the demo says while it runs and at its end."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from orchestrator.cli.demo_report import (
    LABEL_MISSING,
    NOTHING_TO_LOOK_AT,
    Outcome,
    final_view,
    report_of,
)
from orchestrator.cli.demo_view import START_SECONDS, Progress, live_view
from orchestrator.cli.overview import Overview
from orchestrator.cli.picture import TEXT, in_runs
from orchestrator.ids import StreamId
from orchestrator.sandbox.anomaly import Rules
from orchestrator.sandbox.facts import Facts
from orchestrator.sandbox.label import LabelCheck
from orchestrator.sandbox.verdict import Moment, Verdict, judged
from tests.unit.cli.test_columns import TITLE, a_row

STREAM = StreamId("suyun-douyin")
SEEN = LabelCheck(12, 12, 39.0, 36.0, 18.0, 0.98)


def a_verdict(findings: tuple[str, ...] = ()) -> Verdict:
    nothing = judged(STREAM, Facts(), Rules(), Moment(100.0))
    return replace(
        nothing,
        first_packet_at=103.5,
        on_air_seconds=60.0,
        recent_kbps=930.0,
        recent_fps=25.0,
        skew_ms=21.7,
        max_skew_ms=39.7,
        findings=findings,
    )


def an_outcome(verdict: Verdict, label: LabelCheck | None = SEEN) -> Outcome:
    progress = Progress(100.0, (STREAM,), 60.0)
    progress.note({STREAM: verdict}, 3, 104.0)
    labels = {STREAM: label} if label else {}
    return Outcome({STREAM: TITLE}, {STREAM: verdict}, labels, progress, Text())


def drawn(shown: RenderableType, width: int = 80) -> str:
    console = Console(width=width, file=StringIO(), color_system=None)
    console.print(shown)
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= width
    return text


@pytest.mark.parametrize("width", [80, 100, 150])
def test_the_final_table_shows_the_skew_at_the_end_and_not_its_maximum(width: int) -> None:
    text = drawn(final_view(an_outcome(a_verdict())), width)
    assert "+22 ms" in text
    assert "40 ms" not in text
    assert TITLE in text
    assert "3.5 s" in text
    assert "clean" in text


def test_every_finding_is_told_in_full_however_narrow_the_console() -> None:
    finding = "video gap: 3 times, first a step of 4120 ms after frame 1250 in connection 2"
    text = drawn(final_view(an_outcome(a_verdict((finding,)))), 80)
    assert "1 finding" in text
    assert finding in " ".join(text.split())


@pytest.mark.parametrize(
    ("label", "finding"),
    [(None, NOTHING_TO_LOOK_AT), (replace(SEEN, with_label=11), LABEL_MISSING)],
)
def test_a_stream_without_its_label_throughout_is_not_clean(
    label: LabelCheck | None, finding: str
) -> None:
    outcome = an_outcome(a_verdict(), label)
    document = json.loads(report_of(outcome))
    assert not outcome.clean
    assert document["clean"] is False
    assert document["endpoints"][STREAM]["findings"] == [finding]


@pytest.mark.parametrize("width", [80, 100, 150])
def test_the_live_table_shows_what_arrives(width: int) -> None:
    outcome = an_outcome(a_verdict())
    view = Overview((a_row(),), (), broker_answers=True)
    text = drawn(live_view(view, outcome.verdicts, outcome.progress, 110.0), width)
    for shown in (TITLE, "ON AIR", "00:01:00", "0.93", "nothing", "00:00:54 to go"):
        assert shown in text


def test_a_finding_is_shown_while_it_matters_even_at_80_columns() -> None:
    outcome = an_outcome(a_verdict(("video gap: once, first of 4 s",)))
    view = Overview((a_row(),), (), broker_answers=True)
    assert "1: video gap: once" in drawn(
        live_view(view, outcome.verdicts, outcome.progress, 110.0), 80
    )


def test_a_demo_that_never_gets_going_is_over_after_a_while() -> None:
    progress = Progress(100.0, (STREAM,), 60.0)
    assert not progress.over(100.0 + START_SECONDS)
    assert progress.over(101.0 + START_SECONDS)


def test_a_demo_lasts_as_long_as_asked_once_all_are_on_air() -> None:
    progress = an_outcome(a_verdict()).progress
    assert not progress.over(163.9)
    assert progress.over(164.0)


def test_in_a_picture_every_run_of_glyphs_has_a_place_of_its_own() -> None:
    svg = '<text class="c-r1" x="0" y="20" textLength="9" clip-path="url(#c)">a·林&amp;</text>'
    drawn_again = TEXT.sub(in_runs, svg)
    assert (
        '<text class="c-r1" x="0.0" y="20" textLength="24.4" clip-path="url(#c)">a·' in drawn_again
    )
    assert (
        'font-size="22.5" x="24.4" y="20" textLength="24.4" clip-path="url(#c)">林<' in drawn_again
    )
    assert 'x="48.8" y="20" textLength="12.2" clip-path="url(#c)">&amp;<' in drawn_again
