"""Every error that Doppelcast raises on purpose, on one page.

BroadcastError
├── ConfigurationError                        operator   settings, machine, missing parts
│   ├── FFmpegMissing · FontMissing
├── SpecError (problems)                      operator   the matrix file
├── PlanNotFound                              ours
├── ComplianceRefused                         operator
├── CoordinationError                         ours
│   ├── NotLeader · NoCapacity
│   ├── LeaseHeld · LeaseLost · StaleToken
│   ├── WireUnreachable                       transient  Redis cannot be reached
├── StoreError                                ours
│   ├── StoreUnavailable (transient) · WriteConflict (transient) · RecordNotFound · ValueRefused
├── MediaError                                ours
│   ├── FFmpegFailed · ClipCorrupt · ClipMissing · RenderFailed · SpeechFailed
│   ├── ClipStoreFull · ClipStoreUnusable     transient
└── EndpointError (redacted endpoint)         platform
    ├── EndpointRefused                       permanent  wrong key, banned
    ├── EndpointBusy                          transient  somebody is publishing already
    ├── EndpointUnreachable                   transient
    │   └── EndpointClosed                    transient  hung up before it took the stream
    ├── EndpointDropped                       transient  took the stream, then hung up
    │   ├── EndpointEnded                     transient  … in good order
    │   └── EndpointReplaced                  transient  … and said that somebody else publishes
    └── EndpointWedged                        transient  accepts, but nothing moves

`fault` answers the operator's first question, whose it is; `permanent` answers the retry policy's,
whether trying again can help. A docstring is the message when none is given, so it names the
remedy. Programming mistakes stay `TypeError`, `ValueError` and `RuntimeError`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import ClassVar

from typing_extensions import override


class Fault(StrEnum):
    """Who can mend it."""

    OURS = "ours"
    OPERATOR = "operator"
    PLATFORM = "platform"


class BroadcastError(Exception):
    """Something went wrong."""

    fault: ClassVar[Fault] = Fault.OURS
    permanent: ClassVar[bool] = True

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or cleandoc(type(self).__doc__ or ""))


class ConfigurationError(BroadcastError):
    """A setting or a part of this machine is missing or wrong. `doppelcast doctor` says which."""

    fault = Fault.OPERATOR


class FFmpegMissing(ConfigurationError):
    """No ffmpeg with the abilities that broadcasting needs. Set DOPPELCAST_FFMPEG to one."""


class FontMissing(ConfigurationError):
    """The font lacks a glyph that must be drawn. Change the text, or name a font that has it."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a matrix file: where, what was found, what is allowed, what to do."""

    path: str
    message: str
    remedy: str
    value: str | None = None
    line: int | None = None

    @override
    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path} (line {self.line})"
        found = "" if self.value is None else f" Found: {self.value}."
        return f"{where}: {self.message}{found} {self.remedy}".rstrip()


class SpecError(BroadcastError):
    """The matrix file can't be used as it is."""

    fault = Fault.OPERATOR

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the matrix"
        super().__init__("\n".join([head + ":", *(f"  {p}" for p in self.problems)]))


class PlanNotFound(BroadcastError):
    """The solver broke down. What is in force stays; try again, with another --seed if need be."""


class ComplianceRefused(BroadcastError):
    """A platform or a rule forbids this. Nothing was put on air."""

    fault = Fault.OPERATOR


class CoordinationError(BroadcastError):
    """The fleet could not agree."""


class NotLeader(CoordinationError):
    """Another coordinator leads; this one stands by."""

    permanent = False


class NoCapacity(CoordinationError):
    """No node has a free slot. Start another stream worker, or raise its slots."""

    permanent = False


class LeaseHeld(CoordinationError):
    """Another worker holds this target. It is on air there; wait for its lease to end."""

    permanent = False


class LeaseLost(CoordinationError):
    """The lease ran out before it was renewed. Another worker may be on air; stop now."""


class StaleToken(CoordinationError):
    """A newer placement exists. This one must not write or publish any more."""


class WireUnreachable(CoordinationError):
    """Redis can't be reached. What is on air stays on air; nothing new connects."""

    permanent = False


class StoreError(BroadcastError):
    """The store refused."""


class StoreUnavailable(StoreError):
    """The store can't be reached or is locked. The last known state stays in force."""

    permanent = False


class WriteConflict(StoreError):
    """Somebody else wrote first. Read again, then decide again."""

    permanent = False


class RecordNotFound(StoreError):
    """There is no such record."""


class ValueRefused(StoreError):
    """The store can't hold that value, now or later."""


class MediaError(BroadcastError):
    """Sound or picture could not be made or read."""


class FFmpegFailed(MediaError):
    """ffmpeg ended, or stood still; what it said last is in the message."""

    permanent = False


class ClipCorrupt(MediaError):
    """A clip on disk isn't what was written. It is thrown away and rendered again."""

    permanent = False


class ClipMissing(MediaError):
    """A clip isn't in the store yet. Idle is played until it is."""

    permanent = False


class ClipStoreFull(MediaError):
    """No more clips fit on the disk. Free some space; what is rendered is played on."""

    permanent = False


class ClipStoreUnusable(MediaError):
    """The clip store's folder is gone, or can't be read or written."""

    permanent = False


class RenderFailed(MediaError):
    """A clip could not be rendered."""


class SpeechFailed(RenderFailed):
    """The speech engine could not say this text."""


class EndpointError(BroadcastError):
    """A platform's ingest would not take the stream."""

    fault = Fault.PLATFORM
    permanent = False


class EndpointRefused(EndpointError):
    """The ingest refuses this stream key. Get a new one from the platform, then apply again."""

    permanent = True


class EndpointBusy(EndpointError):
    """Somebody publishes with this key already. It is tried again until the platform lets go."""


class EndpointUnreachable(EndpointError):
    """The ingest can't be reached."""


class EndpointClosed(EndpointUnreachable):
    """The ingest hangs up before it takes the stream, and doesn't say why. Check the stream key."""


class EndpointDropped(EndpointError):
    """The ingest ended the connection. If that repeats, see if somebody else publishes there."""


class EndpointEnded(EndpointDropped):
    """The ingest ended the stream in good order. See if somebody else publishes there."""


class EndpointReplaced(EndpointDropped):
    """Somebody else publishes with this key now. Find out who, or get a key of your own."""


class EndpointWedged(EndpointError):
    """The ingest accepts the connection, but takes no data."""
