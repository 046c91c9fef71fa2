"""Admins speak to running workers through Celery's own channel."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from orchestrator.wire.celery_app import make_app
from tests.support.processes import eventually
from tests.support.rig import Rig, rig

pytestmark = pytest.mark.timeout(180)
NODES = 2
ANSWER_SECONDS = 30.0
"""For all nodes; nobody waits for more answers than there are nodes."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rig(tmp_path_factory.mktemp("control"), streams=2, slots=4) as fleet:
        fleet.start_recorder()
        fleet.start_coordinator("c1")
        fleet.start_node("node-1")
        fleet.apply()
        fleet.await_on_air()
        fleet.start_node("node-2")
        yield fleet


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Here the fleet outlives a test; the rig ends all of it."""


@pytest.fixture
def app(fleet: Rig) -> Iterator[Celery]:
    with make_app(fleet.settings) as app:
        yield app


def told(app: Celery, command: str, node: str, **arguments: object) -> Any:
    """What the worker of that node answers."""
    answers = app.control.broadcast(
        command, arguments=arguments, reply=True, timeout=ANSWER_SECONDS, limit=NODES
    )
    merged = {name.split("@")[0]: said for answer in answers for name, said in answer.items()}
    return merged[node]


def test_a_worker_says_what_it_carries(fleet: Rig, app: Celery) -> None:
    carried = told(app, "streams", "node-1")
    assert [row["stream"] for row in carried] == [spec.stream for spec in fleet.specs]
    assert {row["phase"] for row in carried} == {"on_air"}
    assert told(app, "streams", "node-2") == []


def test_the_words_are_there_for_people(fleet: Rig, app: Celery) -> None:
    celery = [sys.executable, "-m", "celery", "-A", "workers.control:stream_app"]
    asked = subprocess.run(
        [*celery, "inspect", "-t", str(ANSWER_SECONDS), "-d", called(app, "node-1"), "streams"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, **fleet.environment},
    )
    assert fleet.specs[0].stream in asked.stdout


def test_a_stream_starts_anew_when_it_is_told_to(fleet: Rig, app: Celery) -> None:
    stream = fleet.specs[0].stream
    before = fleet.statuses()[stream][1].token
    assert "starts anew" in told(app, "stream_restart", "node-1", stream=stream)["ok"]
    assert "error" in told(app, "stream_restart", "node-1", stream="nobody")

    def anew() -> bool:
        carried = fleet.statuses().get(stream)
        return carried is not None and carried[1].token > before

    assert eventually(anew, 40.0), fleet.complaint()
    fleet.await_on_air()


def test_a_drain_is_desired_state_before_anything_moves(fleet: Rig, app: Celery) -> None:
    for command, draining in (("drain", {"node-2"}), ("undrain", set())):
        assert "written down" in told_alone(app, command, "node-2")["ok"]
        wanted = draining
        assert eventually(lambda w=wanted: draining_nodes(fleet) == w, 20.0)
    busy = "node-1" if fleet.carried("node-1") else "node-2"
    told_alone(app, "drain", busy)
    assert eventually(lambda: not fleet.carried(busy), 40.0), fleet.complaint()
    fleet.await_on_air()
    [order] = fleet.store.nodes.all()
    assert (order.node, order.drained_by) == (busy, "celery control")


def told_alone(app: Celery, command: str, node: str) -> Any:
    """Say it to one worker alone."""
    name = called(app, node)
    [answer] = app.control.broadcast(
        command, destination=[name], reply=True, timeout=ANSWER_SECONDS
    )
    return answer[name]


def called(app: Celery, node: str) -> str:
    """Celery's name for the worker of that node."""
    everybody = app.control.ping(timeout=ANSWER_SECONDS, limit=NODES)
    [name] = [name for answer in everybody for name in answer if name.startswith(f"{node}@")]
    return str(name)


def draining_nodes(fleet: Rig) -> set[str]:
    return {order.node for order in fleet.store.nodes.all() if order.drains}
