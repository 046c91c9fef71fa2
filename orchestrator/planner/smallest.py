"""The smallest set of rules that a contract is in conflict with.

Rules that conflict are made irreducible by leaving out one after the other. Whether another set is
smaller is decided by hitting sets: every set that conflicts has a rule in common with every set of
rules without which the contract can be kept. So the smallest set that hits all of those that are
known can't be undercut; if it conflicts, it is the smallest, and if it doesn't, it is let grow as
far as the contract can still be kept, and what then is outside has to be hit as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.ids import BrandId
from orchestrator.planner.keeping import CONTRACT, Keeping, Patience, asks
from orchestrator.planner.problem import Problem
from orchestrator.planner.relax import RELAXED

QUESTIONS = 400
"""How often to ask whether a contract can be kept, at most."""
WIDE = 7
"""Rules in a set, from which on nobody looks for a smaller one."""


@dataclass(frozen=True)
class Core:
    """Rules that can't hold together with a contract, and what is proven of them."""

    rules: tuple[str, ...]
    irreducible: bool
    """Without any one of them the contract can be kept."""
    smallest: bool
    """No set with fewer rules conflicts."""


def core(problem: Problem, brand: BrandId, patience: Patience | None = None) -> Core | None:
    """The rules that a contract is in conflict with, by name; None if a plan may well exist.

    Another brand's contract is named "contract of …".
    """
    others = {c.brand for c in problem.contracts if c.brand != brand and asks(c)}
    keeping = Keeping(problem, brand, patience or Patience())
    contracts = [f"{CONTRACT}{name}" for name in sorted(others)]
    while (rules := _reduced(keeping, contracts)) is not None:
        asked = [name for name in rules if name not in RELAXED]
        # what can't be kept anyway is in nobody's way
        hopeless = [n for n in asked if _hopeless(keeping, n)]
        if not hopeless:
            return _joint(keeping, rules) if asked else _alone(keeping, rules)
        contracts = [name for name in contracts if name not in hopeless]
    return None


def seen_from(problem: Problem, brand: BrandId, other: Core, asker: str, left: Patience) -> Core:
    """What another contract, named `asker`, is in conflict with, seen from one of its parts."""
    rest = tuple(name for name in other.rules if name != f"{CONTRACT}{brand}")
    irreducible = other.irreducible and Keeping(problem, brand, left).fails(rest) is False
    return Core((asker, *rest), irreducible, other.smallest)


def _hopeless(keeping: Keeping, contract: str) -> bool:
    brand = BrandId(contract.removeprefix(CONTRACT))
    return bool(Keeping(keeping.problem, brand, keeping.patience).fails(RELAXED))


def _reduced(keeping: Keeping, contracts: Sequence[str]) -> tuple[str, ...] | None:
    """Rules that conflict, none of which could be shown to be idle; None, too, if there was no
    patience left to look for idle contracts: a list of all of them would help nobody."""
    rules = next((some for some in _starts(keeping, contracts) if keeping.fails(some)), None)
    if rules is None:
        return None
    weighed = keeping.weighed(rules)
    rules = weighed if len(weighed) < len(rules) and keeping.fails(weighed) else rules
    part = len(rules) // 2
    while part:
        for start in range(0, len(rules), part):
            without = rules[:start] + rules[start + part :]
            if len(without) < len(rules) and keeping.fails(without):
                rules = without
                break
        else:
            part //= 2
    told = keeping.patience.left > 0 or set(rules) <= set(RELAXED)
    return tuple(rules) if told else None


def _starts(keeping: Keeping, contracts: Sequence[str]) -> Iterator[list[str]]:
    """Sets that may conflict: all rules, all contracts with them, and those of competitors.

    All contracts may be too much to be sure of; with few of them everything can be looked at.
    """
    yield list(RELAXED)
    if contracts:
        yield [*contracts, *RELAXED]
    near = [
        name
        for name in contracts
        if keeping.problem.competitors(keeping.brand, BrandId(name.removeprefix(CONTRACT)))
    ]
    for name in near:
        yield [name, *RELAXED]
    if len(near) > 1:
        yield [*near, *RELAXED]


def _alone(keeping: Keeping, rules: tuple[str, ...]) -> Core:
    """Rules that conflict with no other contract beside them, or fewer of them that do.

    Where other contracts are kept, too, one of them and a rule might make a smaller set than three
    rules; nobody looks for that.
    """
    found = _smallest(keeping, list(RELAXED), len(rules))
    if found is not None:
        return Core(found, True, len(found) <= 2 or len(keeping.problem.contracts) <= 1)
    return Core(rules, _irreducible(keeping, rules), smallest=len(rules) <= 1)


def _joint(keeping: Keeping, rules: tuple[str, ...]) -> Core:
    """Rules and other contracts that conflict. Without a rule that binds them, contracts don't; and
    all rules, without another contract, don't either: so of two parts none can be left out."""
    return Core(rules, len(rules) <= 2 or _irreducible(keeping, rules), len(rules) <= 2)


def _irreducible(keeping: Keeping, rules: Sequence[str]) -> bool:
    fewer = ([rule for rule in rules if rule != name] for name in rules)
    return all(keeping.fails(some) is False for some in fewer)


def _smallest(keeping: Keeping, ground: Sequence[str], most: int) -> tuple[str, ...] | None:
    """The smallest set that conflicts, of at most so many rules; None if that isn't known."""
    to_hit: list[list[str]] = []
    while len(keeping.asked) < QUESTIONS and most < WIDE:
        chosen = _hitting(to_hit, most)
        if chosen is None:
            return None
        fails = keeping.fails(chosen)
        if fails:
            return chosen
        grown = _grown(keeping, chosen, ground) if fails is False else None
        if grown is None:
            return None
        to_hit.append([name for name in ground if name not in grown])
    return None


def _hitting(to_hit: Sequence[Sequence[str]], most: int) -> tuple[str, ...] | None:
    """The first of the smallest sets that have a rule in common with each of these."""
    for count in range(most + 1):
        found = _hit(to_hit, (), count)
        if found is not None:
            return found
    return None


def _hit(
    to_hit: Sequence[Sequence[str]], chosen: tuple[str, ...], more: int
) -> tuple[str, ...] | None:
    missed = next((one for one in to_hit if not set(chosen) & set(one)), None)
    if missed is None or not more:
        return chosen if missed is None else None
    branches = (_hit(to_hit, (*chosen, name), more - 1) for name in missed)
    return next((found for found in branches if found is not None), None)


def _grown(keeping: Keeping, chosen: Sequence[str], ground: Sequence[str]) -> frozenset[str] | None:
    """As many rules more as the contract can still be kept with; None if that isn't known."""
    grown = set(chosen)
    for name in ground:
        if name not in grown:
            fails = keeping.fails([*grown, name])
            if fails is None:
                return None
            if not fails:
                grown.add(name)
    return frozenset(grown)
