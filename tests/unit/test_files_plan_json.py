"""Plan documents: refused with every fault when somebody changed them by hand and got it wrong."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from domain_builders import at
from fieldops.domain.plan import Kpis, Plan, Route, SearchFacts, Stop, UnassignedKind, UnassignedVisit
from fieldops.errors import InvalidInput
from fieldops.files.plan_json import dump_plan, load_plan
from fieldops.units import Cents, Meters

NOTHING = timedelta(0)
STOP = Stop(
    visit_id="v1",
    arrival=at("08:10"),
    start=at("08:10"),
    finish=at("08:40"),
    departure=at("08:40"),
    wait=NOTHING,
    slack=timedelta(hours=1),
    lateness=NOTHING,
    travel=timedelta(minutes=10),
    distance=Meters(5_000),
)
PLAN = Plan(
    problem_name="a day",
    time_zone="America/New_York",
    routes=(
        Route(
            technician_id="kim",
            shift_id="kim-monday",
            departure=at("08:00"),
            end=at("08:50"),
            stops=(STOP,),
            breaks=(),
            travel=timedelta(minutes=20),
            travel_home=timedelta(minutes=10),
            distance=Meters(10_000),
            work=timedelta(minutes=50),
            overtime=NOTHING,
            cost={"travel": Cents(1_200), "distance": Cents(300)},
        ),
    ),
    unassigned=(UnassignedVisit(visit_id="v2", kind=UnassignedKind.DISPLACED, reasons=(), repair=None),),
    cost={"travel": Cents(1_200), "distance": Cents(300), "unassigned": Cents(30_000)},
    kpis=Kpis(
        visits=2,
        assigned=1,
        unassigned=1,
        mandatory_unassigned=0,
        served_priority=3,
        total_priority=6,
        promises=0,
        promises_kept=0,
        shifts=1,
        shifts_used=1,
        on_site=timedelta(minutes=30),
        travel=timedelta(minutes=20),
        wait=NOTHING,
        work=timedelta(minutes=50),
        overtime=NOTHING,
        distance=Meters(10_000),
        utilization=0.6,
        travel_share=0.4,
        visits_per_shift=1.0,
    ),
    search=SearchFacts(
        termination="time_limit",
        seed=1,
        threads=1,
        seconds=2.5,
        iterations=1_000,
        first_plan_s=0.01,
        recombinations=1,
        recombination_gain=Cents(0),
        pool_size=12,
        operators={"string": (900, 10)},
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a sound plan document."""
    file = tmp_path / "plan.json"
    dump_plan(PLAN, file)
    return file


def test_a_plan_is_written_in_local_time_with_its_total(path: Path) -> None:
    """Whoever opens the file wants to see 08:10 and what the whole day costs."""
    assert load_plan(path) == PLAN
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["routes"][0]["stops"][0]["start"] == "2026-03-16T08:10:00-04:00"
    # 1,200 + 300 + 30,000
    assert document["total_cost_cents"] == 31_500


def test_all_faults_of_form_come_at_once(path: Path) -> None:
    """As for problems."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["routes"][0]["stops"][0]["arrival"] = "soon"
    document["unassigned"][0]["kind"] = "lost"
    document["unassigned"][0]["reasons"] = ["bad_mood"]
    del document["kpis"]["visits"]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_plan(path)
    assert [fault.path for fault in caught.value.faults] == [
        "kpis.visits",
        "routes[0].stops[0].arrival",
        "unassigned[0].kind",
        "unassigned[0].reasons[0]",
    ]


def test_a_plan_that_does_not_add_up_is_refused(path: Path) -> None:
    """Two totals in one file would be believed by two people; an unknown zone cannot be shown."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["total_cost_cents"] = 31_499
    document["time_zone"] = "Mars/Olympus"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_plan(path)
    assert [fault.path for fault in caught.value.faults] == ["time_zone", "total_cost_cents"]
    assert "31500" in caught.value.faults[1].expected
