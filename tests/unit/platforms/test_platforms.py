"""Every platform's profile holds what the fleet relies on."""

from datetime import date

import pytest

from orchestrator.domain.endpoint import SCHEMES
from orchestrator.domain.media import PROFILES
from orchestrator.platforms import PLATFORMS, Platform, SecondPublisher, Stance
from orchestrator.platforms.platform import Trust

every = pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS.keys())


@every
def test_a_platform_is_listed_under_its_own_name(platform: Platform) -> None:
    assert PLATFORMS[platform.name] is platform
    assert platform.title


@every
def test_a_platform_takes_schemes_that_can_be_published_to(platform: Platform) -> None:
    assert platform.ingest.schemes
    assert set(platform.ingest.schemes) <= set(SCHEMES)


@every
def test_a_platform_takes_every_profile_that_can_be_chosen(platform: Platform) -> None:
    ceiling = platform.ingest.max_video_kbps
    assert ceiling is None or all(p.video_kbps <= ceiling for p in PROFILES.values())
    assert all(p.gop / p.fps <= platform.ingest.key_frame_seconds for p in PROFILES.values())


@every
def test_a_platform_tries_again_within_its_grace(platform: Platform) -> None:
    recovery = platform.recovery
    assert 0 < recovery.first_retry_seconds <= recovery.busy_retry_seconds
    assert recovery.busy_retry_seconds * 5 <= recovery.grace_seconds


@every
def test_a_platform_names_its_conditions_sources_and_the_day_they_were_checked(
    platform: Platform,
) -> None:
    assert platform.conditions
    assert platform.sources
    assert platform.checked >= date(2026, 1, 1)


def test_platforms_that_ban_digital_hosts_are_forbidden() -> None:
    forbidden = {name for name, p in PLATFORMS.items() if p.stance is Stance.FORBIDDEN}
    assert forbidden == {"wechat-channels", "xiaohongshu"}


def test_chinese_platforms_are_never_allowed_without_conditions() -> None:
    for name in ("douyin", "taobao", "kuaishou", "bilibili"):
        assert PLATFORMS[name].stance is Stance.CONDITIONAL


@every
def test_what_a_second_publisher_meets_has_a_source_or_is_unknown(platform: Platform) -> None:
    ingest = platform.ingest
    assert len(ingest.second_publisher_source.text) > 10
    if ingest.second_publisher is not SecondPublisher.UNKNOWN:
        assert any(
            mark in ingest.second_publisher_source.text for mark in (".com", "issues", "API")
        )


@every
def test_what_was_inferred_says_so(platform: Platform) -> None:
    source = platform.ingest.second_publisher_source
    if platform.ingest.second_publisher is not SecondPublisher.UNKNOWN:
        assert ("Inferred" in source.text) == (source.trust is Trust.ASSUMED)


@every
def test_a_grace_has_a_source_that_names_it_or_is_a_cautious_minute(platform: Platform) -> None:
    recovery = platform.recovery
    if recovery.source.trust is Trust.ASSUMED:
        assert recovery.grace_seconds <= 60
        assert "None" in recovery.source.text
    else:
        minutes, seconds = ("1 minute", "1 to", "one minute"), f"{recovery.grace_seconds:.0f} s"
        assert any(mark in recovery.source.text for mark in (*minutes, seconds))


@every
def test_a_busy_endpoint_is_noticed_to_be_free_within_two_seconds(platform: Platform) -> None:
    assert platform.recovery.busy_retry_seconds <= 1.0


@every
def test_a_limit_of_rooms_says_where_it_comes_from(platform: Platform) -> None:
    rooms = platform.rooms
    assert rooms.per_owner is None or rooms.per_owner >= 1
    assert len(rooms.source.text) > 10
    if rooms.source.trust is Trust.ASSUMED and rooms.per_owner is not None:
        assert "assumed" in rooms.source.text
