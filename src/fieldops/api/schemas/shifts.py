"""Shifts: wall-clock times in, instants out."""

from datetime import time, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day, Weekday
from fieldops.api.schemas.people import LostPlaceSchema
from fieldops.api.schemas.territories import Clock
from fieldops.domain.shift_pattern import BreakPattern, ShiftPattern

MaxMinutes = Annotated[int, Field(ge=1, le=1_440)]


class BreakPatternSchema(Schema):
    """A pause in local time; a time before the shift's start is on the next morning."""

    earliest_start: Clock = Field(examples=["11:30"])
    latest_start: Clock = Field(examples=["12:30"])
    duration_minutes: MaxMinutes = Field(examples=[30])
    place_id: Id | None = Field(default=None, description="Where a break at a fixed time takes place.")
    paid: bool = True
    name: str = Field(default="", max_length=100, examples=["Lunch"])

    def pattern(self) -> BreakPattern:
        """Say it in the words of the domain."""
        return BreakPattern(
            earliest_start=time.fromisoformat(self.earliest_start),
            latest_start=time.fromisoformat(self.latest_start),
            duration=timedelta(minutes=self.duration_minutes),
            place_id=self.place_id,
            paid=self.paid,
            name=self.name,
        )


class ShiftPatternSchema(Schema):
    """
    A working period in local time of the territory. A time that a clock change skips is read with the offset from
    before it; one that comes twice is its first occurrence.
    """

    EXAMPLE: ClassVar = {
        "start": "08:00",
        "end": "16:30",
        "overtime_minutes": 60,
        "start_place_id": "si_7h3k9c2m4p6r8t0w",
        "end_place_id": "si_7h3k9c2m4p6r8t0w",
        "breaks": [{"earliest_start": "11:30", "latest_start": "12:30", "duration_minutes": 30, "name": "Lunch"}],
    }

    start: Clock = Field(examples=["08:00"])
    end: Clock = Field(description="One that is not after the start is on the next morning.", examples=["16:30"])
    overtime_minutes: int = Field(default=0, ge=0, le=720, description="Allowed at most, after the end.")
    start_place_id: Id = Field(description="A base.", examples=["si_7h3k9c2m4p6r8t0w"])
    end_place_id: Id | None = Field(default=None, description="A base; null = the day ends at the last visit.")
    breaks: list[BreakPatternSchema] = Field(default_factory=list, max_length=8)
    max_visits: int | None = Field(default=None, ge=1, le=1_000)
    max_travel_minutes: MaxMinutes | None = None
    max_work_minutes: MaxMinutes | None = None

    def pattern(self) -> ShiftPattern:
        """Say it in the words of the domain."""
        return ShiftPattern(
            start=time.fromisoformat(self.start),
            end=time.fromisoformat(self.end),
            overtime=timedelta(minutes=self.overtime_minutes),
            start_place_id=self.start_place_id,
            end_place_id=self.end_place_id,
            breaks=tuple(pause.pattern() for pause in self.breaks),
            max_visits=self.max_visits,
            max_travel=_minutes(self.max_travel_minutes),
            max_work=_minutes(self.max_work_minutes),
        )


class NewShifts(ShiftPatternSchema):
    """The same shift on every date of a range that falls on one of these weekdays."""

    EXAMPLE: ClassVar = {
        "first_date": "2026-03-16",
        "last_date": "2026-03-27",
        "weekdays": [0, 1, 2, 3, 4],
        "start": "08:00",
        "end": "16:30",
        "overtime_minutes": 60,
        "start_place_id": "si_7h3k9c2m4p6r8t0w",
        "end_place_id": "si_7h3k9c2m4p6r8t0w",
        "breaks": [{"earliest_start": "11:30", "latest_start": "12:30", "duration_minutes": 30, "name": "Lunch"}],
    }

    first_date: Day
    last_date: Day = Field(description="Included; at most 92 dates at a time.")
    weekdays: list[Weekday] = Field(
        default_factory=lambda: list(range(7)),
        min_length=1,
        max_length=7,
        description="0 = Monday.",
        examples=[[0, 1, 2, 3, 4]],
    )


class BreakSchema(Schema):
    """A pause; its start lies in a closed interval."""

    name: str
    earliest_start: Instant
    latest_start: Instant
    duration_s: int
    place_id: Id | None
    paid: bool


class ShiftSchema(Schema):
    """One technician's working period on one date."""

    id: Id = Field(examples=["sh_7h3k9c2m4p6r8t0w"])
    territory_id: Id
    technician_id: Id
    date: Day = Field(description="The local date it starts on.")
    starts_at: Instant
    ends_at: Instant
    hard_ends_at: Instant = Field(description="End of the overtime allowed.")
    start_place_id: Id
    end_place_id: Id | None
    breaks: list[BreakSchema]
    max_visits: int | None
    max_travel_s: int | None
    max_work_s: int | None


class ShiftsChanged(Schema):
    """Shifts that came, went or are different now."""

    shifts: list[ShiftSchema]
    lost: list[LostPlaceSchema] = Field(description="Visits that lost their place by it.")


def _minutes(minutes: int | None) -> timedelta | None:
    """Make a duration of minutes."""
    return None if minutes is None else timedelta(minutes=minutes)
