"""`doppelcast plan` as it is used: right, wrong, again after something changed, ended by Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from icalendar import Calendar
from pydantic import SecretStr

from orchestrator.clock import SystemClock
from orchestrator.matrixfile import load
from orchestrator.planning.book import broadcast_day
from orchestrator.store.store import Store
from tests.support.commands import Run, commands
from tests.support.processes import eventually

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
DAY = ("--date", "2026-11-22")

MATRIX = """
streamer:
  id: linna
  name: 林娜
  human_hours: ["20:00-21:00"]
  human_shops: [suyun-mine]
  doubles_beside: true
  consents: {likeness: {by: 林娜, on: 2026-11-01}, voice: {by: 林娜, on: 2026-11-01}}
plan: {slot_minutes: 60, day_begins: "06:00", stream_hour: 6, switch: 3}
operators:
  - {id: zhou, name: 周示例, shifts: ["06:00-16:00"]}
  - {id: wu, name: 吴样例, shifts: ["14:00-24:00"], most_rooms: 2}
personas:
  - {id: sweet, name: 甜美, voice: {name: zf_xiaoxiao}, longest_run: 4h}
  - {id: wise, name: 知性, voice: {name: zf_xiaobei}}
brands:
  - id: suyun
    name: 素云家纺
    trade: 家纺
    contract: {minimum_hours: 10, maximum_hours: 24}
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products: [{id: towel, name: 云朵毛巾, price: 29.90}]
    script: {opening: ["欢迎来到{shop}，我是{streamer}的数字人主播，由人工智能生成。"],
      products: {towel: ["这条{name}今天{price}一条。"]}}
shops:
  - {id: suyun-mine, name: 素云家纺旗舰店, brand: suyun, platform: custom, hours: ["10:00-22:00"],
     endpoint: {url: "rtmp://127.0.0.1:1935/live", key: "env:NOWHERE"}}
  - {id: suyun-other, name: 素云家纺生活馆, brand: suyun, platform: custom, hours: ["12:00-23:00"],
     endpoint: {url: "rtmp://127.0.0.1:1936/live", key: "env:NOWHERE_ELSE"}}
"""

AROUND_THE_CLOCK = """
streamer:
  id: linna
  name: 林娜
  consents: {likeness: {by: 林娜, on: 2026-11-01}, voice: {by: 林娜, on: 2026-11-01}}
plan: {slot_minutes: 60, day_begins: "06:00"}
operators: [{id: zhou, name: 周示例, shifts: ["00:00-24:00"]}]
personas: [{id: sweet, name: 甜美, voice: {name: zf_xiaoxiao}, longest_run: 2h, rest: 1h}]
brands:
  - id: suyun
    name: 素云家纺
    trade: 家纺
    colors: {primary: "#4a6fa5", accent: "#e8743b"}
    products: [{id: towel, name: 云朵毛巾, price: 29.90}]
    script: {opening: ["欢迎来到{shop}，我是{streamer}的数字人主播，由人工智能生成。"],
      products: {towel: ["这条{name}今天{price}一条。"]}}
shops:
  - {id: suyun-mine, name: 素云家纺旗舰店, brand: suyun, platform: custom, hours: ["00:00-24:00"],
     worth: 100, worth_at: [{hours: "04:00-08:00", worth: 900}],
     endpoint: {url: "rtmp://127.0.0.1:1935/live", key: "env:KEY"}}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return commands(tmp_path / "home", monkeypatch, columns=120)


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX, "utf-8")
    return path


def _planned(run: Run, matrix: Path, *options: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("plan", str(matrix), *DAY, "--json", *options).stdout)
    return told


def test_a_day_is_planned_without_stream_keys_and_shown(
    run: Run, matrix: Path, tmp_path: Path
) -> None:
    page, folder = tmp_path / "day.html", tmp_path / "calendars"
    result = run("plan", str(matrix), *DAY, "--html", str(page), "--ics", str(folder))
    assert result.exit_code == 0, result.output
    assert "林娜 · Sunday, 22 November 2026" in result.stdout
    assert "✓ 素云家纺" in result.stdout
    assert "This plan is worth" in result.stdout
    assert "素云家纺生活馆" in page.read_text("utf-8")
    (events,) = [
        Calendar.from_ical((folder / "suyun-mine.ics").read_bytes()).walk("VEVENT"),
    ]
    assert "林娜 · 素云家纺旗舰店" in [event["summary"] for event in events]
    assert (folder / "suyun-other.ics").is_file()


def test_the_same_seed_gives_the_same_plan(run: Run, matrix: Path) -> None:
    assert _planned(run, matrix, "--seed", "7") == _planned(run, matrix, "--seed", "7")


def test_an_unmet_contract_is_told_and_ends_with_1(run: Run, matrix: Path) -> None:
    alone = MATRIX.replace("most_rooms: 2", "most_rooms: 1").replace(
        '-16:00"]', '-16:00"], most_rooms: 1'
    )
    matrix.write_text(alone.replace("minimum_hours: 10", "minimum_hours: 20"), "utf-8")
    result = run("plan", str(matrix), *DAY)
    assert result.exit_code == 1
    assert "✗ 素云家纺 lacks " in result.stdout
    assert "1 of 1 contracts unmet" in result.stdout


def test_what_changed_since_is_told_with_its_reason(run: Run, matrix: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(run("plan", str(matrix), *DAY, "--json").stdout, "utf-8")
    since = (*DAY, "--since", "17:20", "--before", str(before))
    assert "Nothing has to change." in run("plan", str(matrix), *since).stdout
    matrix.write_text(MATRIX.replace('["12:00-23:00"]', '["12:00-21:00"]'), "utf-8")
    told = json.loads(run("plan", str(matrix), *since, "--json").stdout)
    (closed,) = [c for c in told["changes"] if c["after"] is None]
    assert (closed["shop"], closed["rule"]) == ("suyun-other", "shop is open")
    assert closed["begins"] == "2026-11-22T21:00:00+08:00"
    assert all(c["begins"] >= "2026-11-22T18:00:00+08:00" for c in told["changes"])


def test_without_a_plan_in_force_it_says_what_to_compare_with(run: Run, matrix: Path) -> None:
    result = run("plan", str(matrix), *DAY, "--since", "17:20")
    assert result.exit_code == 1
    assert "doppelcast apply MATRIX" in result.stderr
    assert "--before FILE" in result.stderr


def test_what_is_planned_anew_is_put_in_force_when_asked(
    run: Run, matrix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("NOWHERE", "NOWHERE_ELSE"):
        monkeypatch.setenv(key, f"try-{key}")
    assert run("apply", str(matrix)).exit_code == 0
    today = broadcast_day(load(matrix, SecretStr).matrix, SystemClock().wall())
    tomorrow = today + timedelta(days=1)
    matrix.write_text(MATRIX.replace('["12:00-23:00"]', '["12:00-21:00"]'), "utf-8")
    since = ("--date", tomorrow.isoformat(), "--since", "17:20")
    shown = run("plan", str(matrix), *since)
    assert "素云家纺生活馆 is closed at 21:00" in shown.stdout
    applied = run("plan", str(matrix), *since, "--apply")
    assert "Revision 2 is in force." in applied.stdout
    assert "Nothing has to change." in run("plan", str(matrix), *since).stdout
    late = run("plan", str(matrix), "--date", "2020-01-01", "--since", "17:20", "--apply")
    assert late.exit_code == 1
    assert "No plan for 2020-01-01 is in force" in late.stderr


def test_runs_and_rests_go_on_from_today_to_tomorrow(
    run: Run, matrix: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The best hours lie on both sides of the day's edge, and there is one double for them."""
    monkeypatch.setenv("KEY", "try")
    matrix.write_text(AROUND_THE_CLOCK, "utf-8")
    applied = run("apply", str(matrix))
    assert applied.exit_code == 0, applied.output
    store = Store.open(f"sqlite:///{tmp_path / 'home' / 'store.db'}")
    (desired,), tomorrow = store.desired(), store.plans.latest()
    store.close()
    assert tomorrow is not None
    stays = [(turn.begins_at, turn.ends_at) for turn in desired.spec.turns]
    assert stays[0][0] < tomorrow.day.begins[0] < stays[-1][1]
    assert all(ends - begins <= 2 * 3600 for begins, ends in stays)
    assert all(later[0] - one[1] >= 3600 for one, later in pairwise(stays))


def test_a_matrix_without_a_plan_is_told_how_to_get_one(run: Run) -> None:
    result = run("plan", str(DEMO / "small.yaml"))
    assert result.exit_code == 1
    assert "`plan: {}`" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--date", "tomorrow"),
        ("--date", "0001-01-01"),
        ("--date", "9999-12-31"),
        ("--since", "25:00"),
        ("--since", "soon"),
        ("--apply",),
        ("--before", __file__),
        ("--since", "05:30", *DAY, "--before", __file__),
        ("--seed", "-1"),
        ("--html", "/nonexistent/day.html"),
        ("--ics", "/nonexistent/folder/calendars"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(
    run: Run, matrix: Path, options: tuple[str, ...]
) -> None:
    result = run("plan", str(matrix), *options)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()


def test_a_file_that_holds_no_plan_is_named(run: Run, matrix: Path) -> None:
    result = run("plan", str(matrix), *DAY, "--since", "17:20", "--before", __file__)
    assert result.exit_code == 1
    assert "holds no plan" in result.stderr


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_ctrl_c_ends_at_once_and_leaves_nothing_behind(tmp_path: Path, command: str) -> None:
    argv = [sys.executable, "-m", "orchestrator.cli", command, str(DEMO / "day.yaml"), "--json"]
    keys = set(re.findall(r"env:(\w+)", (DEMO / "day.yaml").read_text("utf-8")))
    environ = {**os.environ, "DOPPELCAST_HOME": str(tmp_path), **{k: f"try-{k}" for k in keys}}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(argv, env=environ, text=True, **pipes) as process:  # type: ignore[call-overload]
        children: list[psutil.Process] = []
        assert eventually(lambda: children.extend(_solvers(process.pid)) or bool(children), 60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert out == ""
    assert eventually(lambda: not any(child.is_running() for child in children), 30)
    assert not list(tmp_path.glob("media/**/*.*")), "no picture is kept for a matrix not in force"
    if command == "apply":
        store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
        assert (store.desired(), store.plans.history()) == ((), ())
        store.close()


def _solvers(parent: int) -> list[psutil.Process]:
    try:
        children = psutil.Process(parent).children(recursive=True)
        return [child for child in children if "solving" in " ".join(child.cmdline())]
    except psutil.Error:
        return []
