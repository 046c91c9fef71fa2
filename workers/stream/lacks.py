"""What one stream has found wrong with its clips: missing since when, unreadable, damaged, foreign.

Bounded by the rundown: nothing is remembered but clips that it names. What a double that has left
the stage lacked is forgotten (`only`).
"""

from collections.abc import Iterable

from orchestrator.clock import Clock
from orchestrator.domain.rundown import Cue, CueKind
from orchestrator.ids import ClipKey

READ_AGAIN_SECONDS = 5.0
"""What couldn't be read is passed over for that long."""
RENDER_AGAIN_SECONDS = 60.0
"""What is damaged again within that time is not asked for at once: rendering doesn't help."""
SHOWN_SECONDS = 300.0
"""For how long a clip that was found damaged and is missing since counts as a damaged one."""


class Lacks:
    """A stream's missing and bad clips."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._missing: dict[ClipKey, float] = {}
        self._lines: set[ClipKey] = set()
        self._arrived = clock.monotonic()
        self._unread: dict[ClipKey, float] = {}
        self._damaged: dict[ClipKey, float] = {}
        self._foreign: set[ClipKey] = set()

    def see(self, cue: Cue, stored: bool) -> None:
        """Whether a clip that is wanted soon is in the store."""
        now = self._clock.monotonic()
        if not stored:
            self._missing.setdefault(cue.key, now)
            self._lines |= {cue.key} if cue.kind is CueKind.LINE else set()
        elif self._missing.pop(cue.key, None) is not None:
            self._arrived = now

    def only(self, keys: Iterable[ClipKey]) -> None:
        """No other clips but these are asked for any more."""
        wanted = set(keys)
        self._missing = {key: at for key, at in self._missing.items() if key in wanted}
        self._unread = {key: at for key, at in self._unread.items() if key in wanted}
        self._damaged = {key: at for key, at in self._damaged.items() if key in wanted}
        self._lines &= wanted

    @property
    def waited(self) -> float:
        """Seconds since the oldest order, in which nothing came that had been ordered."""
        return self._since(list(self._missing.values()))

    @property
    def overdue(self) -> float:
        """The same, if a line is missing."""
        return self._since([at for key, at in self._missing.items() if key in self._lines])

    def unread(self, key: ClipKey) -> None:
        """It can't be read now."""
        self._unread[key] = self._clock.monotonic()

    def damaged(self, key: ClipKey) -> bool:
        """It is no good; whether it is any use to ask for it again at once."""
        now = self._clock.monotonic()
        before = self._damaged.get(key)
        self._damaged[key] = now
        return before is None or now - before >= RENDER_AGAIN_SECONDS

    def foreign(self, key: ClipKey) -> None:
        """Its codec headers aren't the connection's."""
        self._foreign.add(key)

    def reconnected(self) -> None:
        """Another connection may have other codec headers."""
        self._foreign = set()

    def bad(self, key: ClipKey) -> bool:
        """Whether it is there, and yet can't be played."""
        at = self._unread.get(key)
        lately = at is not None and self._clock.monotonic() - at < READ_AGAIN_SECONDS
        return lately or key in self._foreign

    def is_foreign(self, key: ClipKey) -> bool:
        """Whether it was found to be."""
        return key in self._foreign

    def was_damaged(self, key: ClipKey) -> bool:
        """Whether it was found damaged, not long ago."""
        at = self._damaged.get(key)
        return at is not None and self._clock.monotonic() - at < SHOWN_SECONDS

    def _since(self, times: list[float]) -> float:
        if not times:
            return 0.0
        return self._clock.monotonic() - max(min(times), self._arrived)
