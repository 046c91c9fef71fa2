"""A clip: one rendered piece of sound and picture, and the recipe it is made from.

A recipe holds every input: the words, the voice, the look, the card, the brand's colors, the label,
the profile. The clip's key is the digest of the recipe and of the renderer's version, so equal
recipes are rendered once for the whole fleet, and nothing that changes the pixels or the sound can
be forgotten: what isn't in the recipe doesn't reach the renderer.

Pictures enter by content: `asset` fields are SHA-256 digests of files in the media folder.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.ids import ClipKey, ProductId

RENDERER_VERSION = "3"
"""Bumped by hand whenever the same recipe gives other pixels, other sound or another layout."""

LOCAL_PRODUCER = "doppelcast-local"
"""Who made a clip, as its metadata says, where the matrix names nobody. Plainly no real code."""


class ClipKind(StrEnum):
    """What a clip is for."""

    LINE = "line"
    IDLE = "idle"
    SLATE = "slate"


class Mood(StrEnum):
    """How a line is said and looked."""

    CALM = "calm"
    HAPPY = "happy"
    EXCITED = "excited"
    EARNEST = "earnest"


@dataclass(frozen=True)
class Voice:
    """Which voice speaks, how fast. `engine` names the speech engine that knows the voice."""

    name: str
    speed: float = 1.0
    engine: str = "kokoro"


@dataclass(frozen=True)
class Look:
    """A puppet's fixed looks: a drawing style and its options, sorted by name."""

    style: str
    options: tuple[tuple[str, str], ...] = ()
    seed: str = ""


@dataclass(frozen=True)
class PersonaFace:
    """What viewers see and hear of a persona."""

    name: str
    look: Look
    voice: Voice


@dataclass(frozen=True)
class BrandFace:
    """A brand's name and colors (`#rrggbb`), and what it sells, in a word or two."""

    name: str
    primary: str
    accent: str
    trade: str


@dataclass(frozen=True)
class ProductCard:
    """A product as the card shows it. Prices are decimal strings in yuan, as in the matrix."""

    product: ProductId
    name: str
    price: str
    was: str | None
    points: tuple[str, ...]
    picture: str | None
    """SHA-256 of the picture file in the media folder."""
    unit: str = ""
    """What the price buys: 件, 盒, 2 包."""


@dataclass(frozen=True)
class ClipRecipe:
    """Every input of a clip. `seconds` is for idle and slate; a line lasts as long as its words."""

    kind: ClipKind
    profile: str
    label: str
    brand: BrandFace
    shop_name: str
    persona: PersonaFace | None = None
    text: str = ""
    """What is said. On a slate: what is written on it instead of its own words, in two lines."""
    mood: Mood = Mood.CALM
    card: ProductCard | None = None
    """What is being talked about."""
    shelf: tuple[ProductCard, ...] = ()
    """What else there is; shown where there is no card."""
    variant: int = 0
    """Takes of the same thing that should not look alike: idle loops 0, 1, 2."""
    seconds: float = 0.0
    producer: str = LOCAL_PRODUCER
    """The provider that the file's AI metadata names; part of the file, so of the key too."""


def clip_key(recipe: ClipRecipe) -> ClipKey:
    """The content address of what this recipe renders to."""
    document = json.dumps(
        {"renderer": RENDERER_VERSION, "recipe": recipe},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=vars,
    )
    return ClipKey(hashlib.sha256(document.encode()).hexdigest())
