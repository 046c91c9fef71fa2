"""Anomalies that no decent encoder sends, sent by hand over a real connection: each is found."""

from collections.abc import Callable

import pytest

from orchestrator.sandbox.anomaly import Anomaly, Rules
from tests.support.processes import eventually
from tests.support.raw_publisher import AAC_HEADER, AVC_HEADER, RawPublisher, audio, video
from tests.support.rtmp import ingest

AUDIO, VIDEO = 8, 9
Script = Callable[[RawPublisher], None]


def sent(script: Script, chunk_size: int = 4096) -> dict[str, int]:
    """The anomalies found in what the script sends."""
    with ingest(rules=Rules(drift_seconds=60, skew_ms=10_000)) as shop:
        with RawPublisher(shop.target, chunk_size) as publisher:
            script(publisher)
        assert eventually(lambda: bool(shop.verdict().endings), 30)
        return shop.verdict().anomalies


def send_video(publisher: RawPublisher, *times: int) -> None:
    publisher.headers()
    for index, time in enumerate(times):
        publisher.send(VIDEO, time, video(key=index == 0))


def send_audio(publisher: RawPublisher, *times: int) -> None:
    publisher.headers()
    for time in times:
        publisher.send(AUDIO, time, audio())


def frame_first(publisher: RawPublisher) -> None:
    publisher.send(VIDEO, 0, video(key=True))
    publisher.send(AUDIO, 0, audio())
    publisher.headers()


def another_codec_header(publisher: RawPublisher) -> None:
    send_video(publisher, 0, 40)
    publisher.send(VIDEO, 80, AVC_HEADER[:-1] + b"\xcc")
    publisher.send(AUDIO, 80, b"\xaf\x00\x12\x10")


def same_codec_header_again(publisher: RawPublisher) -> None:
    send_video(publisher, 0, 40)
    publisher.send(VIDEO, 80, AVC_HEADER)
    publisher.send(AUDIO, 80, AAC_HEADER)
    publisher.send(VIDEO, 80, video())


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (lambda p: send_video(p, 0, 40, 80, 40, 80), {Anomaly.VIDEO_BACK: 1}),
        (lambda p: send_audio(p, 0, 21, 0, 21), {Anomaly.AUDIO_BACK: 1}),
        (lambda p: send_video(p, 0, 40, 1080), {Anomaly.VIDEO_JUMP: 1}),
        (lambda p: send_audio(p, 0, 21, 1100), {Anomaly.AUDIO_JUMP: 1}),
        (lambda p: send_audio(p, 0, 21, 200), {Anomaly.AUDIO_STEP: 1}),
        (lambda p: send_video(p, 0, 40, 85, 120), {Anomaly.UNEVEN: 2}),
        (lambda p: send_video(p, 0xFFFFFFFF - 39, 0, 40), {}),
        (lambda p: send_video(p, 0xFFFFFE, 0xFFFFFE + 40, 0xFFFFFE + 80), {}),
        (frame_first, {Anomaly.VIDEO_HEADERLESS: 1, Anomaly.AUDIO_HEADERLESS: 1}),
        (another_codec_header, {Anomaly.VIDEO_CODEC: 1, Anomaly.AUDIO_CODEC: 1}),
        (same_codec_header_again, {}),
    ],
)
def test_each_class_is_found_and_nothing_else(script: Script, found: dict[Anomaly, int]) -> None:
    assert sent(script) == {anomaly.value: count for anomaly, count in found.items()}


def test_chunks_that_are_too_large_are_found() -> None:
    found = sent(lambda p: send_video(p, 0, 40), chunk_size=60_000)
    assert found == {Anomaly.CHUNK_SIZE.value: 1}


def test_a_broken_peer_loses_its_connection_and_nobody_elses() -> None:
    with ingest() as shop:
        with RawPublisher(shop.target) as publisher:
            send_video(publisher, 0, 40)
            publisher.socket.sendall(b"\xff" * 64)
            assert eventually(lambda: shop.verdict().endings == {"broken": 1}, 30)
        with RawPublisher(shop.target) as publisher:
            send_video(publisher, 0, 40)
            assert eventually(lambda: shop.verdict().video_frames == 4, 30)
