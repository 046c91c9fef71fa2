"""`doppelcast sandbox`: the sandbox platform alone, for fleets that have no account yet.

It listens where the shops of a matrix publish to, lets in who has the shop's key, judges what
arrives, and says so now and then. Names of hosts are ignored: it is whatever host it runs on.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from orchestrator.cli.apply import MatrixFile
from orchestrator.cli.columns import Column, Fitted
from orchestrator.cli.console import clock_face, counted, out, print_json, say
from orchestrator.cli.demo_stage import sandbox_endpoints
from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.matrixfile import load
from orchestrator.sandbox.platform import Sandbox
from orchestrator.sandbox.verdict import Verdict
from orchestrator.settings import settings
from orchestrator.wire.secrets import resolve_key

COLUMNS: tuple[Column[Verdict], ...] = (
    Column("Endpoint", lambda v: v.name, least=12),
    Column("Is", lambda v: "on air" if v.live else "silent"),
    Column("Received", lambda v: clock_face(v.on_air_seconds), rank=1, right=True),
    Column("Mb/s", lambda v: f"{v.recent_kbps / 1000:.1f}", rank=3, right=True),
    Column("Connections", lambda v: str(v.sessions), rank=2, right=True),
    Column("Gaps", lambda v: f"{v.gap_seconds:.2f} s", rank=2, right=True),
    Column("Twice", lambda v: f"{v.overlap_ms} ms", rank=2, right=True),
    Column("Found", lambda v: "; ".join(v.findings) or "clean", folds=True),
)


def sandbox(
    matrix: MatrixFile,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    every: Annotated[float, typer.Option(min=1.0, help="Seconds between two tables.")] = 30.0,
    json: Annotated[
        bool, typer.Option("--json", help="Say it once, at the end, for machines.")
    ] = False,
) -> None:
    """Stand in for the platforms of a matrix, and judge what its streams send.

    Example: [bold]SHOP_KEY=… doppelcast sandbox deploy/demo/small.yaml --host 0.0.0.0[/bold]
    """
    endpoints = sandbox_endpoints(load(matrix, resolve_key, settings().font).streams())
    with until_asked_to_stop() as asked, Sandbox(endpoints, host=host) as platform:
        if not json:
            say(f"The sandbox listens at {host}: {counted(len(endpoints), 'endpoint')}.")
        while not asked.wait(every):
            if not json:
                out.print(_table(platform.snapshot()))
        verdicts = platform.snapshot()
    if json:
        print_json({name: asdict(v) | {"findings": v.findings} for name, v in verdicts.items()})
    else:
        out.print(_table(verdicts))


def _table(verdicts: Mapping[str, Verdict]) -> Fitted[Verdict]:
    return Fitted(COLUMNS, tuple(verdicts.values()))
