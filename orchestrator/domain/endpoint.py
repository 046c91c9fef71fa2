"""Where a stream is sent, and the one form in which that may be seen.

A stream key is a secret: whoever has it can publish in the room. It is named by reference
(`env:NAME`, `file:PATH`) everywhere but in the memory of the worker that publishes. The redacted
form shows scheme, host and application, and nothing behind them.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from orchestrator.ids import TargetDigest

SCHEMES = ("rtmp", "rtmps", "srt", "file")


@dataclass(frozen=True)
class Endpoint:
    """An ingest address without its key, and where the key is to be found."""

    url: str
    key: str
    """A reference, `env:NAME` or `file:PATH`; never the key itself. Empty for `file:` addresses."""
    target: TargetDigest
    """Of the real target; says that two streams would publish to the same place."""


def publish_url(url: str, key: str) -> str:
    """Address and key as ffmpeg wants them. A key that starts with `?` joins without a slash."""
    if not key:
        return url
    if key.startswith("?"):
        return url + key
    return f"{url.rstrip('/')}/{key}"


def target_digest(platform: str, url: str, key: str) -> TargetDigest:
    """What is really published to, as a digest that tells nothing of the key."""
    material = "\x1f".join(("doppelcast-target", platform, url.rstrip("/"), key))
    return TargetDigest(hashlib.sha256(material.encode()).hexdigest()[:32])


def redacted(url: str) -> str:
    """The only form of an address that reaches a log, an event, an error or a page."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return f"file:…/{parts.path.rsplit('/', 1)[-1]}"
    host = parts.hostname or "?"
    port = f":{parts.port}" if parts.port else ""
    app = parts.path.strip("/").split("/", 1)[0]
    return f"{parts.scheme}://{host}{port}/{app}/…"
