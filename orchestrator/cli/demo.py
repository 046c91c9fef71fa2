"""`doppelcast demo`: a streamer's matrix goes on air at the sandbox platform, and is judged there.

Its stream keys are made for the run. Clips stay in the demo's home, so a second run starts warm;
the store starts anew.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.console import fail, out, say
from orchestrator.cli.day_report import DayOutcome, day_document, day_view
from orchestrator.cli.day_run import DayRun
from orchestrator.cli.demo_report import Outcome, final_view, report_of
from orchestrator.cli.demo_run import DemoRun
from orchestrator.cli.demo_stage import DEMO_MATRIX, Stage, demo_home
from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.cli.picture import save_picture
from orchestrator.clock import SystemClock


def _writable(path: Path | None) -> Path | None:
    """Refused now, not after the demo, when a file can't be made there."""
    if path is not None and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {path.absolute().parent}.")
    return path


Seconds = Annotated[
    float, typer.Option(min=5, max=7 * 86400, help="How long to stay on air once all streams are.")
]
Record = Annotated[
    Path | None,
    typer.Option(file_okay=False, help="Keep what the endpoints received here, as FLV."),
]
Json = Annotated[
    Path | None,
    typer.Option(dir_okay=False, callback=_writable, help="Write the verdicts to this file."),
]
Matrix = Annotated[
    Path,
    typer.Option(
        exists=True,
        dir_okay=False,
        readable=True,
        show_default="the demo's own",
        help="Another matrix; its endpoints on rtmp://127.0.0.1.",
    ),
]
DayMatrix = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        readable=True,
        metavar="MATRIX",
        help="Play the liveliest two hours of this planned matrix' day, squeezed.",
    ),
]
ClockFactor = Annotated[
    float, typer.Option(min=1, max=600, help="With --day: how many times as fast.")
]


def demo(  # noqa: PLR0913 - a command has as many options as people need
    seconds: Seconds = 60.0,
    record: Record = None,
    json: Json = None,
    matrix: Matrix = DEMO_MATRIX,
    day: DayMatrix = None,
    clock_factor: ClockFactor = 60.0,
    flower: Annotated[bool, typer.Option(help="Start Flower, the admins' dashboard.")] = True,
    picture: Annotated[
        Path | None, typer.Option(dir_okay=False, callback=_writable, hidden=True)
    ] = None,
) -> None:
    """Put the demo's six streams on air at the sandbox platform, and judge what arrives.

    Or have streams follow two hours of a planned day in two minutes, and see who is on when.
    Exit code 0 only when every stream is clean: on air, in time, labelled, nothing wrong with it;
    and with a day, every double on in its turn, on unbroken connections.

    Examples: [bold]doppelcast demo[/bold],
    [bold]doppelcast demo --seconds 600 --record recordings --json verdicts.json[/bold],
    [bold]doppelcast demo --day deploy/demo/day.yaml --clock-factor 60[/bold]
    """
    with until_asked_to_stop() as asked, ExitStack() as stack:
        folder = record or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="doppelcast-"))
        )
        home = stack.enter_context(demo_home())
        stage = Stage(home, day or matrix, folder, asked, SystemClock())
        if day is not None:
            played = DayRun(stage).play(clock_factor, flower)
            if picture is not None:
                save_picture(picture, "doppelcast demo --day", played.last_view, day_view(played))
            _conclude_day(played, json, stopped=asked.is_set())
            return
        outcome = DemoRun(stage).play(seconds, flower)
        stopped = asked.is_set()
    if json is not None:
        json.write_text(report_of(outcome), encoding="utf-8")
    if picture is not None:
        save_picture(picture, "doppelcast demo", outcome.last_view, final_view(outcome))
    _conclude(outcome, stopped)


def _conclude_day(outcome: DayOutcome, json: Path | None, *, stopped: bool) -> None:
    if json is not None:
        json.write_text(day_document(outcome), encoding="utf-8")
    out.print(day_view(outcome))
    if stopped:
        say("Stopped early; what was seen until then is above.")
    if not outcome.clean or not outcome.began:
        fail("Not everything was seen as planned; the findings are above.")
        raise typer.Exit(1)
    say("[green]Every double was on in its turn, on unbroken connections.[/]")


def _conclude(outcome: Outcome, stopped: bool) -> None:
    """The verdicts, one sentence, and the exit code."""
    if stopped and not outcome.began:
        fail("Stopped before anything was on air.")
        raise typer.Exit(1)
    out.print(final_view(outcome))
    if stopped:
        say("Stopped early; what was judged until then is above.")
    if not outcome.clean:
        fail("Not every stream is clean; the findings are above.")
        raise typer.Exit(1)
    say("[green]Every stream was on air, clean and labelled.[/]")
