"""`python -m orchestrator.cli`: the same as `doppelcast`, for processes that start one another."""

from orchestrator.cli.main import app

app()
