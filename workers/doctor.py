"""What a worker needs of this machine: ffmpeg, a font, the speech model. Prints findings as JSON.

`python -m workers.doctor` is what `doppelcast doctor` asks; each finding has a name, whether it is
fine, what was found, and what to do.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from orchestrator.domain.voices import VOICES
from orchestrator.errors import BroadcastError
from workers.media.ffmpeg import NEEDED, find_ffmpeg
from workers.render.fonts import check_glyphs
from workers.render.speech.engines import engine

SAMPLE = "AI生成 · 数字人主播 现价原价￥0123456789"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def _ffmpeg() -> Finding:
    found = find_ffmpeg()
    return Finding("ffmpeg", True, f"{found.version}, all {len(NEEDED)} abilities that are needed")


def _font() -> Finding:
    check_glyphs(SAMPLE)
    return Finding("font", True, "has the Chinese glyphs that are drawn")


def _speech() -> Finding:
    kokoro = engine("kokoro")
    return Finding("speech", True, f"{kokoro.name}, {len(VOICES)} voices")


def _leash() -> Finding:
    setpriv = shutil.which("setpriv") is not None
    detail = "children end with their parent" if setpriv else "setpriv is not installed"
    return Finding("setpriv", setpriv, detail, "apt-get install util-linux")


def findings() -> Iterator[Finding]:
    """Look at everything; what raises is a finding, too."""
    looks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("ffmpeg", _ffmpeg),
        ("font", _font),
        ("speech", _speech),
        ("setpriv", _leash),
    )
    for name, look in looks:
        try:
            yield look()
        except BroadcastError as error:
            yield Finding(name, False, str(error))


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(f) for f in findings()], ensure_ascii=False) + "\n")
