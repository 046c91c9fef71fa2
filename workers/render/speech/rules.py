"""The patterns of shop texts that are said otherwise than written, in the order they apply.

Each rule is a pattern and what it becomes. A rule sees the text as the earlier ones left it, so
what is special (phone numbers, codes, dates) stands before what is general (any number).
"""

import re
from collections.abc import Callable

from workers.render.speech import numerals
from workers.render.speech.units import CLASSIFIERS, COUNTED, SPELLINGS, SPOKEN

Match = re.Match[str]
Rule = tuple[re.Pattern[str], Callable[[Match], str]]

N = r"\d+(?:\.\d+)?"
FREE = r"(?<![\d.A-Za-z])"
"""Not in the middle of another number or a name."""
TO = r"\s*[-~—–至到]\s*"
TIMES = r"\s*[xX×*✕]\s*"
UNIT = "(?:" + "|".join(re.escape(u) for u in SPELLINGS) + ")(?![A-Za-z0-9])"
YUAN = r"(?:元|RMB|rmb|CNY)"
_PAUSE = "，"


def _phone(match: Match) -> str:
    groups = re.findall(r"\d+", match["number"])
    return match["head"] + _PAUSE.join(numerals.digitwise(g, one="幺") for g in groups)


def _code(match: Match) -> str:
    spoken = [numerals.digitwise(c, one="幺") if c.isdecimal() else c for c in match["code"]]
    return match["head"] + _spaced("".join(c for c in spoken if c.isalpha()))


def _spaced(code: str) -> str:
    """Letters of a code apart from one another, so that each is read by its name."""
    return re.sub(r"(?<=[A-Za-z])(?=[A-Za-z])", " ", code.upper())


def _date(match: Match) -> str:
    year = numerals.digitwise(match["y"]) + "年" if match["y"] else ""
    return f"{year}{numerals.number(match['m'])}月{numerals.number(match['d'])}日"


def _clock(match: Match) -> str:
    part = (match["part"] or "").strip()
    spoken = part + _time_of_day(match["h"], match["m"], match["s"], bool(part))
    if match["h2"]:
        spoken += "到" + _time_of_day(match["h2"], match["m2"], None, bool(part))
    return spoken


def _time_of_day(hour_text: str, minute: str, second: str | None, twelve: bool) -> str:
    """After 下午 or 晚上, which `twelve` says, hours count to twelve."""
    hour = int(hour_text) - 12 if twelve and 12 < int(hour_text) < 24 else int(hour_text)
    spoken = numerals.counted(str(hour)) + "点"
    if minute == "30" and hour <= 12 and not second:
        return spoken + "半"
    if minute != "00" or second:
        spoken += _two_digits(minute) + "分"
    return spoken + (_two_digits(second) + "秒" if second else "")


def _two_digits(text: str) -> str:
    return numerals.digitwise(text) if text[0] == "0" else numerals.number(text)


def _ratio(match: Match) -> str:
    found = match.groupdict()
    first, second = found["a"] or found.get("a2"), found["b"] or found.get("b2")
    return f"{numerals.number(first or '')}比{numerals.number(second or '')}"


def _size(match: Match) -> str:
    last = match["u"] or ""
    sides = re.findall(rf"({N})\s*({UNIT})?", match["sides"])
    *first, final = [_with_unit(n, u, u or last) for n, u in sides]
    if not last and match.string[match.end() : match.end() + 1] in CLASSIFIERS:
        final = numerals.counted(sides[-1][0])
    return "乘".join([*first, final]) + _unit(last)


def _with_unit(text: str, unit: str, counts_as: str) -> str:
    counted = numerals.counted if counts_as in COUNTED else numerals.number
    return counted(text) + _unit(unit)


def _measure(match: Match) -> str:
    low = ""
    if match["low"]:
        low = _with_unit(match["low"], match["lowunit"] or "", match["unit"]) + "到"
    below = ""
    if match["minus"] and match["unit"] in ("℃", "°C", "°"):
        below = "零下"
    elif match["minus"]:
        below = "负"
    return below + low + _with_unit(match["n"], match["unit"], match["unit"]) + _per(match["per"])


def _unit(spelling: str) -> str:
    return SPOKEN.get(spelling, "")


def _per(what: str | None) -> str:
    if not what:
        return ""
    return "每" + SPOKEN[what] if what in SPOKEN else "一" + what


def _price(match: Match) -> str:
    low = f"{numerals.number(match['low'])}到" if match["low"] else ""
    many = match["many"] or ""
    if many:
        return f"{low}{numerals.number(match['n'])}{many}元{_per(match['per'])}"
    return low + numerals.yuan(match["n"]) + _per(match["per"])


def _percent(match: Match) -> str:
    low = f"{numerals.number(match['low'])}到" if match["low"] else ""
    return f"百分之{low}{numerals.number(match['n'])}"


def _discount(match: Match) -> str:
    low = f"{numerals.discount(match['low'])}到" if match["low"] else ""
    return f"{low}{numerals.discount(match['n'])}折"


def _range(match: Match) -> str:
    return f"{_count(match, 'low')}到{_count(match, 'n')}"


def _plain(match: Match) -> str:
    return _count(match, "n")


def _count(match: Match, name: str) -> str:
    after = match.string[match.end() : match.end() + 2]
    if match.string[: match.start("n")].endswith("第") or after.startswith("两"):
        return numerals.number(match[name])
    return (numerals.counted if after[:1] in CLASSIFIERS and after else numerals.number)(
        match[name]
    )


def _or_more(match: Match) -> str:
    return numerals.number(match["n"]) + (match["big"] or "") + "多"


def _model_number(match: Match) -> str:
    digits = match["digits"]
    short = len(digits) <= 2 and digits[0] != "0"
    return match["name"] + " " + (numerals.number(digits) if short else numerals.digitwise(digits))


_PHONE_WORDS = "电话|热线|拨打|致电|客服|手机|手机号|微信|QQ|打给"
_CODE_WORDS = "订单号|单号|编号|货号|型号|批号|批次|验证码|口令|优惠码|兑换码|邀请码|代码|条码"
_FEASTS = "节|大促|活动|年中|狂欢|购物|礼|表白|好物|返场|预售"

RULES: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?P<head>(?:{_PHONE_WORDS})[^\d，。！？；,;!?]{{0,4}})(?P<number>\d[\d\s-]{{1,14}}\d)(?!\d)"
        ),
        _phone,
    ),
    (
        re.compile(
            r"(?P<head>)(?<![\d.-])(?P<number>[48]00[-\s]?\d{3}[-\s]?\d{4}|1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}"
            r"|0\d{2,3}-\d{7,8})(?![\d.])"
        ),
        _phone,
    ),
    (
        re.compile(
            rf"(?P<head>(?:{_CODE_WORDS})[是为:：\s]{{0,3}})(?P<code>[A-Za-z0-9-]*\d[A-Za-z0-9-]*)"
        ),
        _code,
    ),
    (
        re.compile(
            r"(?P<head>)(?<![A-Za-z0-9])(?P<code>[A-Za-z]{1,4}-?\d{5,}[A-Za-z0-9]*)(?![A-Za-z0-9])"
        ),
        _code,
    ),
    (re.compile(rf"{FREE}(?:11\.11)(?={_FEASTS})"), lambda _: "双十一"),
    (re.compile(rf"{FREE}(?:12\.12)(?={_FEASTS})"), lambda _: "双十二"),
    (
        re.compile(rf"{FREE}(?P<n>618|6\.18|520|38|3\.8|99|9\.9)(?={_FEASTS})"),
        lambda m: numerals.digitwise(m["n"]),
    ),
    (
        re.compile(
            rf"{FREE}(?P<y>(?:19|20)\d\d)[-/.年](?P<m>1[0-2]|0?[1-9])[-/.月](?P<d>3[01]|[12]\d|0?[1-9])(?!\d)日?"
        ),
        _date,
    ),
    (
        re.compile(
            rf"{FREE}(?P<y>)(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d)(?=[晚早号开起准正])号?"
        ),
        _date,
    ),
    (re.compile(r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?=年)"), lambda m: numerals.digitwise(m["y"])),
    (
        re.compile(
            r"(?<![\d:.])(?P<a>\d+)[:：](?P<b>\d+)(?![\d:])(?=兑|稀释|配比|的比例)"
            r"|(?<=比例)(?P<a2>\d+)[:：](?P<b2>\d+)(?![\d:])"
        ),
        _ratio,
    ),
    (
        re.compile(
            r"(?P<part>(?:下午|晚上|今晚|明晚|傍晚|中午|晚)\s*)?(?<![\d:.])(?P<h>2[0-4]|1\d|0?\d)[:：](?P<m>[0-5]\d)"
            rf"(?:[:：](?P<s>[0-5]\d))?(?:{TO}(?P<h2>2[0-4]|1\d|0?\d)[:：](?P<m2>[0-5]\d))?(?![\d:])"
        ),
        _clock,
    ),
    (re.compile(rf"{FREE}(?P<a>\d+)[:：](?P<b>\d+)(?!\d)"), _ratio),
    (
        re.compile(
            rf"{FREE}(?P<sides>{N}(?:\s*{UNIT})?(?:{TIMES}{N}(?:\s*(?:{UNIT})(?={TIMES}))?)+)\s*(?P<u>{UNIT})?"
        ),
        _size,
    ),
    (re.compile(r"(?<=元)/(?=\d)"), lambda _: "每"),
    (
        re.compile(
            rf"[¥￥]\s*(?:(?P<low>{N}){TO}[¥￥]?\s*)?(?P<n>{N})(?:(?P<many>[万千多]+))?\s*(?:{YUAN})?"
            r"(?:/(?P<per>[一-鿿]|kg|g|ml))?"
        ),
        _price,
    ),
    (
        re.compile(
            rf"{FREE}(?:(?P<low>{N})(?:元)?{TO})?(?P<n>{N})(?P<many>[万千]*)\s*{YUAN}(?:/(?P<per>[一-鿿]|kg|g|ml))?"
        ),
        _price,
    ),
    (re.compile(rf"{FREE}(?:(?P<low>{N})%?{TO})?(?P<n>{N})\s*%"), _percent),
    (re.compile(rf"{FREE}(?:(?P<low>{N})折?{TO})?(?P<n>{N})\s*折(?!叠)"), _discount),
    (
        re.compile(
            rf"(?:(?<![\dA-Za-z一-鿿])(?P<minus>-)|{FREE}|(?P<zero>零下))(?:(?P<low>{N})\s*(?P<lowunit>{UNIT})?{TO})?"
            rf"(?P<n>{N})\s*(?P<unit>{UNIT})(?:/(?P<per>h|min|s|[一-鿿]))?(?![级类])"
        ),
        lambda m: (m["zero"] or "") + _measure(m),
    ),
    (
        re.compile(rf"{FREE}(?P<a>\d{{1,2}})/(?P<b>[2-9]|10|100)(?![\d/])"),
        lambda m: f"{numerals.number(m['b'])}分之{numerals.number(m['a'])}",
    ),
    (re.compile(rf"{FREE}(?P<n>{N})(?P<big>[万亿])?\+(?!\d)"), _or_more),
    (re.compile(r"#(?P<n>\d+)"), lambda m: numerals.number(m["n"]) + "号"),
    (re.compile(r"(?<![A-Za-z])[Nn][Oo]\.\s*(?=\d)"), lambda _: "第"),
    (re.compile(r"(?P<name>[A-Za-z]+)[-\s]?(?P<digits>\d+)(?![\d.])"), _model_number),
    (re.compile(rf"{FREE}(?P<low>{N}){TO}(?P<n>{N})"), _range),
    (re.compile(r"(?<=\d)\s*\+\s*(?=\d)"), lambda _: "加"),
    (re.compile(r"(?<=\d)\s*=\s*(?=\d)"), lambda _: "等于"),
    (re.compile(rf"(?<![\dA-Za-z一-鿿])-(?P<n>{N})"), lambda m: "负" + numerals.number(m["n"])),
    (
        re.compile(r"(?<![\d.])(?P<n>\d{9,}|0\d+)(?!\.?\d)"),
        lambda m: numerals.digitwise(m["n"], one="幺"),
    ),
    (re.compile(rf"(?P<n>{N})"), _plain),
)


def applied(text: str) -> str:
    """The text after every rule."""
    for pattern, say in RULES:
        text = pattern.sub(say, text)
    return text
