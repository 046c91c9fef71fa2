"""No stream key anywhere but with the ffmpeg that needs it, while streams are on air.

Each place is searched for the shops' names, too: a search that finds nothing at all proves nothing.
"""

import base64
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from orchestrator.wire.celery_app import make_app
from tests.acceptance.conftest import OnAir
from tests.support.celery_events import events
from tests.support.fleet import commands_of, publishes
from tests.support.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(900)]

PACKED = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
INSPECTED = ("active", "reserved", "scheduled", "registered", "stats", "conf", "active_queues")


def holds_no_key(on_air: OnAir, what: bytes, where: str) -> None:
    """Fail, naming the shop and the place but not the key."""
    text = what + b"".join(_unpacked(what))
    leaked = [room.shop for room in on_air.fleet.matrix.rooms if room.key.encode() in text]
    assert not leaked, f"the keys of {leaked} stand in {where}"


def _unpacked(what: bytes) -> Iterator[bytes]:
    """What base64 hides: kombu packs the bodies of messages."""
    for found in PACKED.findall(what):
        try:
            yield base64.b64decode(found[: len(found) // 4 * 4], validate=True)
        except ValueError:
            continue


def mentions_a_shop(on_air: OnAir, what: bytes) -> bool:
    text = what + b"".join(_unpacked(what))
    return any(room.shop.encode() in text for room in on_air.fleet.matrix.rooms)


def test_not_in_any_file_that_the_fleet_writes(on_air: OnAir) -> None:
    read = b""
    for path in sorted(on_air.fleet.home.rglob("*")):
        content = _content(path)
        holds_no_key(on_air, content, str(path.relative_to(on_air.fleet.home)))
        read += content if path.suffix == ".log" else b""
    assert mentions_a_shop(on_air, read)
    assert {"stream.log", "render.log", "coordinator.log"} <= {
        path.name for path in (on_air.fleet.home / "logs").iterdir()
    }


def _content(path: Path) -> bytes:
    """Nothing of what is no file, or none any more: the fleet goes on while its home is read."""
    with suppress(FileNotFoundError):
        return path.read_bytes() if path.is_file() else b""
    return b""


def test_not_in_the_stores_tables(on_air: OnAir) -> None:
    with closing(sqlite3.connect(on_air.fleet.home / "store.db")) as store:
        names = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            rows = store.execute(f'SELECT * FROM "{name}"').fetchall()
            holds_no_key(on_air, str(rows).encode(), f"the table {name}")
    assert ("placements",) in names


def test_not_in_celerys_events(on_air: OnAir) -> None:
    with events(on_air.fleet.settings) as seen:
        assert eventually(lambda: _rows(seen) >= len(on_air.rooms), 60), seen
    text = json.dumps(seen, ensure_ascii=False).encode()
    assert mentions_a_shop(on_air, text)
    holds_no_key(on_air, text, "an event")


def _rows(seen: list[dict[str, Any]]) -> int:
    lines = [e for e in seen if str(e.get("result", "")).startswith("ON AIR")]
    return len({e["uuid"] for e in lines})


def test_not_in_what_workers_tell_about_themselves(on_air: OnAir) -> None:
    app = make_app(on_air.fleet.settings)
    try:
        inspect = app.control.inspect(timeout=30, limit=2)
        told = {what: getattr(inspect, what)() for what in INSPECTED}
        active = [task for tasks in told["active"].values() for task in tasks]
        running = [task["id"] for task in active if task["name"] == "stream.run"]
        told["query_task"] = inspect.query_task(*running)
    finally:
        app.close()
    assert len(running) == len(on_air.fleet.matrix.rooms)
    assert all(told.values())
    holds_no_key(on_air, json.dumps(told, default=str).encode(), "an inspection")


def test_not_in_redis(on_air: OnAir) -> None:
    with Redis.from_url(on_air.fleet.settings.redis) as redis:
        values = {name: _value(redis, name) for name in redis.scan_iter(count=1000)}
    everything = b"\n".join(name + b" " + value for name, value in values.items())
    assert mentions_a_shop(on_air, everything)
    for name, value in values.items():
        holds_no_key(on_air, name + b" " + value, name.decode(errors="replace"))


def _value(redis: "Redis", name: bytes) -> bytes:
    read: dict[Any, Callable[[], object]] = {
        b"string": lambda: redis.get(name),
        b"list": lambda: redis.lrange(name, 0, -1),
        b"hash": lambda: redis.hgetall(name),
        b"set": lambda: redis.smembers(name),
        b"zset": lambda: redis.zrange(name, 0, -1, withscores=True),
        b"stream": lambda: redis.xrange(name),
        b"none": lambda: "",
    }
    return str(read[redis.type(name)]()).encode()


def test_not_on_any_page_of_flower(on_air: OnAir) -> None:
    flower = on_air.fleet.flower
    assert eventually(lambda: _known(on_air) >= len(on_air.fleet.matrix.rooms), 60, 1.0)
    tasks = flower.tasks()
    workers = {str(task["worker"]) for task in tasks.values() if task.get("worker")}
    columns = "&columns[0][data]=name&order[0][column]=0&order[0][dir]=desc"
    paths = ["/tasks", "/api/tasks", "/workers", "/api/workers?refresh=1", "/broker", "/metrics"]
    paths += [f"/tasks/datatable?draw=1&start=0&length=100{columns}"]
    paths += [f"/task/{task_id}" for task_id in tasks if task_id.startswith("stream-")]
    paths += [f"/worker/{name}" for name in workers]
    pages = {path: flower.get(path).encode() for path in paths}
    assert len(workers) == 2
    assert mentions_a_shop(on_air, pages["/api/tasks"])
    for path, page in pages.items():
        holds_no_key(on_air, page, f"Flower's {path}")


def _known(on_air: OnAir) -> int:
    return sum(task_id.startswith("stream-") for task_id in on_air.fleet.flower.tasks())


def test_not_on_any_command_line_but_of_the_ffmpeg_that_publishes(on_air: OnAir) -> None:
    lines = commands_of(on_air.fleet.home)
    others = {pid: line for pid, line in lines.items() if not publishes(line)}
    assert len(others) > 6
    assert len(lines) > len(others)
    holds_no_key(on_air, str(others).encode(), "a command line")


def test_not_on_the_terminal(on_air: OnAir) -> None:
    holds_no_key(on_air, Path(on_air.fleet.output).read_bytes(), "the terminal")
