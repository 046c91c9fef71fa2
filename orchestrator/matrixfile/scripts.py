"""Scripts and prices: something to say, nothing twice, and no price but the product's own."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from orchestrator.compliance.ai_label import satisfies_the_standard
from orchestrator.domain.script import heard, money, placeholders, sums
from orchestrator.errors import Problem
from orchestrator.matrixfile.names import ids
from orchestrator.matrixfile.nearest import one_of
from orchestrator.matrixfile.tree import Tree

ROOM_FACTS = ("streamer", "persona", "brand", "shop")
MOST_DIGITS = 9
OWN = ("catchphrases", "handover")
PRODUCT_FACTS = ("name", "price", "was", "save", "unit")


def amount(place: Tree | None) -> Decimal | None:
    """The sum that stands there, if it is one."""
    if place is None or isinstance(place.value, bool) or place.value is None:
        return None
    try:
        found = Decimal(str(place.value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found.adjusted() < MOST_DIGITS else None


def prices(root: Tree) -> Iterator[Problem]:
    """What a thing cost before is more than what it costs now."""
    for brand in root.each("brands"):
        for product in brand.each("products"):
            now, before = amount(product.at("price")), amount(product.at("was"))
            place = product.at("was")
            if place is not None and now is not None and before is not None and before <= now:
                yield place.problem(
                    f"is not above the price, {money(now)}.",
                    "Name the true earlier price, or leave `was` out: a discount needs its basis.",
                )


def spoken(line: Tree) -> Tree:
    """Where a line's words stand: the line itself, or its `text`."""
    return line.at("text") or line


def lines_of(owner: Tree) -> Iterator[tuple[Tree, str | None]]:
    """Every line of a brand's or shop's script, with the product it is about."""
    for part in ("opening", "handover", "closing"):
        for line in owner.each("script", part):
            yield spoken(line), None
    products = owner.at("script", "products")
    for name, lines in (products.keys if products else {}).items():
        for line in lines.items:
            yield spoken(line), name


def own_lines(persona: Tree) -> tuple[Tree, ...]:
    """What a persona says in every shop."""
    return tuple(spoken(line) for part in OWN for line in persona.each(part))


def wording(root: Tree) -> Iterator[Problem]:
    """Every placeholder is known where it stands; every sum is a fact of the product."""
    brands = ids(root.each("brands"))
    for brand in root.each("brands"):
        yield from _worded(brand, brand)
    for shop in root.each("shops"):
        yield from _worded(shop, brands.get(shop.text("brand") or ""))
    for persona in root.each("personas"):
        for line in own_lines(persona):
            yield from _filled(line, ROOM_FACTS)
    for owner in (*root.each("personas"), *root.each("brands"), *root.each("shops")):
        for line in (*owner.each("handover"), *owner.each("script", "handover")):
            yield from _no_sums(spoken(line))


def _worded(owner: Tree, brand: Tree | None) -> Iterator[Problem]:
    products = ids(brand.each("products")) if brand is not None else {}
    for line, name in lines_of(owner):
        product = products.get(name or "")
        if name is None:
            yield from _filled(line, ROOM_FACTS)
        elif product is not None:
            yield from _filled(line, (*ROOM_FACTS, *_facts_of(product)))
            yield from _true_sums(line, product)


def _facts_of(product: Tree) -> tuple[str, ...]:
    absent = set()
    if product.at("was") is None:
        absent |= {"was", "save"}
    if product.at("unit") is None:
        absent |= {"unit"}
    return tuple(fact for fact in PRODUCT_FACTS if fact not in absent)


def _filled(line: Tree, facts: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(line.value, str):
        return
    try:
        names = placeholders(line.value)
    except ValueError:
        yield line.problem("the braces don't match.", "Write {price}, with both braces.")
        return
    for name in names:
        if name not in facts:
            yield line.problem(f"nothing fills {{{name}}} here.", one_of(name, facts))


def _true_sums(line: Tree, product: Tree) -> Iterator[Problem]:
    if not isinstance(line.value, str):
        return
    now, before = amount(product.at("price")), amount(product.at("was"))
    true = {fact for fact in (now, before) if fact is not None}
    if now is not None and before is not None:
        true.add(before - now)
    for point in product.each("points"):
        true.update(sums(str(point.value)))
    for named in sums(line.value):
        if named not in true:
            yield line.problem(
                f"names a sum, {money(named)}, that is no fact of the product.",
                "Use {price}, {was} or {save}, or state the sum in the product's points.",
            )


def _no_sums(line: Tree) -> Iterator[Problem]:
    for named in sums(line.value) if isinstance(line.value, str) else ():
        yield line.problem(
            f"names a sum, {money(named)}, while no product's card is shown.",
            "Leave prices to the products' lines.",
        )


def something_to_say(root: Tree) -> Iterator[Problem]:
    """Each shop has an opening that discloses the host, and a line for each product it sells."""
    brands = ids(root.each("brands"))
    for shop in root.each("shops"):
        brand = brands.get(shop.text("brand") or "")
        if brand is not None:
            yield from _opens(shop, brand)
            yield from _tells(shop, brand)


def _opens(shop: Tree, brand: Tree) -> Iterator[Problem]:
    openings = [*brand.each("script", "opening"), *shop.each("script", "opening")]
    texts = [str(spoken(line).value) for line in openings]
    place = brand.at("script", "opening") or brand.at("script") or shop
    if not texts:
        yield place.problem(
            "the script is empty: there is no opening.",
            "Add script.opening lines; one says that the host is AI generated.",
            show=False,
        )
    elif not any(satisfies_the_standard(text) for text in texts):
        yield place.problem(
            "no opening says that the host is generated by AI.",
            "Add a line such as 我是{streamer}的数字人主播，由人工智能生成。",
            show=False,
        )


def _tells(shop: Tree, brand: Tree) -> Iterator[Problem]:
    for name, product in sold(shop, brand).items():
        if not any(owner.each("script", "products", name) for owner in (brand, shop)):
            place = brand.at("script", "products", name) or product
            yield place.problem(
                f"the script is empty: nothing is said about {name} in {shop.text('id')}.",
                f"Add lines under script.products.{name}.",
                show=False,
            )


def sold(shop: Tree, brand: Tree) -> Mapping[str, Tree]:
    """The products that a shop sells: those it chose, or all of its brand's."""
    products = ids(brand.each("products"))
    if shop.at("products") is None:
        return products
    chosen = [str(place.value) for place in shop.each("products")]
    return {name: products[name] for name in chosen if name in products}


def nothing_twice(root: Tree) -> Iterator[Problem]:
    """A viewer of one room doesn't hear one line at two places of its script."""
    brands, personas = ids(root.each("brands")), ids(root.each("personas"))
    own = {name: _heard((line, None) for line in own_lines(p)) for name, p in personas.items()}
    reported: set[int] = set()
    for shop in root.each("shops"):
        owners = [brands.get(shop.text("brand") or ""), shop]
        script = _heard(found for owner in owners if owner is not None for found in lines_of(owner))
        lines = [script, *(own[name] for name in _hosts(shop, personas))]
        for line, first in _repeated(script, lines):
            if id(line) not in reported:
                reported.add(id(line))
                yield line.problem(
                    f"is said already on line {first.line}: a viewer would hear it twice.",
                    "Word it differently, or take one out.",
                )


def _hosts(shop: Tree, personas: Mapping[str, Tree]) -> Iterator[str]:
    """Who may be there: the one that the shop names, or all whose brands don't leave it out."""
    named = shop.text("persona")
    for name, persona in personas.items():
        brands = [place.value for place in persona.each("brands")]
        if name == named or (named is None and (not brands or shop.text("brand") in brands)):
            yield name


Heard = tuple[tuple[str, Tree], ...]
"""Lines by what is heard of them; one with placeholders sounds differently for each product."""


def _heard(lines: Iterable[tuple[Tree, str | None]]) -> Heard:
    return tuple(
        ((product or "" if "{" in line.value else "") + heard(line.value), line)
        for line, product in lines
        if isinstance(line.value, str)
    )


def _repeated(script: Heard, parts: Iterable[Heard]) -> Iterator[tuple[Tree, Tree]]:
    """Lines that sound like an earlier one of the script, or of their own part."""
    base: dict[str, Tree] = {}
    for sound, line in script:
        base.setdefault(sound, line)
    for part in parts:
        said: dict[str, Tree] = {}
        for sound, line in part:
            first = base.get(sound) or said.setdefault(sound, line)
            if first is not line:
                yield line, first
