"""Which fleet a command means: the environment's, or the one that `up` runs on this machine.

`up` leaves a note in its home (`up.json`, readable by its owner only) with the address of its
embedded broker, so that `status`, `apply` and `stop` in another terminal find it without a setting.
A configured DOPPELCAST_REDIS_URL wins.
"""

import json
import os
from pathlib import Path

from orchestrator.settings import Settings, settings

NOTE = "up.json"


def current_settings() -> Settings:
    """The settings, with the embedded broker's address where one runs and none is configured."""
    os.environ.update(_note_of(settings().home))
    settings.cache_clear()
    return settings()


def _note_of(home: Path) -> dict[str, str]:
    if "DOPPELCAST_REDIS_URL" in os.environ:
        return {}
    try:
        note = json.loads((home / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {"DOPPELCAST_REDIS_URL": str(note["redis_url"])}


def leave_note(home: Path, redis_url: str) -> None:
    """Say where the embedded broker listens; for the owner's eyes only."""
    path = home / NOTE
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps({"redis_url": redis_url}), encoding="utf-8")


def take_note_back(home: Path) -> None:
    """The embedded broker is gone."""
    (home / NOTE).unlink(missing_ok=True)
