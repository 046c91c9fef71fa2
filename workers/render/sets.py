"""The room behind the double: wall, arch, light, shelves with what the brand sells, and the desk.

A set is chosen by words in the brand's trade; colors are the brand's. Everything is drawn once per
brand and kept. The background is slightly out of focus, so that the double stands in front of it.
"""

from collections.abc import Sequence

from workers.render import props
from workers.render.colors import darker, legible, lighter, mix
from workers.render.layout import BOARD_HEIGHT, BOARD_WIDTH, DESK_TOP
from workers.render.props import Prop, Tints
from workers.render.svg import blur, drawing, glow, gradient

Shelves = tuple[Sequence[Prop], Sequence[Prop]]
"""Left and right, from the top down."""

SETS: tuple[tuple[tuple[str, ...], Shelves], ...] = (
    (
        ("家纺", "床", "被", "寝", "枕", "布"),
        (
            (props.pillow, props.folded, props.vase, props.folded),
            (props.vase, props.folded, props.pillow, props.plant),
        ),
    ),
    (
        ("茶", "食", "零食", "咖啡", "酒", "餐", "农", "果", "饮", "烘焙"),
        (
            (props.jar, props.teapot, props.jar, props.cups),
            (props.plant, props.jar, props.cups, props.teapot),
        ),
    ),
    (
        ("美妆", "护肤", "妆", "彩", "洗", "香", "个护"),
        (
            (props.bottle, props.tube, props.vase, props.bottle),
            (props.vase, props.bottle, props.tube, props.plant),
        ),
    ),
    (
        ("厨", "锅", "餐具", "小电"),
        (
            (props.kettle, props.pot, props.vase, props.cups),
            (props.plant, props.kettle, props.cups, props.pot),
        ),
    ),
    (
        ("电", "数码", "家电", "智能", "科技", "手机", "音"),
        (
            (props.speaker, props.kettle, props.books, props.speaker),
            (props.plant, props.speaker, props.kettle, props.books),
        ),
    ),
)
DEFAULT_SET: Shelves = (
    (props.books, props.boxes, props.vase, props.boxes),
    (props.plant, props.boxes, props.books, props.vase),
)
SHELF_Y = (378, 546, 716, 886)
LEFT_X, RIGHT_X = 74, 646


def shelves_for(trade: str) -> Shelves:
    """What stands around somebody who sells that."""
    for words, shelves in SETS:
        if any(word in trade for word in words):
            return shelves
    return DEFAULT_SET


def room_svg(primary: str, accent: str, trade: str) -> str:
    """The whole room with its desk."""
    tints = Tints(primary, accent)
    body = [
        _wall(),
        '<g filter="url(#far)">',
        _arch(),
        *(_shelf(x, y) for x in (LEFT_X, RIGHT_X) for y in SHELF_Y),
        *_standing(shelves_for(trade), tints),
        "</g>",
        _lamps(tints),
        _light(),
        _desk(tints),
    ]
    return drawing("".join(body), (0, 0, BOARD_WIDTH, BOARD_HEIGHT), _defs(tints))


def slate_svg(primary: str, accent: str) -> str:
    """A calm brand-colored ground for the slate, dark enough for white letters."""
    primary = legible(primary, "#ffffff", 5.0)
    top, bottom = mix(primary, "#2a2030", 0.1), mix(darker(primary, 0.35), accent, 0.16)
    defs = (
        gradient("ground", top, bottom)
        + glow("a", lighter(accent, 0.3), 0.5)
        + glow("b", lighter(primary, 0.5), 0.45)
    )
    body = (
        f'<rect width="{BOARD_WIDTH}" height="{BOARD_HEIGHT}" fill="url(#ground)"/>'
        '<ellipse cx="610" cy="250" rx="420" ry="420" fill="url(#b)"/>'
        '<ellipse cx="90" cy="1130" rx="460" ry="420" fill="url(#a)"/>'
        '<path d="M-40 1010C160 920 300 1080 480 1000S700 900 780 930V1300H-40Z" fill="#fff" '
        'fill-opacity=".06"/>'
        '<path d="M-40 1090C140 1030 320 1160 520 1080S720 1010 780 1040V1300H-40Z" fill="#fff" '
        'fill-opacity=".07"/>'
    )
    return drawing(body, (0, 0, BOARD_WIDTH, BOARD_HEIGHT), defs)


def _defs(c: Tints) -> str:
    return "".join(
        (
            gradient("wall", lighter(c.wall, 0.35), mix(c.wall, c.primary, 0.16)),
            gradient("arch", lighter(c.wall, 0.75), mix(c.wall, c.soft, 0.5)),
            gradient("board", lighter(c.wood, 0.25), c.wood),
            gradient("desk", lighter(c.primary, 0.1), darker(c.primary, 0.3)),
            gradient("top", lighter(c.wood, 0.42), lighter(c.wood, 0.12)),
            glow("halo", "#fff4dc", 0.95),
            glow("warm", "#ffe2b0", 0.8),
            blur("far", 1.5),
            blur("shade", 10),
        )
    )


def _wall() -> str:
    lines = "".join(
        f'<path d="M{x} 0V{DESK_TOP}" stroke="#000" stroke-opacity=".025" stroke-width="3"/>'
        for x in range(36, BOARD_WIDTH, 72)
    )
    return f'<rect width="{BOARD_WIDTH}" height="{BOARD_HEIGHT}" fill="url(#wall)"/>{lines}'


def _arch() -> str:
    return (
        '<path d="M164 960V420C164 300 252 214 360 214S556 300 556 420V960Z" fill="#000" '
        'fill-opacity=".06" transform="translate(8 8)"/>'
        '<path d="M164 960V420C164 300 252 214 360 214S556 300 556 420V960Z" fill="url(#arch)"/>'
        '<path d="M180 960V424C180 310 260 232 360 232S540 310 540 424V960" stroke="#fff" '
        'stroke-opacity=".55" stroke-width="5"/>'
    )


def _shelf(x: int, y: int) -> str:
    left = x - 88
    return (
        f'<rect x="{left}" y="{y + 8}" width="176" height="20" rx="8" fill="#3a2418" '
        'fill-opacity=".14" filter="url(#shade)"/>'
        f'<rect x="{left}" y="{y}" width="176" height="14" rx="5" fill="url(#board)"/>'
    )


def _standing(shelves: Shelves, tints: Tints) -> list[str]:
    return [
        prop(x, y, tints)
        for x, side in zip((LEFT_X, RIGHT_X), shelves, strict=True)
        for prop, y in zip(side, SHELF_Y, strict=True)
    ]


def _lamps(c: Tints) -> str:
    return "".join(
        f'<path d="M{x} 0V{y}" stroke="{c.deep}" stroke-opacity=".7" stroke-width="3"/>'
        f'<ellipse cx="{x}" cy="{y + 46}" rx="120" ry="104" fill="url(#warm)"/>'
        f'<path d="M{x - 34} {y + 40}Q{x - 30} {y} {x} {y}T{x + 34} {y + 40}Z" fill="{c.accent}"/>'
        f'<ellipse cx="{x}" cy="{y + 40}" rx="34" ry="7" fill="#fff3d6"/>'
        for x, y in ((640, 128),)
    )


def _light() -> str:
    return (
        '<ellipse cx="360" cy="470" rx="380" ry="400" fill="url(#halo)" fill-opacity=".75"/>'
        '<ellipse cx="60" cy="140" rx="260" ry="220" fill="url(#halo)" fill-opacity=".5"/>'
    )


def _desk(c: Tints) -> str:
    y = DESK_TOP
    return (
        f'<rect x="0" y="{y + 34}" width="{BOARD_WIDTH}" height="{BOARD_HEIGHT - y}" '
        'fill="url(#desk)"/>'
        f'<rect x="0" y="{y}" width="{BOARD_WIDTH}" height="36" fill="url(#top)"/>'
        f'<rect x="0" y="{y + 34}" width="{BOARD_WIDTH}" height="9" fill="{darker(c.wood, 0.25)}"/>'
        f'<rect x="0" y="{y}" width="{BOARD_WIDTH}" height="3" fill="#fff" fill-opacity=".5"/>'
        f'<rect x="0" y="{y + 43}" width="{BOARD_WIDTH}" height="26" fill="#000" '
        'fill-opacity=".12" filter="url(#shade)"/>'
    )
