"""The ffmpeg that is found here has what broadcasting needs, and a wrong one is told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.errors import FFmpegMissing
from orchestrator.settings import settings
from tests.support.ffmpeg import ffmpeg, installed_ffmpegs
from workers.media.ffmpeg import OLDEST, abilities_of, find_ffmpeg, forget_ffmpeg, numbers


@pytest.fixture(autouse=True)
def found_anew() -> Iterator[None]:
    settings.cache_clear()
    forget_ffmpeg()
    yield
    settings.cache_clear()
    forget_ffmpeg()


@pytest.mark.parametrize("program", installed_ffmpegs())
def test_every_ffmpeg_of_this_machine_is_read_right(program: str) -> None:
    found = abilities_of(program)
    assert found.missing == ()
    assert numbers(found.version) >= OLDEST


def test_without_one_on_path_the_package_s_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOPPELCAST_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg().path == ffmpeg()


def test_one_on_path_that_lacks_something_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho ffmpeg version 6.0\n")
    poor.chmod(0o755)
    monkeypatch.delenv("DOPPELCAST_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg().path == ffmpeg()


def test_a_configured_one_that_lacks_something_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho ffmpeg version 4.4\n")
    poor.chmod(0o755)
    monkeypatch.setenv("DOPPELCAST_FFMPEG", str(poor))
    with pytest.raises(FFmpegMissing, match=r"libx264.*version 5\.0 or newer.*DOPPELCAST_FFMPEG"):
        find_ffmpeg()


def test_a_configured_one_that_isn_t_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOPPELCAST_FFMPEG", "/nowhere/ffmpeg")
    with pytest.raises(FFmpegMissing, match="/nowhere/ffmpeg doesn't run"):
        find_ffmpeg()
