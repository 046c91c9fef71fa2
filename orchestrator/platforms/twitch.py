"""Twitch: no rule against digital humans was found."""

from datetime import date

from orchestrator.platforms.platform import (
    Ingest,
    Platform,
    Recovery,
    SecondPublisher,
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
        trust=Trust.OFFICIAL,
    ),
    recovery=Recovery(grace_seconds=60.0, first_retry_seconds=0.3, busy_retry_seconds=2.0),
    sources=(
        "obs-studio services.json: 6000 kb/s video, key frames every 2 s, CBR",
        "Disconnect Protection holds the room for 90 s where it is switched on",
    ),
    checked=date(2026, 11, 22),
)
