"""Runs the encoder: feeds it pictures, reads back what it made, checks the grid.

What is handed over besides the pictures lies in a folder of this encoding's own, which is
gone afterwards. A failing encoder's last words are in the error.
"""

import fcntl
import os
import select
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from orchestrator.domain.media import AAC_PER_UNIT, FRAMES_PER_UNIT, Profile
from orchestrator.errors import FFmpegFailed
from workers.media.argv_render import EncodeJob, Overlay, encode_argv
from workers.media.flv import VideoUnit
from workers.render.planes import planes
from workers.render.scene import Scene
from workers.render.sound import PRIMING, Sound
from workers.render.subtitles import Subtitle, subtitle_picture

PATIENCE_SECONDS = 120.0
LAST_WORDS = 800
PIPE_BYTES = 1 << 20
"""A frame or two ahead: renderer and encoder work at the same time."""


@dataclass(frozen=True)
class Encoded:
    """A clip's codec headers and frames, exactly as many as the grid asks for."""

    video_config: bytes
    audio_config: bytes
    video: tuple[VideoUnit, ...]
    audio: tuple[bytes, ...]


def encode(
    view: Scene,
    sound: Sound,
    pieces: Sequence[Subtitle],
    profile: Profile,
    program: str,
    folder: Path,
) -> Encoded:
    """Encode a scene with its sound and subtitles."""
    job = _job(view, sound, pieces, profile, folder)
    _run(encode_argv(program, job), view, folder / "errors.txt")
    return _read(job.output, sound.units)


def _job(
    view: Scene, sound: Sound, pieces: Sequence[Subtitle], profile: Profile, folder: Path
) -> EncodeJob:
    heard = folder / "sound.f32"
    heard.write_bytes(sound.for_encoder())
    return EncodeJob(
        profile=profile,
        sound=heard,
        subtitles=[_plate(piece, n, view, folder) for n, piece in enumerate(pieces)],
        output=folder / "out.flv",
    )


def _plate(piece: Subtitle, number: int, view: Scene, folder: Path) -> Overlay:
    pixels, rect = subtitle_picture(piece, view.where)
    file = folder / f"subtitle-{number}.yuva"
    alpha = np.ascontiguousarray(pixels[..., 3])
    file.write_bytes(planes(pixels).raw() + alpha.tobytes())
    return Overlay(file, rect.left, rect.top, rect.width, rect.height, piece.start, piece.end)


def _run(argv: Sequence[str], view: Scene, errors: Path) -> None:
    with errors.open("wb") as said:
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
            )
        except OSError as error:
            raise FFmpegFailed(f"The encoder can't be started: {error.strerror}.") from error
        try:
            _feed(process, view)
            code = _code(process)
        except (BrokenPipeError, subprocess.TimeoutExpired) as error:
            process.kill()
            process.wait()
            raise FFmpegFailed(_words(errors)) from error
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code:
        raise FFmpegFailed(_words(errors))


def _feed(process: "subprocess.Popen[bytes]", view: Scene) -> None:
    if process.stdin is None:
        raise RuntimeError("the encoder was started without an input")
    picture = view.still.cut(0, 0, view.still.y.shape[1], view.still.y.shape[0])
    with process.stdin as pipe:
        with suppress(OSError):  # the system's limit for all pipes may be reached
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        for n in range(view.frames):
            picture.paste(view.frame(n), view.stage.left, view.stage.top)
            for plane in (picture.y, picture.u, picture.v):
                pipe.write(plane.data)


def _code(process: "subprocess.Popen[bytes]") -> int:
    """How it ended, known at once: `Popen.wait` with a timeout looks only every 50 ms."""
    end = os.pidfd_open(process.pid)
    try:
        if not select.select([end], [], [], PATIENCE_SECONDS)[0]:
            raise subprocess.TimeoutExpired(process.args, PATIENCE_SECONDS)
    finally:
        os.close(end)
    return process.wait()


def _words(errors: Path) -> str:
    said = errors.read_bytes()[-LAST_WORDS:].decode(errors="replace").strip()
    return f"The encoder failed: {said or 'it said nothing'}"


def _read(path: Path, units: int) -> Encoded:
    try:
        with av.open(str(path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            configs = video.codec_context.extradata, audio.codec_context.extradata
            pictures, sounds = [], []
            for packet in container.demux(video, audio):
                if packet.size and packet.stream is video:
                    pictures.append(VideoUnit(bytes(packet), packet.is_keyframe))
                elif packet.size:
                    sounds.append(bytes(packet))
    except (av.FFmpegError, IndexError) as error:
        raise FFmpegFailed(f"What the encoder made can't be read: {error}.") from error
    if configs[0] is None or configs[1] is None:
        raise FFmpegFailed("The encoder made no codec headers.")
    kept = sounds[PRIMING : PRIMING + units * AAC_PER_UNIT]
    if len(pictures) != units * FRAMES_PER_UNIT or len(kept) != units * AAC_PER_UNIT:
        raise FFmpegFailed(
            f"{units} grid units need other counts than {len(pictures)} pictures and "
            f"{len(sounds)} sounds."
        )
    return Encoded(configs[0], configs[1], tuple(pictures), tuple(kept))
