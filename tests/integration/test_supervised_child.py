"""Real child processes: fed, stalled, asked, killed, orphaned; judged from outside."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from orchestrator.clock import SystemClock
from orchestrator.errors import MediaError
from tests.support.processes import eventually, gone
from workers.process.parent_death import setpriv
from workers.process.supervised import Child

CLOCK = SystemClock()
READS_ALL = "import sys; sys.stdin.buffer.read()"
READS_NOTHING = "import time; time.sleep(60)"
DEAF = (
    "import signal, sys, time; signal.signal(15, signal.SIG_IGN); "
    "print('ready', file=sys.stderr, flush=True); time.sleep(60)"
)


def child(program: str) -> Child:
    return Child([sys.executable, "-c", program], CLOCK)


def soon() -> float:
    return CLOCK.monotonic() + 5


def feed_all(fed: Child, data: bytes) -> int:
    taken = 0
    while taken < len(data) and fed.ended is None:
        taken += fed.feed(data[taken:], soon())
    return taken


def test_a_child_takes_more_than_its_pipe_holds_and_ends_when_asked() -> None:
    reader = child("import sys; print(len(sys.stdin.buffer.read()), file=sys.stderr)")
    assert feed_all(reader, bytes(1_000_000)) == 1_000_000
    ended = reader.stop("done")
    assert (ended.code, ended.how, ended.reason) == (0, "asked", "done")
    assert reader.lines == ("1000000",)


def test_a_child_that_reads_nothing_is_noticed_at_the_deadline() -> None:
    stuck = child(READS_NOTHING)
    data = bytes(1_000_000)
    taken = stuck.feed(data, CLOCK.monotonic())
    begun = CLOCK.monotonic()
    assert stuck.feed(data, begun + 0.3) == 0
    assert 0.29 <= CLOCK.monotonic() - begun < 5
    assert 0 < taken < len(data)
    assert stuck.kill("stalled").how == "killed"


def test_a_child_is_fed_nothing_from_the_moment_on_from_which_it_must_not_be() -> None:
    reader = child("import sys; print(len(sys.stdin.buffer.read()), file=sys.stderr)")
    assert reader.feed(b"in time", soon(), never_after=soon()) == 7
    assert reader.feed(b"too late", soon(), never_after=CLOCK.monotonic()) == 0
    assert reader.stop("done").code == 0
    assert reader.lines == ("7",)


def test_a_child_that_ends_by_itself_is_noticed_while_it_is_fed() -> None:
    gone = child("import sys; print('no such key', file=sys.stderr); sys.exit(3)")
    feed_all(gone, bytes(10_000_000))
    assert gone.ended is not None
    assert (gone.ended.code, gone.ended.how) == (3, "itself")
    assert gone.lines == ("no such key",)
    assert gone.stop("later").how == "itself"


def test_who_doesn_t_listen_is_killed_and_the_reason_is_kept() -> None:
    deaf = child(DEAF)
    assert eventually(lambda: deaf.listen() == ("ready",), 30)
    begun = CLOCK.monotonic()
    ended = deaf.stop("time is up", ask_seconds=0.2)
    assert (ended.how, ended.reason, ended.code) == ("killed", "time is up", -9)
    assert CLOCK.monotonic() - begun < 10
    assert not psutil.pid_exists(deaf.pid)


def test_a_child_that_says_much_neither_blocks_nor_fills_memory() -> None:
    loud = child("import sys; [print(n, file=sys.stderr) for n in range(200_000)]")
    assert loud.stop("done", ask_seconds=20).how == "asked"
    assert loud.lines[-1] == "199999"
    assert len(loud.lines) == 100


def test_what_a_child_says_is_redacted_before_anybody_sees_it() -> None:
    program = "import sys; sys.stderr.write('key SECRET\\rhalf a line SECRET')"
    quoting = Child([sys.executable, "-c", program], CLOCK, lambda s: s.replace("SECRET", "…"))
    quoting.stop("done", ask_seconds=30)
    assert quoting.lines == ("key …", "half a line …")


def test_the_terminal_s_interrupt_doesn_t_reach_a_child() -> None:
    own = child(READS_ALL)
    assert os.getsid(own.pid) == own.pid != os.getsid(0)
    own.stop("done")


def test_what_can_t_be_started_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.process.supervised.setpriv", lambda: None)
    with pytest.raises(MediaError, match="ffmpeg can't be started"):
        Child(["/nowhere/ffmpeg"], CLOCK)


def test_many_children_leave_no_descriptor_and_no_thread() -> None:
    before, threads = pipes(), set(threading.enumerate())
    children = [child(READS_ALL) for _ in range(10)]
    for one in children:
        feed_all(one, bytes(100_000))
    assert len(pipes() - before) == 2 * len(children)
    assert not set(threading.enumerate()) - threads
    for one in children:
        one.stop("done")
    assert not pipes() - before


def pipes() -> set[str]:
    """The pipes that this process has open; the kernel gives each a number of its own."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(str(entry.readlink()))
    return {name for name in found if name.startswith("pipe:")}


PARENT = """
import sys, time
from orchestrator.clock import SystemClock
from workers.process.supervised import Child
child = Child([sys.executable, "-c", sys.argv[1]], SystemClock())
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("program", [READS_ALL, READS_NOTHING])
def test_a_child_ends_with_a_parent_that_is_killed(program: str) -> None:
    if program == READS_NOTHING and setpriv() is None:
        pytest.skip("setpriv isn't here: a child that doesn't read its input outlives us")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, program],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    # `setpriv` has become the program: from now on the kernel knows whom it ends with.
    assert eventually(lambda: psutil.Process(pid).cmdline()[:1] == [sys.executable], 30)
    time.sleep(0.3)
    assert not gone(pid)
    parent.kill()
    parent.wait(30)
    parent.stdout.close()
    assert eventually(lambda: gone(pid), 30)
