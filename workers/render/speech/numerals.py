"""Numbers as a shop host says them: 2 is 两 before a thing that is counted, 0.9 元 is 九毛.

Pure functions of decimal strings; the patterns that find numbers in a text are in `rules.py`.
"""

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_LARGEST = 16


def digitwise(number: str, one: str = "一") -> str:
    """Digit by digit; phone numbers and codes say 幺 for 1."""
    return "".join(one if d == "1" else DIGITS[int(d)] for d in number if d.isdecimal())


def number(text: str) -> str:
    """A decimal number: 1299.50 → 一千二百九十九点五."""
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    spoken = cardinal(whole)
    return f"{spoken}点{digitwise(fraction)}" if fraction else spoken


def counted(text: str) -> str:
    """A number before a thing that is counted: 2 → 两, otherwise as `number`."""
    return "两" if text in ("2", "2.0") else number(text)


def cardinal(whole: str) -> str:
    """A whole number: 20500 → 两万零五百."""
    whole = whole.lstrip("0") or "0"
    if len(whole) > _LARGEST:
        return digitwise(whole)
    groups = _groups_of_four(whole)
    spoken, gap = "", False
    for index, group in enumerate(groups):
        value = int(group)
        if value == 0:
            gap = bool(spoken)
            continue
        if spoken and (gap or value < 1000):
            spoken += "零"
        place = len(groups) - 1 - index
        spoken += _group(value, place) + _GROUPS[place]
        gap = False
    spoken = spoken or "零"
    return _leading(spoken)


def yuan(text: str, unit: str = "元") -> str:
    """A price: 129.00 → 一百二十九元, 129.9 → 一百二十九块九, 0.99 → 九毛九."""
    whole, _, fraction = text.partition(".")
    cents = fraction.rstrip("0")
    if not cents:
        return counted(whole.lstrip("0") or "0") + unit
    if len(cents) > 2:
        return number(text) + unit
    jiao, fen = cents[0], cents[1:]
    if int(whole or "0") == 0:
        return _small_change(jiao, fen)
    head = counted(whole.lstrip("0")) + "块"
    if not fen:
        return head + DIGITS[int(jiao)]
    if jiao == "0":
        return f"{head}零{DIGITS[int(fen)]}分"
    return f"{head}{DIGITS[int(jiao)]}毛{DIGITS[int(fen)]}"


def discount(text: str) -> str:
    """What stands before 折: 8.5 → 八五, 8 → 八, 88 → 八八."""
    digits = text.replace(".", "")
    if len(digits) == 1:
        return counted(digits)
    return digitwise(digits.rstrip("0") if "." in text else digits)


def _small_change(jiao: str, fen: str) -> str:
    if jiao == "0":
        return ("两" if fen == "2" else DIGITS[int(fen)]) + "分"
    head = ("两" if jiao == "2" else DIGITS[int(jiao)]) + "毛"
    return head + (DIGITS[int(fen)] if fen else "")


def _groups_of_four(whole: str) -> list[str]:
    first = len(whole) % 4
    head = [whole[:first]] if first else []
    return head + [whole[i : i + 4] for i in range(first, len(whole), 4)]


def _group(value: int, place: int) -> str:
    if value == 2 and place > 0:
        return "两"
    spoken, gap = "", False
    digits = str(value)
    for index, digit in enumerate(digits):
        unit = _PLACES[len(digits) - 1 - index]
        if digit == "0":
            gap = True
            continue
        if gap and spoken:
            spoken += "零"
        gap = False
        spoken += ("两" if digit == "2" and unit == "千" else DIGITS[int(digit)]) + unit
    return spoken


def _leading(spoken: str) -> str:
    if spoken.startswith("一十"):
        return spoken[1:]
    if spoken.startswith("二百"):
        return "两" + spoken[1:]
    return spoken
