"""Kuaishou (快手): has a digital-human product of its own; others on conditions."""

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

KUAISHOU = Platform(
    name="kuaishou",
    title="快手",
    stance=Stance.CONDITIONAL,
    conditions=(
        "Unattended rooms are for the platform's own digital-human product (女娲).",
        "Likeness and voice are used with the person's consent.",
        "A host is in the picture throughout; an empty set is a violation.",
        "One push address a broadcast, valid for two days.",
    ),
    ingest=Ingest(
        schemes=("rtmp", "rtmps"),
        max_video_kbps=4000,
        key_frame_seconds=2.0,
        second_publisher=SecondPublisher.NEWEST_WINS,
        second_publisher_source=Source(
            "Inferred: the push host is a name of Tencent's CDN, where the newest replaces the "
            "current (cloud.tencent.com 440/35256, event 21/102; 267/31083)",
            Trust.ASSUMED,
        ),
        trust=Trust.OFFICIAL,
    ),
    recovery=Recovery(
        grace_seconds=60.0,
        first_retry_seconds=0.3,
        source=Source(
            "github.com/KwaiVideoTeam/kuaishou-liveopen-api, README: a break of 1 to 2 minutes "
            "closes the room",
            Trust.OFFICIAL,
        ),
    ),
    sources=(
        "github.com/KwaiVideoTeam/kuaishou-liveopen-api, README: a break of 1 to 2 minutes closes "
        "the room; one live per push address; AAC only",
        "Rules for live rooms, second-hand, checked 2026-09-25; video rate assumed",
    ),
    checked=date(2026, 11, 22),
    rooms=ONE_ROOM,
)
