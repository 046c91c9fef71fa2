"""What the probes of real processes say, while Redis freezes, dies and comes back."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from orchestrator.ids import NodeId
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.broker import queue
from orchestrator.wire.celery_app import make_app
from tests.support.probing import CLI, COMMANDS, Probed, probed
from tests.support.processes import eventually, in_group
from tests.support.valkey import ValkeyProcess, listens

pytestmark = pytest.mark.timeout(300)
Fleet = dict[str, Probed]
START_SECONDS = 60.0
WORKERS = 2
"""Of Celery's: one that streams, one that renders."""


@pytest.fixture(scope="module")
def broker() -> Iterator[ValkeyProcess]:
    server = ValkeyProcess()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(broker: ValkeyProcess) -> dict[str, str]:
    return {
        "DOPPELCAST_REDIS_URL": broker.url,
        "DOPPELCAST_NODE": "n1",
        "DOPPELCAST_SLOTS": "4",
        "DOPPELCAST_RENDER_PROCESSES": "1",
    }


@pytest.fixture(scope="module")
def fleet(home: Path, environment: dict[str, str]) -> Iterator[Fleet]:
    with ExitStack() as stack:
        made = {name: stack.enter_context(probed(name, home, environment)) for name in COMMANDS}
        for name, process in made.items():
            assert process.becomes(ready=True, seconds=START_SECONDS), (
                name,
                process.why_not(),
                process.group.stderr(),
            )
        yield made
    groups = [process.group.pid for process in made.values()]
    assert eventually(lambda: not any(map(in_group, groups)), 30), [*map(in_group, groups)]


@pytest.fixture(autouse=True)
def nothing_is_left_behind(fleet: Fleet) -> None:
    """Looked for at the fleet's end: what all tests share outlives each of them."""


def test_each_process_shows_the_loops_that_must_turn(fleet: Fleet) -> None:
    loops = {name: set(process.ask("healthz")[1]["loops"]) for name, process in fleet.items()}
    assert loops == {
        "coordinator": {"passes"},
        "standby": {"passes"},
        "recorder": {"rounds"},
        "stream": {"leases", "telemetry"},
        "render": {"consumer"},
    }
    roles = {fleet[name].ask("readyz")[1]["role"] for name in ("coordinator", "standby")}
    assert roles == {"leads", "stands by"}


def test_while_redis_is_frozen_or_dead_all_live_and_none_is_ready(
    fleet: Fleet, broker: ValkeyProcess
) -> None:
    broker.freeze()
    try:
        for name, process in fleet.items():
            assert process.becomes(ready=False), name
            assert process.why_not(), name
        assert all(process.lives for process in fleet.values())
        assert "queues" in fleet["stream"].why_not()
        status, said = fleet["stream"].ask("beat")
        assert (status, said["node"], said["streams"]) == (200, "n1", [])
        assert said["ear"] == f"http://127.0.0.1:{fleet['stream'].port}/beat"
        broker.kill()
        assert not eventually(lambda: any(p.ready for p in fleet.values()), 1.0)
        assert all(process.lives for process in fleet.values())
    finally:
        broker.kill()
        broker.start()
    for name, process in fleet.items():
        assert process.becomes(ready=True), (name, process.why_not())
        assert process.lives, name


def test_a_queue_that_is_not_read_any_more_is_told_though_the_worker_answers_pings(
    fleet: Fleet, home: Path, environment: dict[str, str]
) -> None:
    settings = Settings.model_validate(
        {"home": home, "redis_url": environment["DOPPELCAST_REDIS_URL"]}
    )
    app = make_app(settings)
    try:
        app.control.cancel_consumer("node.n1")
        assert fleet["stream"].becomes(ready=False)
        assert fleet["stream"].lives
        answers = app.control.ping(timeout=30, limit=WORKERS)
        assert any(name.startswith("n1@") for answer in answers for name in answer)
        app.control.add_consumer(queue("node.n1").name)
        assert fleet["stream"].becomes(ready=True), fleet["stream"].why_not()
    finally:
        app.close()


def test_a_node_that_is_drained_by_order_stays_up_and_is_not_ready(
    fleet: Fleet, home: Path
) -> None:
    store = Store.open(f"sqlite:///{home / 'store.db'}")
    try:
        store.nodes.drain(NodeId("n1"), "test", 0.0)
        assert eventually(lambda: "drained" in fleet["stream"].why_not(), 60)
        assert not fleet["stream"].ready
        assert fleet["stream"].lives
        store.nodes.undrain(NodeId("n1"))
        assert fleet["stream"].becomes(ready=True), fleet["stream"].why_not()
    finally:
        store.close()


def test_while_the_store_is_locked_the_coordinators_live_and_one_leads_afterwards(
    fleet: Fleet, home: Path
) -> None:
    pair = (fleet["coordinator"], fleet["standby"])
    with closing(sqlite3.connect(home / "store.db", isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE").close()
        assert eventually(lambda: not all(one.ready for one in pair), 60)
        assert all(one.lives for one in pair)
        store.execute("ROLLBACK").close()
    for one in pair:
        assert one.becomes(ready=True), one.why_not()
    assert eventually(lambda: _roles(pair) == ["leads", "stands by"], 30)


def test_a_port_that_is_taken_ends_a_process_with_its_name(
    fleet: Fleet, home: Path, environment: dict[str, str]
) -> None:
    env = {**environment, "DOPPELCAST_METRICS_PORT": str(fleet["recorder"].port)}
    for command in ("recorder", "stream"):
        argv = (*CLI, *COMMANDS[command])
        done = subprocess.run(
            argv,
            env={**_plain(), **env, "DOPPELCAST_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode != 0
        assert "DOPPELCAST_METRICS_PORT" in done.stderr + done.stdout


def test_no_child_of_a_render_worker_holds_its_port(fleet: Fleet) -> None:
    render = fleet["render"]
    main = psutil.Process(render.group.pid)
    children = [one for one in main.children(recursive=True) if "python" in one.name()]
    assert children
    for child in children:
        assert render.port not in {c.laddr.port for c in child.net_connections("tcp") if c.laddr}
    main.kill()
    assert eventually(lambda: not listens(render.port), 30)


def test_a_worker_that_is_to_be_ended_takes_nothing_new_while_it_is_all_there(
    fleet: Fleet, environment: dict[str, str], tmp_path: Path
) -> None:
    # A pod's hook: it has no store, and the coordinators of this test needn't answer.
    env = {**_plain(), **environment, "DOPPELCAST_HOME": str(tmp_path)}
    done = subprocess.run([*CLI, "leave"], env=env, capture_output=True, check=True, timeout=120)
    assert b"n1 carries nothing any more" in done.stdout
    assert "told to end" in fleet["stream"].why_not()
    assert fleet["stream"].lives
    assert not (tmp_path / "store.db").exists()


def test_a_worker_that_is_told_to_end_takes_nothing_new_and_lives(fleet: Fleet) -> None:
    stream = fleet["stream"]
    stream.group.process.send_signal(signal.SIGTERM)

    def ended() -> bool:
        assert stream.ask("healthz")[0] in (0, 200)
        return not stream.group.running

    assert eventually(ended, 60)
    assert stream.group.process.returncode == 0


def _roles(pair: tuple[Probed, ...]) -> list[str]:
    return sorted(one.ask("readyz")[1].get("role", "") for one in pair)


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "DOPPELCAST" not in name}
