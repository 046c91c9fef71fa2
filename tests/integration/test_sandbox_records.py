"""Recordings: bounded, never over an earlier run's, and no key anywhere but in memory."""

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.sandbox.platform import Sandbox, SandboxEndpoint
from orchestrator.sandbox.record import HEADER, Recorder
from tests.support.flv import read_tags
from tests.support.processes import eventually
from tests.support.raw_publisher import RawPublisher, audio, video

KEY = "s3cret-key?sign=abc"


def publish(sandbox: Sandbox, key: str = KEY) -> None:
    with RawPublisher(f"{sandbox.url('shop')}/{key}") as publisher:
        publisher.headers()
        publisher.send(9, 0, video(key=True))
        publisher.send(8, 0, audio())
        assert eventually(lambda: bool(sandbox.snapshot()["shop"].audio_frames), 30)
    assert eventually(lambda: sandbox.snapshot()["shop"].endings == {"lost": 1}, 30)


def opened(folder: Path) -> Sandbox:
    return Sandbox([SandboxEndpoint("shop", 0, "live", SecretStr(KEY))], folder)


def test_a_later_run_keeps_an_earlier_runs_recordings(tmp_path: Path) -> None:
    for _ in range(2):
        with opened(tmp_path) as sandbox:
            publish(sandbox)
        [path] = sandbox.recordings("shop")
        assert [tag.kind for tag in read_tags(path)] == [18, 9, 8, 9, 8]
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["shop-01.flv", "shop-02.flv"]


def test_recordings_stop_at_their_bound(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "shop", max_bytes=500)
    recording = recorder.begin()
    for time_ms in range(0, 4000, 40):
        recording.tag(9, time_ms, bytes(100))
    recording.close()
    assert recording.path.stat().st_size <= len(HEADER) + 500
    assert len(read_tags(recording.path)) == 4


def test_no_key_reaches_a_log_a_verdict_or_an_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(tmp_path) as sandbox:
        publish(sandbox)
        with RawPublisher(f"{sandbox.url('shop')}/s3cret-wrong"):
            assert eventually(lambda: sandbox.snapshot()["shop"].turned_away == 1, 30)
        said = sandbox.snapshot()["shop"]
        shown = [sandbox.url("shop"), said.to_json(), repr(said), repr(sandbox.__dict__)]
    shown += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert any("turned away" in text for text in shown)
    assert not [text for text in shown if "s3cret" in text]
