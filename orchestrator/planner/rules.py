"""The hard rules of a plan, each under the name that an agency would use for it.

Each takes the day and a plan and yields what breaks it, in words. This is the judge: it reads the
values as they are and shares nothing with what makes plans.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from orchestrator.ids import BrandId, PersonaId, ShopId
from orchestrator.planner.plan import Duty, Plan, Run
from orchestrator.planner.problem import Exclusivity, Problem, Standing


@dataclass(frozen=True)
class Violation:
    """A rule, broken: where, when, how, and what to do. What concerns the whole day has no slot."""

    rule: str
    shop: ShopId | None
    slot: int | None
    what: str
    remedy: str


Rule = Callable[[Problem, Plan], Iterator[Violation]]


def shop_is_open(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Nobody is on air in a shop that is closed."""
    for shop, slot in plan.duties:
        if slot not in problem.shop[shop].open:
            what = f"{shop} is closed at {problem.at(slot)}"
            yield Violation("shop is open", shop, slot, what, "extend its opening hours")


def human_has_the_room(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Where the streamer is in person, no double is; elsewhere only if they go on beside."""
    for shop, slot in plan.duties:
        alone = slot in problem.human.slots and not problem.human.doubles_beside
        if alone or shop in problem.human_rooms(slot):
            what = f"{shop} has a double at {problem.at(slot)}, in the streamer's own hours"
            remedy = "move the human hours, or let other shops carry them"
            yield Violation("human has the room", shop, slot, what, remedy)


def platform_allows_doubles(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Forbidden is forbidden; conditional needs a shop that meets the conditions."""
    for shop, slot in plan.duties:
        place = problem.shop[shop]
        standing = problem.platform[place.platform].standing
        if standing is Standing.FORBIDDEN:
            what, remedy = "forbids doubles", "let a human host it, or leave it out"
        elif standing is Standing.CONDITIONAL and not place.cleared:
            what, remedy = "has conditions for doubles that are not met", "meet and declare them"
        else:
            continue
        what = f"{place.platform} {what}: {shop} at {problem.at(slot)}"
        yield Violation("platform allows doubles", shop, slot, what, remedy)


def one_room_per_owner(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """An owner has no more rooms on air on a platform than the platform allows, the human's too."""
    rooms: Counter[tuple[str, str, int]] = Counter()
    for slot in problem.human.slots:
        for shop in problem.human_rooms(slot):
            place = problem.shop[shop]
            rooms[place.platform, place.owner, slot] += 1
    for shop, slot in plan.duties:
        place = problem.shop[shop]
        rooms[place.platform, place.owner, slot] += 1
        most = problem.platform[place.platform].rooms_per_owner
        if most is not None and rooms[place.platform, place.owner, slot] > most:
            what = (
                f"{place.owner} has more than {most} rooms on {place.platform} "
                f"at {problem.at(slot)}, {shop} among them"
            )
            remedy = "spread its shops over the day, or over accounts of their own"
            yield Violation("one room per owner", shop, slot, what, remedy)


def persona_is_allowed(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A double is only where it may be: by brand, by platform, and where the shop wants it."""
    for (shop, slot), duty in plan.duties.items():
        place, persona = problem.shop[shop], problem.persona[duty.persona]
        for kind, name, allowed in (
            ("brand", place.brand, persona.brands),
            ("platform", place.platform, persona.platforms),
        ):
            if allowed is not None and name not in allowed:
                what = f"{persona.id} may not be on {kind} {name}: {shop} at {problem.at(slot)}"
                remedy = f"add {name} to the {kind}s of {persona.id}, or send another double"
                yield Violation("persona is allowed", shop, slot, what, remedy)
        if place.personas is not None and persona.id not in place.personas:
            wanted = " or ".join(sorted(place.personas))
            what = f"{shop} wants {wanted}, not {persona.id}, at {problem.at(slot)}"
            yield Violation("persona is allowed", shop, slot, what, f"send {wanted}")


def persona_has_the_skills(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A double can what the shop asks for."""
    for (shop, slot), duty in plan.duties.items():
        lacks = problem.shop[shop].skills - problem.persona[duty.persona].skills
        if lacks:
            named = ", ".join(sorted(lacks))
            what = f"{duty.persona} lacks {named}, which {shop} asks for, at {problem.at(slot)}"
            remedy = f"teach {duty.persona} {named}, or send another double"
            yield Violation("persona has the skills", shop, slot, what, remedy)


def consent_holds(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Nobody's face is on air without consent."""
    for (shop, slot), duty in plan.duties.items():
        consent = problem.persona[duty.persona].consent
        if consent is not None and slot not in consent:
            what = f"there is no consent for {duty.persona} at {problem.at(slot)}, in {shop}"
            yield Violation("consent holds", shop, slot, what, "send another double")


def persona_rests(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A double leaves a room after its longest run, and stays away as long as its rest.

    Both count on from the day before; what only that day did wrong is not this day's fault.
    """
    for (shop, name), runs in _stays(problem, plan).items():
        persona = problem.persona[name]
        for run in runs:
            longest = persona.longest_run
            if longest is not None and run.last >= 0 and run.last - run.first + 1 > longest:
                first = max(0, run.first)
                what = f"{name} is in {shop} longer than {longest} slots from {problem.at(first)}"
                what += ", counted from the day before" if run.first < 0 else ""
                remedy = f"send another double in between, or raise the longest run of {name}"
                yield Violation("persona rests", shop, first, what, remedy)
        for one, other in pairwise(runs):
            if other.first >= 0 and other.first - one.last - 1 < persona.rest:
                what = f"{name} is back in {shop} at {problem.at(other.first)} without its rest"
                remedy = f"let it stay away for {persona.rest} slots"
                yield Violation("persona rests", shop, other.first, what, remedy)


def _stays(problem: Problem, plan: Plan) -> dict[tuple[ShopId, PersonaId], list[Run]]:
    """Who was in which room when, in order of time; the slots of the day before are below 0."""
    earlier = {(s, t): Duty(p, "") for s, day in problem.before.items() for t, p in day.items()}
    stays = defaultdict(list)
    for run in Plan({**earlier, **plan.duties}).runs():
        stays[run.shop, run.persona].append(run)
    return stays


def _faces(problem: Problem, plan: Plan) -> dict[tuple[PersonaId, int], dict[BrandId, ShopId]]:
    faces: dict[tuple[PersonaId, int], dict[BrandId, ShopId]] = defaultdict(dict)
    for (shop, slot), duty in plan.duties.items():
        faces[duty.persona, slot].setdefault(problem.shop[shop].brand, shop)
    return faces


def rivals_never_share_a_face(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A double is never in the shops of two rivals at the same time."""
    for (persona, slot), brands in _faces(problem, plan).items():
        for one, other in combinations(sorted(brands), 2):
            if problem.rivals(one, other):
                what = f"{persona} sells for {one} and for its rival {other} at {problem.at(slot)}"
                remedy = "send another double to one of them"
                yield Violation("rivals never share a face", brands[other], slot, what, remedy)


def exclusivity_is_kept(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """What a brand has bought stays away from its competitors: a double or all, then or all day."""
    seen: dict[tuple[Exclusivity, str, int], dict[BrandId, tuple[ShopId, int]]] = defaultdict(dict)
    present = [(s, t, d.persona) for (s, t), d in plan.duties.items()]
    human = [(s, t, None) for t in sorted(problem.human.slots) for s in problem.human_rooms(t)]
    for shop, slot, persona in [*present, *human]:
        brand, where = problem.shop[shop].brand, (shop, slot)
        if persona is not None:
            seen[Exclusivity.PERSONA_SAME_TIME, persona, slot].setdefault(brand, where)
            seen[Exclusivity.PERSONA_ALL_DAY, persona, -1].setdefault(brand, where)
        seen[Exclusivity.STREAMER_SAME_TIME, "", slot].setdefault(brand, where)
        seen[Exclusivity.STREAMER_ALL_DAY, "", -1].setdefault(brand, where)
    for (kind, name, _), brands in seen.items():
        for buyer in brands:
            if problem.brand[buyer].exclusivity is not kind:
                continue
            for other, (shop, slot) in brands.items():
                doubles = (shop, slot) in plan.duties or brands[buyer] in plan.duties
                if doubles and problem.competitors(buyer, other):
                    who = name or "the streamer"
                    what = f"{who} is {buyer}'s alone ({kind}), but sells for {other} in {shop}"
                    remedy = f"take {other} off then, or settle it with {buyer}"
                    yield Violation("exclusivity is kept", shop, slot, what, remedy)


def operator_is_on_duty(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every room is watched by an operator of its own, on shift."""
    for (shop, slot), duty in plan.duties.items():
        operator = problem.operator.get(duty.operator)
        if operator is None or operator.id not in problem.shop[shop].operators:
            what = f"{duty.operator or 'nobody'} watches {shop} at {problem.at(slot)}"
            remedy = "name an operator of this shop"
        elif slot not in operator.shift:
            what = f"{operator.id} is off shift at {problem.at(slot)}, but watches {shop}"
            remedy = "extend the shift, or name another operator"
        else:
            continue
        yield Violation("operator is on duty", shop, slot, what, remedy)


def operator_can_watch_them_all(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No operator has more rooms at once than agreed."""
    rooms: Counter[tuple[str, int]] = Counter()
    for (shop, slot), duty in plan.duties.items():
        rooms[duty.operator, slot] += 1
        operator = problem.operator.get(duty.operator)
        if operator and rooms[operator.id, slot] > operator.most_rooms:
            what = (
                f"{operator.id} has over {operator.most_rooms} rooms at {problem.at(slot)}: {shop}"
            )
            remedy = "put another operator on that shift"
            yield Violation("operator can watch them all", shop, slot, what, remedy)


def fleet_can_carry_it(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No slot has more streams than the fleet carries."""
    streams = Counter(slot for _, slot in plan.duties)
    for slot, count in sorted(streams.items()):
        total, most = count + len(problem.human_rooms(slot)), problem.capacity[slot]
        if total > most:
            what = f"{total} streams at {problem.at(slot)}, the fleet carries {most}"
            yield Violation("fleet can carry it", None, slot, what, "add nodes for that hour")


def contract_maximum_holds(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Nobody gets more hours than bought."""
    minutes: Counter[BrandId] = Counter()
    for shop, slot in plan.duties:
        minutes[problem.shop[shop].brand] += problem.slots[slot].minutes
    for contract in problem.contracts:
        planned, most = minutes[contract.brand], contract.maximum
        if most is not None and planned > most:
            what = f"{contract.brand} gets {planned / 60:g} hours, {most / 60:g} are bought"
            remedy = "take slots away, or sell it more"
            yield Violation("contract maximum holds", None, None, what, remedy)


RULES: tuple[Rule, ...] = (
    shop_is_open,
    human_has_the_room,
    platform_allows_doubles,
    one_room_per_owner,
    persona_is_allowed,
    persona_has_the_skills,
    consent_holds,
    persona_rests,
    rivals_never_share_a_face,
    exclusivity_is_kept,
    operator_is_on_duty,
    operator_can_watch_them_all,
    fleet_can_carry_it,
    contract_maximum_holds,
)
