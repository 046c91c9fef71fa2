"""Writes the dashboards where the chart and the compose file take them from.

python -m deploy.grafana
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.grafana.fleet import fleet
from deploy.grafana.panels import Json
from deploy.grafana.room import room

FOLDER = Path(__file__).parents[2] / "helm" / "doppelcast" / "files" / "dashboards"
PAGES: Mapping[str, Callable[[], Json]] = {"fleet.json": fleet, "room.json": room}


def written(page: Json) -> str:
    """A page as its file holds it."""
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(written(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
