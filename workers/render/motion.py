"""How a double moves: breathing, sway, glances, blinks and brows, as pure functions of time.

Every clip begins and ends in the same neutral pose and at rest, so that any clip may follow any
other without a jump. Breathing comes in whole breaths a clip; sway and brows fade in and out at its
ends. Between them no two neighboring frames are equal, so the picture never freezes.

`seed` varies a clip's sway and blinks; the same seed always moves the same way.
"""

import random
from dataclasses import dataclass
from math import cos, pi, sin

from orchestrator.domain.clip import Mood
from workers.render.face import Gaze

BREATH_SECONDS = 3.4
EASE_SECONDS = 0.6
BLINK = (1, 2, 3, 3, 2, 1)
"""Lids, frame by frame."""
FIRST_BLINK = 0.44
"""Near a clip's ends: what the eyes do changes behind the lids."""


@dataclass(frozen=True)
class Temper:
    """How much a mood moves."""

    sway: float
    nod: float
    brow: int
    gaze: Gaze
    smile: int


TEMPERS = {
    Mood.CALM: Temper(1.0, 0.5, 0, Gaze.WIDE, 5),
    Mood.HAPPY: Temper(1.35, 0.9, 1, Gaze.SMILING, 8),
    Mood.EXCITED: Temper(1.75, 1.4, 3, Gaze.SMILING, 9),
    Mood.EARNEST: Temper(0.85, 0.8, -1, Gaze.WIDE, 3),
}


@dataclass(frozen=True)
class Pose:
    """Where body and head are; board pixels and degrees, all zero at rest."""

    breath: float = 0.0
    """0 out, 1 in."""
    right: float = 0.0
    down: float = 0.0
    turn: float = 0.0
    lean: float = 0.0
    """Body's turn in degrees, about the desk."""


@dataclass(frozen=True)
class Gestures:
    """What a clip's eyes do and when: blinks, glances, from a seed."""

    seconds: float
    blinks: tuple[float, ...]
    glances: tuple[tuple[float, float, int, int], ...]
    """From, to, right, down."""


def pose(t: float, seconds: float, mood: Mood, seed: int) -> Pose:
    """Body and head at a time of a clip that lasts that long."""
    temper, ease = TEMPERS[mood], eased(t, seconds)
    rng = random.Random(f"sway {seed}")
    a, b, c, d = (rng.uniform(0, 2 * pi) for _ in range(4))
    f = [rng.uniform(0.85, 1.15) for _ in range(4)]
    slow, quick = 2 * pi * 0.21 * t, 2 * pi * 0.53 * t
    amount = ease * temper.sway
    return Pose(
        breath=breath(t, seconds),
        right=amount * (5.0 * sin(f[0] * slow + a) + 1.6 * sin(f[1] * quick + b)),
        down=amount * 1.6 * sin(f[2] * quick + c) + ease * temper.nod * 1.8 * sin(1.9 * quick + d),
        turn=amount * (1.25 * sin(f[3] * slow + d) + 0.45 * sin(f[0] * quick + a)),
        lean=amount * 0.32 * sin(f[0] * slow + a),
    )


def breath(t: float, seconds: float) -> float:
    """Whole breaths a clip, each begun and ended at rest."""
    breaths = max(1, round(seconds / BREATH_SECONDS))
    return (1 - cos(2 * pi * breaths * t / seconds)) / 2


def eased(t: float, seconds: float) -> float:
    """0 at a clip's ends, 1 between, without a kink; a clip too short for that moves less."""
    edge = min(EASE_SECONDS, seconds / 2)
    near = max(0.0, min(t, seconds - t, edge)) / edge
    return near * near * (3 - 2 * near) * (edge / EASE_SECONDS) ** 2


def gestures(seconds: float, seed: int) -> Gestures:
    """A clip's blinks and glances."""
    rng = random.Random(f"eyes {seed}")
    last = seconds - FIRST_BLINK - len(BLINK) * 0.04
    blinks = [FIRST_BLINK] if last > FIRST_BLINK + 0.5 else [max(0.08, seconds / 2 - 0.12)]
    while blinks[-1] < last - 5.0:
        blinks.append(blinks[-1] + rng.uniform(2.2, 4.2))
    if last > blinks[-1] + 0.8:
        blinks.append(last)
    glances = []
    at = rng.uniform(1.4, 2.4)
    while at < seconds - 1.8:
        hold = rng.uniform(0.5, 1.1)
        glances.append((at, at + hold, rng.choice((-2, -1, 1, 2)), rng.choice((0, 0, 1))))
        at += hold + rng.uniform(1.6, 3.4)
    return Gestures(seconds, tuple(blinks), tuple(glances))


def lid(plan: Gestures, t: float) -> int:
    """How far the eyes are closed."""
    for start in plan.blinks:
        frame = round((t - start) * 25)
        if 0 <= frame < len(BLINK):
            return BLINK[frame]
    return 0


def glance(plan: Gestures, t: float) -> tuple[int, int]:
    """Where the eyes look, right and down; a frame of half the way before and after."""
    for start, end, right, down in plan.glances:
        if start <= t < end:
            edge = min(t - start, end - t) < 0.06
            return (right // 2 if right > 0 else -(-right // 2), 0) if edge else (right, down)
    return 0, 0


def gaze(plan: Gestures, t: float, mood: Mood) -> Gaze:
    """The mood's eyes from the first blink to the last; neutral ones outside."""
    if len(plan.blinks) < 2:
        return Gaze.WIDE
    inside = plan.blinks[0] + 0.1 <= t < plan.blinks[-1] + 0.1
    return TEMPERS[mood].gaze if inside else Gaze.WIDE


def brow(t: float, seconds: float, mood: Mood, stress: float) -> int:
    """How far the brows are up: the mood's share, and a little more where the voice is strong."""
    return round(eased(t, seconds) * (TEMPERS[mood].brow + 2.2 * stress))
