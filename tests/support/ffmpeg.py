"""Finds the ffmpegs that tests may use, and builds the command lines they share."""

import shutil
from pathlib import Path

import imageio_ffmpeg

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "warning")


def ffmpeg() -> str:
    """The package's ffmpeg: always there."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def installed_ffmpegs() -> list[str]:
    """The package's ffmpeg and, where there is one, the machine's."""
    found = [ffmpeg()]
    system = shutil.which("ffmpeg")
    if system is not None and Path(system).resolve() != Path(found[0]).resolve():
        found.append(system)
    return found


def publish_argv(path: Path, url: str, *, exe: str | None = None, loop: bool = False) -> list[str]:
    """Publishes a file as it is, in real time, as `ffmpeg -re -c copy` does."""
    again = ("-stream_loop", "-1") if loop else ()
    return [
        exe or ffmpeg(),
        *QUIET,
        "-re",
        *again,
        "-i",
        str(path),
        "-c",
        "copy",
        "-f",
        "flv",
        "-flvflags",
        "no_duration_filesize",
        url,
    ]
