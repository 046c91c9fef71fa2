"""Taobao Live (淘宝直播): a digital-human mode exists, through approved vendors."""

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

TAOBAO = Platform(
    name="taobao",
    title="淘宝",
    stance=Stance.CONDITIONAL,
    conditions=(
        "The room is a declared digital-human room, opened through an approved vendor.",
        "The generation algorithm is filed with the authorities.",
        "The virtual host is labelled prominently all the time.",
    ),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=4000,
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
    sources=(
        "淘宝直播数字人服务商规则 (ISV rules), 2025-07-04, second-hand",
        "Video rate: Alibaba Cloud Live guidance; no official figure for Taobao rooms found",
    ),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
