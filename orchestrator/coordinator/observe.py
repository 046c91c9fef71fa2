"""Gathers what is desired and what is observed into one situation: five questions to Redis.

Those nodes that don't speak there are asked directly (ears.py), which takes no time here.
"""

from collections.abc import Mapping, Sequence

from redis import Redis

from orchestrator.coordinator.ears import Ears
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import WorkerKind, cut_off_from_redis
from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.ids import StreamId
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

    def redis_run(self) -> str:
        """Names this very run of the Redis server."""
        return run_id(self._redis)

    def look(self) -> Situation:
        """The situation now. Redis is asked last, so that no run is older than its placement."""
        desired = {d.spec.stream: d for d in self._store.desired()}
        opened = self._store.placements()
        placements = {p.stream: p for p in opened if not p.standby}
        standbys = {p.stream: p for p in opened if p.standby}
        observations = {o.stream: o for o in self._store.observations()}
        orders = {order.node: order for order in self._store.nodes.all()}
        beats = tuple(b for b in self._board.beats() if b.kind is WorkerKind.STREAM)
        listened = self._ears.listen(beats, [p.node for p in opened])
        beats += tuple(cut_off_from_redis(heard.beat) for heard in listened.heard)
        carried = {status.stream for beat in beats for status in beat.streams}
        targets = {p.target for p in opened}
        targets |= {d.spec.endpoint.target for d in desired.values()}
        pinned = self._board.pinned(_names(desired, placements, standbys, carried))
        return Situation(
            desired=desired,
            placements=placements,
            standbys=standbys,
            observations=observations,
            failed_in=self._failed_in(observations),
            beats=beats,
            heard={heard.beat.node: heard for heard in listened.heard},
            late=listened.late,
            deaf=listened.deaf,
            leases=self._leases.observe(sorted(targets)),
            wants=pinned.wants,
            nexts=pinned.nexts,
            orders=orders,
        )

    def _failed_in(self, observations: Mapping[StreamId, Observation]) -> dict[StreamId, int]:
        failed = [o for o in observations.values() if o.phase is Phase.FAILED]
        revisions = self._store.placing.revisions([o.token for o in failed])
        return {o.stream: revisions[o.token] for o in failed if o.token in revisions}


def _names(*groups: Mapping[StreamId, object] | set[StreamId]) -> Sequence[StreamId]:
    return sorted({name for group in groups for name in group})
