"""Counts what a fleet holds at one moment: memory, descriptors, threads, children, Redis keys."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
from redis import Redis

MIB = 2**20


@dataclass(frozen=True)
class Count:
    """One part of the fleet with its children."""

    rss_mib: float
    fds: int
    """Open descriptors but connections with Redis."""
    threads: int
    processes: int
    cpu_seconds: float
    """Of the part itself and its living children."""
    connections: int = 0
    """With Redis, from either end: pools keep what they once opened."""


@dataclass(frozen=True)
class Census:
    """The fleet at one moment."""

    at: float
    """Monotonic seconds."""
    parts: Mapping[str, Count]
    keys: Mapping[str, int]
    """Every key in Redis, and how much is in it: entries, or bytes."""
    redis_mib: float
    ending: frozenset[str] = frozenset()
    """Keys among them that end by themselves some day."""
    on_air: int = 0
    restarts: int = 0
    spooled: int = 0
    """Bytes that wait in spools."""
    pss_mib: Mapping[str, float] = field(default_factory=dict)

    @property
    def kinds(self) -> Counter[str]:
        """Keys by kind: what belongs to one stream, node or connection counts as one sort."""
        return Counter(kind(key) for key in self.keys)

    def to_json(self) -> dict[str, Any]:
        """For a file; the keys by kind."""
        return {**asdict(self), "keys": dict(self.kinds), "ending": len(self.ending)}


def counted(pid: int, redis_port: int | None = None) -> Count:
    """A process and all its children."""
    total = Count(0, 0, 0, 0, 0)
    for process in _family(pid):
        try:
            with process.oneshot():
                times = process.cpu_times()
                kept = _connections(process, redis_port)
                total = Count(
                    total.rss_mib + process.memory_info().rss / MIB,
                    total.fds + process.num_fds() - kept,
                    total.threads + process.num_threads(),
                    total.processes + 1,
                    total.cpu_seconds + times.user + times.system,
                    total.connections + kept,
                )
        except psutil.NoSuchProcess:
            continue
    return total


def proportional_mib(pid: int) -> float:
    """A process and all its children, shared pages counted once. Costs milliseconds a process."""
    total = 0
    for process in _family(pid):
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MIB


def keys_of(redis: Redis) -> dict[str, int]:
    """All keys of the server's database, with what is in them."""
    found = {}
    for key in sorted(str(key) for key in redis.scan_iter(count=500)):
        sort = str(redis.type(key))
        size = {
            "string": redis.strlen,
            "list": redis.llen,
            "set": redis.scard,
            "hash": redis.hlen,
            "zset": redis.zcard,
        }.get(sort)
        if size is not None:  # "none": gone meanwhile
            found[key] = int(size(key))  # type: ignore[arg-type]  # redis-py says awaitable or int
    return found


def taken(parts: Mapping[str, int], redis: Redis, **more: Any) -> Census:
    """Count the parts, by name and process id, and the server's keys."""
    used = int(redis.info("memory")["used_memory"])
    keys = keys_of(redis)
    port = redis.connection_pool.connection_kwargs.get("port")
    return Census(
        time.monotonic(),
        {name: counted(pid, port) for name, pid in parts.items()},
        keys,
        used / MIB,
        frozenset(key for key in keys if int(redis.pttl(key)) > 0),
        **more,
    )


def kind(key: str) -> str:
    """A key without what makes it one of many."""
    key = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}", "*", key)
    return re.sub(r"\d+", "#", key)


def more_of(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """What is there now and wasn't."""
    return sorted(set(after) - set(before))


def _connections(process: psutil.Process, redis_port: int | None) -> int:
    found = process.net_connections(kind="tcp") if redis_port is not None else []
    open_ones = [one for one in found if one.status == psutil.CONN_ESTABLISHED and one.raddr]
    return sum(redis_port in (one.laddr.port, one.raddr.port) for one in open_ones)


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
