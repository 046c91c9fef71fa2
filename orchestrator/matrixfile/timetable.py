"""What a plan would reject for its hours: the grid, shifts, the fleet, the streamer's own.

Looked at once names and values are right, on a day without a change of clocks.
"""

from collections import defaultdict
from collections.abc import Iterator

from orchestrator.domain.casting import watchers_of
from orchestrator.domain.matrix import Matrix, Shop
from orchestrator.domain.planned import PlanSpec
from orchestrator.domain.spelling import MINUTES_A_DAY, minute_of, span_of
from orchestrator.errors import Problem
from orchestrator.matrixfile.tree import Tree
from orchestrator.matrixfile.wall import ALL_DAY, Minutes, hours, minutes_of, said
from orchestrator.platforms import PLATFORMS


def with_doubles(matrix: Matrix, shop: Shop) -> Minutes:
    """The minutes of a day in which a double may be in a shop: it is open, and no human's."""
    open_then, streamer = minutes_of(shop.hours), matrix.streamer
    beside = streamer.doubles_beside and not in_person(matrix, shop)
    if matrix.plan is None or beside:
        return open_then
    return open_then & ~minutes_of(streamer.human_hours)


def in_person(matrix: Matrix, shop: Shop) -> bool:
    """Whether a shop carries the human hours: it is named, or is open then where none is."""
    streamer, then = matrix.streamer, minutes_of(matrix.streamer.human_hours)
    if streamer.human_shops is not None:
        return shop.id in streamer.human_shops
    return then != 0 and not then & ~minutes_of(shop.hours)


def grid(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """Slots fill the day, and every span of a planned matrix begins and ends at a slot's edge."""
    spec = matrix.plan
    if spec is None:
        return
    if MINUTES_A_DAY % spec.slot_minutes:
        place = root.at("plan", "slot_minutes")
        if place is not None:
            yield place.problem("doesn't divide the day.", "Allowed are 15, 20, 30, 60, and so on.")
        return
    for place in spans(root):
        off = _off_grid(str(place.value), spec)
        if off is not None:
            yield place.problem(
                f"isn't on the plan's grid of {spec.slot_minutes} minutes from {spec.day_begins}.",
                f"Begin and end at its edges, or set plan.slot_minutes to {off}.",
            )


def _off_grid(span: str, spec: PlanSpec) -> int | None:
    """The largest slot that a span would fit, if it doesn't fit the plan's."""
    first = minute_of(spec.day_begins) or 0
    edges = [minute - first for minute in span_of(span) or ()]
    if all(edge % spec.slot_minutes == 0 for edge in edges):
        return None
    fitting = (m for m in (120, 60, 30, 20, 15, 10, 5) if all(edge % m == 0 for edge in edges))
    return next((m for m in fitting if m < spec.slot_minutes), 5)


def spans(root: Tree) -> Iterator[Tree]:
    """Every span that a plan goes by."""
    yield from root.each("streamer", "human_hours")
    yield from root.each("plan", "prime_time")
    for operator in root.each("operators"):
        yield from operator.each("shifts")
    for shop in root.each("shops"):
        yield from shop.each("hours")
    blocks = [root.each("plan", "fleet_at"), *(s.each("worth_at") for s in root.each("shops"))]
    for block in (entry for entries in blocks for entry in entries):
        place = block.at("hours")
        if place is not None:
            yield place


def shifts(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """While a double may be in a room, one of its operators is on duty."""
    on_duty = {operator.id: minutes_of(operator.shifts) for operator in matrix.operators}
    for number, shop in enumerate(matrix.shops):
        team = watchers_of(matrix, shop)
        watched = 0
        for name in team:
            watched |= on_duty[name]
        alone = with_doubles(matrix, shop) & ~watched
        place = root.at("shops", number)
        if alone and place is not None:
            yield place.problem(
                f"nobody watches {shop.id} at {said(alone)}: {' and '.join(team)} "
                f"{'is' if len(team) == 1 else 'are'} off shift.",
                "Extend a shift, name another operator for this shop, or close it then.",
                show=False,
            )


def fleet(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """While a shop is open, the fleet carries something."""
    spec = matrix.plan
    place = root.at("plan", "fleet_at") or root.at("plan", "fleet")
    if spec is None or place is None:
        return
    open_then = 0
    for shop in matrix.shops:
        open_then |= minutes_of(shop.hours)
    special = minutes_of(part.hours for part in spec.fleet_at)
    nothing = minutes_of(part.hours for part in spec.fleet_at if part.streams == 0)
    if spec.fleet == 0:
        nothing |= ALL_DAY & ~special
    if nothing & open_then:
        yield place.problem(
            f"the fleet carries no stream at {said(nothing & open_then)}, but shops are open then.",
            "Raise the streams of these hours, or close the shops.",
            show=False,
        )


def human(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """Shops carry the streamer's own hours while they are open; and there are such hours."""
    streamer = matrix.streamer
    open_then = {shop.id: minutes_of(shop.hours) for shop in matrix.shops}
    for place in root.each("streamer", "human_shops"):
        closed = minutes_of(streamer.human_hours) & ~open_then[str(place.value)]
        if not streamer.human_hours:
            remedy = 'Add human_hours, as in ["20:00-22:00"], or take human_shops out.'
            yield place.problem("there are no human hours that a shop could carry.", remedy)
            return
        if closed:
            yield place.problem(
                f"is closed at {said(closed)}, {hours(closed.bit_count())} of the human hours.",
                "Open it then, move the human hours, or let another shop carry them.",
            )


def human_rooms(root: Tree, matrix: Matrix) -> Iterator[Problem]:
    """The streamer isn't in more rooms of one account at once than its platform allows."""
    place = root.at("streamer", "human_shops") or root.at("streamer", "human_hours")
    if matrix.plan is None or place is None:
        return
    rooms: dict[tuple[str, str], list[str]] = defaultdict(list)
    for shop in (shop for shop in matrix.shops if in_person(matrix, shop)):
        rooms[shop.platform, shop.owner or shop.brand].append(shop.id)
    for (platform, owner), shops in rooms.items():
        most = PLATFORMS[platform].rooms.per_owner
        if most is not None and len(shops) > most:
            yield place.problem(
                f"{' and '.join(shops)} carry the human hours at once: "
                f"{PLATFORMS[platform].title} allows {owner} {most} room at a time.",
                "Name fewer in human_shops, or the shops' owners if the accounts differ.",
                show=False,
            )
