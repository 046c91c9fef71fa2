"""A console's picture as SVG, for the documents.

    doppelcast demo --seconds 60 --picture deploy/docs/demo.svg

No font is fetched by it: it names the monospaced ones that readers have, and every run of Chinese
or Latin text has a place and a length of its own, so that columns stay aligned in any of them.
"""

import re
from html import escape, unescape
from io import StringIO
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 124
THEME = TerminalTheme(
    (18, 22, 33),
    (214, 221, 235),
    [
        (40, 46, 62),
        (224, 77, 92),
        (94, 200, 140),
        (234, 179, 92),
        (98, 152, 236),
        (188, 132, 222),
        (86, 190, 204),
        (214, 221, 235),
    ],
    [
        (92, 102, 124),
        (242, 102, 116),
        (124, 224, 166),
        (248, 204, 120),
        (130, 176, 250),
        (208, 160, 238),
        (118, 212, 224),
        (245, 248, 255),
    ],
)
FONTS = (
    "'Sarasa Mono SC','Noto Sans Mono CJK SC','JetBrains Mono',ui-monospace,SFMono-Regular,Menlo,"
    "Consolas,'DejaVu Sans Mono','Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',"
    "monospace"
)
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: __FONTS__; font-size: {char_height}px; \
line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: 600; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
""".replace("__FONTS__", FONTS)


TEXT = re.compile(
    r'<text class="(?P<style>[^"]*-r\d+)" x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" '
    r'textLength="[^"]*" clip-path="(?P<clip>[^"]*)">(?P<text>[^<]*)</text>'
)
CELL = 12.2
"""The width of one cell in what rich draws."""
WIDE_SIZE = 22.5
"""Chinese glyphs are as wide as they are high; at the size of the others they stood in gaps."""


def save_picture(path: Path, command: str, *shown: RenderableType) -> None:
    """Write what a console of `COLUMNS` would show of a command."""
    console = Console(
        record=True,
        width=COLUMNS,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    for renderable in (Text(f"$ {command}", "bold green"), *shown):
        console.print(renderable)
        console.print()
    svg = console.export_svg(title=command, theme=THEME, code_format=FORMAT, unique_id="console")
    path.write_text(TEXT.sub(in_runs, svg), encoding="utf-8")


def in_runs(found: re.Match[str]) -> str:
    """One text as several, each of glyphs of one width, each at the cell where it belongs."""
    begin, drawn = float(found["x"]), []
    for _, run in groupby(unescape(found["text"]), key=cell_len):
        text = "".join(run)
        length = cell_len(text) * CELL
        size = f' font-size="{WIDE_SIZE}"' if length > len(text) * CELL else ""
        if text.strip():
            drawn.append(
                f'<text class="{found["style"]}"{size} x="{begin:.1f}" y="{found["y"]}" '
                f'textLength="{length:.1f}" clip-path="{found["clip"]}">{_spaced(text)}</text>'
            )
        begin += length
    return "".join(drawn)


def _spaced(text: str) -> str:
    return escape(text).replace(" ", "&#160;")
