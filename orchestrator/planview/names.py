"""What the ids of a plan are called. An id that has no name is its own."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from orchestrator.domain.matrix import Matrix

WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""An id, as the matrix spells it."""
PLAIN = frozenset(
    WORD.findall("""
    a account accounts add agree air all allow allowed allows alone among an and anew another
    any are as ask asks at away back be because before beside best better between bought brand
    bring but can carries carry close closed competitor competitors conditional conditions
    consent contract cost costs could counted day declare doesn double doubles duty effort
    elsewhere empty exclusivity extend face fewer fewest fit fleet for forbidden forbids found
    free from g get gets give go h has have holds host hour hours human if in is it its itself
    kept known lacks leave less let live long longer longest lose lower matrix maximum may meet
    met min minimum minutes more most move name names needed needs never no nobody nodes none
    not nothing now number of off on once one open opening operator or other out over own owner
    pay per persona plan platform platforms prime promised put raise rest rests rival rivals
    room rooms run s same seed sell sells send settle share shares shift shifts shop shops
    shorten skills slot slots smaller spread stay stays stream streamer streams switch t take
    taken teach than that the their theirs them then there these this time to together up use
    wanted wants was wasn watch watches way what which while who with without worth would
    """)
)
"""Words that the planner's sentences are made of: an id that is one of them stays as it is, for
nobody can tell which of the two was meant."""


@dataclass(frozen=True)
class Names:
    """Names by id, one mapping a kind: a shop and its brand may share an id."""

    streamer: str = ""
    personas: Mapping[str, str] = field(default_factory=dict)
    brands: Mapping[str, str] = field(default_factory=dict)
    shops: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)
    platforms: frozenset[str] = frozenset()

    def persona(self, key: str) -> str:
        return self.personas.get(key, key)

    def brand(self, key: str) -> str:
        return self.brands.get(key, key)

    def shop(self, key: str) -> str:
        return self.shops.get(key, key)

    def operator(self, key: str) -> str:
        return self.operators.get(key, key)

    def told(self, text: str) -> str:
        """A sentence that goes by ids, with names instead."""
        return WORD.sub(lambda word: self._any.get(word[0], word[0]), text)

    @cached_property
    def _any(self) -> Mapping[str, str]:
        """Every id that means one thing only, and is no word, number or platform."""
        kinds = (self.personas, self.brands, self.shops, self.operators)
        given = [(key, name) for kind in kinds for key, name in kind.items()]
        meanings = Counter(key for key, _ in set(given))
        plain = PLAIN | self.platforms
        return {
            key: name
            for key, name in given
            if meanings[key] == 1 and key not in plain and not key.isdigit()
        }


def names_of(matrix: Matrix) -> Names:
    """The names that a matrix gives. Those that share a name go by name and id, shops that do by
    name and platform where that tells them apart."""
    rooms = [shop.name for shop in matrix.shops]
    platforms = [(shop.name, shop.platform) for shop in matrix.shops]
    ids = _told_apart([(shop.id, shop.name) for shop in matrix.shops])
    return Names(
        streamer=matrix.streamer.name,
        personas=_told_apart([(persona.id, persona.name) for persona in matrix.personas]),
        brands=_told_apart([(brand.id, brand.name) for brand in matrix.brands]),
        shops={
            shop.id: f"{shop.name} · {shop.platform}"
            if rooms.count(shop.name) > 1 == platforms.count((shop.name, shop.platform))
            else ids[shop.id]
            for shop in matrix.shops
        },
        operators=_told_apart([(operator.id, operator.name) for operator in matrix.operators]),
        platforms=frozenset(shop.platform for shop in matrix.shops),
    )


def _told_apart(given: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    names = [name for _, name in given]
    return {key: f"{name} · {key}" if names.count(name) > 1 else name for key, name in given}
