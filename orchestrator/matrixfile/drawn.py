"""What is drawn on frames: the label's wording, and a glyph for every character.

A character that the font lacks would be drawn as an empty box on air, so it is found here.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

from orchestrator.compliance.ai_label import DEFAULT_TEXT, satisfies_the_standard
from orchestrator.errors import FontMissing, Problem
from orchestrator.matrixfile.scripts import lines_of, own_lines
from orchestrator.matrixfile.tree import Tree

PACKAGED = ("justmytype_intl_cjk", "fonts/NotoSansSC[wght].ttf")
LONGEST_LABEL = 12.0
"""In widths of a Chinese character; more would not fit across the frame at the size that is due."""


@lru_cache(maxsize=4)
def glyphs(font: Path | None = None) -> frozenset[str]:
    """The characters that a font can draw; without one named, the package's."""
    path = font or _packaged()
    try:
        with TTFont(path, lazy=True) as opened:
            return frozenset(map(chr, opened.getBestCmap()))
    except (OSError, TTLibError) as error:
        raise FontMissing(
            f"The font {path} can't be read. Name another as DOPPELCAST_FONT."
        ) from error


def _packaged() -> Path:
    package, font = PACKAGED
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FontMissing("The package justmytype-intl-cjk with the font isn't installed.")
    folder = Path(next(iter(spec.submodule_search_locations)))
    return next(iter(sorted(folder.rglob("NotoSansSC*.ttf"))), folder / font)


def label(root: Tree) -> Iterator[Problem]:
    """Another wording of the label has both elements, and fits."""
    place = root.at("label")
    if place is None or not isinstance(place.value, str):
        return
    if not satisfies_the_standard(place.value):
        yield place.problem(
            "the AI label lacks an element that the standard asks for.",
            f"Name AI or 人工智能, and 生成 or 合成, as in {DEFAULT_TEXT}; or leave label out.",
        )
    elif _width(place.value) > LONGEST_LABEL:
        yield place.problem(
            "the AI label is too long for the frame.", f"At most 12 characters, as {DEFAULT_TEXT}."
        )


def _width(text: str) -> float:
    return sum(0.6 if ord(character) < 0x2E80 else 1.0 for character in text)


def drawable(root: Tree, known: Collection[str]) -> Iterator[Problem]:
    """Every character that is drawn has a glyph."""
    for place in _texts(root):
        if not isinstance(place.value, str):
            continue
        lacking = dict.fromkeys(c for c in place.value if c not in known and not c.isspace())
        if lacking:
            yield place.problem(
                f"the font has no glyph for {' '.join(f'{c} (U+{ord(c):04X})' for c in lacking)}.",
                "Take it out, or name a font that has it as DOPPELCAST_FONT.",
            )


def _texts(root: Tree) -> Iterator[Tree]:
    lists = ("personas", "brands", "shops")
    names = [entry.at("name") for name in lists for entry in root.each(name)]
    names += [root.at("label"), root.at("streamer", "name")]
    for persona in root.each("personas"):
        names += own_lines(persona)
    for brand in root.each("brands"):
        names.append(brand.at("trade"))
        for product in brand.each("products"):
            names += [product.at("name"), product.at("unit"), *product.each("points")]
    for owner in (*root.each("brands"), *root.each("shops")):
        names += [line for line, _ in lines_of(owner)]
    yield from (place for place in names if place is not None)
