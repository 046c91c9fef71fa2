"""Spoken text → the phonemes that Kokoro was trained on, in pieces that it can say in one go.

Chinese: jieba finds words, pypinyin reads them in their context, misaki writes pinyin as the
model's IPA with tones ↗ ↘ → ↓. Latin: the model has learned English too, so a name is said with
English phonemes from misaki's dictionary, and spelled by letters where that doesn't know it.

Limits: a character with several readings is read as pypinyin's phrases have it, corrected by
the tables in `readings.py`; tone sandhi across words is left to the model, which learned
it from speech.
"""

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workers.render.speech import latin
from workers.render.speech.model import MAX_TOKENS, vocabulary
from workers.render.speech.readings import CHARACTERS, PHRASES, unambiguous

COMFORTABLE_TOKENS = 300
"""A piece longer than this is split at the ends of sentences. Longer ones are said hurriedly;
shorter ones cost more, because the model spends a second on the silence around each piece."""
SENTENCE_PAUSE = 0.34
CLAUSE_PAUSE = 0.16
_MARKS = {"，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; "}
_SENTENCE_ENDS = ".!?;"
_CLAUSE_ENDS = ",:"


@dataclass(frozen=True)
class Piece:
    """Phonemes said in one go, and the seconds of silence after them."""

    phonemes: str
    pause: float


def pieces(spoken: str) -> tuple[Piece, ...]:
    """The phonemes of a normalized text, in pieces below the model's limit."""
    phonemes = _known(_phonemes(spoken))
    if phonemes and phonemes[-1] not in _SENTENCE_ENDS:
        phonemes = phonemes.rstrip(_CLAUSE_ENDS) + "."
    return tuple(Piece(p, _pause(p)) for p in split(phonemes))


def split(phonemes: str) -> list[str]:
    """Pieces of a comfortable length: at sentence ends, else at clauses, else between words."""
    if len(phonemes) <= COMFORTABLE_TOKENS:
        return [phonemes] if phonemes.strip(" .,!?:;") else []
    sentences = _joined(re.split(r"(?<=[.!?;])\s+", phonemes), COMFORTABLE_TOKENS)
    clauses = [c for s in sentences for c in _within(s, r"(?<=[,:])\s+")]
    words = [w for c in clauses for w in _within(c, r"\s+")]
    cut = [w[i : i + MAX_TOKENS] for w in words for i in range(0, len(w), MAX_TOKENS)]
    return [p for p in cut if p.strip(" .,!?:;")]


def _within(text: str, boundary: str) -> list[str]:
    if len(text) <= MAX_TOKENS // 2:
        return [text]
    return _joined(re.split(boundary, text), COMFORTABLE_TOKENS)


def _joined(parts: list[str], limit: int) -> list[str]:
    """Neighbors put together as long as they stay within the limit."""
    joined: list[str] = []
    for part in (p for p in parts if p):
        if joined and len(joined[-1]) + 1 + len(part) <= limit:
            joined[-1] += " " + part
        else:
            joined.append(part)
    return joined


def _pause(phonemes: str) -> float:
    last = phonemes[-1]
    if last in _SENTENCE_ENDS:
        return SENTENCE_PAUSE
    return CLAUSE_PAUSE if last in _CLAUSE_ENDS else 0.0


def _known(phonemes: str) -> str:
    table = vocabulary()
    known = "".join(p for p in phonemes if p in table)
    return re.sub(r" +(?=[,.!?:; ])", "", known).strip()


def _phonemes(spoken: str) -> str:
    runs = re.findall(r"[\u4e00-\u9fff]+|[A-Za-z ]+|[^\u4e00-\u9fffA-Za-z ]", spoken)
    return "".join(_run(r) for r in runs)


def _run(run: str) -> str:
    if run in _MARKS:
        return _MARKS[run]
    if "\u4e00" <= run[0] <= "\u9fff":
        read = _reader()
        return " ".join(read.word2ipa(w) for w in read.cut(unambiguous(run))).replace("\u032f", "")
    return f" {latin.phonemes(run)} "


@dataclass(frozen=True)
class _Reader:
    cut: Any
    word2ipa: Any


@lru_cache(maxsize=1)
def _reader() -> _Reader:
    """Dictionaries take half a second to load, so they're loaded when something is said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # jieba's patterns, when not yet compiled
        import jieba
        from misaki.zh import ZHG2P
        from pypinyin import load_phrases_dict, load_single_dict
    _load_words(jieba.dt)
    for word in PHRASES:
        jieba.add_word(word)
    load_phrases_dict({w: [[s] for s in r.split()] for w, r in PHRASES.items()})
    load_single_dict({ord(c): r for c, r in CHARACTERS.items()})
    return _Reader(jieba.lcut, ZHG2P.word2ipa)


def _load_words(words: Any) -> None:
    """Jieba's dictionary, read from its package; on its own it would trust a file in /tmp."""
    words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
    words.initialized = True
