"""Until when the certificates are good of the platforms' ingests that streams go to by rtmps.

Asked by the worker, for it is the worker's way to them that counts: its network, where coordinators
may have no way out, and the very host that its streams go to. Each host is asked once when a stream
that goes there is first seen, and then every hour, on a thread that lives as long as that takes. A
host that can't be reached tells nothing here; its streams do.

What is shown is bounded by the platforms: of several hosts of one, the date that comes first.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from orchestrator.clock import Clock
from orchestrator.errors import WireUnreachable
from orchestrator.telemetry.metrics import CERTIFICATE_EXPIRY, Reading
from orchestrator.wire.certificate import RTMPS_PORT, good_until

log = logging.getLogger(__name__)

ASK_SECONDS = 3600.0
Host = tuple[str, int]
Streams = Iterable[tuple[str, str]]
"""Platform and address of each stream."""
Ask = Callable[[str, int], float | None]


def hosts(streams: Streams) -> Mapping[Host, str]:
    """Where streams go by rtmps, each with its platform. Pure."""
    found: dict[Host, str] = {}
    for platform, url in streams:
        parts = urlsplit(url)
        if parts.scheme == "rtmps" and parts.hostname and platform:
            found[parts.hostname, parts.port or RTMPS_PORT] = platform
    return found


class Certificates:
    """What is known of them. `look` is called often, `readings` by the probes' thread."""

    def __init__(self, clock: Clock, ask: Ask = good_until) -> None:
        self._clock = clock
        self._ask = ask
        self._hosts: Mapping[Host, str] = {}
        self._asked: dict[Host, float] = {}
        self._ends: dict[Host, float] = {}
        self._thread: threading.Thread | None = None

    def look(self, streams: Streams) -> None:
        """These streams are carried now: ask who hasn't been asked for an hour."""
        self._hosts = hosts(streams)
        now = self._clock.monotonic()
        due = [host for host in self._hosts if self._is_due(host, now)]
        if due and (self._thread is None or not self._thread.is_alive()):
            self._asked |= dict.fromkeys(due, now)
            # Nobody waits for it: a host that doesn't answer mustn't keep a worker from ending.
            self._thread = threading.Thread(
                target=self._ask_all, args=(due,), name="certificates", daemon=True
            )
            self._thread.start()

    def readings(self) -> Iterable[Reading]:
        """What is shown."""
        first: dict[str, float] = {}
        for host, platform in self._hosts.items():
            ends = self._ends.get(host)
            if ends is not None:
                first[platform] = min(ends, first.get(platform, ends))
        return [Reading(CERTIFICATE_EXPIRY, ends, (name,)) for name, ends in first.items()]

    def _is_due(self, host: Host, now: float) -> bool:
        asked = self._asked.get(host)
        return asked is None or now - asked >= ASK_SECONDS

    def _ask_all(self, due: Iterable[Host]) -> None:
        for host in due:
            try:
                with suppress(WireUnreachable):
                    ends = self._ask(*host)
                    if ends is not None:
                        self._ends[host] = ends
            except Exception:  # the thread's boundary: the others are asked all the same
                log.exception("a certificate can't be read", extra={"action": "metrics"})
