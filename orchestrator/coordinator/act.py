"""Carries out what was decided: store first, then board, then task. No judgement here.

Every write to the store passes the fence of the leader's term, and one comes before every word to
the board; what a leader that was frozen in between still says there is outdated, and the board
passes it over. What can't reach Redis after a grant is taken back in the store, so that the next
pass decides again.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.coordinator.diff import Action, Dismiss, End, Pin, Stop
from orchestrator.coordinator.move import Moves
from orchestrator.coordinator.place import Assigned, why_homeless
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import Farewell
from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import Phase, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.store.leadership import Leader
from orchestrator.store.store import Store
from orchestrator.wire.board import Board

log = logging.getLogger(__name__)

NOWHERE = NodeId("")
NEVER = FencingToken(0)

Assignment = tuple[DesiredStream, NodeId]


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
        self._board.publish_wants([_unwanted(e.placement) for e in ends])
        # A stream that was stopped may be removed while nobody looks at it any more.
        for end in ends:
            desired = situation.desired.get(end.placement.stream)
            if desired is None or not desired.wanted:
                self._board.withdraw(end.placement.stream)

    def tell(self, leader: Leader, actions: Sequence[Action]) -> None:
        """Ask runs to end, and pin up what the board has lost."""
        stops = [a for a in actions if isinstance(a, Stop)]
        strays = [a for a in actions if isinstance(a, Dismiss)]
        pins = [a for a in actions if isinstance(a, Pin)]
        if not stops and not strays and not pins:
            return
        self._store.leadership.beat(leader.holder, leader.term)
        self._board.publish_wants(
            [_unwanted(s.placement) for s in stops]
            + [Want(s.stream, False, s.token, s.node, "") for s in strays]
        )
        self._board.let_lapse([stray.stream for stray in strays])
        self._board.publish([(p.desired.spec, _wanted(p.placement, p.desired)) for p in pins])
        for stop in stops:
            _say("a run is asked to end", stop.placement, stop.reason)
            self._tasks.nudge(stop.placement.stream, stop.placement.token)
        for stray in strays:
            facts = {"action": "dismiss", "stream": stray.stream, "token": stray.token}
            log.warning("a run without a placement is asked to end", extra=facts)
            self._tasks.nudge(stray.stream, stray.token)

    def change_over(self, leader: Leader, situation: Situation, decided: Moves) -> None:
        """Give the air to standbys that shall have it, and send away those that shall not."""
        if decided.nothing_changes:
            return
        now = self._clock.wall()
        self._store.leadership.beat(leader.holder, leader.term)
        if decided.called_off:
            ends = [(c.standby, c.reason) for c in decided.called_off]
            self._store.placing.end(leader, ends, now)
        if decided.promotions:
            changes = [(p.standby, p.old, p.reason) for p in decided.promotions]
            self._store.placing.promote(leader, changes, now)
        for call_off in decided.called_off:
            _say("a standby is called off", call_off.standby, call_off.reason)
        for promotion in decided.promotions:
            _say("a standby takes over", promotion.standby, promotion.reason)
        promoted = [p.standby for p in decided.promotions]
        desired = [situation.desired[standby.stream] for standby in promoted]
        self._board.publish(
            [(d.spec, _wanted(s, d)) for d, s in zip(desired, promoted, strict=True)]
        )
        done = [*promoted, *(c.standby for c in decided.called_off)]
        self._board.withdraw_next([*decided.leftovers, *(s.stream for s in done)])
        self._board.publish_next([(d.spec, _wanted(s, d)) for d, s in decided.pins])

    def place(self, leader: Leader, situation: Situation, assigned: Assigned) -> None:
        """Grant, pin up, send; and note for whom there is no room."""
        self._note_homeless(leader, situation, assigned.homeless)
        self._begin(leader, assigned.assignments, standby=False)

    def prepare(self, leader: Leader, assignments: Sequence[Assignment]) -> None:
        """Let streams prepare on a second node, beside the one where they are."""
        self._begin(leader, assignments, standby=True)

    def judge_nodes(
        self, leader: Leader, aside: Mapping[NodeId, str], lifted: Sequence[NodeId]
    ) -> None:
        """Set nodes aside, or take them back."""
        for node, reason in aside.items():
            self._store.nodes.set_aside(leader, node, reason, self._clock.wall())
            facts = {"action": "aside", "node": node, "reason": reason}
            log.warning("a node is set aside", extra=facts)
        for node in lifted:
            self._store.nodes.lift(leader, node)
            log.info("a node is no longer set aside", extra={"action": "aside", "node": node})

    def bid_farewell(self, farewells: Sequence[Farewell], staying: Sequence[NodeId]) -> None:
        """Say how far nodes are emptied; and to some that they stay after all."""
        self._board.publish_farewells(farewells)
        self._board.withdraw_farewells(staying)

    def tell_of_the_cut_off(self, situation: Situation) -> None:
        """Show people what those nodes say that can't say it on the board."""
        self._board.publish_heard([heard.beat for heard in situation.heard.values()])

    def _begin(self, leader: Leader, assignments: Sequence[Assignment], *, standby: bool) -> None:
        if not assignments:
            return
        now = self._clock.wall()
        placements = self._store.placing.grant(leader, assignments, now, standby=standby)
        publish = self._board.publish_next if standby else self._board.publish
        begun = 0
        try:
            publish(
                [
                    (desired.spec, _wanted(placement, desired))
                    for (desired, _), placement in zip(assignments, placements, strict=True)
                ]
            )
            for placement in placements:
                self._tasks.start(placement)
                begun += 1
                _say("a standby is placed" if standby else "a stream is placed", placement, "")
        except WireUnreachable as error:
            unsent = [(placement, str(error)) for placement in placements[begun:]]
            self._store.placing.end(leader, unsent, self._clock.wall())
            raise

    def _note_homeless(
        self, leader: Leader, situation: Situation, homeless: Sequence[DesiredStream]
    ) -> None:
        reason = why_homeless(situation)
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


def _wanted(placement: Placement, desired: DesiredStream) -> Want:
    return Want(placement.stream, True, placement.token, placement.node, desired.digest)


def _unwanted(placement: Placement) -> Want:
    return Want(placement.stream, False, placement.token, placement.node, "")


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
