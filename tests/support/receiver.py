"""Judges what a server recorded, with the sandbox's judge: media as if it had arrived on time.

A recording tells timestamps, not arrivals; so everything but pace and arrival gaps is judged.
"""

from collections.abc import Sequence
from pathlib import Path

from orchestrator.sandbox.judge import Judge
from tests.support.flv import read_tags


def findings_of(recordings: Sequence[Path]) -> tuple[str, ...]:
    """What is wrong with a stream that left these recordings, one a connection."""
    judge = Judge("recorded")
    at = 0.0
    for path in recordings:
        session = judge.opened()
        tags = read_tags(path)
        if not tags:
            continue
        start = at - tags[0].timestamp / 1000
        for tag in tags:
            at = max(at, start + tag.timestamp / 1000)
            session.feed(tag.kind, tag.timestamp, at, tag.payload)
        judge.closed(session, at, "ended")
    return judge.verdict(at).findings
