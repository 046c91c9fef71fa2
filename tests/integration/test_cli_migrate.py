"""`doppelcast migrate` on a store that is new, current, late or away."""

import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.main import app
from orchestrator.cli.migrate import bring_up_to_date
from orchestrator.clock import SystemClock
from orchestrator.errors import StoreUnavailable
from orchestrator.settings import settings
from orchestrator.store.store import Store


def test_a_store_gets_its_schema_and_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOPPELCAST_HOME", str(tmp_path))
    monkeypatch.setenv("DOPPELCAST_STORE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    settings.cache_clear()
    for _ in range(2):
        done = CliRunner().invoke(app, ["migrate"], catch_exceptions=False)
        assert done.exit_code == 0
        assert "newest schema" in done.stdout
    settings.cache_clear()
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    assert store.desired() == ()
    store.close()


def test_a_store_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.write_text("a file where a folder is to be")
    later = threading.Timer(0.5, in_the_way.unlink)
    later.start()
    bring_up_to_date(f"sqlite:///{in_the_way / 'store.db'}", 20.0, SystemClock())
    later.join()
    assert (in_the_way / "store.db").exists()


def test_a_store_that_stays_away_is_an_error_after_the_time(tmp_path: Path) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.write_text("a file where a folder is to be")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        bring_up_to_date(f"sqlite:///{in_the_way / 'store.db'}", 0.2, SystemClock())
    assert time.monotonic() - began < 5
