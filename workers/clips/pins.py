"""Pins: which clips somebody still means to play. Pinned clips are never thrown out.

One file an owner (one placement of a stream) holds all of its pins; pinning again replaces them. An
owner that ends drops its own; a placement that takes the stream over has pins of its own by then. A
pin lasts `PIN_SECONDS` from the last time it was set, so that what belonged to an owner that was
killed comes free by itself.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.ids import ClipKey
from workers.clips.disk import write_whole

log = logging.getLogger(__name__)

PIN_SECONDS = 6 * 3600.0


class Pins:
    """The pins of all owners, as files in one folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def set(self, owner: str, keys: Iterable[ClipKey]) -> None:
        """Pin these and no others for this owner."""
        path = self._path(owner)
        data = json.dumps({"owner": owner, "keys": sorted(set(keys))}).encode()
        if not path.exists() or path.read_bytes() != data:
            write_whole(path, data)
        now = self._clock.wall()
        os.utime(path, (now, now))

    def clear(self, owner: str) -> None:
        """Drop all of this owner's pins."""
        self._path(owner).unlink(missing_ok=True)

    def keys(self) -> frozenset[ClipKey]:
        """All keys pinned now; pins that have run out are swept away."""
        oldest = self._clock.wall() - PIN_SECONDS
        found: set[ClipKey] = set()
        for path in self._folder.glob("*.json"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
                else:
                    found.update(map(ClipKey, json.loads(path.read_bytes())["keys"]))
            except FileNotFoundError:
                continue
            except (ValueError, KeyError, TypeError):
                log.warning("pins are damaged", extra={"action": "pins", "file": path.name})
                path.unlink(missing_ok=True)
        return frozenset(found)

    def _path(self, owner: str) -> Path:
        return self._folder / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.json"
