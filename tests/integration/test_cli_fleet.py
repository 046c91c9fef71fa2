"""`up` with the real fleet, judged by the sandbox platform: new lines restart nothing.

Three shops share brand, name and persona, so that few clips are rendered for all of them.
"""

import json
import secrets
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic import SecretStr

from orchestrator.cli.tree import STOP_SECONDS
from orchestrator.domain.evidence import ReportKind
from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint
from orchestrator.store.store import Store
from tests.support.fleet import COMMAND, END_SECONDS, Fleet, background, belonging_to, up
from tests.support.processes import eventually
from tests.support.shops import ShortMatrix
from tests.support.valkey import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

COLD_SECONDS = 180.0
AT_ONCE_SECONDS = 0.8 * STOP_SECONDS
"""Less than a part is given that was asked to end."""
ALL_REPORTS = 100_000
SHOPS = ("first", "second", "third")
NEW_LINE = "towel/1"
"""How a shop's own line goes, after the brand's."""
AGREED = "2026-11-01"
"""A date; in quotes it would be text."""
OPENING = "大家好，我是{streamer}的数字人主播，由人工智能生成。"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips that the tests of this file share."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Sandbox]:
    keys = {name: secrets.token_hex(8) for name in SHOPS}
    for name, key in keys.items():
        (tmp_path / f"{name}.key").write_text(key)
    endpoints = [SandboxEndpoint(name, 0, "live", SecretStr(key)) for name, key in keys.items()]
    with Sandbox(endpoints) as sandbox:
        yield sandbox


def a_matrix(
    folder: Path, urls: Mapping[str, str], scripts: Mapping[str, str] | None = None
) -> ShortMatrix:
    """A matrix of these shops; some with a line of their own. JSON is YAML, too."""
    agreed = {"by": "林娜", "on": AGREED}
    product = {"id": "towel", "name": "云朵毛巾", "price": 29.9, "unit": "条", "points": ["吸水快"]}
    script = {"opening": [OPENING], "products": {"towel": ["这条{name}，今天{price}一条。"]}}
    brand = {"id": "suyun", "name": "素云家纺", "trade": "家纺", "products": [product]}
    colors = {"primary": "#4a6fa5", "accent": "#e8743b"}
    document = {
        "streamer": {
            "id": "linna",
            "name": "林娜",
            "consents": {"likeness": agreed, "voice": agreed},
        },
        "operators": [{"id": "zhou", "name": "周示例"}],
        "personas": [{"id": "sweet", "name": "甜美", "voice": {"name": "zf_xiaoxiao"}}],
        "brands": [brand | {"colors": colors, "script": script}],
        "shops": [
            a_shop(folder, name, url, (scripts or {}).get(name)) for name, url in urls.items()
        ],
    }
    path = folder / "matrix.yaml"
    text = json.dumps(document, ensure_ascii=False, indent=1).replace(f'"{AGREED}"', AGREED)
    path.write_text(text, encoding="utf-8")
    return ShortMatrix(path, (), {})


def a_shop(folder: Path, name: str, url: str, line: str | None) -> dict[str, Any]:
    shop = {
        "id": name,
        "name": "素云家纺",
        "brand": "suyun",
        "platform": "custom",
        "persona": "sweet",
        "endpoint": {"url": url, "key": f"file:{folder / name}.key"},
    }
    return shop if line is None else shop | {"script": {"products": {"towel": [line]}}}


def on_air(platform: Sandbox, *names: str) -> bool:
    """Whether exactly these endpoints receive now."""
    return {name for name, verdict in platform.snapshot().items() if verdict.live} == set(names)


def sessions(platform: Sandbox) -> dict[str, int]:
    return {name: verdict.sessions for name, verdict in platform.snapshot().items()}


def has_said(fleet: Fleet, shop: str, line: str) -> bool:
    """Whether that line was taken on air, as the recorder knows."""
    store = Store.open(fleet.settings.store)
    try:
        taken = store.reporting.latest(ReportKind.TAKEN, ALL_REPORTS)
    finally:
        store.close()
    return any((report.stream, report.facts["line"]) == (shop, line) for report in taken)


def becomes(true: Callable[[], bool], fleet: Fleet, seconds: float = 60.0) -> None:
    assert eventually(true, seconds, 0.2), fleet.run("status").stdout + fleet.said


def test_a_matrix_that_is_applied_again_with_new_lines_restarts_nothing(
    tmp_path: Path, platform: Sandbox, media: Path
) -> None:
    urls = {name: platform.url(name) for name in SHOPS}
    two = {name: urls[name] for name in ("first", "second")}
    with up(a_matrix(tmp_path, two), tmp_path / "home", media=media) as fleet:
        becomes(lambda: on_air(platform, "first", "second"), fleet, COLD_SECONDS)
        becomes(lambda: fleet.run("status").returncode == 0, fleet)
        before = fleet.status()

        a_matrix(tmp_path, urls, {"second": "毛圈织得厚实，{price}一条。"})
        applied = fleet.run("apply", str(fleet.matrix.path), "--json")
        assert applied.returncode == 0, applied.stderr
        said = json.loads(applied.stdout)
        assert (said["added"], said["changed"]) == (["third"], ["second"])
        assert (said["unchanged"], said["removed"]) == (["first"], [])
        assert said["restarting"] == []
        becomes(lambda: on_air(platform, *SHOPS), fleet)
        becomes(lambda: has_said(fleet, "second", NEW_LINE), fleet)
        assert sessions(platform) == {"first": 1, "second": 1, "third": 1}
        becomes(lambda: fleet.run("status").returncode == 0, fleet)
        after = fleet.status()
        assert after["first"]["token"] == before["first"]["token"]
        assert after["second"]["token"] == before["second"]["token"]

        a_matrix(tmp_path, two, {"second": "毛圈织得厚实，{price}一条。"})
        assert fleet.run("apply", str(fleet.matrix.path)).returncode == 0
        becomes(lambda: on_air(platform, "first", "second"), fleet)
        becomes(lambda: fleet.status().keys() == two.keys(), fleet)

        stops_and_starts(fleet, platform)
        assert sessions(platform) == {"first": 2, "second": 1, "third": 1}
        assert fleet.interrupt() == 0
    assert "Stopped; nothing is left running." in fleet.said
    assert belonging_to(fleet.home) == []


def stops_and_starts(fleet: Fleet, platform: Sandbox) -> None:
    assert fleet.run("stop", "first").returncode == 0
    becomes(lambda: on_air(platform, "second"), fleet)
    becomes(lambda: fleet.run("status").returncode == 0, fleet)
    row = fleet.status()["first"]
    assert (row["wanted"], row["phase"], row["as_wanted"]) == (False, "ended", True)
    assert fleet.run("stop", "--start", "first").returncode == 0
    becomes(lambda: on_air(platform, "first", "second"), fleet)


def nowhere(folder: Path) -> ShortMatrix:
    """A matrix whose endpoint isn't there."""
    (folder / "first.key").write_text("key")
    return a_matrix(folder, {"first": f"rtmp://127.0.0.1:{free_port()}/live"})


def test_a_broker_that_dies_ends_the_fleet_with_a_word_about_it(
    tmp_path: Path, media: Path
) -> None:
    with up(nowhere(tmp_path), tmp_path / "home", media=media) as fleet:
        assert fleet.run("status").returncode == 1
        parts = psutil.Process(fleet.group.pid).children()
        (broker,) = [part for part in parts if "valkey" in part.name()]
        broker.kill()
        assert fleet.group.wait(END_SECONDS) == 1
    assert "broker was ended by SIGKILL" in fleet.said
    assert "Ready to accept connections" in fleet.said
    assert "Traceback" not in fleet.said
    assert belonging_to(fleet.home) == []


def test_a_second_fleet_in_one_home_is_refused_until_the_first_is_gone(
    tmp_path: Path, media: Path
) -> None:
    matrix = nowhere(tmp_path)
    with up(matrix, tmp_path / "home", media=media) as fleet:
        refused = fleet.run("up", str(matrix.path))
        assert refused.returncode == 1
        assert f"in use by doppelcast up, process {fleet.group.pid}" in refused.stderr
        fleet.group.signal(signal.SIGKILL)
        fleet.group.wait(10)
        assert (fleet.home / "up.json").exists()
        assert "doesn't answer" in fleet.run("status").stdout
        with up(matrix, fleet.home, media=media) as again:
            becomes(lambda: again.status()["first"]["heard"], again)
            again.group.signal(signal.SIGTERM)
            assert again.group.wait(END_SECONDS) == 0
    assert belonging_to(fleet.home) == []


@pytest.mark.parametrize("begun", ["home.lock", "logs/coordinator.log", "spool"])
def test_ctrl_c_while_a_demo_starts_ends_it_cleanly(tmp_path: Path, begun: str) -> None:
    matrix, home = nowhere(tmp_path), tmp_path / "home"
    argv = [*COMMAND, "demo", "--no-flower", "--matrix", str(matrix.path)]
    with background(argv, tmp_path / "said", {"DOPPELCAST_HOME": str(home)}) as demo:
        assert eventually((home / "demo" / begun).exists, 60), demo.stderr()
        # Even where a worker runs, no clip is there: nothing is on air for seconds to come.
        assert demo.interrupt(END_SECONDS) == 1
        assert belonging_to(home) == []
    assert "Stopped before anything was on air." in demo.stderr()
    assert "Traceback" not in demo.stderr()


def test_a_second_ctrl_c_ends_a_fleet_at_once(tmp_path: Path, media: Path) -> None:
    with up(nowhere(tmp_path), tmp_path / "home", media=media) as fleet:
        becomes(lambda: fleet.status()["first"]["heard"], fleet)
        # A part that doesn't listen is waited for after the first one.
        parts = psutil.Process(fleet.group.pid).children()
        (frozen,) = [part for part in parts if "coordinator" in part.cmdline()]
        frozen.suspend()
        fleet.group.signal(signal.SIGINT)
        becomes(lambda: "Stopping" in fleet.said, fleet)
        fleet.group.signal(signal.SIGINT)
        assert fleet.group.wait(AT_ONCE_SECONDS) == 130
        assert eventually(lambda: belonging_to(fleet.home) == [], 30)
    assert "Traceback" not in fleet.said
