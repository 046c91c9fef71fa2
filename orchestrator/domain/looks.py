"""The drawing styles that a double can have, and the options each understands.

Names and values are those of the DiceBear styles, so that a look can be tried out on their site and
copied into the matrix. Drawn by us in the same style: the hair `bangs`, `centerPart` and
`ponytail`, and what `accessory` names. Colors are `#rrggbb`. What is left out is drawn by `seed`;
an accessory is worn only where one is named.
"""

from collections.abc import Mapping
from types import MappingProxyType

COLOR = ("#rrggbb",)
"""Stands for any color."""

TOON_HEAD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hairVariant": ("bun", "sideComed", "spiky", "undercut", "bangs", "centerPart"),
        "rearHairVariant": (
            "none",
            "longStraight",
            "longWavy",
            "neckHigh",
            "shoulderHigh",
            "ponytail",
        ),
        "clothesVariant": ("dress", "openJacket", "shirt", "tShirt", "turtleNeck"),
        "hairColor": COLOR,
        "clothesColor": COLOR,
        "skinColor": COLOR,
        "accessory": ("none", "glasses", "earrings", "bow"),
        "accessoryColor": COLOR,
    }
)

STYLES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({"toon-head": TOON_HEAD})
