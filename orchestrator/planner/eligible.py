"""Which cells a double may be in at all, whatever the rest of the plan is. For makers of plans."""

from collections.abc import Iterator

from orchestrator.ids import PersonaId, ShopId
from orchestrator.planner.problem import Persona, Problem, Shop, Standing


def closed(problem: Problem, shop: Shop, slot: int) -> str | None:
    """Why no double may be in a shop in a slot, or None."""
    return next(closes(problem, shop, slot), None)


def closes(problem: Problem, shop: Shop, slot: int) -> Iterator[str]:
    """Each rule by which no double may be in a shop in a slot."""
    if slot not in shop.open:
        yield "shop is open"
    alone = slot in problem.human.slots and not problem.human.doubles_beside
    if alone or shop.id in problem.human_rooms(slot):
        yield "human has the room"
    standing = problem.platform[shop.platform].standing
    conditional = standing is Standing.CONDITIONAL and not shop.cleared
    if standing is Standing.FORBIDDEN or conditional:
        yield "platform allows doubles"


def unfit(shop: Shop, persona: Persona, slot: int) -> str | None:
    """Why this double may not be in a shop in a slot, or None."""
    return next(unfits(shop, persona, slot), None)


def unfits(shop: Shop, persona: Persona, slot: int) -> Iterator[str]:
    """Each rule by which this double may not be in a shop in a slot."""
    if (
        (persona.brands is not None and shop.brand not in persona.brands)
        or (persona.platforms is not None and shop.platform not in persona.platforms)
        or (shop.personas is not None and persona.id not in shop.personas)
    ):
        yield "persona is allowed"
    if not shop.skills <= persona.skills:
        yield "persona has the skills"
    if persona.consent is not None and slot not in persona.consent:
        yield "consent holds"


def resting(problem: Problem) -> Iterator[tuple[ShopId, int, PersonaId]]:
    """The cells in which a double still rests from the day before.

    Who is in the room at the day's edge may go on for a while, so that its rest has no fixed hours.
    """
    for shop, day in problem.before.items():
        for persona in sorted({*day.values()} - {day.get(-1)}):
            left = max(slot for slot, name in day.items() if name == persona) + 1
            ends = min(left + problem.persona[persona].rest, len(problem.slots))
            yield from ((shop, slot, persona) for slot in range(ends))
