"""The long-running processes of a fleet: coordinator, recorder, workers; each in the foreground."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from orchestrator.cli.context import current_settings
from orchestrator.cli.tree import run_to_end
from orchestrator.coordinator.run import main as run_coordinator
from orchestrator.domain.node import WorkerKind
from orchestrator.recorder.run import main as run_recorder
from orchestrator.settings import Settings
from orchestrator.wire.celery_app import worker_argv
from orchestrator.wire.redis_client import check_keeps_everything


class Kind(StrEnum):
    """What a worker does, as a choice on the command line."""

    STREAM = "stream"
    RENDER = "render"


def coordinator() -> None:
    """Run a coordinator: it places streams, watches them, and moves them. Start two for a standby.

    Example: [bold]DOPPELCAST_REDIS_URL=rediss://redis.example:6380/0 doppelcast coordinator[/bold]
    """
    raise typer.Exit(run_coordinator(_fleet()))


def recorder() -> None:
    """Run the recorder: it writes what workers report into the store, each report once.

    Example: [bold]doppelcast recorder[/bold]
    """
    raise typer.Exit(run_recorder(_fleet()))


def worker(
    kind: Annotated[Kind, typer.Option(help="stream carries streams, render makes clips.")],
    name: Annotated[
        str | None, typer.Option(help="The node's name; stable, and unique in the fleet.")
    ] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, max=500, help="Streams carried, or renders made, at once.")
    ] = None,
) -> None:
    """Run a worker, a Celery process that Flower shows.

    Examples: [bold]doppelcast worker --kind stream --name stream-1 --slots 60[/bold]
    and [bold]doppelcast worker --kind render --slots 2[/bold]
    """
    environment: dict[str, str] = {"DOPPELCAST_WORKER_KIND": kind.value}
    if name is not None:
        environment["DOPPELCAST_NODE"] = name
    if slots is not None:
        option = "SLOTS" if kind is Kind.STREAM else "RENDER_PROCESSES"
        environment[f"DOPPELCAST_{option}"] = str(slots)
    os.environ.update(environment)
    run_to_end(worker_argv(WorkerKind(kind.value), _fleet()), environment)


def _fleet() -> Settings:
    """The settings, once their broker has shown that it is fit for a fleet."""
    found = current_settings()
    check_keeps_everything(found.redis)
    return found
