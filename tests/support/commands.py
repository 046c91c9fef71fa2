"""`doppelcast` in this process, in a home of its own and without anybody's settings.

run = commands(tmp_path / "home", monkeypatch, columns=120)
assert run("check", str(path)).exit_code == 0
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli.main import app
from orchestrator.settings import settings

Run = Callable[..., Result]


def commands(home: Path, monkeypatch: pytest.MonkeyPatch, columns: int) -> Run:
    """Takes a command's words. Settings are read anew each time, and stream keys aren't there."""
    for name in [name for name in os.environ if name.startswith("DOPPELCAST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOPPELCAST_HOME", str(home))
    monkeypatch.setenv("COLUMNS", str(columns))

    def invoke(*words: str) -> Result:
        settings.cache_clear()
        try:
            return CliRunner().invoke(app, list(words), catch_exceptions=False)
        finally:
            settings.cache_clear()

    return invoke
