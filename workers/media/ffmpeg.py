"""Finds an ffmpeg that can do what broadcasting needs, and asks it once what it can.

The order: the configured one (and no other: a wrong setting is told, not passed over), the one on
PATH, the one of the package `imageio-ffmpeg`. What is needed is asked of the program itself, since
distributions build it with very different parts.
"""

import logging
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import imageio_ffmpeg

from orchestrator.errors import FFmpegMissing
from orchestrator.settings import settings

logger = logging.getLogger(__name__)

OLDEST = (5, 0)
NEEDED = (
    ("encoder", "libx264"),
    ("encoder", "aac"),
    ("demuxer", "flv"),
    ("muxer", "flv"),
    ("muxer", "mpegts"),
    ("protocol", "pipe"),
    ("protocol", "file"),
    ("protocol", "rtmp"),
    ("protocol", "rtmps"),
    ("protocol", "srt"),
)
REMEDY = (
    "Install a full ffmpeg (Debian: apt-get install ffmpeg), or unset DOPPELCAST_FFMPEG to use "
    "the one of the package imageio-ffmpeg."
)
_ASK_SECONDS = 20.0
_NAME = re.compile(r"[\w,]+")
_FLAGGED = re.compile(r"^ *[A-Z.]{1,6} +(\S+)")


@dataclass(frozen=True)
class Abilities:
    """One ffmpeg: where it is, which, and what it lacks."""

    path: str
    version: str
    parts: frozenset[tuple[str, str]]
    """Of what is needed: what it has."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks, in words."""
        lacks = [f"{kind} {name}" for kind, name in NEEDED if (kind, name) not in self.parts]
        if (number := numbers(self.version)) and number < OLDEST:
            lacks.append(f"version {'.'.join(map(str, OLDEST))} or newer")
        return tuple(lacks)


def numbers(version: str) -> tuple[int, ...]:
    """The release of a version such as `5.1.9-0+deb12u1`; empty for a build without one."""
    found = re.match(r"n?(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else ()


def listed(text: str) -> frozenset[str]:
    """The names in what `-encoders`, `-muxers` or `-protocols` print."""
    names: set[str] = set()
    for line in text.splitlines():
        flagged = _FLAGGED.match(line)
        word = flagged.group(1) if flagged else line.strip()
        if _NAME.fullmatch(word):
            names.update(word.split(","))
    return frozenset(names)


def find_ffmpeg() -> Abilities:
    """The ffmpeg to use here, with all abilities; found once a process."""
    return _found(settings().ffmpeg)


def forget_ffmpeg() -> None:
    """Look again the next time: the settings or the machine have changed."""
    _found.cache_clear()


@lru_cache(maxsize=4)
def _found(configured: str | None) -> Abilities:
    lacking: list[str] = []
    for path in _candidates(configured):
        try:
            abilities = abilities_of(path)
        except FFmpegMissing as error:
            lacking.append(str(error))
            continue
        if not abilities.missing:
            return abilities
        lacking.append(f"{path} lacks {', '.join(abilities.missing)}.")
    raise FFmpegMissing(" ".join([*(lacking or ["There is no ffmpeg."]), REMEDY]))


def abilities_of(path: str) -> Abilities:
    """Ask one ffmpeg what it can; `FFmpegMissing` where it doesn't run."""
    head = _ask(path, "-version").split()
    version = head[2] if head[:2] == ["ffmpeg", "version"] else "?"
    parts = set()
    for kind in dict.fromkeys(kind for kind, _ in NEEDED):
        names = listed(_ask(path, "-hide_banner", f"-{kind}s"))
        parts |= {(k, name) for k, name in NEEDED if k == kind and name in names}
    return Abilities(path, version, frozenset(parts))


def _candidates(configured: str | None) -> Sequence[str]:
    if configured is not None:
        return [shutil.which(configured) or configured]
    found = [shutil.which("ffmpeg")]
    try:
        found.append(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        logger.debug("The package has no ffmpeg here.", extra={"action": "ffmpeg_absent"})
    return [path for path in found if path]


def _ask(path: str, *arguments: str) -> str:
    try:
        return subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=True,
            text=True,
            errors="replace",
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise FFmpegMissing(f"{path} doesn't run as ffmpeg does.") from error
