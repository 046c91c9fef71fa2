"""One placement's pins in the clip store: set, renewed now and then, dropped at its end."""

import logging
from collections.abc import Iterable

from orchestrator.errors import MediaError
from orchestrator.ids import ClipKey, StreamId
from workers.stream.shelf import Shelf

log = logging.getLogger(__name__)

PIN_AGAIN_SECONDS = 3600.0
PIN_RETRY_SECONDS = 30.0


class Pinned:
    """The clips that a placement keeps from being thrown out.

    The owner's name holds the placement's token: one that takes over has pins of its own, so that
    the end of the old one takes nothing away.
    """

    def __init__(self, shelf: Shelf, stream: StreamId, token: int, keys: Iterable[ClipKey]) -> None:
        self._shelf = shelf
        self._owner = f"stream:{stream}/{token}"
        self._keys = tuple(keys)
        self._facts = {"action": "clip", "stream": str(stream)}
        self._due = shelf.clock.monotonic()

    def set(self) -> None:
        """Pin, whether it is due or not."""
        now = self._shelf.clock.monotonic()
        try:
            self._shelf.pin(self._owner, self._keys)
        except MediaError as error:  # what isn't pinned may still be played
            log.warning("clips can't be pinned", extra=self._facts | {"error": str(error)})
            self._due = now + PIN_RETRY_SECONDS
        else:
            self._due = now + PIN_AGAIN_SECONDS

    def keep(self, keys: Iterable[ClipKey]) -> None:
        """From the next renewal on, which is due, keep these and no others."""
        self._keys = tuple(keys)
        self.doubt()

    def renew(self) -> None:
        """Pin if it is due."""
        if self._shelf.clock.monotonic() >= self._due:
            self.set()

    def doubt(self) -> None:
        """Whatever took clips away may have taken the pins."""
        self._due = self._shelf.clock.monotonic()

    def drop(self) -> None:
        """Need nothing any more."""
        try:
            self._shelf.unpin(self._owner)
        except MediaError as error:  # pins run out by themselves
            log.info("clips stay pinned", extra=self._facts | {"error": str(error)})
