"""The judge, fed by hand with tags and moments: figures and findings."""

import json

import pytest

from orchestrator.sandbox.anomaly import Anomaly
from orchestrator.sandbox.judge import Judge
from orchestrator.sandbox.rtmp.amf0 import ecma_array, encode
from orchestrator.sandbox.session import SessionJudge, carries_aigc

AUDIO, VIDEO, DATA = 8, 9, 18
AVC = b"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe0"
AAC = b"\xaf\x00\x11\x90"
LABEL = '{"Label":"1","ContentProducer":"somebody"}'
START = 1000.0


def headers(session: SessionJudge, at: float = START, label: str | None = LABEL) -> None:
    about = {"framerate": 25.0} | ({} if label is None else {"AIGC": label})
    session.feed(DATA, 0, at, encode("onMetaData") + ecma_array(about))
    session.feed(VIDEO, 0, at, AVC)
    session.feed(AUDIO, 0, at, AAC)


def play(session: SessionJudge, seconds: float, at: float = START, from_ms: int = 0) -> float:
    """Grid media in real time; gives when it ends."""
    units = round(seconds / 0.32)
    video = [(n * 40, VIDEO, n) for n in range(units * 8)]
    audio = [(round(n * 64 / 3), AUDIO, n) for n in range(units * 15)]
    for time, kind, n in sorted(video + audio):
        body = b"\xaf\x01aa" if kind == AUDIO else (b"\x27" if n % 48 else b"\x17") + b"\x01" * 9
        session.feed(kind, from_ms + time, at + time / 1000, body)
    return at + units * 0.32


def test_grid_media_in_real_time_is_clean() -> None:
    judge = Judge("shop")
    session = judge.opened()
    headers(session)
    end = play(session, 19.2)
    judge.closed(session, end, "unpublished")
    verdict = judge.verdict(end)
    assert verdict.findings == ()
    assert verdict.clean
    assert verdict.first_packet_at == START
    assert verdict.on_air_seconds == pytest.approx(19.2, abs=0.05)
    assert verdict.even_share == 1.0
    assert verdict.max_skew_ms < 40
    assert verdict.recent_fps == pytest.approx(25, abs=0.2)
    assert json.loads(verdict.to_json())["clean"] is True


def test_two_connections_have_a_gap_between_them() -> None:
    judge = Judge("shop")
    first = judge.opened()
    headers(first)
    end = play(first, 3.2)
    judge.closed(first, end, "lost")
    second = judge.opened()
    headers(second, end + 4)
    end = play(second, 3.2, at=end + 4, from_ms=9000)
    verdict = judge.verdict(end)
    assert verdict.sessions == 2
    assert verdict.gap_seconds == pytest.approx(4.0, abs=0.1)
    assert verdict.overlap_ms == 0
    assert [finding.split(",")[0] for finding in verdict.findings] == [
        "2 connections instead of one",
        "off air once",
    ]
    assert verdict.anomalies == {}


def test_two_connections_at_once_are_published_twice() -> None:
    judge = Judge("shop")
    first, second = judge.opened(), judge.opened()
    for session, start in ((first, START), (second, START + 1.6)):
        headers(session, start)
    play(first, 3.2)
    end = play(second, 3.2, at=START + 1.6)
    assert judge.verdict(end).overlap_ms == pytest.approx(1600, abs=50)


def test_silence_counts_while_it_lasts_and_once_when_it_has_ended() -> None:
    judge = Judge("shop")
    session = judge.opened()
    headers(session)
    end = play(session, 3.2)
    assert judge.verdict(end + 0.5).anomalies == {}
    assert judge.verdict(end + 2).anomalies == {Anomaly.AUDIO_GAP.value: 1}
    lasting = {Anomaly.AUDIO_GAP.value: 1, Anomaly.VIDEO_GAP.value: 1}
    assert judge.verdict(end + 4).anomalies == lasting
    play(session, 3.2, at=end + 4, from_ms=3200)
    assert judge.verdict(end + 7).anomalies == lasting | {Anomaly.BEHIND.value: 1}


def test_a_medium_that_begins_late_or_not_at_all_is_missed() -> None:
    judge = Judge("shop")
    whole, late, mute = judge.opened(), judge.opened(), judge.opened()
    end = START
    for session in (whole, late, mute):
        headers(session, end)
        for n in range(50):
            body = (b"\x27" if n % 48 else b"\x17") + b"\x01" * 9
            session.feed(VIDEO, n * 40, end + n * 0.04, body)
            if session is whole or (session is late and n > 30):
                session.feed(AUDIO, n * 40, end + n * 0.04, b"\xaf\x01aa")
        end += 2
        judge.closed(session, end)
        gaps = judge.verdict(end).anomalies.get(Anomaly.AUDIO_GAP.value, 0)
        assert gaps == session.number - 1


def test_a_stream_without_media_is_not_clean() -> None:
    judge = Judge("shop")
    assert judge.verdict(START).findings == ("no media arrived",)
    headers(judge.opened())
    assert judge.verdict(START).findings == ("no media arrived",)


def test_a_label_is_asked_of_every_connection() -> None:
    judge = Judge("shop")
    labelled, bare = judge.opened(), judge.opened()
    headers(labelled)
    headers(bare, label=None)
    play(labelled, 0.64)
    judge.closed(labelled, START + 1)
    end = play(bare, 0.64, at=START + 1)
    assert "onMetaData carries no AIGC label" in judge.verdict(end).findings


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (LABEL, True),
        (f'{{"AIGC":{LABEL}}}', True),
        ('{"Label":1}', False),
        ('{"Label":"4"}', False),
        ("AI", False),
        ("[]", False),
        (1.0, False),
        (None, False),
    ],
)
def test_only_a_label_of_the_standard_counts(value: str | float | None, label: bool) -> None:
    assert carries_aigc(value) is label


def test_a_gop_of_49_frames_is_one_anomaly_and_48_none() -> None:
    for length, found in ((48, {}), (49, {Anomaly.GOP.value: 1})):
        judge = Judge("shop")
        session = judge.opened()
        headers(session)
        for n in range(length * 2 + 1):
            body = (b"\x27" if n % length else b"\x17") + b"\x01" * 9
            session.feed(VIDEO, n * 40, START + n * 0.04, body)
        expected = {} if not found else {Anomaly.GOP.value: 2}
        assert judge.verdict(START + 4).anomalies == expected


def test_drift_is_counted_once_each_time_it_begins() -> None:
    judge = Judge("shop")
    session = judge.opened()
    headers(session)
    for n in range(200):  # 8 s of media within 4 s
        body = (b"\x27" if n % 48 else b"\x17") + b"\x01" * 9
        session.feed(VIDEO, n * 40, START + n * 0.02, body)
    verdict = judge.verdict(START + 4)
    assert verdict.anomalies == {Anomaly.AHEAD.value: 1}
    assert verdict.lead_seconds == pytest.approx(3.98, abs=0.02)


def test_memory_stays_small_however_long_a_stream_runs() -> None:
    judge = Judge("shop")
    session = judge.opened()
    headers(session)
    for n in range(20_000):
        body = (b"\x27" if n % 48 else b"\x17") + b"\x01" * 9
        session.feed(VIDEO, n * 7919 % 2**32, START + n * 0.6, body)
    facts = judge.facts
    assert len(facts.intervals.all()) <= 10_001
    assert len(facts.video_steps) < 20
    assert len(facts.examples) < 20


def test_how_late_the_judge_was_is_said_with_the_verdict() -> None:
    judge = Judge("shop")
    for seconds in (0.01, 1.5, 0.02):
        judge.was_late(seconds)
    assert judge.verdict(START).judge_late_seconds == 1.5
