"""The page's first look: what is unmet, what changed, what the plan is worth, who gets what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from orchestrator.planview import hover
from orchestrator.planview.changes import reliefs
from orchestrator.planview.html import Html, element, joined
from orchestrator.planview.sheet import OVER, Gap, Lane, Promise, Sheet
from orchestrator.planview.words import clock, end_of, grains, hours, listed, span, worth_in_words

MANY = 12
"""From here on contracts take a line each, not a card."""
CONTRADICTION = "These can't all hold, one of them has to give way"
ALONE = "Even if nothing else stood in its way, the day wouldn't do"
IRREDUCIBLE = "; without any one of them the others can"
SMALLEST = "; no smaller set of rules is in the way"


@dataclass(frozen=True)
class Plight:
    """Contracts, and the rules that can't all hold beside them: name, what it says here, what would
    help. No rules where nobody has proven that the contract can't be kept."""

    promises: tuple[Promise, ...]
    parts: tuple[tuple[str, str, str], ...]
    proof: str = ""
    """What is proven of these rules beside that."""


def heading(sheet: Sheet) -> Html:
    """Whose day, which day, how large."""
    slots = sheet.problem.slots
    begin = slots[0].begin
    when = f"{clock(begin, begin)} to {clock(end_of(slots[-1]), begin)}, {begin.tzinfo}"
    parts = [
        when,
        f"{len(sheet.problem.shops)} shops",
        f"{len(sheet.problem.brands)} brands",
        f"{len(sheet.problem.personas)} doubles",
        f"{len(sheet.problem.operators)} operators",
    ]
    whose = f"{sheet.names.streamer} · " if sheet.names.streamer else ""
    return element(
        "header",
        element("h1", f"{whose}{begin:%A}, {begin.day} {begin:%B %Y}"),
        element("p", " · ".join(parts), class_="facts"),
    )


def unmet(sheet: Sheet) -> Html:
    """Contracts that the plan doesn't fulfill, each with what would help."""
    if not sheet.unmet:
        return Html("")
    items = [element("li", *_plight(sheet, plight)) for plight in plights(sheet)]
    count = len(sheet.unmet)
    head = f"{count} contract{'s' if count > 1 else ''} unmet"
    return element("section", element("h2", head), element("ul", *items), class_="alert")


def _plight(sheet: Sheet, plight: Plight) -> Iterator[Html]:
    for promise in plight.promises:
        yield element("b", sheet.names.brand(promise.contract.brand))
        yield joined(f" {lacks(promise)}. ")
    if not plight.parts:
        yield element("span", hindrance(sheet, plight.promises[0]), class_="remedy")
        return
    yield joined(f"{contradicts(plight)}:")
    rows = [
        element("li", f"{what}. ", element("span", remedy, class_="remedy"), title=rule)
        for rule, what, remedy in plight.parts
    ]
    yield element("ul", *rows)


def plights(sheet: Sheet) -> list[Plight]:
    """Contracts that are unmet: those that the same rules stand in the way of, together."""
    told = sheet.names.told
    found: dict[frozenset[str], list[Promise]] = {}
    said: dict[frozenset[str], dict[str, tuple[str, str, str]]] = {}
    for promise in sheet.unmet:
        conflict = sheet.conflict(promise.contract.brand)
        parts = conflict.parts if conflict else ()
        key = frozenset(part.rule for part in parts) or frozenset({promise.contract.brand})
        found.setdefault(key, []).append(promise)
        for place, part in enumerate(parts):
            words = told(part.rule), told(part.what), told(part.remedy)
            if place == 0 or part.rule not in said.setdefault(key, {}):
                said.setdefault(key, {})[part.rule] = words
    return [
        Plight(tuple(row), tuple(said.get(key, {}).values()), _proof(sheet, row))
        for key, row in found.items()
    ]


def _proof(sheet: Sheet, row: Sequence[Promise]) -> str:
    known = [sheet.conflict(promise.contract.brand) for promise in row]
    if all(one is not None and one.smallest for one in known):
        return SMALLEST
    return IRREDUCIBLE if all(one is not None and one.irreducible for one in known) else ""


def contradicts(plight: Plight) -> str:
    """What a list of conflicting rules is headed by."""
    return CONTRADICTION + plight.proof if len(plight.parts) > 1 else ALONE


def lacks(promise: Promise) -> str:
    """`lacks 2 h of its 8 h; 30 min of its 20 % in prime time`."""
    contract, found = promise.contract, []
    if promise.lacks:
        found.append(f"{hours(promise.lacks)} of its {hours(contract.minimum)}")
    if promise.lacks_prime:
        found.append(f"{hours(promise.lacks_prime)} of its {contract.prime_percent} % prime time")
    return "lacks " + " and ".join(found)


def hindrance(sheet: Sheet, promise: Promise) -> str:
    """Why most of the brand's open hours are empty, and what would fix that. Where prime time alone
    is lacking, no other hours count."""
    lanes = [lane for lane in sheet.lanes if lane.shop.brand == promise.contract.brand]
    prime = not promise.lacks
    found = _hindrances(sheet, lanes, prime=prime)
    among = "open hours in prime time" if prime else "open hours"
    if not found:
        return f"Its shops have no more {among}: extend them, or agree on less."
    one = found[0]
    return f"{hours(one.minutes)} of its {among} are empty because of “{one.why}”: {one.remedy}."


@dataclass(frozen=True)
class _Hindrance:
    """What keeps open hours empty: how long, where most, and what would help."""

    why: str
    minutes: int
    shops: tuple[str, ...]
    remedy: str


def _hindrances(sheet: Sheet, lanes: Iterable[Lane], *, prime: bool = False) -> list[_Hindrance]:
    shops: dict[str, Counter[str]] = {}
    remedies: dict[str, Counter[str]] = {}
    for lane in lanes:
        for gap in lane.blocks:
            if isinstance(gap, Gap):
                slots = sheet.problem.slots[gap.first : gap.last + 1]
                minutes = sum(slot.minutes for slot in slots if slot.prime or not prime)
                if not minutes:
                    continue
                shops.setdefault(gap.why, Counter())[lane.shop.id] += minutes
                remedies.setdefault(gap.why, Counter())[gap.remedy] += minutes
    found = [
        _Hindrance(
            why,
            where.total(),
            tuple(sheet.names.shop(shop) for shop, _ in where.most_common()),
            _remedy(sheet, remedies[why]),
        )
        for why, where in shops.items()
    ]
    return sorted(found, key=lambda one: (one.why == OVER, -one.minutes, one.why))


def _remedy(sheet: Sheet, remedies: Counter[str]) -> str:
    """The one remedy that helps everywhere; of several, the one that helps for longest."""
    ((most, minutes),) = remedies.most_common(1)
    told = sheet.names.told(most)
    return told if len(remedies) == 1 else f"{told} ({hours(minutes)} of these)"


def worth(sheet: Sheet) -> Html:
    """Value, bound and gap in words, and the day in five figures."""
    slots, parts = sheet.problem.slots, sheet.parts
    opened = sum(slots[t].minutes for shop in sheet.problem.shops for t in shop.open)
    on_air = sum(sheet.on_air.values())
    met, all_of_them = len(sheet.promises) - len(sheet.unmet), len(sheet.promises)
    besides = [f"switches {grains(parts.switches)}"] if parts.switches else []
    besides += [f"fairness +{grains(parts.fairness)}"] if parts.fairness else []
    tiles = [
        ("Doubles on air", hours(on_air), f"of {hours(opened)} open"),
        (
            "Sales",
            grains(parts.sales),
            f"streaming {grains(parts.streaming)}" if parts.streaming else "",
        ),
        ("Worth", grains(sheet.value), ", ".join(besides)),
    ]
    if all_of_them:
        tiles.insert(0, ("Contracts met", f"{met} of {all_of_them}", ""))
    shown = [
        element("div", element("small", what), element("b", much), element("small", beside))
        for what, much, beside in tiles
    ]
    told = worth_in_words(sheet.value, sheet.bound, sheet.lacking)
    return element("section", element("div", *shown, class_="tiles"), element("p", told))


def changed(sheet: Sheet) -> Html:
    """What is different from the plan before, and why: what viewers see, then the operators."""
    if sheet.since is None:
        return Html("")
    if not sheet.changes:
        return element("section", element("p", "Nothing has to change."), class_="changes")
    seen = [
        (
            span(sheet.problem, c.first, c.last),
            sheet.names.shop(c.shop),
            f"{hover.was(sheet, c)} → {hover.becomes(sheet, c)}",
            sheet.names.told(c.why),
        )
        for c in sheet.changes
        if c.switch
    ]
    crew = [
        (
            span(sheet.problem, r.first, r.last),
            listed([sheet.names.shop(shop) for shop in r.shops], 6),
            f"{sheet.names.operator(r.before)} → {sheet.names.operator(r.after)}",
            sheet.names.told(r.why),
        )
        for r in reliefs(sheet.changes)
    ]
    return element(
        "section",
        element("h2", f"Changes from {sheet.problem.at(sheet.since)} on"),
        _table(("When", "Shop", "On air", "Why"), seen),
        _table(("When", "Shops", "Operator", "Why"), crew),
        class_="changes",
    )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Html:
    if not rows:
        return Html("")
    head = element("tr", *(element("th", name, scope="col") for name in heads))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    return element("table", element("thead", head), element("tbody", *body))


def legend(sheet: Sheet) -> Html:
    """Doubles and their colors, with their hours; a click shows one alone."""
    items = [
        element(
            "button",
            element("i", class_=f"p{sheet.place(persona)}"),
            sheet.names.persona(persona),
            element("small", hours(minutes)),
            type="button",
            data_p=f"p{sheet.place(persona)}",
            aria_pressed="false",
        )
        for persona, minutes in sheet.on_air.items()
    ]
    marks = [("own", "in person"), ("gap", "open, nobody on air"), ("closed", "closed"),
             ("prime", "prime time")]  # fmt: skip
    if sheet.changes:
        marks += [("changed", "changed"), ("relief", "another operator")]
    told = [element("span", element("i", class_=mark), name) for mark, name in marks]
    return element("div", *items, *told, class_="legend")


def contracts(sheet: Sheet) -> Html:
    """A bar for each contract: minimum, planned, maximum, and the share in prime time."""
    if not sheet.promises:
        return Html("")
    cards = [_card(sheet, promise) for promise in sheet.promises]
    many = " many" if len(cards) > MANY else ""
    return element(
        "section",
        element("h2", "Contracts"),
        element("div", *cards, class_=f"bars{many}"),
        class_="contracts",
    )


def _card(sheet: Sheet, promise: Promise) -> Html:
    contract = promise.contract
    whole = max(contract.maximum or 0, contract.minimum, promise.planned, 1)
    most = f", at most {hours(contract.maximum)}" if contract.maximum is not None else ""
    least = f"at least {hours(contract.minimum)}" if contract.minimum else "no minimum"
    prime = f"{promise.prime_percent:.0f} % in prime time"
    if contract.prime_percent:
        prime += f", at least {contract.prime_percent} %"
    brand, terms = sheet.names.brand(contract.brand), f"{least}{most}"
    told = [f"{brand}: {hours(promise.planned)}", terms, prime]
    if not promise.met:
        told += [lacks(promise), hover.REMEDY + hindrance(sheet, promise)]
    return element(
        "div",
        element("b", brand),
        element("span", hours(promise.planned), class_="much"),
        _bar(100 * promise.planned / whole, 100 * contract.minimum / whole),
        element("small", terms),
        _bar(promise.prime_percent, contract.prime_percent, " prime"),
        element("small", prime),
        class_="card" if promise.met else "card unmet",
        title="\n".join(told),
    )


def _bar(planned: float, minimum: float, kind: str = "") -> Html:
    """What is planned, and a mark at what must be; both in per cent of the bar."""
    mark = element("i", class_="minimum", style=f"left:{minimum:.4g}%") if minimum else Html("")
    filled = element("i", class_="planned", style=f"width:{min(100.0, planned):.4g}%")
    return element("div", filled, mark, class_=f"bar{kind}")


def empties(sheet: Sheet) -> Html:
    """Why open hours stay empty: each reason, how many hours, where most, what would help."""
    rows = [
        (one.why, hours(one.minutes), listed(one.shops), one.remedy)
        for one in _hindrances(sheet, sheet.lanes)
    ]
    if not rows:
        return element("section", element("p", "Every open hour has somebody on air."))
    return element(
        "section",
        element("h2", "Why open hours stay empty"),
        _table(("Rule", "Hours", "Most in", "Remedy"), rows),
        class_="empties",
    )
