"""What is wrong with a soak, in words, from what was counted and received. Pure.

Limits are the issue's: no anomaly, sound and picture less than a frame apart at the end, less than
1 MB of growth an hour and stream, nothing left behind, every clip that went on air recorded once.
"""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from orchestrator.domain.evidence import Report
from orchestrator.domain.media import FRAME_MS
from orchestrator.sandbox.anomaly import Anomaly, Rules
from tests.support.soak.census import Census, Count, kind, more_of
from tests.support.soak.judge import Verdicts
from tests.support.soak.slope import Slope, slope

MB_AN_HOUR = 1.0
"""What a worker may grow by, for each stream that it carries."""
SHORTEST_MINUTES = 8.0
"""Below that growth is told, and not judged: a worker still warms up. From there on a quiet
worker's growth is known to some hundredths of what it may be."""
POLITE = {"unpublished"}
RULES = Rules()
SILENCES = ("off air ", f"{Anomaly.AUDIO_GAP}: ")
COUNTED = ("fds", "connections", "threads", "processes")
SPARE = {"fds": 3, "connections": 8}
"""What is open for a moment when it is counted; and what a pool opens when several threads happen
to ask Redis at once, and keeps. A connection leaked by each stream, or each hour, is more."""
BROKER = "broker"
"""Its connections are everybody's, and are judged at their other ends."""
REDIS_MIB = 1.0
"""What Redis' memory may differ by: buffers of its clients."""
SPOOL_BYTES = 64 * 1024
"""What may lie in the workers' journals: files that are confirmed go when they have grown."""
FENCE = re.compile(r":token:")
"""The newest token of a target stays for a week after its last lease, or it would be no fence."""
FEWEST = 5
"""Samples at the beginning, and at the end, that are compared."""


@dataclass(frozen=True)
class Growth:
    """How a worker's memory grew while its streams were on air."""

    node: str
    streams: float
    per_stream: Slope
    """MiB an hour."""


def allowed_growth(minutes: float) -> float | None:
    """MiB an hour and stream that a soak of that length asserts; None if it is too short."""
    return None if minutes < SHORTEST_MINUTES else MB_AN_HOUR


def growths(samples: Sequence[Census], nodes: Mapping[str, int]) -> tuple[Growth, ...]:
    """Of each node that carries streams: its name, and how many."""
    times = [sample.at for sample in samples]
    return tuple(
        Growth(node, count, slope(times, [s.parts[node].rss_mib for s in samples]).per(count))
        for node, count in nodes.items()
        if count
    )


def of_media(verdicts: Verdicts, skew_ms: float = FRAME_MS) -> Iterator[str]:
    """What the endpoints received."""
    for name, verdict in verdicts.items():
        away = _judge_was_away(verdict)
        for finding in verdict["findings"]:
            if not (away and finding.startswith(SILENCES)):
                yield f"{name}: {finding}"
        if abs(verdict["skew_ms"]) >= skew_ms:
            yield f"{name}: sound and picture are {verdict['skew_ms']:.0f} ms apart at the end"
        if verdict["turned_away"]:
            yield f"{name}: {verdict['turned_away']} attempts to publish were turned away"
        rude = {ending: n for ending, n in verdict["endings"].items() if ending not in POLITE}
        if rude:
            yield f"{name}: connections ended as {rude}"


def of_growth(found: Iterable[Growth], minutes: float) -> Iterator[str]:
    """Memory of the workers."""
    allowed = allowed_growth(minutes)
    for growth in found:
        per_hour = growth.per_stream.per_hour
        if allowed is not None and per_hour >= allowed:
            yield f"{growth.node} grows by {per_hour:.2f} MB an hour and stream"


def of_the_run(samples: Sequence[Census]) -> Iterator[str]:
    """What grew while streams were on air: descriptors, threads, children, keys."""
    few = max(FEWEST, len(samples) // 4)
    early, late = samples[:few], samples[-few:]
    yield from _more_held(early, late)
    yield from _more_kept(early, late)
    restarts = max(sample.restarts for sample in samples)
    if restarts:
        yield f"restarts: {restarts}"
    if _fills(max(SPOOL_BYTES, *(s.spooled for s in early)), min(s.spooled for s in late)):
        yield f"spools fill up, {late[-1].spooled} bytes wait at the end"


def _judge_was_away(verdict: Mapping[str, Any]) -> bool:
    """Whether every silence may be the judge's own: it, or all of the machine, was away as long."""
    silent = [gap["seconds"] for gap in verdict["gaps"]]
    allowed = RULES.off_air_seconds + verdict["judge_late_seconds"]
    without_audio = verdict["anomalies"].get(Anomaly.AUDIO_GAP, 0)
    return without_audio <= len(silent) and max(silent, default=0.0) <= allowed


def _more_held(early: Sequence[Census], late: Sequence[Census]) -> Iterator[str]:
    for part in early[0].parts:
        for what in COUNTED:
            before, after = _middle(early, part, what), _middle(late, part, what)
            if after > before + _spare(part, what):
                yield f"{part} has {after:.0f} {what} at the end, {before:.0f} after the warm-up"


def _more_kept(early: Sequence[Census], late: Sequence[Census]) -> Iterator[str]:
    lasting = _kinds_in_all(late)
    for sort in more_of(_kinds_in_any(early), lasting):
        yield f"Redis keeps {sort}, which wasn't there after the warm-up"
    for key in _filling(early, late):
        yield f"{key} fills up in Redis"
    before, after = (statistics.median(s.redis_mib for s in part) for part in (early, late))
    if after - before > REDIS_MIB:
        yield f"Redis takes {after:.1f} MiB at the end, {before:.1f} after the warm-up"


def expecting(before: Census, carried: Mapping[str, int], carries: Mapping[str, int]) -> Census:
    """That count, with the threads that workers have to make, and keep, for more streams at once
    than they ever carried: where streams go depends on how busy each node says that it is."""
    parts = {
        name: replace(count, threads=count.threads + max(0, carries.get(name, 0) - carried[name]))
        if name in carried
        else count
        for name, count in before.parts.items()
    }
    return replace(before, parts=parts)


def of_the_end(before: Census, after: Census) -> Iterator[str]:
    """What is left of streams when none is wanted any more."""
    for part, count in after.parts.items():
        for what in COUNTED:
            was, now = getattr(before.parts[part], what), getattr(count, what)
            if now > was + _spare(part, what):
                yield f"{part} is left with {now} {what}, and had {was} before the first stream"
    left = Counter(
        kind(key)
        for key in more_of(before.keys, after.keys)
        if not (FENCE.search(key) and key in after.ending)
    )
    for sort, count in left.items():
        yield f"{sort} is left in Redis, {count} of it"


def of_records(reports: Iterable[Report], verdicts: Verdicts) -> Iterator[str]:
    """Whether each stream's clips were recorded once each: they follow one another without a gap.

    What was recorded must also be as long as what was received; the last clip may be cut short.
    """
    by_stream: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for report in reports:
        start, length = report.facts["start_ms"], report.facts["duration_ms"]
        by_stream[str(report.stream)].append((int(start or 0), int(length or 0)))
    for name, verdict in verdicts.items():
        clips = sorted(by_stream[name])
        yield from (f"{name}: {broken}" for broken in _breaks(clips))
        recorded = sum(length for _, length in clips)
        received = verdict["video_frames"] * FRAME_MS
        last = clips[-1][1] if clips else 0
        if not received <= recorded <= received + last:
            yield f"{name}: {recorded} ms are recorded, {received} ms were received"


def _spare(part: str, what: str) -> float:
    return inf if (part, what) == (BROKER, "connections") else SPARE.get(what, 0)


def _breaks(clips: Sequence[tuple[int, int]]) -> Iterator[str]:
    due = 0
    for start, length in clips:
        if start < due:
            yield f"the clip at {start} ms is recorded twice"
        elif start > due:
            yield f"nothing is recorded from {due} to {start} ms"
        due = start + length


def _middle(samples: Sequence[Census], part: str, what: str) -> float:
    counts: list[Count] = [sample.parts[part] for sample in samples]
    return statistics.median(getattr(count, what) for count in counts)


def _kinds_in_any(samples: Iterable[Census]) -> set[str]:
    return {sort for sample in samples for sort in sample.kinds}


def _kinds_in_all(samples: Sequence[Census]) -> set[str]:
    return set.intersection(*(set(sample.kinds) for sample in samples))


def _filling(early: Sequence[Census], late: Sequence[Census]) -> list[str]:
    """Kinds of keys of which there are more and more, or in which there is."""
    found = []
    for sort in sorted(_kinds_in_all(late) & _kinds_in_any(early)):
        least = min(_amount(sample, sort) for sample in late)
        most = max(_amount(sample, sort) for sample in early)
        if least[0] > most[0] or _fills(most[1], least[1]):
            found.append(sort)
    return found


def _fills(before: int, after: int) -> bool:
    """Clearly more; a heartbeat is some bytes longer when its figures have more digits."""
    return after > 1.1 * before + 64


def _amount(sample: Census, sort: str) -> tuple[int, int]:
    sizes = [size for key, size in sample.keys.items() if kind(key) == sort]
    return len(sizes), sum(sizes)
