"""Desired beside observed: what is to be done about each stream. Pure.

Stop before start: a stream gets a new placement only when its old one has ended, and a placement
ends only when its run is known to be over: reported as ended or failed, or not carried by its
living node and without a lease, or its node silent and the lease run out. A node that can't reach
Redis may still publish then (fail static). If it has an ear (ears.py), it says so when it is asked,
and what it has on air is left in peace; what it hasn't can't connect, and goes elsewhere as soon as
it said so after the lease had run out. If it can't be asked, the endpoint is the arbiter between
the two. So the streams of silent and cut off nodes are given up only as far as another node has
room for them: what can't go anywhere is left in peace until its node is heard of again. Streams
that have a standby (move.py) aren't placed anew: it takes over.

A stream's connection is made anew only when what it is made of has changed (its `link_digest`).
All else, such as a new plan of the day, is handed over in place: the board gets the new spec and a
want that names it, under the token that the run has.

A stream whose shop is closed (hours.py) isn't placed, and the end of its run is as planned.

One stream gets one action a pass; the next pass sees what became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.coordinator.hours import closed, opens, overstays
from orchestrator.coordinator.situation import Memory, Sighting, Situation, Trouble
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.schedule import CLOSED
from orchestrator.domain.stream import Phase, Want
from orchestrator.ids import FencingToken, NodeId, StreamId

START_SECONDS = 15.0
"""A run that its living node hasn't begun by then isn't going to begin."""
GONE_SECONDS = 3.0
"""A run that its living node doesn't carry any more for that long is over."""
OVER = frozenset({Phase.ENDED, Phase.FAILED})
LOST = "its node is lost"
CUT_OFF = "its node can't reach Redis, and it was off air there"
GONE = "the run is gone"
NOT_BEGUN = "the node did not begin it"

NO_TROUBLE = Trouble()


@dataclass(frozen=True)
class Place:
    """Find a node for a stream."""

    desired: DesiredStream
    prefer: NodeId | None = None
    avoid: NodeId | None = None
    moves: bool = False
    """Whether it is on air where it is; then it goes nowhere where streams keep failing."""


@dataclass(frozen=True)
class Stop:
    """Ask a run to end."""

    placement: Placement
    reason: str


@dataclass(frozen=True)
class End:
    """Note that a placement's run is over."""

    placement: Placement
    reason: str
    wished: bool = False
    """Whether we had asked for it."""
    started: bool = True
    """Whether the run was ever seen."""


@dataclass(frozen=True)
class Pin:
    """Pin spec and want up: the board has lost them, or names an older spec."""

    desired: DesiredStream
    placement: Placement


@dataclass(frozen=True)
class Dismiss:
    """Ask a run to end that no placement stands behind."""

    stream: StreamId
    node: NodeId
    token: FencingToken


Action = Place | Stop | End | Pin | Dismiss


def actions(situation: Situation, memory: Memory, now: float) -> tuple[Action, ...]:
    """What is to be done now, stops first."""
    names = sorted(situation.desired.keys() | situation.placements.keys())
    found = (_about(situation, memory, stream, now) for stream in names)
    every = [*_strays(situation), *(action for action in found if action is not None)]
    done = _as_far_as_there_is_room(situation, every)
    return tuple(sorted(done, key=lambda action: isinstance(action, Place)))


def _as_far_as_there_is_room(situation: Situation, every: Sequence[Action]) -> tuple[Action, ...]:
    """Without those deserted streams that no other node could take."""
    if not any(_gives_up(action) for action in every):
        return tuple(every)
    room = situation.room - sum(isinstance(action, Place) for action in every)
    kept: list[Action] = []
    for action in every:
        if isinstance(action, End) and _gives_up(action):
            if action.placement.stream not in situation.standbys:
                room -= 1
            if room < 0:
                continue
        kept.append(action)
    return tuple(kept)


def _gives_up(action: Action) -> bool:
    return isinstance(action, End) and action.reason in (LOST, CUT_OFF)


def _about(situation: Situation, memory: Memory, stream: StreamId, now: float) -> Action | None:
    desired = situation.desired.get(stream)
    placement = situation.placements.get(stream)
    if placement is None:
        return None if desired is None else _unplaced(situation, memory, desired, now)
    over = _over(situation, memory, placement, now)
    unwanted = why_unwanted(desired, placement) or _too_late(memory, placement, now)
    want = situation.wants.get(stream)
    told = want is not None and want.token == placement.token and not want.wanted
    if over is not None:
        if unwanted is None and closed(situation, desired):
            unwanted = CLOSED
        started = _seen(memory, placement)
        # A stream that is wanted again before its run has ended was asked to end all the same.
        wished = unwanted is not None or told
        return End(placement, unwanted or over, wished=wished, started=started)
    if unwanted is not None:
        return None if told else Stop(placement, unwanted)
    if desired is None or is_pinned(want, desired, placement):
        return None
    return Pin(desired, placement)


def is_pinned(want: Want | None, desired: DesiredStream, placement: Placement) -> bool:
    """Whether the board says of a placement what is desired, or something newer. A run that was
    told to end isn't wanted again: its stream gets another one."""
    if want is None or want.token != placement.token:
        return want is not None and want.token > placement.token
    return not want.wanted or want.spec_digest == desired.digest


def _too_late(memory: Memory, placement: Placement, now: float) -> str | None:
    return CLOSED if overstays(memory, placement, now) else None


def why_unwanted(desired: DesiredStream | None, placement: Placement) -> str | None:
    """Why this placement's run should end, if it should."""
    if desired is None:
        return "the stream is no longer in the matrix"
    if not desired.wanted:
        return "the stream was stopped"
    if desired.spec.link_digest != placement.link_digest:
        return "the stream was changed"
    return None


def _over(situation: Situation, memory: Memory, placement: Placement, now: float) -> str | None:
    """Why this placement's run is known to be over, if it is."""
    if situation.carried(placement) is not None or situation.leased(placement):
        return None
    word = situation.observations.get(placement.stream)
    if word is not None and word.token == placement.token and word.phase in OVER:
        return word.reason or f"the run has {word.phase.value}"
    sighting = memory.sightings.get(placement.token)
    if situation.deserted(placement):
        return _given_up(situation, sighting, placement) if now >= memory.give_up_from else None
    if sighting is None:
        return None
    patience = GONE_SECONDS if sighting.seen else START_SECONDS
    if now - sighting.since < patience:
        return None
    return GONE if sighting.seen else NOT_BEGUN


def _given_up(situation: Situation, sighting: Sighting | None, placement: Placement) -> str | None:
    """Why the run is over though its node doesn't beat; its lease has run out."""
    heard = situation.heard.get(placement.node)
    if heard is None:
        return LOST
    # Before the lease ran out it may have connected after it was asked.
    missed_at = None if sighting is None else sighting.missed_at
    return None if missed_at is None or heard.asked_at < missed_at else CUT_OFF


def _unplaced(
    situation: Situation, memory: Memory, desired: DesiredStream, now: float
) -> Action | None:
    stream, target = desired.spec.stream, desired.spec.endpoint.target
    trouble = memory.troubles.get(stream, NO_TROUBLE)
    if not desired.wanted or refused(situation, desired) or not opens(situation, desired):
        return None
    if now < max(memory.place_from, trouble.not_before):
        return None
    if stream in situation.running or target in situation.taken:
        return None
    if trouble.avoid:
        return Place(desired, avoid=trouble.node)
    return Place(desired, prefer=trouble.node)


def refused(situation: Situation, desired: DesiredStream) -> bool:
    """Whether trying again is no use before somebody applies the matrix again."""
    word: Observation | None = situation.observations.get(desired.spec.stream)
    if word is None or word.phase is not Phase.FAILED or not word.permanent:
        return False
    return situation.failed_in.get(desired.spec.stream, -1) >= desired.revision


def _strays(situation: Situation) -> tuple[Dismiss, ...]:
    """Runs that no placement stands behind, and that haven't been told to end yet."""
    found: list[Dismiss] = []
    for beat in situation.beats:
        for status in beat.streams:
            if status.stream in situation.placements or status.stream in situation.standbys:
                continue
            want = situation.wants.get(status.stream)
            told = want is not None and want.token >= status.token and not want.wanted
            if not told:
                found.append(Dismiss(status.stream, beat.node, status.token))
    return tuple(found)


def _seen(memory: Memory, placement: Placement) -> bool:
    sighting = memory.sightings.get(placement.token)
    return sighting is not None and sighting.seen
