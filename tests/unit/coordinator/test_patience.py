"""How long a coordinator waits for nodes after Redis was away; Redis, store and time are played."""

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.coordinator.reconcile import Reconciler
from orchestrator.coordinator.situation import Situation
from orchestrator.domain.node import NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId
from orchestrator.store.leadership import Leader
from tests.support.streams import a_desired, a_spec
from tests.unit.telemetry.test_health import HandClock

LEASE_SECONDS = 6.0
SPEC = a_spec("a")
HERE, THERE = NodeId("n1"), NodeId("n2")
PLACEMENT = Placement(
    SPEC.stream, SPEC.endpoint.target, HERE, FencingToken(1), SPEC.link_digest, 1, 0.0
)
SILENT = Situation(
    desired={SPEC.stream: a_desired(SPEC)},
    placements={SPEC.stream: PLACEMENT},
    beats=(NodeBeat(THERE, "boot", WorkerKind.STREAM, 10),),
)
"""The stream's node doesn't beat, its lease is gone, and another node has room."""


class Leads:
    def leader(self, _now: float) -> Leader:
        return Leader(1, "me", 1)


class Sees:
    """Redis says which run it is as `asked` says it; the rest is as it is."""

    def __init__(self) -> None:
        self.asked: Callable[[], str] = lambda: "run-1"

    def redis_run(self) -> str:
        return self.asked()

    def look(self) -> Situation:
        return SILENT

    def forget(self) -> None: ...

    def acting_on(self, streams: object) -> None: ...


class Does:
    """Nothing, and remembers what it was to end."""

    def __init__(self) -> None:
        self.ended: list[object] = []

    def end(self, _leader: Leader, _situation: Situation, ends: list[object]) -> None:
        self.ended += ends

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def test_a_node_has_a_leases_time_from_when_redis_answers_not_from_when_it_was_asked() -> None:
    clock, sees, does = HandClock(), Sees(), Does()
    parts: Any = (Leads(), sees, does)
    reconciler = Reconciler(*parts, clock, LEASE_SECONDS)
    reconciler.once()

    def away() -> str:
        raise WireUnreachable("Redis doesn't answer.")

    def after_long() -> str:
        clock.now += LEASE_SECONDS
        return "run-1"

    sees.asked = away
    with pytest.raises(WireUnreachable):
        reconciler.once()
    clock.now += 60.0
    sees.asked = after_long
    reconciler.once()
    sees.asked = lambda: "run-1"
    clock.now += LEASE_SECONDS - 0.1
    reconciler.once()
    assert does.ended == []
    clock.now += 0.2
    reconciler.once()
    assert [end.placement for end in does.ended] == [PLACEMENT]  # type: ignore[attr-defined]
