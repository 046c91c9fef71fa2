"""Bilibili (哔哩哔哩): virtual hosts are at home there; rules on AI-run rooms were not found."""

from datetime import date

from orchestrator.platforms.platform import (
    ONE_ROOM,
    Ingest,
    Platform,
    Recovery,
    SecondPublisher,
    Source,
    Stance,
    Trust,
)

BILIBILI = Platform(
    name="bilibili",
    title="哔哩哔哩",
    stance=Stance.CONDITIONAL,
    conditions=(
        "AI content is declared; face and category verification are done before the start.",
        "A loop of recordings is a mode of its own (轮播), and isn't passed off as live.",
        "No rule text on AI-run rooms was found: ask the platform first.",
    ),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=6000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source("No official text found (2026-11-22)", Trust.ASSUMED),
        trust=Trust.ASSUMED,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source("None found for a break by itself; a minute is assumed", Trust.ASSUMED),
    ),
    sources=("Ingest form: rtmp://live-push.bilivideo.com/live-bvc/ and a key that begins with ?",),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
