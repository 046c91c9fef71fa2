"""Judges what a server recorded, with the sandbox's judge: media as if it had arrived on time.

A recording tells timestamps, not arrivals; so everything but pace and arrival gaps is judged.
nginx-rtmp records no metadata; where there is none at all, its label is judged by whoever plays.
"""

from collections.abc import Sequence
from pathlib import Path

from orchestrator.sandbox.anomaly import Rules
from orchestrator.sandbox.judge import Judge
from tests.support.flv import SCRIPT, read_tags

UNLABELLED = "onMetaData carries no AIGC label"


def findings_of(recordings: Sequence[Path]) -> tuple[str, ...]:
    """What is wrong with a stream that left these recordings, one a connection."""
    # nginx-rtmp writes metadata of its own into its recordings; the sandbox judges that part.
    judge = Judge("recorded", Rules(aigc=False))
    at, told = 0.0, False
    for path in recordings:
        session = judge.opened()
        tags = read_tags(path)
        if not tags:
            continue
        start = at - tags[0].timestamp / 1000
        told = told or any(tag.kind == SCRIPT for tag in tags)
        for tag in tags:
            at = max(at, start + tag.timestamp / 1000)
            session.feed(tag.kind, tag.timestamp, at, tag.payload)
        judge.closed(session, at, "ended")
    found = judge.verdict(at).findings
    return tuple(one for one in found if told or one != UNLABELLED)
