"""`doppelcast flower`: the admins' dashboard, in the foreground, never without a login.

Flower reads its options from the environment (`FLOWER_BASIC_AUTH`, `FLOWER_URL_PREFIX` and so on);
what it shows of streams is ours (telemetry/flower_page.py). It knows no roles: whoever is to look
and not to touch has an instance of their own, with --read-only.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.context import current_settings
from orchestrator.cli.fleet import FLOWER_PAGE
from orchestrator.cli.tree import run_to_end
from orchestrator.errors import ConfigurationError

LOGINS = ("FLOWER_BASIC_AUTH", "FLOWER_AUTH_PROVIDER")
"""One of them has to be set. Flower without either shows everything to everybody."""
DEFAULTS: Mapping[str, str] = {
    "FLOWER_MAX_TASKS": "10000",
    "FLOWER_INSPECT_TIMEOUT": "3000",
    "FLOWER_PURGE_OFFLINE_WORKERS": "3600",
}


def flower(
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 5555,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show everything and change nothing.")
    ] = False,
) -> None:
    """Run Flower, the admins' dashboard: a readable row a stream, Terminate, workers, queues.

    Example: [bold]FLOWER_BASIC_AUTH=admin:… doppelcast flower --address 0.0.0.0[/bold]
    """
    current_settings()
    given = with_login_of_file(os.environ)
    environment = flower_environment(given, address, port, read_only=read_only)
    argv = (sys.executable, "-m", "celery", "-A", "workers.app:stream_app", "flower")
    run_to_end(argv, environment)


def with_login_of_file(given: Mapping[str, str]) -> dict[str, str]:
    """The environment with FLOWER_BASIC_AUTH as FLOWER_BASIC_AUTH_FILE holds it, if it is named."""
    path = given.get("FLOWER_BASIC_AUTH_FILE", "")
    if not path:
        return dict(given)
    try:
        return {**given, "FLOWER_BASIC_AUTH": Path(path).read_text(encoding="utf-8").strip()}
    except OSError as error:
        raise ConfigurationError(
            f"FLOWER_BASIC_AUTH_FILE: {path} can't be read: {error.strerror}. "
            "Put user:password into it."
        ) from error


def flower_environment(
    given: Mapping[str, str], address: str, port: int, *, read_only: bool
) -> dict[str, str]:
    """What Flower needs beyond what is given. No login is no Flower."""
    if not any(given.get(name, "").strip() for name in LOGINS):
        raise ConfigurationError(
            "Flower without a login shows the fleet to everybody, and lets them end its streams. "
            "Set FLOWER_BASIC_AUTH=user:password, or FLOWER_AUTH_PROVIDER and its options."
        )
    login = {name: given[name] for name in LOGINS if given.get(name)}
    return {
        **{name: given.get(name, value) for name, value in DEFAULTS.items()},
        **login,
        "DOPPELCAST_WORKER_KIND": "stream",
        "FLOWER_ADDRESS": address,
        "FLOWER_PORT": str(port),
        "FLOWER_CONF": str(FLOWER_PAGE),
        "FLOWER_READ_ONLY": "true" if read_only else "false",
    }
