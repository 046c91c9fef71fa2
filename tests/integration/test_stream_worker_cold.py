"""From nothing rendered to on air: stream worker and render worker, each a real process."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.domain.clip import Voice
from orchestrator.domain.rundown import CueKind, Rundown
from tests.support.processes import eventually
from tests.support.rtmp import ingest
from tests.support.stream_worker import (
    a_stream,
    desk,
    render_worker,
    some_settings,
    stream_worker,
)
from workers.clips.store import ClipStore

KEY = "test-key"


PATIENCE = 120.0
"""Speech and pictures are made by as much of the processors as others leave."""


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_stream_of_which_nothing_is_rendered_comes_on_air_and_stays_clean(
    tmp_path: Path, redis_url: str, redis_prefix: str
) -> None:
    config = some_settings(tmp_path / "home", redis_url, redis_prefix, ahead_seconds=20.0)
    log, renders = tmp_path / "worker.log", tmp_path / "render.log"
    with (
        ingest(key=KEY) as shop,
        desk(config) as hands,
        stream_worker(config, (KEY,), log),
        render_worker(config, renders) as cook,
    ):
        spec = a_stream("suyun-douyin", shop.url, KEY, lines=2)
        voice = Voice("zf_xiaoxiao")
        spec = replace(spec, persona=replace(spec.persona, voice=voice))
        hands.place(spec)
        assert hands.reaches(spec, "on_air", PATIENCE), log.read_text() + renders.read_text()
        store = ClipStore(config.media, config.clip_store_bytes, SystemClock())
        cues = Rundown(spec).cues
        lines = {cue.key for cue in cues if cue.kind is CueKind.LINE}
        assert eventually(lambda: all(map(store.has, lines)), PATIENCE), renders.read_text()
        assert eventually(lambda: shop.verdict().on_air_seconds > 15, 60)
        assert shop.verdict().clean, shop.verdict()

        def made() -> list[str]:
            return [r["facts"]["clip"] for r in hands.reports() if r["kind"] == "rendered"]

        assert eventually(lambda: lines <= set(made()), 30), renders.read_text()
        assert len(made()) == len(set(made())), "a clip was rendered twice"
        assert set(made()) <= {cue.key for cue in cues}
        assert cook.running
