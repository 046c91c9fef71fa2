"""A server of one's own: a test bench, an event, an archive. No platform's rules, but ours hold."""

from datetime import date

from orchestrator.domain.endpoint import SCHEMES
from orchestrator.platforms.platform import (
    Ingest,
    Platform,
    Recovery,
    SecondPublisher,
    Source,
    Stance,
    Trust,
)

CUSTOM = Platform(
    name="custom",
    title="自建",
    stance=Stance.ALLOWED,
    conditions=("Whoever runs the server answers for what it shows.",),
    ingest=Ingest(
        schemes=SCHEMES,
        max_video_kbps=None,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source(
            "The operator's own server: SRS and nginx-rtmp refuse, MediaMTX takes the newest",
            Trust.ASSUMED,
        ),
        trust=Trust.ASSUMED,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source("None: it is the operator's own server", Trust.ASSUMED),
    ),
    sources=("None: it is the operator's own server",),
    checked=date(2026, 11, 22),
)
