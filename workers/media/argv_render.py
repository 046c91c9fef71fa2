"""The encoder's command line: pictures, subtitles and what is heard → one intermediate file.

The graph is built with ffmpeg-python and run by workers.render.encode. Pictures come through
standard input frame by frame, composed already: laying the moving stage over a looped still in the
graph costs a copy of each whole frame more. Subtitles are single pictures shown between two times.
All pictures are raw planes (yuv420p, yuva420p), so ffmpeg converts nothing.

What makes clips of a profile follow one another without a new codec header: `stitchable` keeps
x264 from adapting its parameter sets to the content, level and profile are fixed, no B-frames, no
scene cuts, closed GOPs. Threads are fixed as well: their number is part of what x264 decides by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from orchestrator.domain.media import Profile

PRESET = "veryfast"
CRF = 20
THREADS = 1
"""Each render process has a core, and works itself while its encoder does."""
LEVELS = {720 * 1280: "3.1", 1080 * 1920: "4.0"}
X264 = (
    "stitchable=1:open-gop=0:scenecut=0:rc-lookahead=6:ref=1:weightp=0:subme=1:partitions=i8x8,i4x4"
)
"""Flat drawings gain nothing from finer searches: these take a quarter off at the same size."""


@dataclass(frozen=True)
class Overlay:
    """A picture in a file of raw planes, where it stands, and when it is shown, in seconds."""

    file: Path
    left: int
    top: int
    width: int
    height: int
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class EncodeJob:
    """All that one encoding needs; the pictures come through standard input."""

    profile: Profile
    sound: Path
    """Two channels of 32-bit floats at the profile's rate."""
    subtitles: Sequence[Overlay]
    output: Path


def encode_argv(program: str, job: EncodeJob) -> list[str]:
    """The command line of one encoding."""
    profile = job.profile
    sound = ffmpeg.input(str(job.sound), f="f32le", ar=profile.audio_rate, ac=2)
    codecs = {**_picture_codec(profile), **_sound_codec(profile)}
    output = ffmpeg.output(_picture(job), sound, str(job.output), **codecs, f="flv")
    command: list[str] = ffmpeg.compile(
        output.global_args("-hide_banner", "-nostats", "-loglevel", "error"),
        cmd=program,
        overwrite_output=True,
    )
    return command


def _picture(job: EncodeJob) -> object:
    profile = job.profile
    picture = _raw("pipe:0", (profile.width, profile.height), "yuv420p", profile.fps)
    for piece in job.subtitles:
        plate = _raw(str(piece.file), (piece.width, piece.height), "yuva420p", profile.fps)
        picture = picture.overlay(
            plate,
            x=piece.left,
            y=piece.top,
            eof_action="repeat",
            format="yuv420",
            enable=f"between(t,{piece.start:.3f},{piece.end - 0.001:.3f})",
        )
    return picture.filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def _raw(
    source: str, size: tuple[int, int], pixels: str, fps: int
) -> ffmpeg.nodes.FilterableStream:
    width, height = size
    return ffmpeg.input(source, f="rawvideo", pix_fmt=pixels, s=f"{width}x{height}", framerate=fps)


def encoder_options(profile: Profile) -> list[str]:
    """How a profile's pictures are encoded, as ffmpeg's options: for measuring beside it."""
    pairs = ((f"-{name}", str(value)) for name, value in _picture_codec(profile).items())
    return [word for pair in pairs for word in pair]


def _picture_codec(profile: Profile) -> dict[str, str | int]:
    return {
        "c:v": "libx264",
        "preset": PRESET,
        "crf": CRF,
        "maxrate": f"{profile.video_kbps}k",
        "bufsize": f"{profile.video_kbps}k",
        "pix_fmt": "yuv420p",
        "profile:v": "high",
        "level:v": LEVELS[profile.width * profile.height],
        "g": profile.gop,
        "keyint_min": profile.gop,
        "bf": 0,
        "sc_threshold": 0,
        "threads": THREADS,
        "x264-params": X264,
        "flags": "+cgop+global_header",
        "bsf:v": "filter_units=remove_types=6",
    }


def _sound_codec(profile: Profile) -> dict[str, str | int]:
    return {
        "c:a": "aac",
        "profile:a": "aac_low",
        "b:a": f"{profile.audio_kbps}k",
    }
