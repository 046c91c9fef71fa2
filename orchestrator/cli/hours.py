"""A stream's place in its day, as `status` shows it: who is on until when, and who comes then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from orchestrator.clock import utc
from orchestrator.domain.schedule import Turn, next_turn, turn_at
from orchestrator.domain.stream import StreamSpec
from orchestrator.store.plans import Outlook

HUMAN = "human"
"""The streamer in person."""


@dataclass(frozen=True)
class Place:
    """Where a stream is in its day. Without a plan all of it is empty."""

    closed: bool = False
    who: str = ""
    """Whose turn it is, by name; empty: the shop is closed, or has no plan."""
    until: float | None = None
    """When that ends: the turn, or that the shop is closed. None: nobody knows."""
    upcoming: str = ""
    """Whose turn it is then, by name; empty: the shop closes."""
    operator: str = ""
    """Who answers for the room."""


ALL_DAY = Place()


@dataclass(frozen=True)
class Moment:
    """When somebody looks, and how they read a clock."""

    wall: float
    zone: tzinfo | None = None
    """The streamer's; None: this machine's."""
    trouble: str = field(default="", compare=False)
    """Why the days don't go on."""

    @classmethod
    def of(cls, wall: float, outlook: Outlook | None) -> "Moment":
        """Now, where the days are planned as far as that."""
        if outlook is None:
            return cls(wall)
        return cls(wall, ZoneInfo(outlook.zone), _trouble(wall, outlook))

    def clock_time(self, at: float) -> str:
        """A time of that day, with the day if it is another one."""
        when, today = self._read(at), self._read(self.wall)
        seconds = "%H:%M" if when.second == 0 else "%H:%M:%S"
        if when.date() == today.date():
            return when.strftime(seconds)
        if when.date() == today.date() + timedelta(days=1):
            return when.strftime(f"{seconds} tomorrow")
        return when.strftime(f"%Y-%m-%d {seconds}")

    def _read(self, at: float) -> datetime:
        return utc(at).astimezone(self.zone)


NO_MOMENT = Moment(0.0)


def place_of(spec: StreamSpec, at: float) -> Place:
    """Where a stream is in its day. Turns of one double that follow one another are one to people,
    whoever watches."""
    if not spec.turns:
        return ALL_DAY
    names = {act.persona_id: act.persona.name for act in spec.acts}

    def name(turn: Turn) -> str:
        return HUMAN if turn.persona_id is None else names.get(turn.persona_id, turn.persona_id)

    turn = turn_at(spec.turns, at)
    if turn is None:
        following = next_turn(spec.turns, at)
        if following is None:
            return Place(closed=True)
        return Place(True, until=following.begins_at, upcoming=name(following))
    last, following = _stay(spec, turn, name)
    upcoming = "" if following is None else name(following)
    return Place(False, name(turn), last.ends_at, upcoming, turn.operator)


def title_of(spec: StreamSpec, place: Place) -> str:
    """How people call a stream: by the double whose turn it is, or whose is next."""
    if not spec.turns:
        return spec.title
    who = place.who or place.upcoming
    double = f"·{who}" if who and who != HUMAN else ""
    return f"{spec.streamer_name}{double} → {spec.brand.name}@{spec.platform}"


def in_words(place: Place, moment: Moment) -> str:
    """Who is on until when, and who comes then."""
    until = "" if place.until is None else moment.clock_time(place.until)
    if place.closed:
        return f"closed until {until}" if until else "closed, nothing is planned"
    if not place.who:
        return ""
    return f"{place.who} until {until}, then {place.upcoming or 'closed'}"


def _stay(spec: StreamSpec, turn: Turn, name: Callable[[Turn], str]) -> tuple[Turn, Turn | None]:
    """The last turn of a double's stay, and the one that follows it without a gap."""
    following = turn_at(spec.turns, turn.ends_at)
    while following is not None and name(following) == name(turn):
        turn, following = following, turn_at(spec.turns, following.ends_at)
    return turn, following


def _trouble(wall: float, outlook: Outlook) -> str:
    why = "" if outlook.trouble is None else f": {outlook.trouble.reason}"
    if wall >= outlook.ends_at:
        return f"the plan has run out, and shops are closed{why}"
    if outlook.trouble is not None:
        return f"{outlook.trouble.day} has no plan yet, and it is tried again{why}"
    return ""
