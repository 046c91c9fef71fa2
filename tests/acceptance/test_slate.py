"""With no double to show, a stream goes on air with its brand's slate, labelled like the rest."""

from pathlib import Path

import pytest

from orchestrator.clock import SystemClock
from orchestrator.domain.clip import clip_key
from orchestrator.domain.media import PORTRAIT_720
from orchestrator.domain.stream import slate_recipe
from orchestrator.sandbox.label import label_check
from tests.support.ffmpeg import ffmpeg
from tests.support.flv import VIDEO, frames, whole_tags
from tests.support.nginx_rtmp import NginxRtmp, nginx_rtmp
from tests.support.processes import eventually
from tests.support.receiver import findings_of
from tests.support.stream_worker import a_stream, desk, some_settings, stream_worker
from workers.clips.store import ClipStore
from workers.render.clip import render_clip

pytestmark = [pytest.mark.slow, pytest.mark.needs_nginx, pytest.mark.timeout(300)]

KEY = "slate-key"
SEEN_SECONDS, EVERY_SECONDS = 8.0, 0.7


def test_a_slate_on_air_shows_the_label_in_every_picture(
    tmp_path: Path, redis_url: str, redis_prefix: str
) -> None:
    settings = some_settings(tmp_path / "home", redis_url, redis_prefix)
    log = tmp_path / "worker.log"
    with nginx_rtmp(tmp_path / "nginx") as server, desk(settings) as hands:
        spec = a_stream("suyun-douyin", server.url, KEY)
        slate = slate_recipe(spec)
        clips = ClipStore(settings.media, 10 * 1024**3, SystemClock())

        def make(into: Path) -> None:
            render_clip(slate, settings.media / "assets", into, ffmpeg())

        clips.put(clip_key(slate), make)
        with stream_worker(settings, (KEY,), log):
            hands.place(spec)
            assert hands.reaches(spec, "on_air", 60), log.read_text()
            assert eventually(lambda: _shown(hands.status(spec)) == "slate", 30)
            assert eventually(lambda: _seconds(server, KEY) > SEEN_SECONDS, 60), log.read_text()
            assert len(hands.facts("on_air")) == 1
            assert hands.facts("off_air") == []
        [path] = server.recordings(KEY)
    path.write_bytes(whole_tags(path.read_bytes()))
    check = label_check(path, EVERY_SECONDS, PORTRAIT_720)
    assert check.frames >= SEEN_SECONDS / EVERY_SECONDS
    assert check.visible_throughout, check
    assert check.smallest_glyph_px >= 0.05 * 720
    assert findings_of([path]) == ()


def _seconds(server: NginxRtmp, key: str) -> float:
    """How much has arrived."""
    video = [tag for path in server.recordings(key) for tag in frames(path, VIDEO)]
    return video[-1].timestamp / 1000 if video else 0.0


def _shown(status: object) -> str:
    return str(getattr(status, "now_playing", ""))
