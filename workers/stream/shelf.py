"""Clips in memory, read and checked once, shared by all streams of this process.

A clip in memory can be played whatever becomes of its file. What a stream plays right now, its idle
loops and its slate it holds itself; the shelf knows these too, so that equal ones are there once.
Beyond that the shelf keeps what was played last, up to a budget.

Memory: `SHELF_BYTES` for the process, and what the streams hold. An idle loop or a slate of 5.12 s
in portrait-720 takes 0.6 MB (measured; 1.7 MB at the profile's rate), a stream has three loops and
a slate: 2.4 MB, 150 MB for 60 streams of which no two share a loop. For some minutes around an edge
of the day it also has what the next double opens with, another 4 MB or so.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from weakref import WeakValueDictionary

from orchestrator.clock import Clock
from orchestrator.errors import ClipCorrupt, ClipMissing, MediaError
from orchestrator.ids import ClipKey
from workers.clips.store import ClipStore
from workers.media.amf import AmfError
from workers.media.flv import Clip, parse_clip
from workers.media.flv_tags import FlvError
from workers.stream.errands import PATIENCE_SECONDS, Errands, Sender

SHELF_BYTES = 64 * 1024**2


class Shelf:
    """The clips that are in memory, by key, and the way to those that are not."""

    def __init__(
        self,
        store: ClipStore,
        max_bytes: int = SHELF_BYTES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._patience = patience
        self._size = 0
        self._clips: OrderedDict[ClipKey, Clip] = OrderedDict()
        self._alive: WeakValueDictionary[ClipKey, Clip] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._errands = Errands()
        self.reads: Counter[str] = Counter()
        """What became of clips that memory didn't have: read, missing or bad."""

    @property
    def clock(self) -> Clock:
        """The store's."""
        return self._store.clock

    def sender(self) -> Sender:
        """Somebody to send to the disk, for one stream."""
        return Sender(self._errands, self.clock, self._patience)

    def has(self, key: ClipKey) -> bool:
        """Whether it could be taken now."""
        return key in self._alive or self._store.has(key)

    def stored(self, key: ClipKey) -> bool:
        """Whether it is on the disk."""
        return self._store.has(key)

    def trouble(self) -> str:
        """What is wrong with the clip store, in words; or empty."""
        return self._store.trouble()

    def pin(self, owner: str, keys: Iterable[ClipKey]) -> None:
        """Keep these from being thrown out, for some hours."""
        self._store.pin(owner, keys)

    def unpin(self, owner: str) -> None:
        """This owner plays nothing any more."""
        self._store.unpin(owner)

    def recall(self, key: ClipKey) -> Clip | None:
        """The clip, if it is in memory; the disk isn't asked."""
        with self._lock:
            clip = self._clips.get(key)
            if clip is None:
                return self._alive.get(key)
            self._clips.move_to_end(key)
            return clip

    def get(self, key: ClipKey) -> Clip:
        """The clip. `ClipMissing` or `ClipCorrupt` as the store has it."""
        clip = self.recall(key)
        if clip is not None:
            return clip
        try:
            clip = parse_clip(self._read(key))
        except (FlvError, AmfError) as error:
            self.reads["bad"] += 1
            self._store.discard(key)
            raise ClipCorrupt(f"Clip {key[:12]} was made badly: {error}.") from error
        with self._lock:
            return self._kept(key, clip)

    def _read(self, key: ClipKey) -> bytes:
        try:
            data = self._store.read(key)
        except MediaError as error:
            self.reads["missing" if isinstance(error, ClipMissing) else "bad"] += 1
            raise
        self.reads["read"] += 1
        return data

    def _kept(self, key: ClipKey, clip: Clip) -> Clip:
        known = self._alive.get(key)
        if known is not None:
            return known
        self._alive[key] = clip
        self._clips[key] = clip
        self._size += clip.nbytes
        while self._size > self._max_bytes and len(self._clips) > 1:
            _, old = self._clips.popitem(last=False)
            self._size -= old.nbytes
        return clip
