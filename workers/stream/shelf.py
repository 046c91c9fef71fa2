"""Clips in memory, read and checked once, shared by all streams of this process.

What a stream plays right now it holds itself; the shelf keeps what was played last beyond that, up
to a budget. Reading takes a few milliseconds, far less than playout's lead.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from orchestrator.ids import ClipKey
from workers.clips.store import ClipStore
from workers.media.flv import Clip, read_clip

SHELF_BYTES = 64 * 1024**2


class Shelf:
    """The clips played last, by key."""

    def __init__(self, store: ClipStore, max_bytes: int = SHELF_BYTES) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._size = 0
        self._clips: OrderedDict[ClipKey, Clip] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, key: ClipKey) -> bool:
        """Whether it could be taken now."""
        return self._store.has(key)

    def pin(self, owner: str, keys: Iterable[ClipKey]) -> None:
        """Keep these from being thrown out, for some hours."""
        self._store.pin(owner, keys)

    def get(self, key: ClipKey) -> Clip:
        """The clip. `ClipMissing` or `ClipCorrupt` as the store has it."""
        with self._lock:
            clip = self._clips.get(key)
            if clip is not None:
                self._clips.move_to_end(key)
                return clip
        clip = read_clip(self._store.fetch(key))
        with self._lock:
            return self._kept(key, clip)

    def _kept(self, key: ClipKey, clip: Clip) -> Clip:
        known = self._clips.get(key)
        if known is not None:
            return known
        self._clips[key] = clip
        self._size += clip.nbytes
        while self._size > self._max_bytes and len(self._clips) > 1:
            _, old = self._clips.popitem(last=False)
            self._size -= old.nbytes
        return clip
