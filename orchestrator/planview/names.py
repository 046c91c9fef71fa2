"""What the ids of a plan are called. An id that has no name is its own."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orchestrator.domain.matrix import Matrix

WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""An id, as the matrix spells it."""


@dataclass(frozen=True)
class Names:
    """Names by id, one mapping a kind: a shop and its brand may share an id."""

    streamer: str = ""
    personas: Mapping[str, str] = field(default_factory=dict)
    brands: Mapping[str, str] = field(default_factory=dict)
    shops: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)

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
        """Every id that means one thing only."""
        kinds = (self.personas, self.brands, self.shops, self.operators)
        given = [(key, name) for kind in kinds for key, name in kind.items()]
        meanings = Counter(key for key, _ in set(given))
        return {key: name for key, name in given if meanings[key] == 1}


def names_of(matrix: Matrix) -> Names:
    """The names that a matrix gives. Shops that share a name go by name and platform."""
    given = [shop.name for shop in matrix.shops]
    return Names(
        streamer=matrix.streamer.name,
        personas={persona.id: persona.name for persona in matrix.personas},
        brands={brand.id: brand.name for brand in matrix.brands},
        shops={
            shop.id: shop.name if given.count(shop.name) == 1 else f"{shop.name} · {shop.platform}"
            for shop in matrix.shops
        },
        operators={operator.id: operator.name for operator in matrix.operators},
    )
