"""The `doppelcast` command line.

Exit codes everywhere: 0 it went well, 1 the thing asked for failed, 2 it was asked for wrongly.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from orchestrator import __version__
from orchestrator.cli.apply import apply_matrix
from orchestrator.cli.check import check_matrix
from orchestrator.cli.console import fail
from orchestrator.cli.demo import demo
from orchestrator.cli.doctor import doctor
from orchestrator.cli.processes import coordinator, recorder, worker
from orchestrator.cli.status import status
from orchestrator.cli.stop import stop
from orchestrator.cli.up import up
from orchestrator.errors import BroadcastError

P = ParamSpec("P")

app = typer.Typer(
    name="doppelcast",
    help="Puts one streamer's digital doubles on air in several brands' shops, on many platforms.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_errors(verb: Callable[P, None]) -> Callable[P, None]:
    """Our own errors become a message and exit code 1; Ctrl-C becomes 130, as shells expect."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            verb(*args, **kwargs)
        except BroadcastError as error:
            fail(str(error))
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


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
    """Puts one streamer's digital doubles on air in several brands' shops, on many platforms."""
    del version


app.command("demo")(_say_errors(demo))
app.command("check")(_say_errors(check_matrix))
app.command("apply")(_say_errors(apply_matrix))
app.command("status")(_say_errors(status))
app.command("stop")(_say_errors(stop))
app.command("up")(_say_errors(up))
app.command("coordinator")(_say_errors(coordinator))
app.command("worker")(_say_errors(worker))
app.command("recorder")(_say_errors(recorder))
app.command("doctor")(_say_errors(doctor))
