"""No stream key in anything that ffmpeg says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.endpoint import publish_url
from workers.stream.egress.redaction import redactor

URL = "rtmp://ingest.example:1936/live"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40)


@given(KEYS, st.text(max_size=20), st.text(max_size=20))
def test_the_key_is_gone_wherever_it_stands(key: str, before: str, after: str) -> None:
    clean = redactor(URL, key)
    for said in (key, publish_url(URL, key)):
        assert key not in clean(f"{before}{said}{after}").replace(clean(""), "")


@pytest.mark.parametrize(
    "line",
    [
        "Error opening output rtmp://ingest.example:1936/live/abc-SECRET?t=1: Input/output error",
        "Output #0, flv, to 'rtmp://ingest.example:1936/live/abc-SECRET?t=1':",
        "playpath abc-SECRET?t=1 app live",
        "playpath abc-SECRET%3Ft%3D1",
        "srt://other.example:9000?streamid=abc-SECRET&passphrase=SECRET",
        "file:/srv/recordings/abc-SECRET/x.flv",
    ],
)
def test_lines_as_ffmpeg_writes_them(line: str) -> None:
    assert "SECRET" not in redactor(URL, "abc-SECRET?t=1")(line)


def test_the_parts_of_a_key_that_is_a_query_are_secret_one_by_one() -> None:
    clean = redactor("rtmp://h/live-bvc", "?streamname=live_1234&key=0123abcdef&schedule=rtmp")
    assert "0123abcdef" not in clean("query key=0123abcdef")
    assert "live_1234" not in clean("stream live_1234 of app live-bvc")


def test_host_and_application_may_be_seen() -> None:
    line = redactor(URL, "SECRET")(f"Output #0, flv, to '{URL}/SECRET':")
    assert line == "Output #0, flv, to 'rtmp://ingest.example:1936/live/…':"


def test_without_a_key_lines_stay_readable() -> None:
    assert redactor("file:///tmp/x.flv", "")("No space left") == "No space left"
