"""The day as calendars, one a shop (RFC 5545): who is on when, and who answers for it.

An entry's UID is made of the shop and the moment it begins, so that a changed plan replaces
entries instead of doubling them. Times carry the streamer's zone, with its rules in the file.
"""

from datetime import UTC, date, datetime

from icalendar import Calendar, Event

from orchestrator.planview.names import Names
from orchestrator.planview.sheet import Lane, OwnHours, Sheet, Stay
from orchestrator.planview.words import end_of, span

PRODUCT = "-//Doppelcast//The day's plan//EN"
DOMAIN = "doppelcast.invalid"
"""A name that can't be anybody's: RFC 2606."""


def calendar(sheet: Sheet, lane: Lane, made_at: datetime) -> bytes:
    """A shop's day. `made_at` is when the plan was made, in UTC."""
    name = sheet.names.shop(lane.shop.id)
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    found.add("x-wr-timezone", str(sheet.problem.slots[0].begin.tzinfo))
    for block in lane.blocks:
        if isinstance(block, Stay | OwnHours):
            found.add_component(_entry(sheet, lane, block, made_at))
    if not found.walk("VEVENT"):
        found.add_component(_nobody(sheet, lane, made_at))
    day = sheet.problem.slots[0].begin
    found.add_missing_timezones(date(day.year, 1, 1), date(day.year + 2, 1, 1))
    return bytes(found.to_ical())


def _entry(sheet: Sheet, lane: Lane, block: Stay | OwnHours, made_at: datetime) -> Event:
    who, told = _told(sheet, block)
    event = _stretch(sheet, lane, made_at, block.first, block.last)
    event.add("summary", f"{who} · {sheet.names.shop(lane.shop.id)}")
    event.add("description", told)
    return event


def _nobody(sheet: Sheet, lane: Lane, made_at: datetime) -> Event:
    """A day without anybody on air, as an entry that keeps nobody busy: calendars refuse a file
    without any."""
    event = _stretch(sheet, lane, made_at, 0, len(sheet.problem.slots) - 1)
    event.add("summary", f"Nobody on air · {sheet.names.shop(lane.shop.id)}")
    event.add("transp", "TRANSPARENT")
    return event


def _stretch(sheet: Sheet, lane: Lane, made_at: datetime, first: int, last: int) -> Event:
    """An entry from one slot to another, in a shop."""
    slots = sheet.problem.slots
    begin = slots[first].begin
    event = Event()
    event.add("uid", f"{lane.shop.id}-{begin.timestamp():.0f}@{DOMAIN}")
    event.add("dtstamp", made_at)
    event.add("dtstart", _moment(begin))
    event.add("dtend", _moment(end_of(slots[last])))
    event.add("location", lane.shop.platform)
    event.add("categories", [sheet.names.brand(lane.shop.brand)])
    return event


def _moment(at: datetime) -> datetime:
    """In the zone; but in UTC where the zone's clocks show it for the second time, for a calendar
    can name only the first."""
    return at.astimezone(UTC) if at.fold else at


def _told(sheet: Sheet, block: Stay | OwnHours) -> tuple[str, str]:
    """Who is on, and who answers for the room."""
    if isinstance(block, OwnHours):
        who = sheet.names.streamer or "In person"
        return who, "In person."
    return sheet.names.persona(block.persona), _operators(sheet, sheet.names, block)


def _operators(sheet: Sheet, names: Names, stay: Stay) -> str:
    if len(stay.watch) == 1:
        return f"Operator: {names.operator(stay.watch[0][0])}"
    told = [
        f"{span(sheet.problem, first, last)} {names.operator(who)}"
        for who, first, last in stay.watch
    ]
    return "\n".join(["Operators:", *told])
