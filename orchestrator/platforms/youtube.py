"""YouTube Live: allowed, where synthetic content is disclosed."""

from datetime import date

from orchestrator.platforms.platform import (
    Ingest,
    Platform,
    Recovery,
    SecondPublisher,
    Source,
    Stance,
    Trust,
)

YOUTUBE = Platform(
    name="youtube",
    title="YouTube",
    stance=Stance.ALLOWED,
    conditions=(
        "Realistic synthetic content is disclosed (status.containsSyntheticMedia).",
        "Mass-produced, repetitive content earns nothing.",
    ),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=51_000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source(
            "liveStreams: primary and backup address may be sent to at once; nothing is said of "
            "one address twice",
            Trust.OFFICIAL,
        ),
        trust=Trust.OFFICIAL,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source(
            "YouTube Data API v3, liveBroadcasts, enableAutoStop: around one minute after the "
            "video stops",
            Trust.OFFICIAL,
        ),
    ),
    sources=(
        "YouTube Data API v3: liveStreams, videos (containsSyntheticMedia, 2024-10-30)",
        "obs-studio services.json: key frames every 2 s, at most 4 s",
    ),
    checked=date(2026, 11, 22),
)
