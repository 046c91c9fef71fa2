"""The runbook's commands on one host with three rooms on air; what it promises of them holds."""

import time

import pytest

from tests.support import runbook
from tests.support.processes import eventually
from tests.support.rig import key_of
from tests.support.runbook_host import STREAMS, Host

pytestmark = pytest.mark.timeout(240)

RUN_HERE = frozenset(
    {
        "Flower for admins",
        "Upgrade without an off-air minute",
        "Lose a node",
        "Lose Redis",
        "Rotate the store's password",
        "Back up and restore the store",
    }
)
MOVED_SECONDS = 2.0


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> None:
    """Here the fleet outlives a test."""


def on_one_host(section: str) -> tuple[runbook.Command, ...]:
    """A section's commands for one host, but for the file of a single machine's store."""
    found = runbook.of(section)
    single = next((n for n, c in enumerate(found) if c.program == "sqlite3"), len(found))
    return tuple(c for c in found[:single] if c.program in ("compose", "doppelcast", "sed"))


def test_an_admin_restarts_a_room_and_empties_a_node(host: Host) -> None:
    commands = on_one_host("Flower for admins")
    before = host.fleet.statuses()[host.room][1].token
    orders = [c for c in commands if c.program == "compose"]
    assert host.room in host.type(orders[0])
    host.type(orders[1])
    assert eventually(
        lambda: (
            host.room in host.fleet.statuses()
            and host.fleet.statuses()[host.room][1].token > before
        ),
        30,
    )
    host.on_air()
    drain, undrain = (c for c in commands if c.program == "doppelcast")
    host.type(drain)
    assert host.fleet.carried("stream-1") == ()
    host.type(undrain)
    host.on_air()


def test_an_upgrade_has_no_off_air_minute(host: Host) -> None:
    since = time.monotonic()
    host.walk(on_one_host("Upgrade without an off-air minute"), between=host.on_air)
    host.on_air()
    for key, shore in host.fleet.judge.shores(since).items():
        assert shore.overlap_ms() == 0, key
        assert shore.longest_silence(since, time.monotonic()) < MOVED_SECONDS, key


def test_nobody_notices_that_redis_was_lost(host: Host) -> None:
    since = time.monotonic()
    connections = {key: host.fleet.judge.latest()[key][1] for key in host.fleet.keys}
    up, status = on_one_host("Lose Redis")
    host.type(up)
    host.on_air()
    host.type(status)
    assert {k: host.fleet.judge.latest()[k][1] for k in host.fleet.keys} == connections
    assert time.monotonic() - since < 60


def test_a_lost_nodes_rooms_are_on_air_elsewhere(host: Host) -> None:
    lost = next(name for name in STREAMS if host.fleet.carried(name))
    host.fleet.nodes[lost].kill()
    assert eventually(lambda: lost not in host.fleet.beats(), 20)
    host.fleet.await_on_air()
    host.walk(on_one_host("Lose a node"))
    host.fleet.start_node(lost)


def test_the_store_comes_back_from_a_backup_and_tokens_do_not_go_back(host: Host) -> None:
    section = on_one_host("Back up and restore the store")
    host.type(section[0])
    # A room moves after the backup, which knows nothing of it.
    placed = {p.stream: p for p in host.fleet.store.placements()}
    node, room = next((p.node, p.stream) for p in placed.values())
    stay = [s for s, p in placed.items() if p.node != node]
    host.fleet.store.nodes.drain(node, "test", time.time())
    assert eventually(lambda: not host.fleet.carried(node), 40)
    host.fleet.await_on_air()
    moved = host.fleet.statuses()[room][1].token
    assert moved > placed[room].token
    connections = {s: host.fleet.judge.latest()[key_of(s)][1] for s in stay}

    since = time.monotonic()
    host.walk(section[1:-1])
    assert eventually(lambda: _newer(host, room, moved), 60), host.fleet.complaint()
    host.on_air()
    host.type(section[-1])
    assert {s: host.fleet.judge.latest()[key_of(s)][1] for s in stay} == connections
    assert all(shore.overlap_ms() == 0 for shore in host.fleet.judge.shores(since).values())


def _newer(host: Host, room: str, token: int) -> bool:
    found = host.fleet.statuses().get(room)
    return found is not None and found[1].token > token


def test_the_stores_password_is_changed_and_nobody_notices(host: Host) -> None:
    host.variables["NEW_PASSWORD"] = "0123abcd"
    secrets = host.folder / "deploy" / "compose" / "secrets"
    secrets.mkdir(parents=True)
    address = secrets / "doppelcast_store_url"
    address.write_text("postgresql+psycopg://doppelcast:old@postgres:5432/doppelcast")
    latest = {key: host.fleet.judge.latest()[key][1] for key in host.fleet.keys}
    host.walk(on_one_host("Rotate the store's password"), between=host.on_air)
    assert address.read_text().endswith("//doppelcast:0123abcd@postgres:5432/doppelcast")
    assert {key: host.fleet.judge.latest()[key][1] for key in host.fleet.keys} == latest
