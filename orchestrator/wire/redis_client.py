"""Connects to Redis: one machine, TLS, or Sentinel. Nothing here waits for long.

    redis://[user:password@]host[:port]/db
    rediss://…                                            the same, with TLS
    sentinel://[user:password@]host:port,host:port/master/db

A supervisor's thread asks Redis between two packets, so every call ends within about a second,
with an answer or with `WireUnreachable`. Whoever gets that error changes nothing: what is on air
stays on air. Redis Cluster is refused: the broker can't use it, and a fleet with half its parts on
another server would be worse than none.

Out of scope: TLS between us and the sentinels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from orchestrator.errors import ConfigurationError, WireUnreachable

ANSWER_SECONDS = 1.0
SENTINEL_PORT = 26379
SCHEMES = ("redis", "rediss", "sentinel")


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
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_keepalive=True,
        retry=_once_more(),
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
    patience = {
        "retry": _once_more(),
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "socket_keepalive": True,
    }
    make: Any = Sentinel  # redis-py leaves its sentinel calls untyped
    sentinel = make(list(address.hosts), sentinel_kwargs=patience, **patience)
    client: Redis = sentinel.master_for(
        address.master,
        db=address.db,
        username=address.username,
        password=address.password,
        decode_responses=True,
        client_name=client_name,
    )
    return client


def _once_more() -> Retry:
    # An idle connection that the server has closed shows only at the next command; a fresh one
    # answers at once. A timeout isn't tried again: it would double the wait.
    return Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    return (host, int(port)) if host else (text.strip(), SENTINEL_PORT)
