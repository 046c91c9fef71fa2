"""Two planned hours in twenty seconds on real streams: who is seen at the endpoint, and when."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from orchestrator.cli.day_run import FORETASTE_MS
from orchestrator.domain.media import FRAME_MS
from orchestrator.domain.schedule import Turn
from orchestrator.ids import ShopId
from orchestrator.matrixfile.load import checked
from tests.support.fleet import COMMAND
from tests.support.planned import CALM, NAMES, SWEET
from tests.support.tinted import seen, stock_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SHOPS = ("one", "two")
FACTOR = 360
"""Half an hour in five seconds."""
MATRIX = """\
plan: {prime_time: ["19:00-23:00"]}
streamer:
  id: linna
  name: 林娜
  human_hours: ["20:00-20:30"]
  human_shops: [two]
  doubles_beside: true
  consents: {likeness: {by: 林娜, on: 2026-11-01}, voice: {by: 林娜, on: 2026-11-01}}
operators: [{id: zhou, name: 周示例}]
personas:
  - {id: sweet, name: 甜美, voice: {name: zf_xiaoxiao}, longest_run: 30m, rest: 30m}
  - {id: calm, name: 沉稳, voice: {name: zf_xiaoxiao}, longest_run: 30m, rest: 30m}
brands:
  - id: suyun
    name: 素云家纺
    trade: 家纺
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products: [{id: towel, name: 云朵毛巾, price: 29.90, was: 39.90}]
    script:
      opening: ["我是{streamer}的数字人主播，由人工智能生成。"]
      products: {towel: ["{name}今天{price}。"]}
      closing: [今天就到这里。]
shops:
  - {id: one, name: 一店, brand: suyun, platform: custom, hours: ["18:00-22:00"],
     endpoint: {url: "rtmp://127.0.0.1:19551/live", key: "env:DAY_KEY_ONE"}}
  - {id: two, name: 二店, brand: suyun, platform: custom, hours: ["18:00-22:00"],
     endpoint: {url: "rtmp://127.0.0.1:19552/live", key: "env:DAY_KEY_TWO"}}
"""


def stock(media: Path) -> None:
    """Every clip of the day, in the color of its double: nothing has to be rendered."""
    loaded = checked(MATRIX, Path(), lambda key: SecretStr(f"k-{key}"))
    day = tuple(Turn(float(n), n + 1.0, who) for n, who in enumerate((SWEET, CALM, None, SWEET)))
    for spec in loaded.streams({ShopId(shop): day for shop in SHOPS}):
        stock_day(media, spec)


def played(folder: Path) -> dict[str, Any]:
    matrix, report, record = folder / "day.yaml", folder / "day.json", folder / "record"
    matrix.write_text(MATRIX, encoding="utf-8")
    argv = [*COMMAND, "demo", "--day", str(matrix), "--clock-factor", str(FACTOR), "--no-flower"]
    own = {
        "DOPPELCAST_HOME": str(folder / "home"),
        "DOPPELCAST_MEDIA_DIR": str(folder / "media"),
        "DOPPELCAST_RENDER_PROCESSES": "1",
    }
    done = subprocess.run(
        [*argv, "--json", str(report), "--record", str(record)],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def test_two_planned_hours_pass_in_twenty_seconds_on_one_connection_each(tmp_path: Path) -> None:
    stock(tmp_path / "media")
    report = played(tmp_path)
    assert report["clean"]
    assert report["changes"] >= 4
    for shop in SHOPS:
        stream = report["streams"][shop]
        assert stream["connections"] == 1
        # What the workers say is what was planned
        planned = [scene["double"] for scene in stream["planned"]]
        assert [scene["double"] for scene in stream["seen"]] == planned
        # And the pictures that came over that one connection show the same, at the same moments
        [recording] = sorted((tmp_path / "record").glob(f"{shop}*.flv"))
        sights = [sight for sight in seen(recording) if sight.ends_ms - sight.begins_ms > 400]
        assert [sight.who for sight in sights] == planned
        begun = stream["seen"][0]["begins_at"]
        for sight, scene in list(zip(sights, stream["seen"], strict=True))[1:]:
            came_ms = 1000 * (scene["begins_at"] - begun) + FORETASTE_MS
            assert sight.begins_ms - sights[0].begins_ms == pytest.approx(came_ms, abs=FRAME_MS)
    doubles = {
        name for s in report["streams"].values() for name in (x["double"] for x in s["seen"])
    }
    assert doubles == {*NAMES.values(), "human"}
