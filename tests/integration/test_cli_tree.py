"""A tree of processes stops in order, dies loudly, and leaves nothing; a home has one owner."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from orchestrator.cli.home import in_use, leave_note, noted_broker, sole_use
from orchestrator.cli.interrupt import until_asked_to_stop
from orchestrator.cli.tree import STOP_SECONDS, Part, PartDied, ProcessTree, process_tree
from orchestrator.clock import SystemClock
from orchestrator.errors import ConfigurationError
from tests.support.processes import eventually

SAYS_WHEN_IT_ENDS = """
import signal, sys, time
def end(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + "\\n"); sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
HOLDER = """
import sys, time
from pathlib import Path
from orchestrator.cli.home import leave_note, sole_use
with sole_use(Path(sys.argv[1]), "up"):
    leave_note(Path(sys.argv[1]), "redis://127.0.0.1:1/0")
    print("held", flush=True)
    time.sleep(60)
"""


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


def ready(folder: Path, *names: str) -> bool:
    """Whether these parts have said so in their logs."""
    logs = [folder / f"{name}.log" for name in names]
    return eventually(lambda: all("ready" in log.read_text() for log in logs), 30)


def test_what_others_stand_on_is_stopped_last(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with process_tree(tmp_path) as tree:
        for layer, name in ((-1, "broker"), (0, "recorder"), (1, "worker")):
            tree.start(Part(name, python(SAYS_WHEN_IT_ENDS, str(said), name), layer=layer))
        assert ready(tmp_path, "broker", "recorder", "worker")
    assert said.read_text().split() == ["worker", "recorder", "broker"]


def test_a_part_is_asked_in_the_way_that_it_understands(tmp_path: Path) -> None:
    said = tmp_path / "said"
    takes_quit = SAYS_WHEN_IT_ENDS.replace("SIGTERM", "SIGQUIT")
    with process_tree(tmp_path) as tree:
        argv = python(takes_quit, str(said), "quit")
        tree.start(Part("stream", argv, asked_by=signal.SIGQUIT))
        assert ready(tmp_path, "stream")
    assert said.read_text().split() == ["quit"]


def test_a_part_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    with process_tree(tmp_path) as tree:
        pid = tree.start(Part("deaf", python(DEAF), patience=0.3))
        assert ready(tmp_path, "deaf")
        began = time.monotonic()
    assert 0.25 < time.monotonic() - began < STOP_SECONDS
    assert not psutil.pid_exists(pid)


def test_a_part_that_died_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with process_tree(tmp_path) as tree:
        tree.start(Part("worker", python("raise SystemExit('the [bold]disk[/] is full')")))
        assert eventually(lambda: bool(check(tree)), 30)
        assert "worker ended by itself with code 1" in check(tree)
        assert "the [bold]disk[/] is full" in check(tree)


def check(tree: ProcessTree) -> str:
    try:
        tree.check()
    except PartDied as died:
        return str(died)
    return ""


def test_a_part_that_was_killed_is_told_with_the_signal(tmp_path: Path) -> None:
    with process_tree(tmp_path) as tree:
        pid = tree.start(Part("broker", python(DEAF), patience=0.1))
        psutil.Process(pid).kill()
        assert eventually(lambda: "was ended by SIGKILL" in check(tree), 30)


def interrupted_twice(folder: Path, pids: list[int]) -> None:
    with until_asked_to_stop() as asked, process_tree(folder) as tree:
        pids.append(tree.start(Part("deaf", python(DEAF))))
        assert ready(folder, "deaf")
        signal.raise_signal(signal.SIGINT)
        assert asked.wait(30)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_a_second_ctrl_c_ends_everything_at_once(tmp_path: Path) -> None:
    pids: list[int] = []
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice(tmp_path, pids)
    assert time.monotonic() - began < STOP_SECONDS
    assert not psutil.pid_exists(pids[0])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_home_has_one_fleet_at_a_time(tmp_path: Path) -> None:
    with sole_use(tmp_path, "up"):
        assert in_use(tmp_path)
        with pytest.raises(ConfigurationError, match="in use by doppelcast up, process"):
            sole_use(tmp_path, "up").__enter__()
    assert not in_use(tmp_path)
    with sole_use(tmp_path, "demo"):
        assert in_use(tmp_path)


def test_what_a_killed_fleet_left_behind_is_passed_over(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert noted_broker(tmp_path) == "redis://127.0.0.1:1/0"
        holder.kill()
    assert (tmp_path / "up.json").exists()
    assert noted_broker(tmp_path) is None
    with sole_use(tmp_path, "up", SystemClock()):
        leave_note(tmp_path, "redis://127.0.0.1:2/0")
        assert noted_broker(tmp_path) == "redis://127.0.0.1:2/0"
        assert (tmp_path / "up.json").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "up.json").exists()
