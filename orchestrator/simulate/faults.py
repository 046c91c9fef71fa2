"""What goes wrong in a simulated day, and when: drawn by chance, before anything begins. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

OUTAGE_SECONDS = (90.0, 240.0)
FROZEN_SECONDS = (2.0, 12.0)
CUT_OFF_SECONDS = (20.0, 90.0)
AWAY_SECONDS = (120.0, 300.0)
"""How long a machine is away that was lost."""


class FaultKind(StrEnum):
    """What happens."""

    NODE_LOST = "node lost"
    NODE_FROZEN = "node frozen"
    NODE_CUT_OFF = "node cut off from Redis"
    REDIS_AWAY = "Redis away"
    REDIS_EMPTY = "Redis away, and back empty"


REDIS = frozenset({FaultKind.REDIS_AWAY, FaultKind.REDIS_EMPTY})


@dataclass(frozen=True)
class Fault:
    """One of them."""

    at: float
    kind: FaultKind
    seconds: float
    """How long it lasts; of a lost node, until another machine takes its name."""
    drops: int = 0
    """Connections that their endpoints drop meanwhile, anywhere in the fleet."""


@dataclass(frozen=True)
class Weather:
    """How often what goes wrong. Zero: never."""

    hours: float = 24.0
    lose_node_every: float = 600.0
    """Seconds, as the next two."""
    freeze_node_every: float = 0.0
    cut_off_node_every: float = 0.0
    redis_outages: int = 3
    drops: int = 2
    """Connections dropped with each fault."""


def drawn(weather: Weather, chance: Random) -> tuple[Fault, ...]:
    """A day of that weather."""
    end = weather.hours * 3600.0
    found = [
        *_every(weather.lose_node_every, FaultKind.NODE_LOST, AWAY_SECONDS, end, chance),
        *_every(weather.freeze_node_every, FaultKind.NODE_FROZEN, FROZEN_SECONDS, end, chance),
        *_every(weather.cut_off_node_every, FaultKind.NODE_CUT_OFF, CUT_OFF_SECONDS, end, chance),
        *_outages(weather.redis_outages, end, chance),
    ]
    dropping = (Fault(f.at, f.kind, f.seconds, weather.drops) for f in found)
    return tuple(sorted(dropping, key=lambda fault: (fault.at, fault.kind)))


def _every(
    seconds: float, kind: FaultKind, lasts: tuple[float, float], end: float, chance: Random
) -> list[Fault]:
    if seconds <= 0:
        return []
    times = int(end // seconds)
    return [
        Fault((number + chance.uniform(0.3, 0.7)) * seconds, kind, chance.uniform(*lasts))
        for number in range(times)
    ]


def _outages(times: int, end: float, chance: Random) -> list[Fault]:
    """Spread over the day, so that each is over before the next begins."""
    share = end / max(1, times)
    found = []
    for number in range(times):
        lasts = min(chance.uniform(*OUTAGE_SECONDS), share / 4)
        at = number * share + chance.uniform(0.2, 0.6) * share
        kind = FaultKind.REDIS_EMPTY if number % 2 else FaultKind.REDIS_AWAY
        found.append(Fault(at, kind, lasts))
    return found
