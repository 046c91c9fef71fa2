"""What a plan has to know beyond who and where: the models of `matrix.yaml` for planning a day.

All of it may be left out. Prices are in yuan, contracts in hours, spans in the streamer's zone.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orchestrator.domain.spelling import ClockTime, Hours, Money, Part, Percent, Span, Yuan

Fit = Annotated[
    int, Field(ge=0, le=200, description="Per cent; 100 is what the worth says.", examples=["120"])
]
SlotMinutes = Annotated[int, Field(ge=5, le=240)]
Streams = Annotated[int, Field(ge=0, description="Streams at once.", examples=["120"])]


class SoldAlone(StrEnum):
    """What a brand has bought: who stays away from its competitors, and when."""

    NONE = "none"
    PERSONA_SAME_TIME = "persona, same time"
    PERSONA_ALL_DAY = "persona, all day"
    STREAMER_SAME_TIME = "streamer, same time"
    STREAMER_ALL_DAY = "streamer, all day"


class FleetAt(Part):
    """What the fleet carries in some hours."""

    hours: Span
    streams: Streams


class WorthAt(Part):
    """What an hour on air brings in some hours."""

    hours: Span
    worth: Money


class Contract(Part):
    """What was sold to a brand: hours with doubles on air in a day, in all its shops together."""

    minimum_hours: Hours = Field(default=Decimal(0), description="At least so many.")
    maximum_hours: Hours | None = Field(
        default=None, description="At most so many; left out, as many as there is room for."
    )
    prime_percent: Percent = Field(
        default=0, description="At least this share of them in prime time, in per cent."
    )


class PlanSpec(Part):
    """How the day is planned."""

    slot_minutes: SlotMinutes = Field(
        default=30,
        description="The planning grid: doubles change at its edges. It divides the day.",
        examples=["15", "30", "60"],
    )
    day_begins: ClockTime = Field(
        default="00:00", description="When the day begins: the quietest hour is a good one."
    )
    prime_time: tuple[Span, ...] = Field(
        default=("19:00-23:00",), description="The hours that contracts count as prime time."
    )
    fleet: Streams | None = Field(
        default=None,
        description="How many streams the fleet carries at once; left out, all shops.",
    )
    fleet_at: tuple[FleetAt, ...] = Field(
        default=(), description="Hours in which the fleet carries more or fewer."
    )
    stream_hour: Yuan = Field(default=Decimal(0), description="What an hour on air costs.")
    switch: Yuan = Field(
        default=Decimal(0),
        description="What it costs a room to change doubles while on air.",
    )
    fairness: Yuan = Field(
        default=Decimal(0),
        description="What a per cent more is worth for the contract that is served least, "
        "as a share of its maximum.",
    )
