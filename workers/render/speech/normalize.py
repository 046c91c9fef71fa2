"""Written shop Chinese → spoken Chinese: 「¥299打8.5折」 → 「两百九十九元打八五折」.

What comes out holds Chinese characters, Latin names, single spaces between these, the marks in
`KEPT` and nothing else; saying it twice changes nothing. Capitals that are spelled stand
apart (`U S B`), names stay whole (`Pro`): how Latin is pronounced is the phonemes' business.

Limits: a Latin text longer than a name is read as English words, its numbers in Chinese; which
reading a character with several has (长, 重, 还) is decided with the phonemes, not here.
"""

import re
import unicodedata

from workers.render.speech.rules import applied

HAN = "[\u4e00-\u9fff]"
KEPT = "，。！？；：、"
READ_AS_WORDS = frozenset(
    ("TOP", "NEW", "HOT", "PRO", "MAX", "AIR", "MINI", "PLUS", "OK", "BOX", "CUP")
)
"""Capitals of up to three letters that are words all the same."""
LONGEST_SPELLED = 3
_KEEP_WIDE = frozenset("，。！？；：、（）～…—《》“”‘’【】「」℃㎡²³×·")
_PUNCTUATION = str.maketrans(
    {
        ",": "，",
        ";": "；",
        "!": "！",
        "?": "？",
        ":": "：",
        "|": "，",
        "\n": "。",
        "…": "，",
        "—": "，",
        "\t": " ",
    }
)
_BRACKETS = re.compile(r"[()（）【】\[\]{}]")
_SYMBOLS = (
    (re.compile(r"(?<=[A-Za-z])\+\+\+"), "三个加"),
    (re.compile(r"(?<=[A-Za-z])\+\+"), "两个加"),
    (re.compile(r"\+"), "加"),
    (re.compile(r"&"), "和"),
    (re.compile(r"≥"), "大于等于"),
    (re.compile(r"≤"), "小于等于"),
    (re.compile(r"≈"), "约"),
    (re.compile(r"±"), "正负"),
    (re.compile(r"℃|°C"), "摄氏度"),
    (re.compile(r"(?<=[\w])/(?=[\w])"), "、"),
)


def normalize(text: str) -> str:
    """What is said when this text is read out in a shop."""
    text = _narrow(text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(rf"(?<=\d) +(?={HAN})|(?<={HAN}) +(?=\d)", "", text)
    text = re.sub(rf"(?<={HAN}) +(?={HAN})", "，", text)
    text = applied(text)
    for pattern, spoken in _SYMBOLS:
        text = pattern.sub(spoken, text)
    text = _spelled(text)
    return _tidy(text)


def _narrow(text: str) -> str:
    """Full-width letters and digits made narrow; pictures and invisible characters dropped."""
    return "".join(_narrowed(c) for c in text)


def _narrowed(char: str) -> str:
    if char in _KEEP_WIDE:
        return char
    if unicodedata.category(char) in ("So", "Sk", "Cf", "Cn", "Co", "Cs", "Mn", "Me"):
        return ""
    return unicodedata.normalize("NFKC", char)


def _spelled(text: str) -> str:
    """Capitals apart where they're read by their names: USB → U S B, Type-C → Type C."""
    text = re.sub(r"(?<=[A-Za-z])[-_.'’](?=[A-Za-z])", " ", text)
    return re.sub(r"[A-Za-z]+", lambda m: _letters(m[0]), text)


def _letters(name: str) -> str:
    if name.isupper() and len(name) <= LONGEST_SPELLED and name not in READ_AS_WORDS:
        return " ".join(name)
    return name


def _tidy(text: str) -> str:
    """Only what can be said or paused at; marks single, none at the start."""
    text = _BRACKETS.sub("，", text).translate(_PUNCTUATION)
    text = re.sub(r"\.(?=\s|$)", "。", text)
    text = "".join(c if _sayable(c) else "" for c in text)
    text = re.sub(r"(?<=[A-Za-z]) +(?=[A-Za-z])", "\0", text).replace(" ", "").replace("\0", " ")
    text = re.sub(rf"[，、：；]*([。！？])[{KEPT}]*", r"\1", text)
    text = re.sub(r"([，、：；])[，、：；]+", r"\1", text)
    return text.lstrip(KEPT).rstrip("，、：；")


def _sayable(char: str) -> bool:
    return (
        char == " "
        or char in KEPT
        or (char.isascii() and char.isalpha())
        or "\u4e00" <= char <= "\u9fff"
    )
