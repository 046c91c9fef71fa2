"""What a viewer gets from a recording: decoded pictures and sound, watched once from end to end.

A mouth is judged by what is seen between the lips: the dark of the mouth and the teeth, counted in
the face's part of each picture. A price is read as a person reads it: of all prices that it could
be, the one whose figures look most like what is there.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from orchestrator.compliance.ai_label import DEFAULT_TEXT
from orchestrator.domain.media import AUDIO_RATE, FPS, PORTRAIT_720
from tests.support.fonts import noto
from workers.render.card import price_style
from workers.render.face import CAVITY, MOUTH_Y
from workers.render.layout import PUPPET_CENTER_X, PUPPET_SCALE, PUPPET_TOP, Rect, layout
from workers.render.puppet_art import CENTER_X, MOUTH_BOX

WHERE = layout(PORTRAIT_720, DEFAULT_TEXT)
PRICE_ROWS = Rect(
    WHERE.card.left,
    WHERE.card.top + WHERE.card.height // 2,
    WHERE.card.width,
    WHERE.card.height // 2,
)
"""The lower half of the card: the price now."""
SWAY = 6
"""Pixels by which a head's movement carries the mouth out of its own place."""
CARD_EVERY = FPS
NEAR = 34
TEETH = 225
SPEECH_DB, SILENCE_DB = -40.0, -55.0
STILL_FRAMES = 6
"""Silence counts when it lasts that long on both sides of a picture."""
BEFORE_EMPTY = 0.8
"""A likeness below this is no price at all: there is no card, or something else on it."""


@dataclass(frozen=True, eq=False)
class Airing:
    """One recording, picture by picture."""

    times_ms: tuple[int, ...]
    sizes: frozenset[tuple[int, int]]
    parted: NDArray[np.int64]
    """Pixels seen between the lips."""
    loudness: NDArray[np.float64]
    """The sound while a picture is shown, in dB below full scale."""
    cards: tuple[NDArray[np.uint8], ...]
    """The card's lower half in the first picture of every second, in grey."""

    @cached_property
    def speech(self) -> NDArray[np.bool_]:
        """Pictures during which somebody speaks."""
        return self.loudness > SPEECH_DB

    @cached_property
    def silence(self) -> NDArray[np.bool_]:
        """Pictures during, before and after which nobody does."""
        quiet = self.loudness < SILENCE_DB
        return np.array(
            [
                quiet[max(0, n - STILL_FRAMES) : n + STILL_FRAMES + 1].all()
                for n in range(quiet.size)
            ]
        )

    def likeness(self, lag: int = 0) -> float:
        """How far lips and voice go together, if the lips came `lag` pictures later; 1 is fully."""
        voice = np.roll(self.loudness, lag)
        return float(np.corrcoef(voice, self.parted)[0, 1])


def watched(path: Path) -> Airing:
    """Watch and listen to all of a recording."""
    times, sizes, parted, cards = [], set(), [], []
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            picture = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
            times.append(round(float((frame.pts or 0) * (frame.time_base or 0)) * 1000))
            sizes.add((frame.width, frame.height))
            parted.append(_between_the_lips(picture))
            if number % CARD_EVERY == 0:
                cards.append(_grey(picture, PRICE_ROWS))
    loudness = _loudness(path)
    count = min(len(parted), loudness.size)
    return Airing(
        tuple(times),
        frozenset(sizes),
        np.array(parted[:count]),
        loudness[:count],
        tuple(cards),
    )


def price_on(card: NDArray[np.uint8], prices: tuple[str, ...]) -> str | None:
    """Which of these prices a card shows; None if it shows none of them."""
    found = {price: _alike(card, price) for price in prices}
    best = max(prices, key=found.__getitem__)
    return best if found[best] >= BEFORE_EMPTY else None


def _alike(card: NDArray[np.uint8], price: str) -> float:
    """Correlation of a price's figures with the best place for them, margins included."""
    figures = _written(price)
    return float(cv2.matchTemplate(card, figures, cv2.TM_CCOEFF_NORMED).max())


def _written(price: str) -> NDArray[np.uint8]:
    style = price_style(WHERE)
    face = noto(style.size, style.weight)
    width, height = round(face.getlength(price)) + 8, round(style.size * 0.9)
    image = Image.new("L", (width, height), 255)
    ImageDraw.Draw(image).text((4, height - 8), price, font=face, fill=0, anchor="ls")
    return np.asarray(image)


def _between_the_lips(picture: NDArray[np.uint8]) -> int:
    face = picture[MOUTH.top : MOUTH.bottom, MOUTH.left : MOUTH.right].astype(int)
    dark = np.abs(face - DARK).max(axis=2) < NEAR
    return int((dark | (face.min(axis=2) > TEETH)).sum())


def _grey(picture: NDArray[np.uint8], box: Rect) -> NDArray[np.uint8]:
    part = picture[box.top : box.bottom, box.left : box.right]
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _loudness(path: Path) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    samples = AUDIO_RATE // FPS
    whole = sound[: sound.size // samples * samples].reshape(-1, samples).astype(np.float64)
    return np.asarray(20 * np.log10(np.sqrt(np.mean(whole**2, axis=1)) + 1e-9))


def _mouth() -> Rect:
    """Where lips part: below any glasses, and as wide as a face that sways always fills."""
    left, _, width, height = MOUTH_BOX
    x = round((left - CENTER_X) * PUPPET_SCALE) + PUPPET_CENTER_X
    lips = round(MOUTH_Y * PUPPET_SCALE) + PUPPET_TOP
    return Rect(x + SWAY, lips - 18, round(width * PUPPET_SCALE) - 2 * SWAY, round(height * 0.7))


MOUTH = _mouth()
DARK = np.array([int(CAVITY[at : at + 2], 16) for at in (1, 3, 5)])
