"""Twitch: no rule against digital humans was found."""

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

TWITCH = Platform(
    name="twitch",
    title="Twitch",
    stance=Stance.ALLOWED,
    conditions=("Reruns are marked as reruns.",),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=6000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source("No official text found (2026-11-22)", Trust.ASSUMED),
        trust=Trust.OFFICIAL,
    ),
    recovery=Recovery(
        grace_seconds=90.0,
        first_retry_seconds=0.3,
        source=Source(
            "streamersquare.com, 2019-03-18, on Disconnect Protection: 90 s where it is switched "
            "on, and the room ends at once where it is not",
            Trust.SECOND_HAND,
        ),
    ),
    sources=("obs-studio services.json: 6000 kb/s video, key frames every 2 s, CBR",),
    checked=date(2026, 11, 22),
)
