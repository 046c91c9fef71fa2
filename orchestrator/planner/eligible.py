"""Which cells a double may be in at all, whatever the rest of the plan is. For makers of plans."""

from orchestrator.planner.problem import Persona, Problem, Shop, Standing


def closed(problem: Problem, shop: Shop, slot: int) -> str | None:
    """Why no double may be in a shop in a slot, or None."""
    if slot not in shop.open:
        return "shop is open"
    if slot in problem.human.slots and not problem.human.doubles_beside:
        return "human has the room"
    if shop.id in problem.human_rooms(slot):
        return "human has the room"
    standing = problem.platform[shop.platform].standing
    conditional = standing is Standing.CONDITIONAL and not shop.cleared
    return "platform allows doubles" if standing is Standing.FORBIDDEN or conditional else None


def unfit(shop: Shop, persona: Persona, slot: int) -> str | None:
    """Why this double may not be in a shop in a slot, or None."""
    if persona.brands is not None and shop.brand not in persona.brands:
        return "persona is allowed"
    if persona.platforms is not None and shop.platform not in persona.platforms:
        return "persona is allowed"
    if shop.personas is not None and persona.id not in shop.personas:
        return "persona is allowed"
    if not shop.skills <= persona.skills:
        return "persona has the skills"
    if persona.consent is not None and slot not in persona.consent:
        return "consent holds"
    return None
