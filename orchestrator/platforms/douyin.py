"""Douyin (抖音): a registered virtual host may go on air, with a person behind it."""

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

DOUYIN = Platform(
    name="douyin",
    title="抖音",
    stance=Stance.CONDITIONAL,
    conditions=(
        "The avatar is filed with the platform (虚拟形象账号备案) before it goes on air.",
        "Whoever uses it has passed identity verification, and a real person drives the room.",
        "AI content is labelled prominently all the time.",
        "No medical, financial, beauty or health effects, no education results, no AI reviews.",
    ),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=6000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.UNKNOWN,
        second_publisher_source=Source("No official text found (2026-11-22)", Trust.ASSUMED),
        trust=Trust.SECOND_HAND,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source(
            "ergou.cc/tech/433456, second-hand: media rooms close 1 to 3 minutes after a break, "
            "as chosen",
            Trust.SECOND_HAND,
        ),
    ),
    sources=(
        "抖音关于人工智能生成内容的平台规范暨行业倡议, 2023-05-09",
        "抖音虚拟主播/虚拟人公约, 2023-05-11",
        "Ingest figures: third-party reports; no official text found",
    ),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
