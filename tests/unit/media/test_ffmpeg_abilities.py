"""What ffmpeg says of itself, read."""

import pytest

from workers.media.ffmpeg import NEEDED, Abilities, listed, numbers

ENCODERS = """Encoders:
 V..... = Video
 ------
 V....D libx264              libx264 H.264 / AVC (codec h264)
 A..... aac                  AAC (Advanced Audio Coding)
"""
MUXERS = """File formats:
 D. = Demuxing supported
 --
  E flv             FLV (Flash Video)
 DE mov,mp4         QuickTime / MOV
"""
PROTOCOLS = """Supported file protocols:
Input:
  file
Output:
  rtmp
  rtmps
"""


def test_names_are_read_from_all_three_lists() -> None:
    assert listed(ENCODERS) >= {"libx264", "aac"}
    assert listed(MUXERS) >= {"flv", "mov", "mp4"}
    assert listed(PROTOCOLS) >= {"file", "rtmp", "rtmps"}
    assert "srt" not in listed(PROTOCOLS)


@pytest.mark.parametrize(
    ("version", "read"),
    [("5.1.9-0+deb12u1", (5, 1)), ("n6.0", (6, 0)), ("9.0.2-static", (9, 0)), ("N-1-gabc", ())],
)
def test_versions_are_read_as_distributions_write_them(version: str, read: tuple[int, ...]) -> None:
    assert numbers(version) == read


def test_what_is_missing_is_named() -> None:
    parts = frozenset(NEEDED) - {("protocol", "srt"), ("encoder", "libx264")}
    assert Abilities("x", "6.0", parts).missing == ("encoder libx264", "protocol srt")
    assert Abilities("x", "4.4", frozenset(NEEDED)).missing == ("version 5.0 or newer",)
    assert Abilities("x", "N-1-gabc", frozenset(NEEDED)).missing == ()
