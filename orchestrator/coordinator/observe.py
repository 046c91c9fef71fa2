"""Gathers what is desired and what is observed into one situation: five questions to Redis."""

from collections.abc import Mapping, Sequence

from redis import Redis

from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import WorkerKind
from orchestrator.domain.placement import Observation
from orchestrator.domain.stream import Phase
from orchestrator.ids import StreamId
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.leases import Leases
from orchestrator.wire.redis_client import run_id


class Observer:
    """Looks at store and Redis; decides nothing."""

    def __init__(self, store: Store, redis: Redis, prefix: str) -> None:
        self._store = store
        self._redis = redis
        self._board = Board(redis, prefix)
        self._leases = Leases(redis, prefix)

    def redis_run(self) -> str:
        """Names this very run of the Redis server."""
        return run_id(self._redis)

    def look(self) -> Situation:
        """The situation now. Redis is asked last, so that no run is older than its placement."""
        desired = {d.spec.stream: d for d in self._store.desired()}
        placements = {p.stream: p for p in self._store.placements()}
        observations = {o.stream: o for o in self._store.observations()}
        beats = tuple(b for b in self._board.beats() if b.kind is WorkerKind.STREAM)
        carried = {status.stream for beat in beats for status in beat.streams}
        targets = {p.target for p in placements.values()}
        targets |= {d.spec.endpoint.target for d in desired.values()}
        return Situation(
            desired=desired,
            placements=placements,
            observations=observations,
            failed_in=self._failed_in(observations),
            beats=beats,
            leases=self._leases.observe(sorted(targets)),
            wants=self._board.wants(_names(desired, placements, carried)),
        )

    def _failed_in(self, observations: Mapping[StreamId, Observation]) -> dict[StreamId, int]:
        failed = [o for o in observations.values() if o.phase is Phase.FAILED]
        revisions = self._store.placing.revisions([o.token for o in failed])
        return {o.stream: revisions[o.token] for o in failed if o.token in revisions}


def _names(*groups: Mapping[StreamId, object] | set[StreamId]) -> Sequence[StreamId]:
    return sorted({name for group in groups for name in group})
