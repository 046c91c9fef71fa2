"""What a double wears besides clothes: glasses, earrings, a bow; drawn by us for the style's head.

Glasses and earrings lie under the hair, a bow on it. Nothing of them moves against the head.
"""

from collections.abc import Mapping
from types import MappingProxyType

from workers.render.colors import darker, lighter

EYE_LEFT, EYE_RIGHT, EYE_MIDDLE = 306, 462, 410
EAR_LEFT, EAR_RIGHT, EAR_LOBE = 197, 571, 496
BOW_AT = (556, 178)
DEFAULT_COLORS: Mapping[str, str] = MappingProxyType(
    {"glasses": "#4a3b3a", "earrings": "#d9a441", "bow": "#d9566f"}
)


def on_the_face(name: str, color: str) -> str:
    """What lies over the face and under the hair."""
    if name == "glasses":
        return _glasses(color)
    return _earrings(color) if name == "earrings" else ""


def on_the_hair(name: str, color: str) -> str:
    """What lies over the hair."""
    return _bow(color) if name == "bow" else ""


def _glasses(color: str) -> str:
    rims = "".join(
        f'<rect x="{x - 66}" y="{EYE_MIDDLE - 52}" width="132" height="108" rx="50" fill="#fff" '
        f'fill-opacity=".06" stroke="{color}" stroke-width="6"/>'
        f'<path d="M{x - 40} {EYE_MIDDLE - 22}Q{x - 30} {EYE_MIDDLE - 38} {x - 12} '
        f'{EYE_MIDDLE - 42}" stroke="#fff" stroke-opacity=".6" stroke-width="5" '
        'stroke-linecap="round"/>'
        for x in (EYE_LEFT, EYE_RIGHT)
    )
    y = EYE_MIDDLE - 16
    return (
        f'{rims}<path d="M{EYE_LEFT + 66} {y}Q384 {y - 16} {EYE_RIGHT - 66} {y}'
        f"M{EYE_LEFT - 66} {y}L{EAR_LEFT + 20} {y + 14}M{EYE_RIGHT + 66} {y}L{EAR_RIGHT - 20} "
        f'{y + 14}" stroke="{color}" stroke-width="6" stroke-linecap="round"/>'
    )


def _earrings(color: str) -> str:
    return "".join(
        f'<circle cx="{x}" cy="{EAR_LOBE}" r="6" fill="{color}"/>'
        f'<path d="M{x} {EAR_LOBE + 5}c-13 12 -15 30 0 34c15 -4 13 -22 0 -34Z" fill="{color}"/>'
        f'<ellipse cx="{x - 4}" cy="{EAR_LOBE + 26}" rx="3" ry="6" fill="{lighter(color, 0.7)}"/>'
        for x in (EAR_LEFT, EAR_RIGHT)
    )


def _bow(color: str) -> str:
    shade = darker(color, 0.22)
    return (
        f'<g transform="translate({BOW_AT[0]} {BOW_AT[1]}) rotate(32)">'
        f'<path d="M-4 6C-20 34 -22 56 -40 74L-18 68L-10 84C2 60 6 34 4 8Z" fill="{shade}"/>'
        f'<path d="M4 6C20 34 26 52 46 66L24 66L20 82C4 62 -4 34 -4 8Z" fill="{shade}"/>'
        f'<path d="M0 0C-26 -44 -66 -48 -78 -30C-88 -12 -82 26 -68 34C-46 40 -18 22 0 0Z" '
        f'fill="{color}"/><path d="M0 0C26 -44 66 -48 78 -30C88 -12 82 26 68 34C46 40 18 22 0 0Z" '
        f'fill="{color}"/>'
        f'<path d="M-18 -4Q-44 -14 -60 -8M-18 6Q-40 10 -54 18M18 -4Q44 -14 60 -8M18 6Q40 10 54 18" '
        f'stroke="{shade}" stroke-width="4" stroke-linecap="round"/>'
        f'<rect x="-15" y="-17" width="30" height="34" rx="11" fill="{lighter(color, 0.16)}"/></g>'
    )
