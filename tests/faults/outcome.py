"""What a row of the fault table came to: seconds per trial, and whether anybody was doubled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.arrivals import Shore, late_messages, overlap_ms
from tests.support.figures import percentile

OFF_AIR_SECONDS = 1.0
"""Silence from which on a stream is off air, as for the sandbox; slices come every 0.32 s."""
MANY = 10


@dataclass(frozen=True)
class Outcome:
    """A row's figures. `trials` are seconds, one a stream and injection, as the endpoint saw it."""

    row: str
    trials: tuple[float, ...]
    overlap_ms: float
    late_messages: int
    trial: str = "one stream, hit once"
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def p50(self) -> float:
        return percentile(self.trials, 0.5)

    @property
    def p95(self) -> float:
        return percentile(self.trials, 0.95)

    @property
    def worst(self) -> float:
        return max(self.trials)

    def printed(self) -> dict[str, object]:
        """For a line of JSON."""
        return {
            "row": self.row,
            "trial": self.trial,
            "trials": len(self.trials),
            "p50_seconds": round(self.p50, 2),
            "p95_seconds": round(self.p95, 2),
            "max_seconds": round(self.worst, 2),
            "overlap_ms": self.overlap_ms,
            "late_messages": self.late_messages,
            **{name: _summed(value) for name, value in self.extra.items()},
        }


def _summed(value: object) -> object:
    """A long list of figures as its percentiles, like the trials."""
    if not isinstance(value, list) or len(value) < MANY:
        return value
    if not all(isinstance(one, int | float) for one in value):
        return value
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {name: round(percentile(value, share), 2) for name, share in shares.items()}


def outcome(
    row: str,
    trials: Sequence[float],
    shores: Mapping[str, Shore],
    trial: str = "one stream, hit once",
    **extra: object,
) -> Outcome:
    """A row's outcome, with what the judge has seen since the row began."""
    seen = list(shores.values())
    return Outcome(row, tuple(trials), overlap_ms(seen), late_messages(seen), trial, extra)


def off_air(shore: Shore, since: float, until: float) -> float:
    """Seconds without media in that stretch, where nothing came for so long that it counts."""
    found = (shore.silence_seconds(*silence) for silence in shore.silences(since, until))
    return sum(seconds for seconds in found if seconds > OFF_AIR_SECONDS)


def together(row: str, rounds: Sequence[Outcome]) -> Outcome:
    """Several rounds of a row as one; of the rest, each round's is kept."""
    extra: dict[str, object] = {}
    for name in rounds[0].extra:
        extra[name] = (
            [one.extra[name] for one in rounds] if len(rounds) > 1 else rounds[0].extra[name]
        )
    return Outcome(
        row,
        tuple(seconds for one in rounds for seconds in one.trials),
        sum(one.overlap_ms for one in rounds),
        sum(one.late_messages for one in rounds),
        rounds[0].trial,
        extra,
    )
