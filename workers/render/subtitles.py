"""Subtitles: a sentence in short pieces, each shown while it is spoken.

A piece is a clause or two that fit on one line, or one long clause on two. When it is shown follows
from its share of the letters, moved to the nearest pause in the voice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from workers.render.fonts import BOLD
from workers.render.layout import Layout, Rect
from workers.render.lettering import Style, baseline_in, width_of, wrapped, write
from workers.render.speech.contract import MouthShape, TimedShape
from workers.render.svg import Pixels, drawing, raster

MOST_LINES = 2
NEAR = 0.45
"""Seconds within which a pause draws a change of subtitle to itself."""
SHORTEST_PAUSE = 0.09
_CLAUSE = re.compile(r"[^，。！？；：,.!?;…~～]*(?:[，。！？；：!?;…~～]+|[,.](?!\d)|[,.](?=\d)|$)")
_MARK = re.compile(r"[，。、；：！？ ](?=[^，。、；：！？])")
_TAIL = "，。；：,;."


@dataclass(frozen=True)
class Subtitle:
    """A piece of text and when it is shown, in seconds of the clip."""

    lines: tuple[str, ...]
    start: float
    end: float


def style(where: Layout) -> Style:
    """How subtitles are written."""
    return Style(where.px(35), BOLD, "#ffffff")


def subtitles(
    text: str, shapes: Sequence[TimedShape], seconds: float, where: Layout
) -> tuple[Subtitle, ...]:
    """The pieces of a text, one after another from the first sound to the last."""
    spoken = [s for s in shapes if s.shape is not MouthShape.REST]
    pieces = in_pieces(text, where) if spoken else []
    if not pieces:
        return ()
    first, last = max(0.0, spoken[0].start - 0.08), min(seconds, spoken[-1].end + 0.22)
    total = sum(_weight(p) for p in pieces)
    edges, at = [first], 0.0
    for piece in pieces[:-1]:
        at += _weight(piece)
        wish = spoken[0].start + (spoken[-1].end - spoken[0].start) * at / total
        edges.append(max(edges[-1] + 0.2, _at_a_pause(wish, shapes)))
    edges.append(max(last, edges[-1] + 0.2))
    return tuple(
        Subtitle(piece, start, end)
        for piece, start, end in zip(pieces, edges, edges[1:], strict=False)
    )


def in_pieces(text: str, where: Layout) -> list[tuple[str, ...]]:
    """A text as pieces of one line, or of two where a clause is long."""
    width, look = where.subtitle.width - 2 * where.px(26), style(where)
    pieces: list[tuple[str, ...]] = []
    line = ""
    for clause in (c for c in _clauses(text) if c.strip()):
        if line and width_of(line + clause.rstrip(_TAIL), look) <= width:
            line += clause
            continue
        pieces += _lines(line, look, width)
        line = clause
    return pieces + _lines(line, look, width)


def subtitle_picture(piece: Subtitle, where: Layout) -> tuple[Pixels, Rect]:
    """A piece as a plate with letters, and where it stands on the frame."""
    look, px = style(where), where.px
    pitch = px(46)
    width = round(max(width_of(line, look) for line in piece.lines)) + 2 * px(26)
    height = pitch * len(piece.lines) + px(12)
    width, height = width // 2 * 2, height // 2 * 2
    left = (where.subtitle.left + (where.subtitle.width - width) // 2) // 2 * 2
    top = (where.subtitle.bottom - height) // 2 * 2
    body = (
        f'<rect width="{width}" height="{height}" rx="{px(16)}" fill="#15101a" fill-opacity=".7"/>'
    )
    plate = Image.fromarray(raster(drawing(body, (0, 0, width, height)), width, height))
    for n, line in enumerate(piece.lines):
        baseline = baseline_in(px(6) + n * pitch, pitch, look.size)
        write(plate, (width / 2, baseline), line, look, "ms")
    return np.asarray(plate), Rect(left, top, width, height)


def _clauses(text: str) -> list[str]:
    found = [m[0] for m in _CLAUSE.finditer(text) if m[0]]
    joined: list[str] = []
    for clause in found:
        if joined and re.search(r"\d[,.]$", joined[-1]) and clause[0].isdigit():
            joined[-1] += clause
        else:
            joined.append(clause)
    return joined


def _lines(text: str, look: Style, width: float) -> list[tuple[str, ...]]:
    text = text.strip().rstrip(_TAIL)
    lines = wrapped(text, look, width)
    if len(lines) == MOST_LINES:
        lines = _at_a_mark(text, look, width) or wrapped(text, look, _even_width(text, look, width))
    return [tuple(lines[i : i + MOST_LINES]) for i in range(0, len(lines), MOST_LINES)]


def _at_a_mark(text: str, look: Style, width: float) -> list[str]:
    """Two lines that part where the sentence does, if both fit; none where they can't."""
    pairs = [(text[: m.end()], text[m.end() :]) for m in _MARK.finditer(text)]
    fitting = [p for p in pairs if max(width_of(line, look) for line in p) <= width]
    best = min(fitting, key=lambda p: abs(width_of(p[0], look) - width_of(p[1], look)), default=())
    return [line.strip() for line in best]


def _even_width(text: str, look: Style, width: float) -> float:
    """Two lines of about the same length read better than a long and a short one."""
    return min(width, width_of(text, look) / MOST_LINES + 1.2 * look.size)


def _weight(lines: Sequence[str]) -> int:
    return max(1, sum(len(line) for line in lines))


def _at_a_pause(wish: float, shapes: Sequence[TimedShape]) -> float:
    pauses = [
        s.end for s in shapes if s.shape is MouthShape.REST and s.end - s.start >= SHORTEST_PAUSE
    ]
    nearest = min(pauses, key=lambda t: abs(t - wish), default=wish)
    return nearest - 0.04 if abs(nearest - wish) <= NEAR else wish
