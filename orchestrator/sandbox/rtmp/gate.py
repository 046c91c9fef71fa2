"""What the server does with somebody who wants to publish: the decision, as a value.

One server plays every part that a platform's ingest plays: the friendly one, the one that knows a
bad key, the one that says busy, the one that cuts the line, the one that accepts and then takes
nothing. A `Gate` is asked once per publish command, on the server's thread; it must not block.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PublishRequest:
    """Who wants to publish what."""

    app: str
    name: str = field(repr=False)
    """The stream name as sent: the key, with its query. A secret; not in the repr."""
    peer: str
    session: int
    """Counts the server's connections from 1."""

    @property
    def path(self) -> str:
        """Application and name in one, however the client split its address. A secret."""
        return f"{self.app.strip('/')}/{self.name.strip('/')}"


@dataclass(frozen=True)
class Accept:
    """Takes the stream."""


@dataclass(frozen=True)
class Refuse:
    """Answers onStatus with an error, then closes. Publishing again won't help."""

    code: str = "NetStream.Publish.BadName"
    description: str = "Stream key rejected"


@dataclass(frozen=True)
class Busy:
    """Answers as nginx-rtmp does while somebody else publishes. Publishing again may help."""

    description: str = "Already publishing"


@dataclass(frozen=True)
class ResetAfter:
    """Takes the stream, and cuts the connection with a TCP reset after that long."""

    seconds: float


@dataclass(frozen=True)
class Wedge:
    """Takes the stream, and stops reading after that long; the connection stays open."""

    after_seconds: float = 0.0


@dataclass(frozen=True)
class Silent:
    """Never answers the publish command; the connection stays open."""


Decision = Accept | Refuse | Busy | ResetAfter | Wedge | Silent

Gate = Callable[[PublishRequest, float], Decision]
"""Decides on a request at a monotonic `now`."""


def accept_all(_request: PublishRequest, _now: float) -> Decision:
    """Takes everybody, also twice with one key."""
    return Accept()


def always(decision: Decision) -> Gate:
    """The same answer for everybody."""
    return lambda _request, _now: decision


def busy_until(moment: float) -> Gate:
    """Busy before that monotonic moment, open from then on."""
    return lambda _request, now: Busy() if now < moment else Accept()


def in_turn(*decisions: Decision) -> Gate:
    """The first request gets the first answer, and so on; the last answer stays."""
    if not decisions:
        raise ValueError("in_turn needs at least one decision")
    left = list(decisions)
    return lambda _request, _now: left.pop(0) if len(left) > 1 else left[0]


def keyed(path: str, then: Gate = accept_all) -> Gate:
    """Refuses whoever doesn't come with this application and key; asks `then` for the others."""

    def gate(request: PublishRequest, now: float) -> Decision:
        return then(request, now) if _same(request.path, path) else Refuse()

    return gate


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.strip("/").encode())
