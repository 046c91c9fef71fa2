"""How Celery and kombu reach the same Redis as everybody else.

Every process uses exactly these options: kombu's visibility timeout is enforced by whoever sweeps
first, and the prefix is part of each queue's name. The recorder alone keeps books of its own of
what it has taken, with a short timeout; nobody else sweeps these, and it doesn't sweep Celery's.
Queues are addressed without an exchange, so a message finds its queue even in a Redis that came
back empty and has forgotten all bindings.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError, KombuError
from kombu.exceptions import ConnectionError as ChannelConnectionError
from redis.exceptions import RedisError

from orchestrator.wire.redis_client import SentinelAddress, check_address, sentinel_address

VISIBILITY_SECONDS = 3600
"""A render that nobody acknowledged for that long is delivered again. Streams acknowledge early."""

REPORTS_VISIBILITY_SECONDS = 30
"""A report that a recorder took and neither acknowledged nor gave back is delivered again. That is
far above what a batch takes, store timeouts included; else reports come twice, and count once."""
SWEEPER_DEAD_SECONDS = 10
"""A sweep takes milliseconds; its lock must not outlive a killed recorder for long."""

SOCKET_SECONDS = 30
"""Longer than a blocking pop, shorter than an operator's patience."""

BROKER_ERRORS = (KombuError, ChannelError, ChannelConnectionError, RedisError, OSError)
"""What comes through kombu when the broker is away, its transport's own errors included."""


@dataclass(frozen=True)
class Broker:
    """An address as kombu takes it, and the transport's options."""

    url: str
    options: Mapping[str, object]

    def connection(self) -> Any:
        """A kombu connection; nothing is sent before it is used. kombu's calls are untyped."""
        make: Any = Connection
        return make(self.url, transport_options=dict(self.options))


def broker(url: str, prefix: str, socket_timeout: float = SOCKET_SECONDS) -> Broker:
    """Our Redis address and prefix in kombu's terms."""
    check_address(url)
    options: dict[str, object] = {
        "visibility_timeout": VISIBILITY_SECONDS,
        "socket_timeout": socket_timeout,
        "socket_connect_timeout": min(5, socket_timeout),
        "socket_keepalive": True,
        "health_check_interval": 25,
        "retry_on_timeout": False,
        "global_keyprefix": prefix,
    }
    if not url.startswith("sentinel://"):
        return Broker(_checking_who_answers(url), options)
    address = sentinel_address(url)
    return Broker(_sentinel_urls(address), options | {"master_name": address.master})


def reports_reader(at: Broker) -> Broker:
    """The same broker, for the recorder."""
    own: dict[str, object] = {
        "visibility_timeout": REPORTS_VISIBILITY_SECONDS,
        "unacked_key": "reports.unacked",
        "unacked_index_key": "reports.unacked_index",
        "unacked_mutex_key": "reports.unacked_mutex",
        "unacked_mutex_expire": SWEEPER_DEAD_SECONDS,
    }
    return Broker(at.url, {**at.options, **own})


def let_go(connection: Any) -> None:
    """Close a connection that may be broken; what it had taken stays with the broker."""
    with suppress(*BROKER_ERRORS):
        connection.release()


def _checking_who_answers(url: str) -> str:
    """kombu, unlike redis-py, takes any server's word for its name unless it is told not to."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in parse_qs(parts.query):
        return url
    return f"{url}{'&' if parts.query else '?'}ssl_cert_reqs=required"


def queue(name: str) -> Any:
    """A durable queue that is addressed by its name alone."""
    make_queue: Any = Queue
    make_exchange: Any = Exchange
    return make_queue(name, exchange=make_exchange(""), routing_key=name, durable=True)


def _sentinel_urls(address: SentinelAddress) -> str:
    login = ""
    if address.password is not None:
        login = f"{quote(address.username or '')}:{quote(address.password)}@"
    urls = (f"sentinel://{login}{host}:{port}/{address.db}" for host, port in address.hosts)
    return ";".join(urls)
