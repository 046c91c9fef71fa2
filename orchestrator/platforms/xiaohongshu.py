"""Xiaohongshu (小红书): accounts that AI tools run are banned."""

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

XIAOHONGSHU = Platform(
    name="xiaohongshu",
    title="小红书",
    stance=Stance.FORBIDDEN,
    conditions=("Accounts that post or interact by AI hosting tools are banned.",),
    ingest=Ingest(
        schemes=("rtmp",),
        max_video_kbps=None,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source("No official text found (2026-11-22)", Trust.ASSUMED),
        trust=Trust.ASSUMED,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source("None found; a minute is assumed", Trust.ASSUMED),
    ),
    sources=("小红书关于打击AI托管运营账号的公告, 2026-03-10",),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
