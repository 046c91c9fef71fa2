"""Who may be where at all: no shop that nobody may be in, no double that no shop can take."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from orchestrator.domain.casting import asked_of, cast_of
from orchestrator.domain.matrix import Matrix, PersonaSpec, Shop
from orchestrator.domain.spelling import minute_of, minutes_in
from orchestrator.errors import Problem
from orchestrator.matrixfile.tree import Tree
from orchestrator.platforms import PLATFORMS, Stance


def shops_have_somebody(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """Each shop can be taken by a double, unless it is there for the streamer alone."""
    for number, shop in enumerate(matrix.shops):
        place = root.at("shops", number)
        human = matrix.plan is not None and shop.id in (matrix.streamer.human_shops or ())
        if place is None or human:
            continue
        platform = PLATFORMS[shop.platform]
        if platform.stance is Stance.CONDITIONAL and not shop.cleared:
            yield (place.at("cleared") or place).problem(
                f"no double may be here: {platform.title} has conditions, and they aren't met.",
                f"Meet them and take `cleared: false` out: {' '.join(platform.conditions)}",
                show=False,
            )
        elif not cast_of(matrix, shop):
            what, remedy = _nobody(matrix, shop)
            where = place.at("persona") or place.at("skills") or place
            yield where.problem(what, remedy, show=where is not place)


def _nobody(matrix: Matrix, shop: Shop) -> tuple[str, str]:
    """Why no persona may be in a shop, and what helps."""
    if shop.persona is not None:
        persona = next(p for p in matrix.personas if p.id == shop.persona)
        lacks = sorted(asked_of(matrix, shop) - set(persona.skills))
        bars = [f"it lacks {', '.join(lacks)}"] if lacks else []
        bars += [f"its {kind} leave out {name}" for kind, name in _barred(persona, shop)]
        what = f"the only double that may be in {shop.id} may not: {' and '.join(bars)}."
        return what, f"Widen what {persona.id} may do, or name another persona."
    able = [p for p in matrix.personas if not list(_barred(p, shop))]
    asked = asked_of(matrix, shop)
    lacking = ", ".join(sorted(s for s in asked if not any(s in p.skills for p in able)))
    if able and asked:
        known = lacking or "it all"
        what = f"nobody may be in {shop.id}: no double that is allowed there knows {known}."
        return what, f"Add {lacking or ', '.join(sorted(asked))} to the skills of one, or ask less."
    what = f"nobody may be in {shop.id}: the brands and platforms of all personas leave it out."
    return what, f"Add {shop.brand} and {shop.platform} to those of one persona."


def _barred(persona: PersonaSpec, shop: Shop) -> Iterator[tuple[str, str]]:
    if persona.brands is not None and shop.brand not in persona.brands:
        yield "brands", shop.brand
    if persona.platforms is not None and shop.platform not in persona.platforms:
        yield "platforms", shop.platform


def personas_have_a_shop(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """Where a plan chooses, each double can be chosen; and its runs are as long as a slot."""
    if matrix.plan is None:
        return
    used = {persona.id for shop in matrix.shops for persona in cast_of(matrix, shop)}
    asked = sorted({skill for shop in matrix.shops for skill in asked_of(matrix, shop)})
    for number, persona in enumerate(matrix.personas):
        place = root.at("personas", number)
        if place is None:
            continue
        if persona.id not in used:
            skills = f"a skill that is asked for ({', '.join(asked)})" if asked else "more brands"
            yield place.problem(
                f"no shop may use {persona.id}.",
                f"Give it {skills}, widen its brands and platforms, or take it out.",
                show=False,
            )
        longest, slot = persona.longest_run, matrix.plan.slot_minutes
        run = place.at("longest_run")
        if longest is not None and run is not None and minutes_in(longest) < slot:
            yield run.problem(f"is shorter than a slot of {slot} minutes.", "Make it longer.")


def consents_hold(root: Tree, matrix: Matrix, wall: datetime) -> Iterator[Problem]:
    """No double is declared whose consent has ended; within a planned day the plan sees to it."""
    by_now = wall if matrix.plan is None else _begin_of_day(wall, matrix.plan.day_begins)
    for number, persona in enumerate(matrix.personas):
        place = root.at("personas", number, "consent_until")
        until = persona.consent_until
        if place is not None and until is not None and until <= by_now:
            yield place.problem(
                f"the consent for {persona.id} has ended.",
                "Renew it on paper and write its new end here, or take the persona out.",
            )


def _begin_of_day(wall: datetime, begins: str) -> datetime:
    """When the broadcast day began that it is."""
    into = wall - timedelta(minutes=minute_of(begins) or 0)
    return wall - (into - datetime.combine(into, time()))
