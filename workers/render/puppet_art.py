"""The double as drawings: three layers of a DiceBear bust, with a face of our own that can move.

Style: ToonHead by Johan Melin, CC BY 4.0, as remixed by DiceBear (free for commercial use; the
author must be named: the README does). DiceBear draws hair, head, body and clothes from the
persona's fixed look; mouth, eyes and brows come from workers.render.face, because speech needs more
of them than the style has.

Layers, from back to front: hair behind the shoulders, body, head. Units are the style's own; the
drawing is 768 wide and reaches down to where the clothes end.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from dicebear import Avatar, Style, ValidationError

from orchestrator.domain.clip import Look
from orchestrator.domain.looks import COLOR, STYLES
from orchestrator.errors import RenderFailed
from workers.render.accessories import DEFAULT_COLORS, on_the_face, on_the_hair
from workers.render.colors import darker, lighter, mix
from workers.render.face import Face, brows_svg, eyes_svg, mouth_svg
from workers.render.hair import extra_hair, extra_rear_hair
from workers.render.svg import Box, drawing, glow

WIDTH, HEIGHT = 768, 878
CENTER_X = 384.0
NECK = (384.0, 600.0)
"""What the head turns about."""
MOUTH_BOX: Box = (312.0, 466.0, 144.0, 92.0)
EYES_BOX: Box = (236.0, 270.0, 296.0, 176.0)
"""All that changes in a face lies in these two boxes."""

REAR, BODY, HEAD = ("rearHair",), ("body", "clothes"), ("head",)
_DEFAULT_SKIN, _DEFAULT_HAIR = "#f6d0b8", "#3b2723"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_USE = re.compile(r'<use [^>]*href="#([A-Za-z]+)-[^"]*"/>')


@dataclass(frozen=True)
class Art:
    """A look's drawing, ready to be cut into layers."""

    defs: str
    parts: Mapping[str, str]
    skin: str
    hair: str
    worn: tuple[str, str] = ("none", "")
    """An accessory and its color."""

    def layer(self, names: Sequence[str], box: Box) -> str:
        """Some parts alone, within a box."""
        return drawing(self._parts(names), box, self.defs)

    def head(self, face: Face, box: Box) -> str:
        """The head with a face, within a box."""
        body = [
            self._parts(HEAD),
            _blush(self.skin),
            mouth_svg(face),
            eyes_svg(face, self.skin),
            brows_svg(face, self.hair),
            on_the_face(*self.worn),
            self._parts(("hair",)),
            self._shine(),
            on_the_hair(*self.worn),
        ]
        return drawing("".join(body), box, self.defs)

    def _parts(self, names: Sequence[str]) -> str:
        return "".join(self.parts.get(name, "") for name in names)

    def _shine(self) -> str:
        """A soft light along the hair's crown, where the hair has one."""
        if not any(
            name in self.parts.get("hair", "")
            for name in ("bun", "sideComed", "bangs", "centerPart")
        ):
            return ""
        color = lighter(self.hair, 0.6)
        return (
            f'<path d="M226 282C248 196 318 152 398 156C330 164 264 208 238 282Z" fill="{color}" '
            'fill-opacity=".16"/>'
        )


@lru_cache(maxsize=64)
def art(look: Look) -> Art:
    """The drawing of a look; the same look always gives the same drawing."""
    _check(look)
    chosen = {name: value for name, value in look.options if value}
    skin = chosen.get("skinColor", _DEFAULT_SKIN)
    hair = chosen.get("hairColor", _DEFAULT_HAIR)
    try:
        svg = Avatar(_style(look.style), _options(look, chosen, skin, hair)).to_string()
    except (ValidationError, ValueError) as error:
        raise RenderFailed(f"The look can't be drawn: {error}") from error
    head, _, rest = svg.partition("<defs>")
    defs, _, body = rest.partition("</defs>")
    if not head or not body:
        raise RenderFailed(f"The style {look.style} isn't drawn in parts.")
    worn = chosen.get("accessory", "none")
    color = chosen.get("accessoryColor", DEFAULT_COLORS.get(worn, ""))
    return Art(defs, {m[1]: m[0] for m in _USE.finditer(body)}, skin, hair, (worn, color))


def _check(look: Look) -> None:
    """DiceBear passes over what it doesn't know; a persona must look as it was declared."""
    known = STYLES.get(look.style)
    if known is None:
        raise RenderFailed(f"There is no drawing style {look.style}. Known: {', '.join(STYLES)}.")
    for name, value in look.options:
        allowed = known.get(name, ())
        if value and value not in allowed and not (allowed == COLOR and _COLOR.fullmatch(value)):
            may_be = ", ".join(allowed) or "no option of that name"
            raise RenderFailed(f"The look's {name} can't be {value}. Allowed: {may_be}.")


@lru_cache(maxsize=4)
def _style(name: str) -> Style:
    try:
        text = files("dicebear_styles").joinpath(f"{name}.json").read_text("utf-8")
    except OSError as error:
        raise RenderFailed(f"There is no drawing style {name}. Use toon-head.") from error
    definition = json.loads(text)
    parts = definition["components"]
    parts["hair"]["variants"] |= extra_hair()
    parts["rearHair"]["variants"] |= extra_rear_hair()
    _, shade = parts["head"]["variants"]["head"]["elements"]
    shade["attributes"] |= {"fill": "#a34a33", "fill-opacity": ".27"}  # ears and nose, warmer
    return Style(definition)


def _options(look: Look, chosen: Mapping[str, str], skin: str, hair: str) -> dict[str, object]:
    clothes = chosen.get("clothesColor")
    options: dict[str, object] = {
        "seed": look.seed,
        "idRandomization": False,
        "beardProbability": 0,
        "strokeColor": [mix(darker(hair, 0.3), skin, 0.3)],
        "skinColor": [skin],
        **_shaded("hair", lighter(hair, 0.14), darker(hair, 0.35)),
    }
    if clothes is not None:
        options |= _shaded("clothes", lighter(clothes, 0.12), darker(clothes, 0.16))
    for name in ("hairVariant", "clothesVariant", "rearHairVariant"):
        if name in chosen and chosen[name] != "none":
            options[name] = [chosen[name]]
    if "rearHairVariant" in chosen:
        options["rearHairProbability"] = 0 if chosen["rearHairVariant"] == "none" else 100
    return options


def _shaded(part: str, top: str, bottom: str) -> dict[str, object]:
    """A part in a gradient from its lighter to its darker tone, from above."""
    return {
        f"{part}Color": [top, bottom],
        f"{part}ColorFill": ["linear"],
        f"{part}ColorOrder": "fixed",
        f"{part}ColorAngle": [90],
    }


def _blush(skin: str) -> str:
    color = mix(skin, "#f0606a", 0.55)
    return f"<defs>{glow('blush', color, 0.55)}</defs>" + "".join(
        f'<ellipse cx="{x}" cy="462" rx="44" ry="29" fill="url(#blush)"/>' for x in (270, 498)
    )
