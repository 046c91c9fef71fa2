"""SVG to pixels: flat drawings, gradients, soft shadows, at any size. Letters stand elsewhere."""

import io

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""Height × width × 4: red, green, blue, alpha; not premultiplied."""

Box = tuple[float, float, float, float]
"""Left, top, width, height in the drawing's own units."""


def drawing(body: str, box: Box, defs: str = "") -> str:
    """A whole SVG document that shows one box of a drawing."""
    view = " ".join(f"{v:g}" for v in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" fill="none" '
        f'preserveAspectRatio="none"><defs>{defs}</defs>{body}</svg>'
    )


def raster(document: str, width: int, height: int) -> Pixels:
    """A document as pixels of exactly that size."""
    data = resvg_py.svg_to_bytes(
        svg_string=document, width=width, height=height, skip_system_fonts=True
    )
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)


def gradient(name: str, top: str, bottom: str, across: bool = False) -> str:
    """A linear gradient from top to bottom, or from left to right."""
    x2, y2 = ("1", "0") if across else ("0", "1")
    return (
        f'<linearGradient id="{name}" x1="0" y1="0" x2="{x2}" y2="{y2}">'
        f'<stop offset="0" stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/>'
        "</linearGradient>"
    )


def glow(name: str, color: str, opacity: float) -> str:
    """A radial gradient that fades to nothing."""
    return (
        f'<radialGradient id="{name}"><stop offset="0" stop-color="{color}" '
        f'stop-opacity="{opacity:g}"/><stop offset="1" stop-color="{color}" stop-opacity="0"/>'
        "</radialGradient>"
    )


def blur(name: str, deviation: float) -> str:
    """A soft focus."""
    return (
        f'<filter id="{name}" x="-30%" y="-30%" width="160%" height="160%">'
        f'<feGaussianBlur stdDeviation="{deviation:g}"/></filter>'
    )
