"""What ffmpeg's last words mean. The lines were taken from ffmpeg 5.1 and 9.0 beside nginx-rtmp."""

import pytest

from orchestrator.errors import (
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointReplaced,
    EndpointUnreachable,
    FFmpegFailed,
)
from workers.stream.egress.failure import failure
from workers.stream.egress.verdict import Cause, Verdict, classify, opened

START = (
    "[info] Input #0, flv, from 'pipe:0':",
    "[info]   Stream #0:1: Audio: aac (LC), 48000 Hz, stereo, fltp",
)
BUSY_5 = (
    *START,
    "[rtmp @ 0x55ad2412eb40] [error] Server error: Already publishing",
    "[error] rtmp://127.0.0.1:19351/live/…: Operation not permitted",
)
BUSY_9 = (
    *START,
    "[rtmp @ 0x5595a730a340] [error] Server error: Already publishing",
    "[out#0/flv @ 0x5595a738f480] [fatal] Error opening output rtmp://h/live/…: "
    "Operation not permitted",
    "[fatal] Error opening output files: Operation not permitted",
)
REJECTED = (*START, "[rtmp @ 0x1] [error] Server error: Stream key rejected")
HUNG_UP_5 = (*START, "[error] rtmp://127.0.0.1:19351/refuse/…: Input/output error")
HUNG_UP_9 = (
    *START,
    "[out#0/flv @ 0x56] [fatal] Error opening output rtmp://h/refuse/…: Input/output error",
    "[error] Error opening output file rtmp://127.0.0.1:19351/refuse/….",
    "[fatal] Error opening output files: Input/output error",
)
DOWN_5 = (
    *START,
    "[tcp @ 0x55] [error] Connection to tcp://127.0.0.1:19399?tcp_nodelay=0 failed: "
    "Connection refused",
    "[rtmp @ 0x55] [error] Cannot open connection tcp://127.0.0.1:19399?tcp_nodelay=0",
    "[error] rtmp://127.0.0.1:19399/live/…: Connection refused",
)
NO_HOST = (
    *START,
    "[tcp @ 0x55] [error] Failed to resolve hostname h.invalid: Name or service not known",
    "[rtmp @ 0x55] [error] Cannot open connection tcp://h.invalid:1935?tcp_nodelay=0",
    "[error] rtmp://h.invalid/live/…: Input/output error",
)
NO_TRUST = (
    *START,
    "[tls @ 0x55] [error] error:0A000086:SSL routines::certificate verify failed",
    "[rtmps @ 0x55] [error] Cannot open connection tls://127.0.0.1:19443",
)
CUT_5 = (
    "[info] Output #0, flv, to 'rtmp://127.0.0.1:19351/live/…':",
    "[error] av_interleaved_write_frame(): Broken pipe",
    "[error] Error writing trailer of rtmp://127.0.0.1:19351/live/…: Broken pipe",
    "[info] frame=   89 fps= 33 q=-1.0 Lsize=    1224kB time=-00:00:00.02",
    "[info] Conversion failed!",
)
CUT_9 = (
    "[info] Output #0, flv, to 'rtmp://127.0.0.1:19351/live/…':",
    "[aost#0:1/copy @ 0x56] [error] Error submitting a packet to the muxer: Connection reset by "
    "peer",
    "[out#0/flv @ 0x56] [error] Task finished with error code: -104 (Connection reset by peer)",
)
REPLACED = (
    "[info] Output #0, flv, to 'rtmp://127.0.0.1:19351/live/…':",
    "[rtmp @ 0x1] [error] Server error: Replaced by a new publisher",
)
NO_CODEC = ("[in#0 @ 0x1] [error] Error opening input: Invalid data found when processing input",)
NO_PROGRAM = ("setpriv: failed to execute /opt/ffmpeg: No such file or directory",)


@pytest.mark.parametrize(
    ("lines", "code", "accepted", "cause"),
    [
        (BUSY_5, 1, False, Cause.BUSY),
        (BUSY_9, 255, False, Cause.BUSY),
        (REJECTED, 1, False, Cause.REFUSED),
        (HUNG_UP_5, 1, False, Cause.CLOSED),
        (HUNG_UP_9, 251, False, Cause.CLOSED),
        (DOWN_5, 1, False, Cause.UNREACHABLE),
        (NO_HOST, 1, False, Cause.UNREACHABLE),
        (NO_TRUST, 251, False, Cause.UNREACHABLE),
        (CUT_5, 1, True, Cause.ENDED),
        (CUT_9, 152, True, Cause.DROPPED),
        (CUT_5, 1, False, Cause.CLOSED),
        (NO_CODEC, 183, False, Cause.OURS),
        (NO_PROGRAM, 127, False, Cause.OURS),
        ((), -11, True, Cause.OURS),
        ((), 0, True, Cause.ENDED),
        (REPLACED, 1, True, Cause.REPLACED),
        (REPLACED, 1, False, Cause.CLOSED),
    ],
)
def test_each_end_has_its_cause(
    lines: tuple[str, ...], code: int, accepted: bool, cause: Cause
) -> None:
    assert classify(lines, code, accepted).cause is cause


def test_the_most_telling_words_are_shown() -> None:
    assert classify(NO_HOST, 1, False).words == "Failed to resolve"
    assert classify(NO_TRUST, 251, False).words == "certificate verify failed"
    assert classify(BUSY_9, 255, False).words == "Already publishing"


def test_an_output_is_open_when_ffmpeg_says_so() -> None:
    assert opened("[info] Output #0, flv, to 'rtmp://h/live/…':")
    assert not opened("[info] Input #0, flv, from 'pipe:0':")
    assert not opened("[info]   Stream #0:0 -> #0:0 (copy)")


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (Cause.REFUSED, EndpointRefused),
        (Cause.BUSY, EndpointBusy),
        (Cause.UNREACHABLE, EndpointUnreachable),
        (Cause.CLOSED, EndpointClosed),
        (Cause.DROPPED, EndpointDropped),
        (Cause.ENDED, EndpointEnded),
        (Cause.REPLACED, EndpointReplaced),
        (Cause.OURS, FFmpegFailed),
    ],
)
def test_each_cause_has_its_error_with_place_and_words(cause: Cause, kind: type) -> None:
    error = failure(Verdict(cause, "those words"), "rtmp://h/live/…")
    assert type(error) is kind
    assert "rtmp://h/live/…" in str(error)
    assert "those words" in str(error)
