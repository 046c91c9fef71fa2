"""What came out of a simulation: figures for people and for machines. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from orchestrator.simulate.air import Overlap
from orchestrator.simulate.faults import FaultKind


@dataclass(frozen=True)
class Pass:
    """One pass of the coordinator."""

    milliseconds: float
    """Of a core's time."""
    store: int
    """Questions to the store."""
    redis: int
    """Commands to Redis."""
    did: bool
    """Whether it did anything, or expected to soon."""


@dataclass(frozen=True)
class Recovery:
    """A fault, and how long some stream was off air because of it."""

    kind: FaultKind
    at: float
    streams: int
    """How many it took off air, or may have."""
    seconds: float
    """From the fault, or from Redis' return, until every stream was on air."""


@dataclass(frozen=True)
class Spread:
    """Median, 95th percentile and maximum."""

    p50: float
    p95: float
    most: float


@dataclass(frozen=True)
class Figures:
    """A simulated time."""

    streams: int
    nodes: int
    hours: float
    seed: int
    begun_in: float
    """Virtual seconds until all streams were on air for the first time."""
    expected_seconds: float
    """Stream-seconds in which streams should have been on air."""
    off_air_seconds: float
    longest_off_air: float
    two_holders_seconds: float
    overlaps: tuple[Overlap, ...]
    placed: int
    moved: int
    """Standbys that were placed, to take a stream over."""
    recoveries: tuple[Recovery, ...]
    passes: tuple[Pass, ...] = field(repr=False)
    took: float = 0.0
    """Seconds of this machine's time."""

    @property
    def off_air_share(self) -> float:
        """Of all stream-seconds."""
        return self.off_air_seconds / max(1.0, self.expected_seconds)

    @property
    def never_two(self) -> bool:
        """Whether no stream ever had two publishers."""
        return not self.overlaps


def spread(values: Sequence[float]) -> Spread | None:
    """How values are spread; None if there are none."""
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    return Spread(ordered[last // 2], ordered[round(last * 0.95)], ordered[-1])


def outcome(figures: Figures) -> dict[str, Any]:
    """What follows from size, weather and seed alone: the same on every machine."""
    by_kind = {kind.value: _spread(times) for kind, times in kinds(figures).items()}
    return {
        "streams": figures.streams,
        "nodes": figures.nodes,
        "hours": figures.hours,
        "seed": figures.seed,
        "all_on_air_after_seconds": round(figures.begun_in, 1),
        "off_air_seconds": round(figures.off_air_seconds, 1),
        "off_air_share": round(figures.off_air_share, 8),
        "longest_off_air_seconds": round(figures.longest_off_air, 2),
        "two_holders_seconds": round(figures.two_holders_seconds, 3),
        "overlaps": [asdict(overlap) for overlap in figures.overlaps[:20]],
        "placements": figures.placed,
        "moves": figures.moved,
        "faults": len(figures.recoveries),
        "on_air_again_seconds": by_kind,
        "passes": len(figures.passes),
        "commands": {
            name: {
                "store": _spread([p.store for p in some]),
                "redis": _spread([p.redis for p in some]),
            }
            for name, some in sorts(figures.passes).items()
        },
    }


def as_json(figures: Figures) -> dict[str, Any]:
    """All of it, with the times that this machine took."""
    times = {
        name: _spread([p.milliseconds for p in some])
        for name, some in sorts(figures.passes).items()
    }
    return outcome(figures) | {"pass_milliseconds": times, "took_seconds": round(figures.took, 1)}


def kinds(figures: Figures) -> dict[FaultKind, list[float]]:
    """How long it took after each kind of fault until all were on air."""
    found: dict[FaultKind, list[float]] = {}
    for recovery in figures.recoveries:
        found.setdefault(recovery.kind, []).append(recovery.seconds)
    return found


def sorts(passes: Sequence[Pass]) -> dict[str, list[Pass]]:
    """Passes that found nothing to do, and the others."""
    return {
        "quiet": [one for one in passes if not one.did],
        "busy": [one for one in passes if one.did],
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    found = spread(values)
    return None if found is None else {k: round(v, 2) for k, v in asdict(found).items()}
