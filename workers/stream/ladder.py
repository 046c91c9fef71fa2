"""The ladder of recovery: what a lost connection means, and how soon to try again. Pure.

    ladder = Ladder(profile.recovery, profile.ingest.second_publisher)
    ladder.on_air(now)                                        # the endpoint takes the stream
    rung = ladder.ended(error, accepted_seconds, now, chance)  # it takes it no more, or never did

Each kind of ending has its rung below, with its pace and its reason. A rung that says `give_up` is
the run's end; every other one says how long to wait. The run asks for the lease before *every*
connection; `reread_lease` says that this time the answer is the point: somebody else seems to
publish there, and two that both come back at once would throw each other out forever.

What is counted belongs to one *trouble*: it begins with the first ending, and is over after
`STEADY_SECONDS` on air. The platform's grace is counted from the last moment on air.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType

from orchestrator.errors import (
    BroadcastError,
    CoordinationError,
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointReplaced,
)
from orchestrator.platforms.platform import Recovery, SecondPublisher
from workers.stream.egress.verdict import ACCEPTED_SECONDS

STEADY_SECONDS = 10.0
"""After that long on air the next ending counts as a first one. Shorter lives are a row: an ingest
that throws us out every few seconds must not be called again at once forever."""

REFUSALS = 3
"""A key that was good a moment ago may be refused by one bad server of many: two more tries."""
REFUSED_AGAIN_SECONDS = 5.0
CLOSED_SECONDS = (0.3, 0.9, 5.0, 10.0, 20.0, 30.0)
"""Nobody says why; a wrong key looks like a server that restarts. Two quick tries for the restart,
then never more than one in five seconds: platforms ban who knocks without end."""
BUSY_CAP_SECONDS = 120.0
"""nginx-rtmp holds a dead connection's key for up to two minutes; the longest that is worth it."""
BUSY_LATE_SECONDS = 10.0
REPLACED_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Whoever else publishes there gets the room for that long, and a person time to sort it out."""
SHORT_LIVES = 3
"""That many lives shorter than `STEADY_SECONDS` in a row aren't a bad line any more."""
TRANSIENT_LONGEST = 5.0
TRANSIENT_LATE_SECONDS = 15.0
"""After the grace the room counts as lost, and one more second doesn't matter."""
JITTER = 0.25
"""Share of a delay that chance may add, never take away: the paces above are promises."""


@dataclass(frozen=True)
class Rung:
    """What to do after a connection has ended, or couldn't be made."""

    give_up: bool
    """Trying again can't help; the run fails with `reason`."""
    delay: float
    """Seconds to wait before the next try."""
    reason: str
    """Why the stream is off air, in words."""
    alarm: str
    """What a person has to look at, and what to do. Empty: nothing."""
    reread_lease: bool = False
    """Somebody else may publish there: the lease's answer decides, before anything else."""


@dataclass(frozen=True)
class Trouble:
    """What has happened since the stream was last steadily on air."""

    accepted: bool = False
    """The endpoint has taken the stream at some time in this run."""
    media_at: float | None = None
    """When the stream was last on air; before that, when it was first tried."""
    transients: int = 0
    closings: int = 0
    busies: int = 0
    refusals: int = 0
    replacements: int = 0
    short_lives: int = 0
    """How often the endpoint took the stream, and dropped it again soon."""
    ends: int = 0
    """How often the endpoint ended the stream in good order."""

    def off_air_seconds(self, now: float) -> float:
        """For how long nothing has reached the endpoint."""
        return 0.0 if self.media_at is None else max(0.0, now - self.media_at)


@dataclass(frozen=True)
class Ending:
    """How the last connection ended."""

    error: BroadcastError
    accepted_seconds: float | None
    """How long the endpoint had taken the stream; None if it never did."""
    now: float

    @property
    def accepted(self) -> bool:
        """Whether the stream was on air on this connection."""
        return self.accepted_seconds is not None and self.accepted_seconds >= ACCEPTED_SECONDS

    @property
    def steady(self) -> bool:
        """Whether it was on air for so long that an older trouble is over."""
        return self.accepted_seconds is not None and self.accepted_seconds >= STEADY_SECONDS


@dataclass(frozen=True)
class Rules:
    """What the platform's profile says."""

    recovery: Recovery
    second_publisher: SecondPublisher

    @property
    def newest_may_win(self) -> bool:
        """Whether a second publisher may throw out the first. Not known counts as yes."""
        return self.second_publisher in (SecondPublisher.NEWEST_WINS, SecondPublisher.UNKNOWN)


class Ladder:
    """The ladder of one run. Not safe for several threads."""

    def __init__(self, recovery: Recovery, second_publisher: SecondPublisher) -> None:
        self._rules = Rules(recovery, second_publisher)
        self._trouble = Trouble()
        self._on_air_from: float | None = None
        self._alarm = ""

    def on_air(self, now: float) -> None:
        """The endpoint takes the stream."""
        self._on_air_from = now

    def ended(
        self, error: BroadcastError, accepted_seconds: float | None, now: float, chance: Random
    ) -> Rung:
        """What to do now. `accepted_seconds`: how long the endpoint took it; None: not at all."""
        self._on_air_from = None
        ending = Ending(error, accepted_seconds, now)
        self._trouble = remembered(self._trouble, ending, self._rules)
        rung = judged(self._trouble, ending, self._rules)
        self._alarm = rung.alarm or self._alarm
        return replace(rung, delay=rung.delay * (1 + chance.uniform(0.0, JITTER)))

    def alarm(self, now: float) -> str:
        """The alarm that stands; it falls silent once the stream is steadily on air again."""
        if self._on_air_from is not None and now - self._on_air_from >= STEADY_SECONDS:
            self._alarm = ""
        return self._alarm


def remembered(before: Trouble, ending: Ending, rules: Rules) -> Trouble:
    """The trouble, with this ending counted."""
    trouble = Trouble(before.accepted, before.media_at) if ending.steady else before
    if ending.accepted or trouble.media_at is None:
        trouble = replace(trouble, media_at=ending.now)
    dropped = isinstance(ending.error, EndpointDropped)
    short = dropped and ending.accepted and not ending.steady
    trouble = replace(
        trouble,
        accepted=trouble.accepted or ending.accepted,
        short_lives=trouble.short_lives + 1 if short else trouble.short_lives,
        ends=trouble.ends + isinstance(ending.error, EndpointEnded),
    )
    return _counted(trouble, ending, rules)


def _counted(trouble: Trouble, ending: Ending, rules: Rules) -> Trouble:
    rung = _rung_of(trouble, ending, rules)
    field = _COUNTS.get(rung)
    if field is None:
        return trouble
    return replace(trouble, **{field: getattr(trouble, field) + 1})


def _rung_of(trouble: Trouble, ending: Ending, rules: Rules) -> "Judge":
    match ending.error:
        case CoordinationError():
            return _ours
        case EndpointRefused():
            return _refused
        case EndpointBusy():
            return _busy
        case EndpointClosed():
            return _closed
        case error if error.permanent:
            return _hopeless
        case _:
            return _replaced if _thrown_out(trouble, ending, rules) else _transient


def _thrown_out(trouble: Trouble, ending: Ending, rules: Rules) -> bool:
    """Whether somebody else seems to have taken our place.

    An ingest that restarts also ends in good order. So where nobody knows whether the newest wins,
    the first such end is a break like others: a room off air for 5 s would be too dear.
    """
    if isinstance(ending.error, EndpointReplaced):
        return True
    if not rules.newest_may_win or not ending.accepted:
        return False
    if isinstance(ending.error, EndpointEnded):
        return rules.second_publisher is SecondPublisher.NEWEST_WINS or trouble.ends > 1
    return trouble.short_lives >= SHORT_LIVES


def judged(trouble: Trouble, ending: Ending, rules: Rules) -> Rung:
    """The rung for a trouble whose last ending is that one; delays without chance."""
    return _rung_of(trouble, ending, rules)(trouble, ending, rules)


def _ours(_trouble: Trouble, ending: Ending, _rules: Rules) -> Rung:
    """The lease or the placement is in question; the endpoint has done nothing."""
    return Rung(False, 0.0, str(ending.error), "", reread_lease=True)


def _hopeless(_trouble: Trouble, ending: Ending, _rules: Rules) -> Rung:
    """A setting or a part of this machine is wrong: trying again shows the same."""
    return Rung(True, 0.0, str(ending.error), str(ending.error))


def _refused(trouble: Trouble, ending: Ending, _rules: Rules) -> Rung:
    """A refusal in words. Never taken in this run: the key is wrong, and nothing else is likely."""
    reason = str(ending.error)
    if not trouble.accepted or trouble.refusals >= REFUSALS:
        return Rung(True, 0.0, reason, reason)
    return Rung(False, REFUSED_AGAIN_SECONDS, reason, "")


def _closed(trouble: Trouble, ending: Ending, rules: Rules) -> Rung:
    """It hung up without a word. Never taken until the grace is over: that is a refusal, too."""
    reason = str(ending.error)
    delay = _step(CLOSED_SECONDS, trouble.closings + trouble.refusals)
    off_air = trouble.off_air_seconds(ending.now)
    if off_air < rules.recovery.grace_seconds:
        return Rung(False, delay, reason, "")
    if not trouble.accepted:
        words = f"{reason} It has done so for {off_air:.0f} s ({trouble.closings} times)."
        return Rung(True, 0.0, words, words)
    return Rung(False, delay, reason, _lost(off_air, reason))


def _busy(trouble: Trouble, ending: Ending, rules: Rules) -> Rung:
    """Somebody publishes. Mostly it is our own last connection, which the server still holds."""
    reason, off_air = str(ending.error), trouble.off_air_seconds(ending.now)
    if off_air < min(rules.recovery.grace_seconds, BUSY_CAP_SECONDS):
        return Rung(False, _busy_seconds(trouble, rules.recovery), reason, "")
    alarm = f"Somebody else publishes with this key, for {off_air:.0f} s now. {reason}"
    return Rung(False, BUSY_LATE_SECONDS, reason, alarm)


def _busy_seconds(trouble: Trouble, recovery: Recovery) -> float:
    """The server may just be letting go of the connection before this one: the first is quick."""
    return recovery.first_retry_seconds if trouble.busies <= 1 else recovery.busy_retry_seconds


def _replaced(trouble: Trouble, ending: Ending, _rules: Rules) -> Rung:
    """Somebody else took our place: not ours, as long as the lease is. Give way, and call for help.

    Two that both come back at once throw each other out forever, and both look healthy.
    """
    reason = str(ending.error)
    alarm = f"Somebody else publishes there. Find out who, or get a key of your own. {reason}"
    delay = _step(REPLACED_SECONDS, trouble.replacements)
    return Rung(False, delay, reason, alarm, reread_lease=True)


def _transient(trouble: Trouble, ending: Ending, rules: Rules) -> Rung:
    """A bad line, a server that restarts, an ffmpeg that died: back soon, then less often."""
    reason, off_air = str(ending.error), trouble.off_air_seconds(ending.now)
    if off_air >= rules.recovery.grace_seconds:
        return Rung(False, TRANSIENT_LATE_SECONDS, reason, _lost(off_air, reason))
    first = rules.recovery.first_retry_seconds
    doublings = min(max(0, trouble.transients - 1), 16)
    return Rung(False, min(TRANSIENT_LONGEST, first * 2.0**doublings), reason, "")


def _lost(off_air: float, reason: str) -> str:
    return (
        f"Off air for {off_air:.0f} s: the room counts as lost; "
        f"it may need to be opened again, or a new key. {reason}"
    )


def _step(delays: tuple[float, ...], count: int) -> float:
    return delays[min(max(1, count), len(delays)) - 1]


Judge = Callable[[Trouble, Ending, Rules], Rung]

_COUNTS: Mapping[Judge, str] = MappingProxyType(
    {
        _transient: "transients",
        _closed: "closings",
        _busy: "busies",
        _refused: "refusals",
        _replaced: "replacements",
    }
)
