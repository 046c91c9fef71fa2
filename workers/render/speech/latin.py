"""Latin names in Chinese speech: pronounced as English words, or spelled by their letters."""

import json
from functools import lru_cache
from importlib import resources

LETTERS = {
    "A": "ˈA", "B": "bˈi", "C": "sˈi", "D": "dˈi", "E": "ˈi", "F": "ˈɛf", "G": "ʤˈi", "H": "ˈAʧ",
    "I": "ˈI", "J": "ʤˈA", "K": "kˈA", "L": "ˈɛl", "M": "ˈɛm", "N": "ˈɛn", "O": "ˈO", "P": "pˈi",
    "Q": "kjˈu", "R": "ˈɑɹ", "S": "ˈɛs", "T": "tˈi", "U": "jˈu", "V": "vˈi", "W": "dˈʌblju",
    "X": "ˈɛks", "Y": "wˈI", "Z": "zˈi",
}  # fmt: skip
"""Letter names, as the shop says them: Z is zee."""

NAMES = {
    "wifi": "wˈIfI",
    "wi": "wˈI",
    "fi": "fˈI",
    "iphone": "ˈIfˌOn",
    "ipad": "ˈIpˌæd",
    "bluetooth": "blˈutˌuθ",
    "vlog": "vlˈɔɡ",
    "logo": "lˈOɡO",
    "oppo": "ˈɔpO",
    "app": "ˈæp",
    "ins": "ˈɪnz",
}
"""What the dictionary lacks."""


def phonemes(text: str) -> str:
    """English phonemes of names and letters, words apart."""
    return " ".join(_word(w) for w in text.split())


def _word(word: str) -> str:
    if len(word) == 1:
        return LETTERS[word.upper()]
    lower = word.lower()
    known = NAMES.get(lower) or _dictionary().get(lower)
    return known or " ".join(LETTERS[c] for c in word.upper())


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, str]:
    """Misaki's checked American dictionary; a word with several readings keeps the usual."""
    text = (resources.files("misaki") / "data" / "us_gold.json").read_text("utf-8")
    entries: dict[str, str | dict[str, str | None]] = json.loads(text)
    return {w: said for w, entry in entries.items() if (said := _usual(entry))}


def _usual(entry: str | dict[str, str | None]) -> str | None:
    return entry if isinstance(entry, str) else entry.get("DEFAULT")
