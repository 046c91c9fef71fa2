"""The command line as it is used: right, wrong, for the first time; no error is a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import Run, commands
from tests.support.matrices import PLANNED

SMALL = Path(__file__).parents[2] / "deploy" / "demo" / "small.yaml"
COMMANDS = ("demo", "check", "plan", "apply", "status", "stop", "drain", "undrain", "up")
PROCESSES = ("coordinator", "worker", "recorder")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SHOP_KEY", "try")
    return commands(tmp_path / "home", monkeypatch, columns=100)


@pytest.mark.parametrize("command", [*COMMANDS, *PROCESSES, "doctor"])
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    helped = run(command, "--help")
    assert helped.exit_code == 0
    assert "Example" in helped.output
    assert f"doppelcast {command}" in " ".join(helped.output.split())
    assert str(Path(__file__).parents[2]) not in helped.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("status", "--jason"),
        ("check",),
        ("check", "/nonexistent/matrix.yaml"),
        ("apply", "/tmp"),
        ("up",),
        ("worker",),
        ("worker", "--kind", "coffee"),
        ("demo", "--seconds", "1"),
        ("demo", "--seconds", "soon"),
        ("demo", "--json", "/nonexistent/folder/verdicts.json"),
        ("stop", "nobody"),
        ("drain",),
        ("drain", "nowhere"),
        ("drain", "nowhere", "--timeout", "soon"),
        ("undrain", "nowhere"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["status", "doctor", "check", "demo", "coordinator"])
def test_a_setting_that_cannot_be_is_explained_by_every_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DOPPELCAST_SLOTS", "many")
    result = run(command)
    assert result.exit_code == 2
    assert "DOPPELCAST_SLOTS" in result.stderr
    assert "integer" in result.stderr


def test_a_first_look_at_an_empty_home_says_what_to_do(run: Run) -> None:
    status, stop = run("status"), run("stop")
    assert (status.exit_code, stop.exit_code) == (0, 0)
    assert "doppelcast apply MATRIX" in status.output
    assert "Nothing is in force" in stop.output


@pytest.mark.parametrize("command", ["check", "plan", "apply", "up"])
def test_a_wrong_matrix_is_shown_problem_by_problem_whoever_reads_it(
    run: Run, tmp_path: Path, command: str
) -> None:
    matrix = tmp_path / "[red]matrix[bold].yaml"
    wrong = (
        SMALL.read_text("utf-8").replace("custom", '"dou[bold]yin"').replace("zf_xiaoxiao", "zf")
    )
    matrix.write_text(wrong, "utf-8")
    result = run(command, str(matrix))
    assert result.exit_code == 1
    assert f"✗ {matrix}: " in result.stderr
    assert "personas[0].voice.name" in result.stderr
    assert "dou[bold]yin" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["check", "plan", "apply"])
def test_problems_are_told_to_machines_as_json(run: Run, tmp_path: Path, command: str) -> None:
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text(SMALL.read_text("utf-8").replace("zf_xiaoxiao", "zf"), "utf-8")
    result = run(command, str(matrix), "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert problem["path"] == "personas[0].voice.name"


def test_what_was_applied_is_shown_stopped_and_started(run: Run) -> None:
    assert json.loads(run("check", str(SMALL), "--json").stdout)["valid"] is True
    applied = json.loads(run("apply", str(SMALL), "--json").stdout)
    assert (applied["revision"], applied["added"]) == (1, ["suyun-mine"])
    again = run("apply", str(SMALL))
    assert "Revision 2 is in force." in again.output
    assert "unchanged: suyun-mine" in again.output
    stopped = json.loads(run("stop", "--json").stdout)
    assert stopped == {"wanted": False, "streams": ["suyun-mine"], "changed": ["suyun-mine"]}
    assert "were off already" in run("stop", "suyun-mine").output
    assert "will go on air" in run("stop", "--start", "suyun-mine").output


def test_an_unknown_stream_is_answered_with_the_nearest_one(run: Run) -> None:
    run("apply", str(SMALL))
    result = run("stop", "suyun-mein")
    assert result.exit_code == 2
    assert "Did you mean suyun-mine?" in result.stderr


def test_without_a_broker_status_shows_what_is_wanted_and_fails(run: Run) -> None:
    run("apply", str(SMALL))
    result = run("status", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (document["broker_answers"], document["as_wanted"]) == (False, False)
    assert document["streams"][0]["wanted"] is True
    assert "doppelcast up MATRIX" in run("status").output


def test_a_home_that_cannot_be_written_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOPPELCAST_HOME", "/proc/nowhere")
    for command in (("up", str(SMALL)), ("apply", str(SMALL)), ("demo",)):
        result = run(*command)
        assert result.exit_code == 1
        assert "can't be" in result.stderr


def test_the_demo_plays_only_on_this_machine(run: Run, tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text(SMALL.read_text("utf-8").replace("127.0.0.1", "push.example.com"), "utf-8")
    result = run("demo", "--matrix", str(matrix))
    assert result.exit_code == 1
    assert "doppelcast up MATRIX" in result.stderr


def doctor(*settings_made: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own: it asks the workers' side in another."""
    return subprocess.run(
        ["env", *settings_made, sys.executable, "-m", "orchestrator.cli", "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_doctor_names_each_thing_that_is_missing_and_goes_on(tmp_path: Path) -> None:
    found = doctor(
        "DOPPELCAST_FFMPEG=/nonexistent/ffmpeg",
        "DOPPELCAST_REDIS_URL=redis://127.0.0.1:1/0",
        "DOPPELCAST_HOME=/proc/nowhere",
        f"DOPPELCAST_FONT={tmp_path / 'none.ttf'}",
    )
    document = json.loads(found.stdout)
    bad = {finding["name"] for finding in document["findings"] if not finding["ok"]}
    assert bad == {"ffmpeg", "font", "home", "broker", "store", "disk"}
    assert (found.returncode, document["fine"]) == (1, False)


def test_the_doctor_is_content_with_a_machine_that_has_everything(tmp_path: Path) -> None:
    found = doctor(f"DOPPELCAST_HOME={tmp_path}")
    bad = [f for f in json.loads(found.stdout)["findings"] if not f["ok"]]
    assert [f["name"] for f in bad if f["name"] not in ("disk", "cores")] == []


def test_a_planned_matrix_is_applied_with_its_plan_and_shown_with_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_A", "one")
    monkeypatch.setenv("KEY_B", "two")
    matrix = tmp_path / "planned.yaml"
    matrix.write_text(PLANNED, encoding="utf-8")
    first = run("apply", str(matrix))
    assert first.exit_code == 0, first.output
    assert "Plan for " in first.stdout
    longer = matrix.read_text(encoding="utf-8").replace("茶凉了再续", "茶凉了可以再续")
    matrix.write_text(longer, encoding="utf-8")
    again = run("apply", str(matrix))
    assert "changed, without leaving the air: two" in again.stdout
    document = json.loads(run("status", "--json").stdout)
    place = {row["stream"]: row["place"] for row in document["streams"]}["one"]
    assert place["until"] > 0
    assert document["plan_trouble"] == ""
    told = json.loads(run("apply", str(matrix), "--json").stdout)
    assert [len(told["plans"]), told["changed"], told["restarting"]] == [2, [], []]
