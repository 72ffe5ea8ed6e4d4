"""The visits on no route in words: why, and what would get them served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fieldops.domain.plan import Plan, Repair, UnassignedVisit
from fieldops.domain.problem import TimeWindow, Visit
from fieldops.report.lookup import Day, Lookup
from fieldops.report.wording import (
    KIND_WORDS,
    REASON_WORDS,
    clock,
    duration_words,
    money_words,
    short_date,
    window_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """
    One visit on no route.

    Attributes
    ----------
    kind
        Code, for looks; `kind_words` says it.
    repair
        Empty when nothing helps.
    repair_cost
        What it costs compared with leaving the visit out.
    """

    id: str
    name: str
    address: str
    facts: tuple[str, ...]
    is_mandatory: bool
    kind: str
    kind_words: str
    reasons: tuple[str, ...]
    repair: str
    repair_cost: str


def leftovers_of(plan: Plan, lookup: Lookup, *, several_days: bool) -> tuple[Leftover, ...]:
    """Put the unassigned visits into words: mandatory ones first, then by priority, as given among equals."""
    ordered = sorted(plan.unassigned, key=lambda left: _urgency(lookup.visits[left.visit_id]))
    return tuple(_leftover(left, lookup, several_days) for left in ordered)


def shown_on(day: Day, plan: Plan, lookup: Lookup) -> tuple[str, ...]:
    """Return the ids of the unassigned visits that might have been served on a day."""
    return tuple(
        left.visit_id for left in plan.unassigned if _possible_on(day.date, lookup.visits[left.visit_id], lookup)
    )


def _urgency(visit: Visit) -> tuple[bool, int]:
    """Return the sort key: mandatory first, then high priority."""
    return not (visit.mandatory or visit.pin is not None), -visit.priority


def _leftover(left: UnassignedVisit, lookup: Lookup, several_days: bool) -> Leftover:
    """Put one unassigned visit into words."""
    visit = lookup.visits[left.visit_id]
    place = lookup.places[visit.place_id]
    facts = [f"priority {visit.priority}", duration_words(visit.duration)]
    if visit.promised_window is not None:
        facts.append(f"promised {_dated(visit.promised_window, lookup, several_days)}")
    facts += [f"only {_dated(window, lookup, several_days)}" for window in visit.windows]
    if visit.preferred_window is not None:
        facts.append(f"preferred {_dated(visit.preferred_window, lookup, several_days)}")
    if visit.due is not None:
        facts.append(f"due {_dated_clock(visit.due, lookup, several_days)}")
    facts += [
        f"needs {name}" + (f" level {level}" if level > 1 else "") for name, level in visit.required_skills.items()
    ]
    repair = left.repair
    return Leftover(
        id=visit.id,
        name=visit.name,
        address=place.address or place.id,
        facts=tuple(facts),
        is_mandatory=visit.mandatory or visit.pin is not None,
        kind=left.kind.value,
        kind_words=KIND_WORDS[left.kind],
        reasons=tuple(REASON_WORDS[reason] for reason in left.reasons),
        repair=repair.description if repair is not None else "",
        repair_cost=_compared(repair) if repair is not None else "",
    )


def _compared(repair: Repair) -> str:
    """Say what a repair costs compared with leaving the visit out."""
    comparison = "more" if repair.cost >= 0 else "less"
    return f"costs {money_words(abs(repair.cost))} {comparison} than leaving it out"


def _dated(window: TimeWindow, lookup: Lookup, several_days: bool) -> str:
    """Say a window, with its date where the plan has several days."""
    if not several_days:
        return window_words(window, lookup.zone)
    first, last = lookup.local_date(window.earliest), lookup.local_date(window.latest)
    if first == last:
        return f"{short_date(first)} {window_words(window, lookup.zone)}"
    return f"{_dated_clock(window.earliest, lookup, True)} to {_dated_clock(window.latest, lookup, True)}"


def _dated_clock(instant: datetime, lookup: Lookup, several_days: bool) -> str:
    """Say an instant, with its date where the plan has several days."""
    date_words = f"{short_date(lookup.local_date(instant))} " if several_days else ""
    return f"{date_words}{clock(instant, lookup.zone)}"


def _possible_on(day: date, visit: Visit, lookup: Lookup) -> bool:
    """Tell whether a visit might have started on a day."""
    windows: Sequence[TimeWindow] = [visit.promised_window] if visit.promised_window is not None else visit.windows
    if not windows:
        return True
    return any(lookup.local_date(window.earliest) <= day <= lookup.local_date(window.latest) for window in windows)
