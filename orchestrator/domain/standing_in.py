"""What is shown when clips are missing: the ladder down from the program, and its words.

    program → (a line that is missing is passed over) → idle loops → the slate
            → the last clip once more, one without words first → nothing

A connection that is open always has something to show: what was shown last is in memory. With
nothing at all no connection is opened; that is the one case of `Rung.NOTHING`.

Idle loops aren't always trouble. A stream without lines idles by design; and where some line can be
said, a few loops in a row are the rundown's patience with those that aren't rendered yet.

Pure: judgements of values, and a sentence for people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.rundown import PATIENT_IDLES, Cue, CueKind, Place, Ready, Rundown

OVERDUE_SECONDS = 60.0
"""A line that is missing for that long while nothing comes is trouble, even if there are others."""
UNANSWERED_SECONDS = 20.0
"""With nothing rendered for that long although it was ordered, the render workers are in doubt."""


class Rung(StrEnum):
    """How far down the ladder a stream is."""

    PROGRAM = "program"
    PASSED = "passed"
    """The program, but for lines that have been missing for long."""
    MEMORY = "memory"
    """The program as far as it is in memory; the clip store has lost it."""
    IDLE = "idle"
    SLATE = "slate"
    LAST = "last"
    """What was shown last, once more."""
    NOTHING = "nothing"


HEADS = {
    Rung.PASSED: "some lines are passed over",
    Rung.MEMORY: "only what is in memory",
    Rung.IDLE: "idle",
    Rung.SLATE: "slate",
    Rung.LAST: "the last clip again and again",
    Rung.NOTHING: "nothing to show",
}


@dataclass(frozen=True)
class Choice:
    """What is to be shown next, on which rung, and the place in the rundown after it."""

    rung: Rung
    cue: Cue | None
    place: Place


@dataclass(frozen=True)
class Shortage:
    """What is known of the clips that are missing."""

    clips: int = 0
    """All lines, idle loops and the slate."""
    missing: int = 0
    """Those of them that can't be had from the clip store."""
    waited: float = 0.0
    """Seconds since the oldest order, in which nothing came that had been ordered."""
    damaged: int = 0
    """Missing because they were found damaged."""
    foreign: int = 0
    """Missing because their codec headers are others than the connection's."""
    store: str = ""
    """What is wrong with the clip store, in words."""


def _anything(_: Cue) -> bool:
    return True


def choose(
    rundown: Rundown, place: Place, ready: Ready, last: Sequence[Cue], suits: Ready = _anything
) -> Choice:
    """The best that can be shown. `last`: what was shown before, the best to repeat first.

    `suits` says what may be shown now at all; that something is there and doesn't is no trouble.
    """
    cue, after = rundown.take(place, lambda cue: ready(cue) and suits(cue))
    if cue is None:
        again = next(iter(last), None)
        return Choice(Rung.NOTHING if again is None else Rung.LAST, again, place)
    if cue.kind is CueKind.IDLE and any(ready(n) and not suits(n) for n in rundown.said):
        return Choice(Rung.PROGRAM, cue, after)
    return Choice(_rung(rundown, cue, after, ready), cue, after)


def _rung(rundown: Rundown, cue: Cue, after: Place, ready: Ready) -> Rung:
    if cue.kind is CueKind.SLATE:
        return Rung.SLATE
    if cue.kind is CueKind.IDLE and not _patient(rundown, after, ready):
        return Rung.IDLE
    return Rung.PROGRAM


def _patient(rundown: Rundown, after: Place, ready: Ready) -> bool:
    if not rundown.said:
        return True
    return after.idles <= PATIENT_IDLES and any(map(ready, rundown.said))


def with_the_store(rung: Rung, *, stored: bool, overdue: float) -> Rung:
    """The rung, when it is known whether the clip is stored, and for how long a line is overdue."""
    if rung is not Rung.PROGRAM:
        return rung
    if not stored:
        return Rung.MEMORY
    return Rung.PASSED if overdue > OVERDUE_SECONDS else Rung.PROGRAM


def repeatable(shown: Sequence[Cue]) -> tuple[Cue, ...]:
    """What was shown, oldest first, in the order in which it is to be repeated.

    A double that is there and says nothing can be looked at for long; a sentence can't be heard
    twice in a row.
    """
    newest = tuple(reversed(shown))
    wordless = tuple(cue for cue in newest if cue.kind is not CueKind.LINE)
    return (*wordless, *(cue for cue in newest if cue.kind is CueKind.LINE))


def in_words(rung: Rung, seconds: float, shortage: Shortage) -> str:
    """For the status: what is shown, for how long, and why. Empty while the program runs."""
    if rung is Rung.PROGRAM:
        return ""
    return f"{HEADS[rung]} for {lasting(seconds)}: {', '.join(_causes(shortage))}"


def _causes(shortage: Shortage) -> list[str]:
    verb = "is" if shortage.missing == 1 else "are"
    causes = [f"{shortage.missing} of {shortage.clips} clips {verb} missing"]
    if shortage.damaged:
        causes.append(f"{shortage.damaged} found damaged")
    if shortage.foreign:
        causes.append(f"{shortage.foreign} made with other codec settings")
    if shortage.store:
        causes.append(shortage.store)
    elif shortage.waited >= UNANSWERED_SECONDS:
        waited = lasting(shortage.waited)
        causes.append(f"nothing that was ordered came for {waited}; see to the render workers")
    return causes


def lasting(seconds: float) -> str:
    """A time in round words, so that a status doesn't change with every look."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 60:
        return f"{int(seconds // 10) * 10} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h"
