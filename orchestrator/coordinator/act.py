"""Carries out what was decided: store first, then board, then task. No judgement here.

Every write to the store passes the fence of the leader's term. What can't reach Redis after a
grant is taken back in the store, so that the next pass decides again.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.coordinator.diff import Action, Dismiss, End, Pin, Stop
from orchestrator.coordinator.place import Assigned
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import Phase, Want
from orchestrator.errors import NoCapacity, WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from orchestrator.wire.board import Board

log = logging.getLogger(__name__)

NOWHERE = NodeId("")
NEVER = FencingToken(0)


class Tasks(Protocol):
    """Begins runs, and reaches them."""

    def start(self, placement: Placement) -> None: ...

    def nudge(self, stream: StreamId, token: FencingToken) -> None: ...


class Actor:
    """The coordinator's hands."""

    def __init__(self, store: Store, board: Board, tasks: Tasks, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._tasks = tasks
        self._clock = clock

    def end(self, leader: Leader, situation: Situation, ends: Sequence[End]) -> None:
        """Note that runs are over, and take down what hangs on the board of them."""
        if not ends:
            return
        now = self._clock.wall()
        self._store.placing.end(leader, [(e.placement, e.reason) for e in ends], now)
        self._store.observing.note_as_leader(leader, _last_words(situation, ends, now))
        for end in ends:
            _say("a placement has ended", end.placement, end.reason)
        self._board.publish_wants([_want(e.placement, wanted=False) for e in ends])
        for end in ends:
            if end.placement.stream not in situation.desired:
                self._board.withdraw(end.placement.stream)

    def tell(self, actions: Sequence[Action]) -> None:
        """Ask runs to end, and pin up what the board has lost."""
        stops = [a for a in actions if isinstance(a, Stop)]
        strays = [a for a in actions if isinstance(a, Dismiss)]
        pins = [a for a in actions if isinstance(a, Pin)]
        self._board.publish_wants(
            [_want(s.placement, wanted=False) for s in stops]
            + [Want(s.stream, False, s.token, s.node, "") for s in strays]
        )
        self._board.publish([(p.desired.spec, _want(p.placement, wanted=True)) for p in pins])
        for stop in stops:
            _say("a run is asked to end", stop.placement, stop.reason)
            self._tasks.nudge(stop.placement.stream, stop.placement.token)
        for stray in strays:
            facts = {"action": "dismiss", "stream": stray.stream, "token": stray.token}
            log.warning("a run without a placement is asked to end", extra=facts)
            self._tasks.nudge(stray.stream, stray.token)

    def place(self, leader: Leader, situation: Situation, assigned: Assigned) -> None:
        """Grant, pin up, send; and note for whom there is no room."""
        self._note_homeless(leader, situation, assigned.homeless)
        if not assigned.assignments:
            return
        now = self._clock.wall()
        placements = self._store.placing.grant(leader, assigned.assignments, now)
        begun = 0
        try:
            self._board.publish(
                [
                    (desired.spec, _want(placement, wanted=True))
                    for (desired, _), placement in zip(
                        assigned.assignments, placements, strict=True
                    )
                ]
            )
            for placement in placements:
                self._tasks.start(placement)
                begun += 1
                _say("a stream is placed", placement, "")
        except WireUnreachable as error:
            unsent = [(placement, str(error)) for placement in placements[begun:]]
            self._store.placing.end(leader, unsent, self._clock.wall())
            raise

    def _note_homeless(
        self, leader: Leader, situation: Situation, homeless: Sequence[DesiredStream]
    ) -> None:
        reason = str(NoCapacity())
        noted: list[Observation] = []
        for desired in homeless:
            stream = desired.spec.stream
            before = situation.observations.get(stream)
            if before is not None and before.reason == reason:
                continue
            token = NEVER if before is None else before.token
            now = self._clock.wall()
            noted.append(Observation(stream, Phase.PLANNED, reason, token, NOWHERE, now))
        if noted:
            self._store.observing.note_as_leader(leader, noted)
            log.warning("streams wait for room", extra={"action": "place", "streams": len(noted)})


def _want(placement: Placement, *, wanted: bool) -> Want:
    return Want(
        stream=placement.stream,
        wanted=wanted,
        token=placement.token,
        node=placement.node,
        spec_digest=placement.spec_digest,
    )


def _last_words(situation: Situation, ends: Sequence[End], now: float) -> list[Observation]:
    """What is noted of runs that can't say themselves that they are over."""
    words: list[Observation] = []
    for end in ends:
        placement = end.placement
        word = situation.observations.get(placement.stream)
        said = word is not None and word.token == placement.token
        if not said or word is None or word.phase not in (Phase.ENDED, Phase.FAILED):
            words.append(
                Observation(
                    placement.stream,
                    Phase.ENDED,
                    end.reason,
                    placement.token,
                    placement.node,
                    now,
                )
            )
    return words


def _say(sentence: str, placement: Placement, reason: str) -> None:
    facts = {"action": "placement", "stream": placement.stream, "token": placement.token}
    log.info(sentence, extra=facts | {"node": placement.node, "reason": reason})
