"""WeChat Channels (视频号): counts digital humans as 非真实直播, a violation."""

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

WECHAT_CHANNELS = Platform(
    name="wechat-channels",
    title="视频号",
    stance=Stance.FORBIDDEN,
    conditions=("Digital-human and virtual-human rooms are treated as 非真实直播, a violation.",),
    ingest=Ingest(
        schemes=("rtmp",),
        max_video_kbps=4000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source(
            "No official text found (2026-11-22); Tencent's own CDN would let the newest win",
            Trust.ASSUMED,
        ),
        trust=Trust.ASSUMED,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source("None found; a minute is assumed", Trust.ASSUMED),
    ),
    sources=(
        "视频号常见违规内容概览, 非真实直播, 2024-06",
        "视频号直播行为规范, 10.3, 10.4, 10.8, updated 2026-07-20, second-hand",
    ),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
