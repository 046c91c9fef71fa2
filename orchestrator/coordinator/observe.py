"""Gathers what is desired and what is observed into one situation: a handful of questions.

How many questions there are, and how much is asked in them, grows with what changes, not with the
fleet: the store tells its news only (store.news), wants are read where they may have changed
(pins.py), and a lease where no living node's word stands for it. Heartbeats are read whole.

Those nodes that don't speak in Redis are asked directly (ears.py), which takes no time here.
"""

from collections.abc import Iterable, Mapping

from redis import Redis

from orchestrator.coordinator.ears import Ears
from orchestrator.coordinator.pins import Pins, Subject
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, WorkerKind, cut_off_from_redis
from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.ids import FencingToken, StreamId, TargetDigest
from orchestrator.store.news import Known
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import run_id


class Observer:
    """Looks at store and Redis; decides nothing."""

    def __init__(self, store: Store, redis: Redis, prefix: str, ears: Ears) -> None:
        self._store = store
        self._redis = redis
        self._board = Board(redis, prefix)
        self._leases = Leases(redis, prefix)
        self._ears = ears
        self._pins = Pins(self._board)
        self._granted_in: dict[FencingToken, int] = {}

    def redis_run(self) -> str:
        """Names this very run of the Redis server."""
        return run_id(self._redis)

    def forget(self) -> None:
        """What was read before may be long past: we begin to lead, or Redis was away."""
        self._pins.forget()

    def acting_on(self, streams: Iterable[StreamId]) -> None:
        """What hangs on the board about these is about to change."""
        self._pins.touched(streams)

    def look(self) -> Situation:
        """The situation now. Redis is asked last, so that no run is older than its placement."""
        known = self._store.known()
        orders = {order.node: order for order in self._store.nodes.all()}
        beats = tuple(b for b in self._board.beats() if b.kind is WorkerKind.STREAM)
        opened = (*known.placements.values(), *known.standbys.values())
        listened = self._ears.listen(beats, {p.node for p in opened})
        beats += tuple(cut_off_from_redis(heard.beat) for heard in listened.heard)
        carried = {status.stream for beat in beats for status in beat.streams}
        pinned = self._pins.look(Subject(known, carried))
        return Situation(
            desired=known.desired,
            placements=known.placements,
            standbys=known.standbys,
            observations=known.observations,
            failed_in=self._failed_in(known.observations),
            beats=beats,
            heard={heard.beat.node: heard for heard in listened.heard},
            late=listened.late,
            deaf=listened.deaf,
            leases=self._leases.observe(sorted(in_question(known, beats))),
            wants=pinned.wants,
            nexts=pinned.nexts,
            orders=orders,
        )

    def _failed_in(self, observations: Mapping[StreamId, Observation]) -> dict[StreamId, int]:
        failed = [o for o in observations.values() if o.phase is Phase.FAILED]
        unread = [o.token for o in failed if o.token not in self._granted_in]
        known = {o.token: self._granted_in[o.token] for o in failed if o.token not in unread}
        self._granted_in = known | self._store.placing.revisions(unread)
        return {o.stream: self._granted_in[o.token] for o in failed if o.token in self._granted_in}


def in_question(known: Known, beats: Iterable[NodeBeat]) -> set[TargetDigest]:
    """Targets of which only the lease tells whether somebody has them: what is placed and isn't
    carried by its node, as far as that says, and what is to be placed. Pure."""
    carried = {(beat.node, status.token) for beat in beats for status in beat.streams}
    opened = (*known.placements.values(), *known.standbys.values())
    placed = {p.target for p in opened if (p.node, p.token) not in carried}
    unplaced = known.desired.keys() - known.placements.keys()
    wanted = (known.desired[stream] for stream in unplaced)
    return placed | {desired.spec.endpoint.target for desired in wanted if desired.wanted}
