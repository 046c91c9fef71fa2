"""Who may be in which shop, as the matrix says it, whatever else is planned. Pure.

A shop that names its persona wants that one alone, and trusts it to know the trade. Any other asks
for skills: its own, or its brand's trade where any persona has learned that.
"""

from collections.abc import Collection

from orchestrator.domain.matrix import Brand, Matrix, PersonaSpec, Shop


def brand_of(matrix: Matrix, shop: Shop) -> Brand:
    """Whose shop it is."""
    return next(brand for brand in matrix.brands if brand.id == shop.brand)


def asked_of(matrix: Matrix, shop: Shop) -> frozenset[str]:
    """The skills that a double needs in a shop."""
    if shop.skills is not None:
        return frozenset(shop.skills)
    trade = brand_of(matrix, shop).trade
    taught = any(trade in persona.skills for persona in matrix.personas)
    return frozenset({trade}) if taught and shop.persona is None else frozenset()


def cast_of(matrix: Matrix, shop: Shop) -> tuple[PersonaSpec, ...]:
    """The personas that may be in a shop, in the file's order."""
    skills = asked_of(matrix, shop)
    return tuple(p for p in matrix.personas if _may(p, shop, skills))


def lead_of(matrix: Matrix, shop: Shop) -> PersonaSpec:
    """Who is in a shop while nothing is planned: the one it names, or the first that may."""
    if shop.persona is not None:
        return next(p for p in matrix.personas if p.id == shop.persona)
    return next(iter(cast_of(matrix, shop)), matrix.personas[0])


def watchers_of(matrix: Matrix, shop: Shop) -> tuple[str, ...]:
    """The operators that may answer for a shop, by id."""
    if shop.operators is not None:
        return shop.operators
    if shop.operator is not None:
        return (shop.operator,)
    return tuple(operator.id for operator in matrix.operators)


def _may(persona: PersonaSpec, shop: Shop, skills: Collection[str]) -> bool:
    wanted = shop.persona in (None, persona.id)
    brand = persona.brands is None or shop.brand in persona.brands
    platform = persona.platforms is None or shop.platform in persona.platforms
    return wanted and brand and platform and set(skills) <= set(persona.skills)
