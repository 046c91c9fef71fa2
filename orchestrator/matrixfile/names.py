"""Names: declared once, and known where they are used."""

from collections.abc import Collection, Iterable, Iterator, Mapping

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

WATCHED_BY = ("operator", "operators")
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
    for shop in root.each("shops"):
        yield from known(shop.at("persona"), personas, "persona")
        yield from known(shop.at("brand"), brands, "brand")
        yield from known(shop.at("profile"), PROFILES, "profile")
        yield from _hosted(shop, personas, planned=root.at("plan") is not None)
        yield from _watched(shop, ids(root.each("operators")), planned=root.at("plan") is not None)
        brand = brands.get(shop.text("brand") or "")
        if brand is not None:
            yield from _products_of(shop, brand)
    for brand in root.each("brands"):
        yield from _scripted(brand, ids(brand.each("products")))


def _hosted(shop: Tree, personas: Iterable[str], *, planned: bool) -> Iterator[Problem]:
    """Without a plan a shop says who is on; with one it may leave that to the plan."""
    fit = shop.at("fit")
    for name, place in (fit.keys if fit else {}).items():
        yield from _known_key(place, name, tuple(personas), "persona")
    if shop.keys and not _said(shop, "persona") and not planned:
        names = " or ".join(personas)
        remedy = f"Add persona: {names}; or `plan: {{}}` at the top, and a plan chooses."
        yield Problem(f"{shop.path}.persona", "is missing.", remedy, None, shop.line)


def _watched(shop: Tree, operators: Mapping[str, Tree], *, planned: bool) -> Iterator[Problem]:
    """Somebody answers for each room, by name."""
    one, several = shop.at("operator"), shop.at("operators")
    yield from known(one, operators, "operator")
    yield from each_known(shop.each("operators"), operators, "operator")
    if one is not None and several is not None:
        yield one.problem("there are operators, too.", "Keep operators, or operator.")
    elif not planned and len(operators) > 1 and not any(_said(shop, key) for key in WATCHED_BY):
        yield shop.problem(
            "nobody answers for this room.",
            f"Add operator: {' or '.join(operators)}.",
            show=False,
        )


def _said(owner: Tree, key: str) -> bool:
    place = owner.at(key)
    return place is not None and place.value is not None


def names_of_the_plan(root: Tree) -> Iterator[Problem]:
    """What a plan is made of names what is declared, and no name twice."""
    brands, shops = ids(root.each("brands")), ids(root.each("shops"))
    hosting = [name for name, p in PLATFORMS.items() if p.stance is not Stance.FORBIDDEN]
    yield from each_known(root.each("streamer", "human_shops"), shops, "shop")
    for persona in root.each("personas"):
        yield from each_known(persona.each("brands"), brands, "brand")
        yield from each_known(persona.each("platforms"), hosting, "platform")
    for brand in root.each("brands"):
        yield from each_known(brand.each("rivals"), brands, "brand")
        for rival in brand.each("rivals"):
            if rival.value == brand.text("id"):
                yield rival.problem("a brand is no rival of itself.", "Take it out.")


def each_known(places: Iterable[Tree], names: Collection[str], what: str) -> Iterator[Problem]:
    """A problem for each entry of a list that nobody declared, or that stands there twice."""
    first: dict[object, Tree] = {}
    for place in places:
        yield from known(place, names, what)
        earlier = first.setdefault(place.value, place) if isinstance(place.value, str) else place
        if earlier is not place:
            yield place.problem(f"stands on line {earlier.line} already.", "Keep one.")


def _products_of(shop: Tree, brand: Tree) -> Iterator[Problem]:
    products = ids(brand.each("products"))
    for chosen in shop.each("products"):
        yield from known(chosen, products, "product of this brand")
    yield from _scripted(shop, products)


def _scripted(owner: Tree, products: Iterable[str]) -> Iterator[Problem]:
    lines = owner.at("script", "products")
    allowed = tuple(products)
    for name, place in (lines.keys if lines else {}).items():
        yield from _known_key(place, name, allowed, "product")


def _known_key(place: Tree, name: str, allowed: Collection[str], what: str) -> Iterator[Problem]:
    if name not in allowed:
        remedy = one_of(name, allowed)
        yield Problem(place.path, f"there is no {what} {name!r}.", remedy, None, place.line)


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
