"""`doppelcast drain` and `undrain` as they are used: a coordinator, plain nodes, a real broker."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli.main import app
from orchestrator.ids import NodeId, StreamId
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from tests.support.nodes import PlainNode, on_air, put_on_air
from tests.support.processes import eventually
from tests.support.valkey import ValkeyProcess

PATIENCE = 20.0

Run = Callable[..., Result]


@pytest.fixture
def settings(plain_environment: None, own_valkey: ValkeyProcess, tmp_path: Path) -> Settings:
    """Nobody dies here: leases are as long as ever."""
    return Settings(home=tmp_path, redis_url=own_valkey.url)


@pytest.fixture(autouse=True)
def steered(fleet: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet with a coordinator, and a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def nodes_of(status: Result) -> dict[str, dict[str, object]]:
    return {node["node"]: node for node in json.loads(status.stdout)["nodes"]}


def with_room(start: Callable[..., PlainNode], name: str) -> PlainNode:
    """Another node, once it beats: who is told to move before that has nowhere to go."""
    node = start(name)
    assert eventually(lambda: name in nodes_of(run("status", "--json")), PATIENCE)
    return node


def only_stream() -> dict[str, object]:
    """What `status` says of the one stream that there is."""
    (row,) = json.loads(run("status", "--json").stdout)["streams"]
    return dict(row)


def test_a_node_is_drained_and_every_stream_is_told_where_it_went(
    store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a", "b", "c")
    with_room(nodes, "stream-2")
    drained = run("drain", "stream-1", "--wait")
    assert drained.exit_code == 0, drained.output
    assert "3 streams to move: a, b, c" in drained.stdout
    for name in "abc":
        assert f"{name}: moved to stream-2" in drained.stdout
    assert "stream-1 is empty; 3 streams moved." in drained.stdout
    # The last one to move takes the air that it was left a moment ago.
    assert eventually(lambda: run("status").exit_code == 0, PATIENCE)
    status = run("status", "--json")
    assert nodes_of(status)["stream-1"]["state"] == "drained"
    assert nodes_of(status)["stream-2"]["state"] == "up"
    assert "drained" in run("status").stdout
    again = run("drain", "stream-1", "--wait", "--json")
    assert json.loads(again.stdout) == {
        "node": "stream-1",
        "outcome": "empty",
        "moved": [],
        "ended": [],
        "left": [],
    }
    assert "takes streams again" in run("undrain", "stream-1").stdout
    assert "neither" in run("undrain", "stream-1").stdout
    assert nodes_of(run("status", "--json"))["stream-1"]["state"] == "up"


def test_streams_that_have_nowhere_to_go_are_named_and_stay_on_air(
    store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a", "b")
    drained = run("drain", "stream-1", "--wait")
    assert drained.exit_code == 1
    assert "2 streams can't leave stream-1, and stay on air there: a, b" in drained.stderr
    assert "there is no other node that takes streams" in drained.stderr
    assert "Start another stream worker" in drained.stderr
    assert len(on_air(first)) == 2
    assert "can't leave" in run("status").stdout
    run("undrain", "stream-1")


def test_waiting_ends_after_a_while_and_the_drain_goes_on(
    store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a")
    second = with_room(nodes, "stream-2")
    second.never_ready.add(StreamId("a"))
    drained = run("drain", "stream-1", "--wait", "--timeout", "1", "--json")
    assert drained.exit_code == 1
    document = json.loads(drained.stdout)
    assert document["outcome"] == "timeout"
    assert document["left"] == [{"stream": "a", "why": "it has not moved yet"}]
    assert eventually(lambda: only_stream()["moves_to"] == "stream-2", PATIENCE)
    row = only_stream()
    assert (row["node"], row["as_wanted"]) == ("stream-1", True)
    second.never_ready.clear()
    assert eventually(lambda: len(on_air(second)) == 1 and not first.runs, PATIENCE)


def test_an_unknown_node_is_refused_with_those_that_are_known(
    store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a")
    for verb in ("drain", "undrain"):
        refused = run(verb, "strem-1")
        assert refused.exit_code == 2
        assert "Did you mean stream-1? There are: stream-1." in refused.stderr
    assert store.nodes.all() == ()


def test_ctrl_c_ends_the_waiting_and_not_the_drain(
    store: Store, nodes: Callable[..., PlainNode]
) -> None:
    first = nodes("stream-1")
    put_on_air(store, first, "a")
    second = with_room(nodes, "stream-2")
    second.never_ready.add(StreamId("a"))
    argv = [sys.executable, "-m", "orchestrator.cli", "drain", "stream-1", "--wait"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waits:
        assert waits.stdout is not None
        begun = waits.stdout.readline()
        waits.send_signal(signal.SIGINT)
        _, complained = waits.communicate(timeout=PATIENCE)
    assert waits.returncode == 130
    assert "1 stream to move: a" in begun
    assert "the drain goes on" in complained
    assert "Traceback" not in complained
    assert [order.node for order in store.nodes.all()] == [NodeId("stream-1")]
