"""What stands on the shelves of a set, drawn flat with a soft side light.

Each prop stands on the line `y` with its middle at `x` and takes its colors from the brand's tints,
so that any brand gets a room of its own. Units are board pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

from workers.render.colors import darker, lighter, mix


@dataclass(frozen=True)
class Tints:
    """A brand's colors as a room wears them."""

    primary: str
    accent: str

    @property
    def wall(self) -> str:
        return mix(self.primary, "#fdeedd", 0.78)

    @property
    def wood(self) -> str:
        return mix("#c99a6b", self.primary, 0.12)

    @property
    def pale(self) -> str:
        return mix(self.primary, "#fffaf3", 0.62)

    @property
    def soft(self) -> str:
        return mix(self.accent, "#fff6ec", 0.42)

    @property
    def deep(self) -> str:
        return darker(self.primary, 0.22)


Prop = Callable[[float, float, Tints], str]


def folded(x: float, y: float, c: Tints) -> str:
    """A stack of folded quilts."""
    out = []
    for i, color in enumerate((c.primary, c.pale, c.soft, lighter(c.primary, 0.35))):
        top, w = y - 24 * (i + 1), 66 - 3 * i
        out.append(
            f'<rect x="{x - w}" y="{top}" width="{2 * w}" height="23" rx="11" fill="{color}"/>'
            f'<path d="M{x - w + 8} {top + 12}H{x + w - 26}" stroke="#000" stroke-opacity=".1" '
            'stroke-width="3" stroke-linecap="round"/>'
        )
    return "".join(out)


def pillow(x: float, y: float, c: Tints) -> str:
    """A plump cushion."""
    return (
        f'<path d="M{x - 52} {y - 4}C{x - 66} {y - 40} {x - 58} {y - 70} {x - 48} {y - 84}'
        f"C{x - 20} {y - 74} {x + 20} {y - 74} {x + 48} {y - 84}"
        f"C{x + 58} {y - 70} {x + 66} {y - 40} "
        f'{x + 52} {y - 4}C{x + 22} {y - 12} {x - 22} {y - 12} {x - 52} {y - 4}Z" fill="{c.soft}"/>'
        f'<path d="M{x - 30} {y - 62}Q{x} {y - 40} {x + 28} {y - 60}" stroke="#fff" '
        'stroke-opacity=".5" stroke-width="4" stroke-linecap="round"/>'
    )


def jar(x: float, y: float, c: Tints) -> str:
    """A tea caddy with a label."""
    return (
        f'<rect x="{x - 30}" y="{y - 86}" width="60" height="86" rx="9" fill="{c.deep}"/>'
        f'<rect x="{x - 33}" y="{y - 104}" width="66" height="26" rx="8" fill="{c.accent}"/>'
        f'<rect x="{x - 20}" y="{y - 64}" width="40" height="46" rx="4" fill="#fff6e4" '
        'fill-opacity=".92"/>'
        f'<path d="M{x} {y - 26}C{x - 18} {y - 38} {x - 12} {y - 54} {x + 6} {y - 58}'
        f'C{x + 14} {y - 44} {x + 12} {y - 34} {x} {y - 26}Z" fill="{c.primary}"/>'
        f'<rect x="{x - 30}" y="{y - 78}" width="10" height="78" fill="#fff" fill-opacity=".14"/>'
    )


def teapot(x: float, y: float, c: Tints) -> str:
    """A round teapot."""
    pot = mix("#9a5b3c", c.primary, 0.25)
    return (
        f'<path d="M{x + 40} {y - 44}Q{x + 82} {y - 70} {x + 40} {y - 14}" stroke="{pot}" '
        'stroke-width="9"/>'
        f'<path d="M{x - 38} {y - 30}L{x - 76} {y - 62}L{x - 66} {y - 66}L{x - 34} {y - 46}Z" '
        f'fill="{pot}"/>'
        f'<ellipse cx="{x}" cy="{y - 34}" rx="48" ry="34" fill="{pot}"/>'
        f'<ellipse cx="{x}" cy="{y - 64}" rx="26" ry="8" fill="{darker(pot, 0.2)}"/>'
        f'<circle cx="{x}" cy="{y - 74}" r="8" fill="{pot}"/>'
        f'<ellipse cx="{x - 18}" cy="{y - 44}" rx="12" ry="16" fill="#fff" fill-opacity=".14"/>'
    )


def cups(x: float, y: float, c: Tints) -> str:
    """Two bowls, one in the other."""
    return "".join(
        f'<path d="M{x - 30} {y - 26 - d}H{x + 30}Q{x + 24} {y - d} {x} {y - d}Q{x - 24} {y - d} '
        f'{x - 30} {y - 26 - d}Z" fill="{color}"/>'
        for d, color in ((12, c.soft), (0, lighter(c.soft, 0.4)))
    )


def bottle(x: float, y: float, c: Tints) -> str:
    """A dropper bottle."""
    return (
        f'<rect x="{x - 8}" y="{y - 112}" width="16" height="26" rx="7" fill="{c.deep}"/>'
        f'<rect x="{x - 13}" y="{y - 90}" width="26" height="14" rx="4" fill="{c.accent}"/>'
        f'<rect x="{x - 25}" y="{y - 78}" width="50" height="78" rx="13" fill="{c.soft}"/>'
        f'<rect x="{x - 25}" y="{y - 46}" width="50" height="28" fill="#fff" fill-opacity=".6"/>'
        f'<rect x="{x - 18}" y="{y - 72}" width="7" height="64" rx="3" fill="#fff" '
        'fill-opacity=".5"/>'
    )


def tube(x: float, y: float, c: Tints) -> str:
    """A cream jar beside a tube."""
    return (
        f'<path d="M{x - 34} {y - 92}h40l-5 80h-30Z" fill="{lighter(c.primary, 0.2)}"/>'
        f'<rect x="{x - 29}" y="{y - 14}" width="30" height="14" rx="3" fill="{c.deep}"/>'
        f'<rect x="{x + 6}" y="{y - 38}" width="46" height="38" rx="8" fill="#fffaf2"/>'
        f'<rect x="{x + 3}" y="{y - 52}" width="52" height="18" rx="6" fill="{c.accent}"/>'
    )


def speaker(x: float, y: float, c: Tints) -> str:
    """A small loudspeaker."""
    return (
        f'<rect x="{x - 34}" y="{y - 106}" width="68" height="106" rx="14" fill="{c.deep}"/>'
        f'<circle cx="{x}" cy="{y - 38}" r="23" fill="{darker(c.deep, 0.35)}"/>'
        f'<circle cx="{x}" cy="{y - 38}" r="9" fill="{c.accent}"/>'
        f'<circle cx="{x}" cy="{y - 82}" r="11" fill="{darker(c.deep, 0.35)}"/>'
    )


def kettle(x: float, y: float, c: Tints) -> str:
    """An appliance with a display."""
    return (
        f'<rect x="{x - 44}" y="{y - 92}" width="88" height="92" rx="20" fill="#fbfaf8"/>'
        f'<rect x="{x - 44}" y="{y - 34}" width="88" height="34" rx="14" fill="{c.pale}"/>'
        f'<rect x="{x - 24}" y="{y - 76}" width="48" height="26" rx="7" fill="{c.deep}"/>'
        f'<path d="M{x - 12} {y - 63}h24" stroke="{c.accent}" stroke-width="5" '
        'stroke-linecap="round"/>'
        f'<circle cx="{x}" cy="{y - 17}" r="7" fill="{c.accent}"/>'
    )


def pot(x: float, y: float, c: Tints) -> str:
    """A pot with a lid and two ears."""
    body = lighter(c.primary, 0.08)
    return (
        f'<path d="M{x - 66} {y - 48}h132" stroke="{c.deep}" stroke-width="11" '
        'stroke-linecap="round"/>'
        f'<path d="M{x - 50} {y - 60}H{x + 50}V{y - 16}Q{x + 50} {y} {x + 34} {y}H{x - 34}'
        f'Q{x - 50} {y} {x - 50} {y - 16}Z" fill="{body}"/>'
        f'<path d="M{x - 52} {y - 60}Q{x - 40} {y - 88} {x} {y - 88}T{x + 52} {y - 60}Z" '
        f'fill="{c.soft}"/><circle cx="{x}" cy="{y - 94}" r="8" fill="{c.deep}"/>'
        f'<rect x="{x - 38}" y="{y - 52}" width="9" height="38" rx="4" fill="#fff" '
        'fill-opacity=".25"/>'
    )


def plant(x: float, y: float, c: Tints) -> str:
    """Leaves in a pot."""
    green = mix("#5d8c62", c.primary, 0.12)
    leaves = "".join(
        f'<path d="M{x} {y - 40}Q{x + dx * 0.2:g} {y - 90 - h:g} {x + dx} {y - 84 - h}'
        f'Q{x + dx * 0.9:g} {y - 50 - h / 3:g} {x} {y - 40}Z" fill="{shade}"/>'
        for dx, h, shade in (
            (-58, 4, green),
            (56, 8, darker(green, 0.15)),
            (-30, 44, lighter(green, 0.15)),
            (32, 50, green),
            (2, 66, darker(green, 0.08)),
        )
    )
    return (
        f'{leaves}<path d="M{x - 32} {y - 48}H{x + 32}L{x + 24} {y}H{x - 24}Z" fill="{c.soft}"/>'
        f'<path d="M{x - 32} {y - 48}H{x + 32}L{x + 31} {y - 40}H{x - 31}Z" fill="#000" '
        'fill-opacity=".1"/>'
    )


def vase(x: float, y: float, c: Tints) -> str:
    """A vase with dried stalks."""
    stalks = "".join(
        f'<path d="M{x} {y - 60}Q{x + dx / 2:g} {y - 110} {x + dx} {y - 138}" stroke="#b58a5a" '
        f'stroke-width="3"/><ellipse cx="{x + dx}" cy="{y - 146}" rx="7" ry="17" '
        f'fill="{mix("#e3c08e", c.accent, 0.25)}" transform="rotate({dx} {x + dx} {y - 146})"/>'
        for dx in (-26, 0, 24)
    )
    return (
        f'{stalks}<path d="M{x - 11} {y - 74}h22q-2 16 16 30q10 32 -12 44h-30q-22 -12 -12 -44'
        f'q18 -14 16 -30Z" fill="{c.pale}"/>'
    )


def boxes(x: float, y: float, c: Tints) -> str:
    """Gift boxes with ribbon."""
    return (
        f'<rect x="{x - 50}" y="{y - 62}" width="100" height="62" rx="6" fill="{c.primary}"/>'
        f'<rect x="{x - 7}" y="{y - 62}" width="14" height="62" fill="{c.accent}"/>'
        f'<rect x="{x - 34}" y="{y - 108}" width="68" height="46" rx="6" fill="{c.soft}"/>'
        f'<rect x="{x - 5}" y="{y - 108}" width="10" height="46" fill="{c.primary}"/>'
        f'<path d="M{x} {y - 108}q-24 -26 -30 -6q6 12 30 6q24 -26 30 -6q-6 12 -30 6Z" '
        f'fill="{c.primary}"/>'
    )


def books(x: float, y: float, c: Tints) -> str:
    """A row of books."""
    widths = ((18, 92, c.primary), (14, 80, c.soft), (20, 100, c.deep), (15, 86, c.accent))
    out, at = [], x - 36.0
    for width, height, color in widths:
        out.append(
            f'<rect x="{at:g}" y="{y - height}" width="{width}" height="{height}" rx="3" '
            f'fill="{color}"/><rect x="{at + 4:g}" y="{y - height + 12}" width="{width - 8}" '
            'height="5" fill="#fff" fill-opacity=".45"/>'
        )
        at += width + 2
    return "".join(out)
