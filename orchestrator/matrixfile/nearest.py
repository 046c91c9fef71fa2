"""What the operator may have meant."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

ALIKE = 60.0
LISTED = 12


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """The known name that is most like the typed one, if any is like it at all."""
    names = sorted(set(known))
    found = process.extractOne(
        typed, names, scorer=fuzz.ratio, processor=str.lower, score_cutoff=ALIKE
    )
    return found[0] if found else None


def one_of(typed: str, known: Iterable[str]) -> str:
    """The remedy for a name that isn't known: the nearest one, and all that are allowed."""
    names = list(dict.fromkeys(known))
    meant = nearest(typed, names)
    hint = f"Did you mean {meant}? " if meant else ""
    listed = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
    return f"{hint}Allowed: {listed or 'none is declared yet'}."
