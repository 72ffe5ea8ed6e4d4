"""How figures, instants and codes are said to people. Every code of a plan has its words here."""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.plan import ReasonCode, UnassignedKind
from fieldops.domain.problem import TimeWindow
from fieldops.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

KIND_WORDS: Final[Mapping[UnassignedKind, str]] = {
    UnassignedKind.IMPOSSIBLE_ALONE: "Impossible as it stands",
    UnassignedKind.DISPLACED: "Displaced by other visits",
}

REASON_WORDS: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.NO_TECHNICIAN_ALLOWED: "No technician is allowed to serve it",
    ReasonCode.NO_TECHNICIAN_WITH_SKILL: "Nobody who may serve it has the skills it needs",
    ReasonCode.NO_SHIFT_IN_WINDOW: "No shift covers its time window",
    ReasonCode.TOO_FAR: "Too far to drive there and back within a shift",
    ReasonCode.OVER_CAP: "It would exceed a cap on visits, travel or work time",
    ReasonCode.SHIFTS_FULL: "Every shift that could take it is full",
    ReasonCode.COSTS_MORE_THAN_LEAVING_OUT: "Serving it would cost more than leaving it out",
}

#: In the order in which the breakdown is shown.
COST_WORDS: Final[Mapping[str, str]] = {
    "unassigned": "Visits left out",
    "lateness": "Broken promises",
    "sla": "Past due time",
    "preference": "Preferred windows missed",
    "technician": "Other technician",
    "churn": "Changes to what was told",
    "overtime": "Overtime",
    "work": "Work time",
    "travel": "Travel time",
    "distance": "Distance",
    "fixed": "Shifts used",
}

TERMINATION_WORDS: Final[Mapping[str, str]] = {
    "time_limit": "time limit reached",
    "iteration_limit": "iteration limit reached",
    "interrupted": "interrupted",
    "nothing_to_plan": "nothing to plan",
}


def clock(instant: datetime, zone: ZoneInfo, day: date | None = None) -> str:
    """
    Say an instant as local ``HH:MM``.

    Parameters
    ----------
    instant
        Aware; seconds are cut off.
    zone
        Time zone to say it in. In the hour that a clock change repeats, its abbreviation is added.
    day
        The date the reader has in mind; on any other date the weekday is added.
    """
    local = instant.astimezone(zone)
    text = f"{local:%H:%M}"
    if local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset():
        text += f" {local.tzname()}"
    if day is not None and local.date() != day:
        text += f" {local:%a}"
    return text


def period_words(start: datetime, end: datetime, zone: ZoneInfo, day: date | None = None) -> str:
    """Say a period as two local ``HH:MM`` with a dash; the day works as for `clock`."""
    return f"{clock(start, zone, day)}\N{EN DASH}{clock(end, zone, day)}"


def window_words(window: TimeWindow, zone: ZoneInfo, day: date | None = None) -> str:
    """Say a window as two local ``HH:MM`` with a dash."""
    return period_words(window.earliest, window.latest, zone, day)


def long_date(day: date) -> str:
    """Say a date as ``Thursday, November 12, 2026``."""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def short_date(day: date) -> str:
    """Say a date as ``Thu, Nov 12``."""
    return f"{day:%a}, {day:%b} {day.day}"


def duration_words(duration: timedelta) -> str:
    """Say a duration in hours and whole minutes, halves up; a positive one never as zero."""
    seconds = duration.total_seconds()
    if 0 < seconds < SECONDS_PER_MINUTE / 2:
        return "<1 min"
    return _hours_and_minutes(math.floor(seconds / SECONDS_PER_MINUTE + 0.5))


def excess_minutes(duration: timedelta) -> int:
    """Return by how many minutes a limit is broken, rounded up: one second too late is late."""
    return math.ceil(duration.total_seconds() / SECONDS_PER_MINUTE)


def excess_words(duration: timedelta) -> str:
    """Say by how much a limit is broken, in hours and whole minutes rounded up."""
    return _hours_and_minutes(excess_minutes(duration))


def _hours_and_minutes(minutes: int) -> str:
    """Say a number of minutes, with hours from an hour on."""
    hours, rest = divmod(minutes, SECONDS_PER_HOUR // SECONDS_PER_MINUTE)
    if hours == 0:
        return f"{rest} min"
    return f"{hours:,} h {rest:02d} min" if rest else f"{hours:,} h"


def distance_words(meters: int) -> str:
    """Say a distance in kilometers, with one decimal below 100 km."""
    return f"{meters / 1_000:,.1f} km" if meters < 99_950 else f"{meters / 1_000:,.0f} km"


def money_words(cents: int) -> str:
    """Say an amount with two decimals; the currency is the one the rates are in."""
    sign = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def percent_words(share: float) -> str:
    """Say a share of 1 in percent; only what is complete is called 100%."""
    percent = round(share * 100, 1)
    if percent >= 100 and share < 1:
        percent = 99.9
    return f"{percent:.0f}%" if percent in (0, 100) else f"{percent:.1f}%"


def count_words(count: int, noun: str) -> str:
    """Say a count with its noun: ``1 visit``, ``3 visits``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def cost_words(term: str) -> str:
    """Say the name of a cost term."""
    return COST_WORDS.get(term, term.replace("_", " ").capitalize())
