"""``fieldops quote``: a new visit against a plan on files."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import Outcome, fault_lines, run, write_problem

from domain_builders import (
    CUSTOMER,
    DEPOT,
    at,
    make_break,
    make_problem,
    make_shift,
    make_technician,
    make_visit,
    window,
)
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Pin, Place, Problem, TimeWindow, Visit
from fieldops.errors import InvalidInput
from fieldops.files.plan_json import dump_plan
from fieldops.solver import Refusal
from fieldops.units import Cents
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.quote_visit import QuotedSlot, QuotedWindow, quote_visit
from fieldops.wiring import travel_provider
from line_travel import LineTravel

#: Kim is at the customer's at ten sharp, for half an hour.
PROBLEM = make_problem(make_visit(windows=(window("10:00", "10:00"),)), num_days=2)
#: The next place in the row: 20 min from the depot, 30 back; 10 from the customer, 15 back.
ADDRESS = Place(id="new", latitude=38.93, longitude=-77.04)
NEW = make_visit(id="new", place_id="new")


def planned(problem: Problem = PROBLEM) -> Plan:
    """Plan the problem with few iterations."""
    return plan_problem(problem, LineTravel(), seconds=None, iterations=20)


def quoted(*windows: TimeWindow, problem: Problem = PROBLEM, visit: Visit = NEW) -> tuple[QuotedWindow, ...]:
    """Quote a visit at the new address, half an hour by default."""
    return quote_visit(problem, planned(problem), LineTravel(), visit, ADDRESS, windows)


def test_a_window_is_quoted_with_its_technician_cost_and_times() -> None:
    """What a dispatcher reads out on the phone."""
    (early,) = quoted(window("08:00", "09:00"))

    # Depot, new, customer, depot: 20 + 15 + 15 min and 20 km instead of 10 + 15 min and 10 km: 15.00 for 25 min at
    # 1 cent a second, 3.00 for 10 km. It could start at 09:15 and Kim would still be at the customer's at ten.
    assert early.slots == (
        QuotedSlot(
            technician_id="kim",
            shift_id="kim-monday",
            position=0,
            cost=Cents(1_800),
            start=at("08:20"),
            finish=at("08:50"),
            slack=timedelta(minutes=40),
            extra_travel=timedelta(minutes=25),
        ),
    )
    assert early.refusals == {}


def test_overtime_is_part_of_the_cost() -> None:
    """The last window of the day is dear for a reason: two hours at 60.00."""
    (late,) = quoted(window("17:00", "18:00"))

    # Home at 18:00 sharp when service starts at 17:00: no slack.
    assert [(slot.cost, slot.start, slot.slack) for slot in late.slots] == [(13_800, at("17:00"), timedelta())]


def test_windows_without_a_place_say_why() -> None:
    """Moving a visit may help on Monday at half past nine; later that day and on Tuesday it would not."""
    full, too_late, nobody = quoted(
        window("09:30", "10:00"), window("17:01", "18:00"), window("09:00", "11:00", day=17)
    )

    assert (full.slots, full.refusals) == ((), {Refusal.FULL: 1})
    assert too_late.refusals == {Refusal.OUTSIDE_SHIFT: 1}
    assert (nobody.slots, nobody.refusals) == ((), {})


def test_people_and_skills_are_respected() -> None:
    """Wishes of the visit hold for every technician on the plan, whoever serves what today."""
    lee = make_technician(make_shift(id="lee-monday"), id="lee", skills={})
    problem = replace(PROBLEM, technicians=(*PROBLEM.technicians, lee))
    noon = window("12:00", "14:00")

    (skilled,) = quoted(noon, problem=problem, visit=replace(NEW, required_skills={"gas": 2}))
    (not_kim,) = quoted(noon, problem=problem, visit=replace(NEW, forbidden_technicians=frozenset({"kim"})))
    (rather_lee,) = quoted(noon, problem=problem, visit=replace(NEW, preferred_technicians=frozenset({"lee"})))

    assert ([slot.technician_id for slot in skilled.slots], skilled.refusals) == (["kim"], {Refusal.SKILL: 1})
    assert ([slot.technician_id for slot in not_kim.slots], not_kim.refusals) == (["lee"], {Refusal.NOT_ALLOWED: 1})
    # Kim: 18.00 and 10.00 because the customer would rather see Lee; Lee: 20 + 30 min and 20 km.
    assert {slot.technician_id: slot.cost for slot in rather_lee.slots} == {"kim": 2_800, "lee": 3_600}


def test_own_windows_hold_beside_the_asked_one() -> None:
    """Somebody who is out at lunch time is not served then, whatever window was clicked."""
    visit = replace(NEW, windows=(window("11:00", "12:00"), window("13:00", "13:30")))

    noon, evening = quoted(window("11:30", "13:15"), window("14:00", "16:00"), visit=visit)

    assert [(slot.start, slot.slack) for slot in noon.slots] == [(at("11:30"), timedelta(minutes=105))]
    assert evening.refusals == {Refusal.OUTSIDE_SHIFT: 1}


def test_a_pinned_start_is_the_only_one() -> None:
    """The tenant has to be let in by the caretaker, who comes at one."""
    (noon,) = quoted(window("12:00", "14:00"), visit=replace(NEW, pin=Pin(start=at("13:00"))))

    assert [(slot.start, slot.slack) for slot in noon.slots] == [(at("13:00"), timedelta())]


def test_a_plan_that_breaks_a_rule_is_not_quoted_on() -> None:
    """The customer's ten o'clock was moved to a time at which Kim is not at work yet."""
    changed = replace(PROBLEM, visits=(make_visit(windows=(window("07:00", "07:00"),)),))

    (answer,) = quote_visit(changed, planned(), LineTravel(), NEW, ADDRESS, [window("12:00", "14:00")])

    assert answer.refusals == {Refusal.UNSOUND: 1}


def test_a_visit_on_two_stops_is_a_fault_of_the_plan() -> None:
    """Quoting on it would count the same half hour twice."""
    plan = planned()
    twice = replace(plan, routes=(replace(plan.routes[0], stops=plan.routes[0].stops * 2),))

    with pytest.raises(InvalidInput, match=r"routes\[0\]\.stops\[1\]\.visit_id: found 'v1'"):
        quote_visit(PROBLEM, twice, LineTravel(), NEW, ADDRESS, [])


@pytest.mark.parametrize(
    ("visit", "place", "path"),
    [
        (replace(NEW, id="v1"), ADDRESS, "visit.id"),
        (replace(NEW, place_id="elsewhere"), None, "visit.place_id"),
        (NEW, replace(ADDRESS, id="other"), "place.id"),
        (NEW, replace(ADDRESS, latitude=138.9), "place.latitude"),
        (replace(NEW, place_id="depot"), DEPOT, "place.id"),
        (replace(NEW, required_skills={"juggling": 1}), ADDRESS, "visit.required_skills.juggling"),
    ],
)
def test_a_visit_that_does_not_suit_the_problem_is_refused(visit: Visit, place: Place | None, path: str) -> None:
    """The faults are named as they stand in the visit's own document."""
    with pytest.raises(InvalidInput) as caught:
        quote_visit(PROBLEM, planned(), LineTravel(), visit, place, [window("12:00", "14:00")])
    assert path in [fault.path for fault in caught.value.faults]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with problem, plan and visit; travel is by the formula, lunch is at noon."""
    kim = make_technician(make_shift(breaks=(make_break("12:00", "12:00"),)))
    problem = replace(PROBLEM, technicians=(kim,))
    write_problem(tmp_path, problem)
    plan = plan_problem(problem, travel_provider(problem.travel, base_dir=tmp_path), seconds=None, iterations=20)
    dump_plan(plan, tmp_path / "plan.json")
    write_visit(tmp_path)
    return tmp_path


def write_visit(folder: Path, **changes: Any) -> None:
    """Write a visit of half an hour at the customer's, who is a place of the problem."""
    visit = {"id": "new", "place_id": CUSTOMER.id, "duration_s": 1_800, **changes}
    document = {"format": "fieldops-visit/1", "visit": visit}
    (folder / "visit.json").write_text(json.dumps(document), encoding="utf-8")


def run_quote(folder: Path, *options: str) -> Outcome:
    """Run the command on the files of a folder."""
    return run("quote", folder / "problem.json", folder / "plan.json", "--visit", folder / "visit.json", *options)


def test_windows_of_every_day_are_shown_in_a_table(files: Path) -> None:
    """Without options one sees the days as customers are asked: every two hours from eight to six."""
    outcome = run_quote(files)

    lines = [" ".join(line.replace("\N{EN DASH}", "-").split()) for line in outcome.out.splitlines()]
    assert outcome.exit_code == 0
    # At the customer's anyway until half past ten: no way more, and nothing to pay. Home at noon, when lunch begins: 6
    # min of way and half an hour of service before, 11:24 at the latest.
    # Only the visit before could make him late, by an hour and a half.
    assert "10:00-12:00 0.00 kim 100 % 10:30 54 min 0 min" in lines
    # Overtime and more at 60.00 an hour is not free.
    assert any(line.startswith("16:00-18:00") and "kim" in line for line in lines)
    assert "Tue, Mar 17" in lines
    assert lines.count("10:00-12:00 nobody is at work") == 1


def test_all_slots_can_be_had_as_json(files: Path) -> None:
    """Scripts compare technicians; people want the cheapest."""
    outcome = run_quote(files, "--json", "--window", "2026-03-16/10:30-11:00", "--daily", "09:30-10:00")

    document = json.loads(outcome.out)
    assert outcome.exit_code == 0
    assert [window["earliest"] for window in document["windows"]] == [
        "2026-03-16T09:30:00-04:00",
        "2026-03-16T10:30:00-04:00",
        "2026-03-17T09:30:00-04:00",
    ]
    early, late, tuesday = document["windows"]
    # 09:30 to 10:00 is just enough before ten o'clock at the same address.
    assert [(slot["start"], slot["position"], slot["slack_s"]) for slot in early["slots"]] == [
        ("2026-03-16T09:30:00-04:00", 0, 0)
    ]
    assert late["slots"][0] == {
        "technician_id": "kim",
        "shift_id": "kim-monday",
        "position": 1,
        "cost_cents": 0,
        "start": "2026-03-16T10:30:00-04:00",
        "finish": "2026-03-16T11:00:00-04:00",
        "slack_s": 1_800,
        "extra_travel_s": 0,
    }
    # Half an hour of slack after half an hour of something: more often kept than not, but nothing to rely on.
    assert 500 < late["kept_permille"] < 1_000
    assert (tuesday["slots"], tuesday["kept_permille"], tuesday["refusals"]) == ([], None, {})


def test_no_place_in_any_window_is_a_bad_answer(files: Path) -> None:
    """A script can tell without reading the table."""
    outcome = run_quote(files, "--window", "2026-03-16/12:00-12:29")

    assert outcome.exit_code == 1
    assert "not within the shift: 1" in outcome.out


def test_every_window_that_is_none_is_named(files: Path) -> None:
    """Typed on the fly, so all slips are told at once."""
    windows = ["noon", "2026-03-16/10:00", "2026-03-18/08:00-10:00", "2026-03-16/10:00-09:00"]
    outcome = run_quote(files, *(f"--window={text}" for text in windows), "--daily", "8-10")

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--window"] * 4 + ["--daily"]
    assert "a date from 2026-03-16 to 2026-03-17" in outcome.err


def test_a_window_that_a_clock_change_skips_is_named(tmp_path: Path) -> None:
    """On March 8, 2026 there was no half past two in the morning; 02:00-03:00 has no length."""
    problem = make_problem(make_visit(), technicians=[], first_date=at("00:00", day=8).date())
    write_problem(tmp_path, problem)
    dump_plan(planned(problem), tmp_path / "plan.json")
    write_visit(tmp_path)

    outcome = run_quote(tmp_path, "--window", "2026-03-08/02:00-03:00")

    assert (outcome.exit_code, fault_lines(outcome)) == (2, ["--window"])


def test_faults_of_the_visit_document_are_named(files: Path) -> None:
    """A visit typed by hand gets the care a problem gets."""
    write_visit(files, duration_s="long", color="red")

    outcome = run_quote(files)

    assert (outcome.exit_code, sorted(fault_lines(outcome))) == (2, ["visit.color", "visit.duration_s"])
