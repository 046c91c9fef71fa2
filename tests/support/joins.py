"""What a join between clips sounds like, measured on decoded sound.

Three figures a window of 40 ms: the largest step between neighboring samples, the energy above
8 kHz in its loudest millisecond (a click is short and broad), and the longest run of digital
silence. Windows at joins are compared with windows inside clips, in the room tone that surrounds
speech, where a listener hears nothing but the room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from orchestrator.domain.media import AUDIO_RATE
from workers.media.flv import Clip, restamped, stream_header

HALF_WINDOW = 960
"""20 ms on each side of a join."""
SILENT = 1e-6


@dataclass(frozen=True)
class Window:
    """How one window sounds."""

    step: float
    click: float
    silent_ms: float
    level_db: float


def write_stream(path: Path, clips: Sequence[Clip]) -> list[int]:
    """The clips one after the other, as playout sends them; gives the joins, in samples."""
    joins, base = [], 0
    with path.open("wb") as file:
        file.write(stream_header(clips[0]))
        for clip in clips:
            file.write(restamped(clip, base, 0, clip.tags))
            base += clip.duration_ms
            joins.append(base * AUDIO_RATE // 1000)
    return joins[:-1]


def decoded(path: Path) -> NDArray[np.float32]:
    """The left channel."""
    with av.open(str(path)) as container:
        frames = [f.to_ndarray()[0] for f in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32)


def window(sound: NDArray[np.float32], at: int) -> Window:
    """The figures of the 40 ms around a sample."""
    part = sound[at - HALF_WINDOW : at + HALF_WINDOW].astype(np.float64)
    steps = np.abs(np.diff(part))
    sharp = np.diff(part, n=4)
    millisecond = AUDIO_RATE // 1000
    energies = [
        float(np.sqrt(np.mean(sharp[i : i + millisecond] ** 2)))
        for i in range(0, len(sharp) - millisecond, millisecond // 2)
    ]
    level = 20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-12)
    return Window(float(steps.max()), max(energies), _longest_silence(part), float(level))


def _longest_silence(part: NDArray[np.float64]) -> float:
    longest = run = 0
    for quiet in np.abs(part) < SILENT:
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest * 1000 / AUDIO_RATE


def quiet_places(sound: NDArray[np.float32], joins: Sequence[int], below_db: float) -> list[int]:
    """Places inside clips, away from every join, that are as quiet as the room."""
    taken = np.array(joins)
    places = []
    for at in range(HALF_WINDOW * 2, len(sound) - HALF_WINDOW * 2, HALF_WINDOW):
        apart = np.abs(taken - at).min() if len(taken) else len(sound)
        if apart > 3 * HALF_WINDOW and window(sound, at).level_db < below_db:
            places.append(at)
    return places
