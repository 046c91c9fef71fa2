"""The `doppelcast` command line.

Exit codes everywhere: 0 it went well, 1 the thing asked for failed, 2 it was asked for wrongly.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer

from orchestrator import __version__
from orchestrator.cli.apply import apply_matrix
from orchestrator.cli.check import check_matrix
from orchestrator.cli.console import fail, print_json
from orchestrator.cli.demo import demo
from orchestrator.cli.doctor import doctor
from orchestrator.cli.drain import drain, undrain
from orchestrator.cli.flower import flower
from orchestrator.cli.leave import leave
from orchestrator.cli.migrate import migrate
from orchestrator.cli.plan import plan
from orchestrator.cli.problems import show_problems
from orchestrator.cli.processes import coordinator, recorder, worker
from orchestrator.cli.sandbox import sandbox
from orchestrator.cli.simulate import simulate
from orchestrator.cli.status import status
from orchestrator.cli.stop import stop
from orchestrator.cli.up import up
from orchestrator.errors import BroadcastError, ConfigurationError, SpecError
from orchestrator.settings import settings

P = ParamSpec("P")

INTERRUPTED = 130
"""What shells say of a command that Ctrl-C ended at once."""

app = typer.Typer(
    name="doppelcast",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _verb(name: str, verb: Callable[P, None], panel: str) -> None:
    """Make a function a command; our own errors become a message and an exit code."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        _check_settings(kwargs)
        try:
            verb(*args, **kwargs)
        except BroadcastError as error:
            _tell(error, kwargs)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    app.command(name, rich_help_panel=panel)(run)


def _check_settings(options: Mapping[str, object]) -> None:
    """A setting that can't be is wrong use, whatever was asked for."""
    try:
        settings()
    except ConfigurationError as error:
        _tell(error, options)
        raise typer.Exit(2) from error


def _tell(error: BroadcastError, options: Mapping[str, object]) -> None:
    problems = error.problems if isinstance(error, SpecError) else ()
    matrix = options.get("day") or options.get("matrix")
    if options.get("json") is True:
        told = {"kind": type(error).__name__, "message": str(error), "fault": error.fault.value}
        print_json({"error": told, "problems": [asdict(problem) for problem in problems]})
    elif problems and isinstance(matrix, Path):
        show_problems(matrix, problems)
    else:
        fail(str(error))


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"doppelcast {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Say the version and leave.", callback=_version, is_eager=True
    ),
) -> None:
    """Puts one streamer's digital doubles on air in several brands' shops, on many platforms.

    New here? [bold]doppelcast doctor[/bold] looks at this machine, [bold]doppelcast demo[/bold]
    puts six streams on air at a sandbox platform, no account needed.
    """
    del version


_PANELS: Mapping[str, Mapping[str, Callable[..., None]]] = {
    "To begin with": {"doctor": doctor, "demo": demo, "simulate": simulate, "sandbox": sandbox},
    "A matrix and its day": {"check": check_matrix, "plan": plan, "apply": apply_matrix},
    "What is on air": {"status": status, "stop": stop, "drain": drain, "undrain": undrain},
    "A fleet's processes": {
        "up": up,
        "coordinator": coordinator,
        "recorder": recorder,
        "worker": worker,
        "leave": leave,
        "flower": flower,
        "migrate": migrate,
    },
}
for _panel, _verbs in _PANELS.items():
    for _name, _command in _verbs.items():
        _verb(_name, _command, _panel)
