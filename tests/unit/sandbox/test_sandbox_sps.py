"""Picture sizes and frame lengths are read from real codec headers; broken ones say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.sandbox.sps import size_in
from orchestrator.sandbox.tags import aac_frame_ms, audio_piece, video_piece

REAL = {
    "baseline": ((180, 320), "6742c00cda0c0a79fc0440000003004000000c83c50aa8"),
    "high": ((720, 1280), "6764001facd940b40a1b011000000300100000030320f1831960"),
    "high, cropped": ((1080, 1920), "67640028acd9404403c797c044000003000400000300c83c60c658"),
    "main": ((1920, 1080), "674d4028eca03c0113f2e022000003000200000300641e30632c"),
    "4:4:4": ((200, 100), "67f4000b919b2869fc4c6e0220000003002000000641e28532c0"),
    "4:2:2": ((202, 98), "677a000bbcd9434fe48fc044000003000400000300c83c50a658"),
    "interlaced": ((720, 576), "6764001eacd940b424d8088000000300800000190f8a14cb"),
}


def avcc(sps: str) -> bytes:
    raw = bytes.fromhex(sps)
    return b"\x01" + raw[1:4] + b"\xff\xe1" + len(raw).to_bytes(2, "big") + raw


@pytest.mark.parametrize("name", REAL)
def test_the_size_is_what_the_encoder_was_given(name: str) -> None:
    size, sps = REAL[name]
    assert size_in(avcc(sps)) == size


@given(noise=st.binary(max_size=60))
def test_noise_has_a_size_or_none(noise: bytes) -> None:
    size_in(b"\x01\x64\x00\x1f\xff\xe1\x00" + noise)
    size_in(noise)


@pytest.mark.parametrize(("config", "ms"), [("1190", 64 / 3), ("1210", 1024 / 44.1), ("", None)])
def test_an_aac_frame_lasts_as_long_as_its_header_says(config: str, ms: float | None) -> None:
    assert aac_frame_ms(bytes.fromhex(config)) == (ms if ms is None else pytest.approx(ms))


def test_enhanced_video_is_told_by_its_four_letters() -> None:
    header = video_piece(b"\x90hvc1\x01\x02")
    frame = video_piece(b"\xa1hvc1\x00\x00\x00xx")
    assert header is not None
    assert frame is not None
    assert (header.codec, header.header, header.body) == ("hvc1", True, b"\x01\x02")
    assert (frame.codec, frame.header, frame.key) == ("hvc1", False, False)


def test_empty_and_ending_tags_are_nothing() -> None:
    assert video_piece(b"\x17") is None
    assert video_piece(b"\x17\x02\x00\x00\x00") is None
    assert audio_piece(b"\xaf") is None
