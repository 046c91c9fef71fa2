"""What holds for every test: it leaves no process and no thread behind."""

import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.support.soak.beside import others

PATIENCE = 20.0
# How long a generated example takes says only what else the machine does.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = ["tests.support.valkey", "tests.support.postgres", "tests.support.soak.plugin"]


@pytest.fixture(autouse=True)
def nothing_is_left_behind(pytestconfig: pytest.Config) -> Iterator[None]:
    """Children and threads that a test started have ended when it ends."""
    children = {process.pid for process in others(pytestconfig)}
    threads = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE
    while True:
        left, stray = _new_children(pytestconfig, children), _new_threads(threads)
        if not (left or stray) or time.monotonic() >= deadline:
            break
        time.sleep(0.02)
    assert not left, f"processes left behind: {left}"
    assert not stray, f"threads left behind: {stray}"


def _new_children(config: pytest.Config, before: set[int]) -> list[str]:
    """Those since then; what a server that was there before has started itself isn't the test's."""
    found = []
    for process in others(config):
        try:
            came = process.pid not in before and process.ppid() not in before
            if came and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
        except psutil.NoSuchProcess:
            continue
    return found


def _new_threads(before: set[threading.Thread]) -> list[str]:
    now = [t for t in threading.enumerate() if t not in before]
    return [t.name for t in now if not t.daemon and t.is_alive()]
