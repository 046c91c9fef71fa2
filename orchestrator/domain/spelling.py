"""How values are written in `matrix.yaml`: names, colors, money, hours, durations. Pure.

Each spelling carries its description and examples: the JSON Schema and the error messages quote
them. What a spelling means in numbers is read here too, once for all who need it.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    WithJsonSchema,
)

Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="A short name for machines: lower-case letters, digits and hyphens.",
        examples=["suyun-douyin"],
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Color = Annotated[
    str,
    Field(pattern=r"^#[0-9a-fA-F]{6}$", description="A color, #rrggbb.", examples=["#3b6ea5"]),
]
Money = Annotated[
    Decimal,
    Field(
        strict=False,
        gt=0,
        lt=1_000_000,
        decimal_places=2,
        description="Yuan, at most two decimals.",
        examples=["129.00"],
    ),
]
Yuan = Annotated[
    Decimal,
    Field(
        strict=False,
        ge=0,
        lt=1_000_000,
        decimal_places=2,
        description="Yuan, at most two decimals; may be 0.",
        examples=["12.50"],
    ),
]
Hours = Annotated[
    Decimal,
    Field(
        strict=False,
        ge=0,
        lt=100_000,
        decimal_places=2,
        description="Hours, at most two decimals.",
        examples=["12", "7.5"],
    ),
]
Percent = Annotated[int, Field(ge=0, le=100, description="Per cent, 0 to 100.", examples=["40"])]
SPAN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
Span = Annotated[
    str,
    Field(
        pattern=SPAN,
        description="From and to, in the streamer's time zone; may run past midnight.",
        examples=["00:00-24:00", "20:00-22:00", "22:00-02:00"],
    ),
]
DURATION = r"^(\d{1,2}h(\d{1,2}m)?|\d{1,3}m)$"
Duration = Annotated[
    str,
    Field(
        pattern=DURATION,
        description="A length of time, in hours and minutes.",
        examples=["4h", "30m", "1h30m"],
    ),
]
MINUTES_A_DAY = 24 * 60


def _as_typed(value: object) -> object:
    """YAML takes an unquoted 19:30 for a number to the base of 60: it is a time all the same."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MINUTES_A_DAY:
        return f"{value // 60:02}:{value % 60:02}"
    return value


ClockTime = Annotated[
    str,
    Field(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="A time of the day.",
        examples=["00:00", "06:00"],
    ),
    BeforeValidator(_as_typed),
]


MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d)?")


def _end(value: object) -> object:
    """A day ends with its last minute; a moment is what it is. On the wall: without a zone."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        value = datetime.fromisoformat(value) if len(value) > DATE else date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        return value
    return datetime.combine(value, time()) + timedelta(days=value < date.max)


DATE = len("2026-11-22")
Until = Annotated[
    NaiveDatetime,
    Field(
        description="The last day, or the moment of its end by the clock on the wall.",
        examples=["2027-10-31", "2026-11-22 14:00"],
    ),
    BeforeValidator(_end),
    WithJsonSchema({"type": "string", "pattern": f"^{MOMENT.pattern}$"}),
]


def _day(value: object) -> object:
    """A date in quotes is one, too: that is how most programs write YAML."""
    if isinstance(value, str) and len(value) == DATE and MOMENT.fullmatch(value):
        return date.fromisoformat(value)
    return value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class Part(BaseModel):
    """Strict, frozen, and no key that isn't known. Errors never quote what was typed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


Stretch = tuple[int, int]
"""From and to, in minutes of the day; half open."""


def span_of(span: str) -> Stretch | None:
    """A span's begin and end in minutes of the day, the end later than the begin; None if none.

    One that runs past midnight ends on the next day: 22:00-02:00 is (1320, 1560).
    """
    start, dash, end = span.partition("-")
    first, last = minute_of(start), minute_of(end)
    if not dash or first is None or last is None or first in (last, MINUTES_A_DAY):
        return None
    return (first, last) if first < last else (first, last + MINUTES_A_DAY)


def stretches(span: str) -> tuple[Stretch, ...] | None:
    """A span as stretches within one day, two where it runs past midnight; None if it is none."""
    found = span_of(span)
    if found is None or found[1] <= MINUTES_A_DAY:
        return None if found is None else (found,)
    first, last = found
    past = last - MINUTES_A_DAY
    return ((first, MINUTES_A_DAY), (0, past)) if past else ((first, MINUTES_A_DAY),)


def minute_of(clock: str) -> int | None:
    """A time of the day in minutes; 24:00 is the day's end. None if it is no time."""
    hours, colon, minutes = clock.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        return None
    minute = int(hours) * 60 + int(minutes)
    return minute if int(minutes) < 60 and minute <= MINUTES_A_DAY else None


def minutes_in(duration: str) -> int:
    """A duration in minutes: `1h30m` is 90; 0 if it is none."""
    if not re.match(DURATION, duration):
        return 0
    hours, _, minutes = duration.rpartition("h")
    return int(hours or "0") * 60 + int(minutes.rstrip("m") or "0")


def minutes_of_hours(hours: Decimal) -> int:
    """Hours as whole minutes."""
    return round(hours * 60)


def cents(yuan: Decimal) -> int:
    """Yuan as whole cents."""
    return round(yuan * 100)
