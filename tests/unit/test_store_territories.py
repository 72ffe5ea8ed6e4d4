"""Territories between rows and domain: nothing lost on the way, and every fault named at once."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.problem import CostRates, TravelSource
from fieldops.domain.territory import Territory
from fieldops.domain.territory_faults import territory_faults
from fieldops.errors import InvalidInput
from fieldops.store.tables import TerritoryRow
from fieldops.store.territories import new_territory_row, policies_of, territory_of, write_territory
from fieldops.units import Cents
from worlds import NOW

WEEKDAYS = frozenset(range(5))
#: Nothing in it is as the product has it, so that nothing can be lost unseen.
TERRITORY = Territory(
    id="te_1",
    name="Washington",
    time_zone="America/New_York",
    offered_windows=(OfferedWindow(weekdays=WEEKDAYS, start=time(8), end=time(10, 30)),),
    policies=Policies(
        hold_duration=timedelta(minutes=5),
        offer_duration=timedelta(minutes=20),
        waitlist_offer=timedelta(minutes=45),
        notice=timedelta(minutes=90),
        horizon_days=7,
        buffer=timedelta(minutes=10),
        nearby=timedelta(minutes=8),
        plan_at=time(1, 30),
        plan_days_ahead=2,
        plan_seconds=5,
        publishes=False,
        reminder_before=timedelta(hours=12),
        quiet_from=time(21),
        quiet_until=time(7, 15),
        contact="Acme, +1 202 555 0100",
    ),
    skills=("gas", "power"),
    rates=CostRates(travel_per_hour=Cents(4_000), lateness_per_minute=Cents(300)),
    travel=TravelSource(coefficient_s=150.0, exponent=0.8, detour=1.3),
)


def _row() -> TerritoryRow:
    return new_territory_row(TERRITORY, created_at=NOW)


def test_a_territory_comes_back_as_it_was_written() -> None:
    """A policy that gets lost on the way is one that nobody keeps."""
    row = _row()

    assert territory_of(row) == TERRITORY
    assert (row.policies["hold_minutes"], row.policies["plan_at"]) == (5, "01:30")
    assert row.offered_windows == [{"weekdays": [0, 1, 2, 3, 4], "start": "08:00", "end": "10:30"}]
    assert row.rates["travel_per_hour_cents"] == 4_000


def test_what_a_row_does_not_say_is_as_the_product_has_it() -> None:
    """A policy that is new in a release must not need a migration of every territory."""
    row = _row()
    row.policies, row.rates, row.travel = {"notice_minutes": 30}, {}, {}
    territory = territory_of(row)

    assert policies_of(row) == territory.policies == Policies(notice=timedelta(minutes=30))
    assert (territory.rates, territory.travel) == (CostRates(), TravelSource())


def test_values_of_another_form_are_named_all_at_once() -> None:
    """Who edits policies by hand wants the whole list of slips."""
    row = _row()
    row.policies = {"hold_minutes": "ten", "plan_at": "25:00", "publishes": 1, "notise_minutes": 5, "plan_seconds": 2.5}

    with pytest.raises(InvalidInput) as caught:
        territory_of(row)

    assert [(fault.path, fault.found) for fault in caught.value.faults] == [
        ("policies.hold_minutes", "'ten'"),
        ("policies.plan_at", "'25:00'"),
        ("policies.publishes", "1"),
        ("policies.notise_minutes", "5"),
        ("policies.plan_seconds", "2.5"),
    ]
    assert caught.value.faults[0].expected == "a whole number"


def test_a_window_of_another_form_is_named_with_its_place() -> None:
    """A pattern has many windows; the slip is in one."""
    row = _row()
    row.offered_windows = [{"weekdays": [0], "start": "08:00", "end": "10:00"}, {"weekdays": 0, "start": "eight"}]

    with pytest.raises(InvalidInput) as caught:
        territory_of(row)

    assert [fault.path for fault in caught.value.faults] == [
        "offered_windows[1].weekdays",
        "offered_windows[1].start",
        "offered_windows[1].end",
    ]


def test_a_territory_without_faults_has_none() -> None:
    """The territory all other tests here change is a good one."""
    assert territory_faults(TERRITORY) == []


def test_every_fault_of_a_territory_is_named_at_once() -> None:
    """One round trip per slip is what makes people give up."""
    policies = replace(
        TERRITORY.policies,
        hold_duration=timedelta(0),
        notice=timedelta(seconds=90),
        horizon_days=15,
        plan_seconds=0,
        plan_at=time(2, 0, 30),
        contact="x" * 501,
    )
    windows = (
        OfferedWindow(weekdays=frozenset(), start=time(8), end=time(10)),
        OfferedWindow(weekdays=frozenset({0, 7}), start=time(10), end=time(10)),
    )
    wrong = replace(
        TERRITORY,
        name=" ",
        time_zone="America/Nowhere",
        skills=("gas", "gas"),
        offered_windows=windows,
        policies=policies,
        rates=CostRates(travel_per_km=Cents(-1)),
        travel=TravelSource(detour=0.5),
    )

    assert [fault.path for fault in territory_faults(wrong)] == [
        "name",
        "time_zone",
        "skills[1]",
        "offered_windows[0].weekdays",
        "offered_windows[1].weekdays",
        "offered_windows[1].end",
        "policies.hold_minutes",
        "policies.notice_minutes",
        "policies.horizon_days",
        "policies.plan_seconds",
        "policies.plan_at",
        "policies.contact",
        "rates.travel_per_km_cents",
        "travel.detour",
    ]


def test_a_window_offered_twice_on_one_weekday_is_a_fault() -> None:
    """A customer would see the same window twice and hold one of them."""
    monday = OfferedWindow(weekdays=frozenset({0}), start=time(8), end=time(10, 30))
    faults = territory_faults(replace(TERRITORY, offered_windows=(*TERRITORY.offered_windows, monday)))

    assert [(fault.path, fault.found) for fault in faults] == [("offered_windows[1]", "08:00 to 10:30")]
    assert faults[0].expected == "windows that differ; offered_windows[0] is the same on weekday 0"


def test_travel_from_a_matrix_file_is_refused() -> None:
    """A matrix has rows for the addresses it was made of; the next customer lives at another one."""
    faults = territory_faults(replace(TERRITORY, travel=TravelSource(kind="matrix", matrix_path="m.npz")))

    assert [fault.path for fault in faults] == ["travel.kind"]


def test_a_territory_with_faults_changes_no_row() -> None:
    """A half-written row would be planned with."""
    row = _row()
    before = territory_of(row)

    with pytest.raises(InvalidInput):
        write_territory(row, replace(TERRITORY, name="New name", time_zone="Mars/Olympus"))

    assert territory_of(row) == before
