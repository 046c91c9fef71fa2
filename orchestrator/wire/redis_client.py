"""Connects to Redis: one machine, TLS, or Sentinel. Nothing here waits for long.

    redis://[user:password@]host[:port]/db
    rediss://…                                            the same, with TLS
    sentinel://[user:password@]host:port,host:port/master/db

A supervisor's thread asks Redis between two packets, so every call ends within about a second,
with an answer or with `WireUnreachable`. Whoever gets that error changes nothing: what is on air
stays on air. Redis Cluster is refused: the broker can't use it, and a fleet with half its parts on
another server would be worse than none.

Limits: no TLS between us and the sentinels. A name that resolves to several addresses may cost a
second for each, and a name server that is away as long as the resolver tries; only new connections
need either. Behind Sentinel a new connection may cost a second more, to find the master.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel
from typing_extensions import override

from orchestrator.errors import ConfigurationError, WireUnreachable

ANSWER_SECONDS = 1.0
LEAST_SECONDS = 0.25
"""For one sentinel."""
NOTHING_LATE = {socket.TCP_USER_TIMEOUT: 2000} if hasattr(socket, "TCP_USER_TIMEOUT") else {}
"""What wasn't taken by then is never delivered: else the kernel sends what we said before an outage
once the line is back, after what we have said since, and an old heartbeat replaces a new one."""
SENTINEL_PORT = 26379
KEEPS = "noeviction"
SCHEMES = ("redis", "rediss", "sentinel")

T = TypeVar("T")


@dataclass(frozen=True)
class SentinelAddress:
    """Where the sentinels are, and which master they watch."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    db: int
    username: str | None
    password: str | None


def connect(url: str, client_name: str = "doppelcast") -> Redis:
    """A client for that address. Nothing is sent before the first command."""
    check_address(url)
    if urlsplit(url).scheme == "sentinel":
        return _through_sentinel(sentinel_address(url), client_name)
    client: Redis = Redis.from_url(
        url,
        decode_responses=True,
        client_name=client_name,
        **_patience(ANSWER_SECONDS),
    )
    return client


def check_address(url: str) -> None:
    """Refuse what can't work, without quoting a password."""
    scheme = urlsplit(url).scheme
    if "cluster" in scheme:
        raise ConfigurationError(
            "DOPPELCAST_REDIS_URL: Redis Cluster can't carry Celery's queues. "
            "Use one server, or a replicated one behind sentinel://."
        )
    if scheme not in SCHEMES:
        raise ConfigurationError(
            f"DOPPELCAST_REDIS_URL: unknown scheme {scheme or '(none)'}. "
            "Allowed are redis://, rediss:// and sentinel://."
        )


def sentinel_address(url: str) -> SentinelAddress:
    """Take apart `sentinel://[user:password@]host:port,host:port/master/db`."""
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    master, _, db = parts.path.strip("/").partition("/")
    if not hosts or not master:
        raise ConfigurationError(
            "DOPPELCAST_REDIS_URL: a sentinel address needs hosts and the master's name, "
            "like sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0."
        )
    return SentinelAddress(
        hosts=tuple(_host_and_port(host) for host in hosts.split(",")),
        master=master,
        db=int(db or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
    )


def run_id(redis: Redis) -> str:
    """The server's run id: a new one means a restart or a failover, and perhaps empty memory."""
    with reaching_redis():
        answer = redis.info("server")
    return str(answer["run_id"])


def eviction_policy(redis: Redis) -> str:
    """What the server does when its memory is full: `noeviction`, or which keys it throws out."""
    with reaching_redis():
        answer = redis.info("memory")
    return str(answer.get("maxmemory_policy", "?"))


def check_keeps_everything(url: str) -> None:
    """Refuse a server that throws keys out. One that doesn't answer now is left alone."""
    redis = connect(url)
    try:
        policy = eviction_policy(redis)
    except WireUnreachable:
        return
    finally:
        redis.close()
    if policy not in (KEEPS, "?"):
        raise ConfigurationError(
            f"Redis throws keys out when its memory is full (maxmemory-policy {policy}): leases "
            f"and queues would be lost. Set maxmemory-policy {KEEPS} on the server."
        )


@contextmanager
def reaching_redis() -> Iterator[None]:
    """Turn Redis' many ways of not answering into the one error that callers know.

    Errors that Redis itself answers (read-only replica, out of memory, loading) mean the same to
    whoever asked: no answer now, change nothing, ask again later.
    """
    try:
        yield
    except (RedisError, OSError) as error:
        raise WireUnreachable(f"Redis doesn't answer: {type(error).__name__}.") from error


def _through_sentinel(address: SentinelAddress, client_name: str) -> Redis:
    make: Any = Sentinel  # redis-py leaves its sentinel calls untyped
    # They are asked one after another: all of them together may take as long as one answer.
    each = max(LEAST_SECONDS, ANSWER_SECONDS / len(address.hosts))
    sentinel = make(
        list(address.hosts), sentinel_kwargs=_patience(each), **_patience(ANSWER_SECONDS)
    )
    client: Redis = sentinel.master_for(
        address.master,
        db=address.db,
        username=address.username,
        password=address.password,
        decode_responses=True,
        client_name=client_name,
    )
    return client


def _patience(seconds: float) -> dict[str, Any]:
    # An idle connection that the server has closed shows only at the next command; a fresh one
    # answers at once.
    return {
        "retry": _OnceMore(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        "socket_keepalive_options": dict(NOTHING_LATE),
    }


class _OnceMore(Retry):
    """Tries again what broke, not what gave no answer: that would double the wait."""

    @override
    def call_with_retry(
        self,
        do: Callable[[], T],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> T:
        return super().call_with_retry(do, fail, is_retryable or _broke, with_failure_count)


def _broke(error: Exception) -> bool:
    # That no sentinel answers is a broken connection, too, in redis-py's tree of errors.
    return not isinstance(error, MasterNotFoundError)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    return (host, int(port)) if host else (text.strip(), SENTINEL_PORT)
