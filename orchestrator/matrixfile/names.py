"""Names: declared once, and known where they are used."""

from collections.abc import Iterable, Iterator

from orchestrator.domain.clip import Voice
from orchestrator.domain.looks import COLOR, STYLES
from orchestrator.domain.media import PROFILES
from orchestrator.domain.voices import voices_of
from orchestrator.errors import Problem
from orchestrator.matrixfile.nearest import one_of
from orchestrator.matrixfile.tree import Tree
from orchestrator.platforms import PLATFORMS, Stance

ENGINE = Voice("").engine
"""The speech engine that is used where the file names none."""

DECLARED = ("operators", "personas", "brands", "shops")


def ids(entries: Iterable[Tree]) -> dict[str, Tree]:
    """The entries that have an id, by it; the first of several."""
    found: dict[str, Tree] = {}
    for entry in entries:
        name = entry.text("id")
        if name is not None:
            found.setdefault(name, entry)
    return found


def known(place: Tree | None, names: Iterable[str], what: str) -> Iterator[Problem]:
    """A problem where a name is used that nobody declared."""
    if place is None or not isinstance(place.value, str):
        return
    allowed = tuple(names)
    if place.value not in allowed:
        yield place.problem(f"there is no such {what}.", one_of(place.value, allowed))


def declared_once(root: Tree) -> Iterator[Problem]:
    """Two entries of a list must not share an id."""
    lists = [root.each(name) for name in DECLARED]
    lists += [brand.each("products") for brand in root.each("brands")]
    for entries in lists:
        first = ids(entries)
        for entry in entries:
            here = entry.at("id")
            name = entry.text("id")
            if here is not None and name is not None and first[name] is not entry:
                line = first[name].line
                yield here.problem(f"this id is taken on line {line}.", "Give each its own id.")


def used_names(root: Tree) -> Iterator[Problem]:
    """Shops name what is declared elsewhere."""
    personas, brands = ids(root.each("personas")), ids(root.each("brands"))
    operators = ids(root.each("operators"))
    for shop in root.each("shops"):
        yield from known(shop.at("persona"), personas, "persona")
        yield from known(shop.at("brand"), brands, "brand")
        yield from known(shop.at("profile"), PROFILES, "profile")
        yield from known(shop.at("operator"), operators, "operator")
        if shop.at("operator") is None and len(operators) > 1:
            yield shop.problem(
                "nobody answers for this room.",
                f"Add operator: {' or '.join(operators)}.",
                show=False,
            )
        brand = brands.get(shop.text("brand") or "")
        if brand is not None:
            yield from _products_of(shop, brand)
    for brand in root.each("brands"):
        yield from _scripted(brand, ids(brand.each("products")))


def _products_of(shop: Tree, brand: Tree) -> Iterator[Problem]:
    products = ids(brand.each("products"))
    for chosen in shop.each("products"):
        yield from known(chosen, products, "product of this brand")
    yield from _scripted(shop, products)


def _scripted(owner: Tree, products: Iterable[str]) -> Iterator[Problem]:
    lines = owner.at("script", "products")
    allowed = tuple(products)
    for name, place in (lines.keys if lines else {}).items():
        if name not in allowed:
            remedy = one_of(name, allowed)
            yield Problem(place.path, f"there is no product {name!r}.", remedy, None, place.line)


def allowed_there(root: Tree) -> Iterator[Problem]:
    """A platform that isn't known, or forbids digital humans, is refused."""
    open_to_us = [name for name, p in PLATFORMS.items() if p.stance is not Stance.FORBIDDEN]
    for shop in root.each("shops"):
        place = shop.at("platform")
        platform = PLATFORMS.get(shop.text("platform") or "")
        if platform is None:
            yield from known(place, open_to_us, "platform")
        elif place is not None and platform.stance is Stance.FORBIDDEN:
            why = " ".join(platform.conditions)
            yield place.problem(
                f"{platform.title} forbids digital-human hosts: {why}",
                "Choose another platform for this shop.",
            )


def drawn_and_spoken(root: Tree) -> Iterator[Problem]:
    """Voices and looks that exist."""
    for persona in root.each("personas"):
        yield from known(persona.at("voice", "name"), voices_of(ENGINE), "voice")
        yield from known(persona.at("look", "style"), STYLES, "drawing style")
        style = persona.text("look", "style") or "toon-head"
        options = persona.at("look", "options")
        if options is not None and style in STYLES:
            for name, place in options.keys.items():
                yield from _option(style, name, place)


def _option(style: str, name: str, place: Tree) -> Iterator[Problem]:
    options = STYLES[style]
    if name not in options:
        remedy = one_of(name, options)
        yield Problem(place.path, f"{style} has no option {name!r}.", remedy, None, place.line)
    elif options[name] == COLOR:
        text = place.value if isinstance(place.value, str) else ""
        if len(text) != 7 or text[0] != "#" or not set(text[1:]) <= set("0123456789abcdefABCDEF"):
            yield place.problem("this is no color.", 'Write it as "#rrggbb", in quotes.')
    else:
        yield from known(place, options[name], f"{name} of {style}")
