"""A small town to simulate days in: two technicians, lunch, eight visits booked for windows of two hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from domain_builders import DEPOT, at, make_break, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.problem import Place, Problem
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.compare import Planned, Simulated, planned_day, simulate_day
from fieldops.usecases.context import Context
from fieldops.wiring import load_settings, make_context

WINDOWS = (("08:00", "10:00"), ("10:00", "12:00"), ("12:00", "14:00"), ("14:00", "16:00"))
NAMES = ("gas repair", "power inspection", "gas maintenance")


def small_town(*, num_technicians: int = 2, num_visits: int = 8) -> Problem:
    """Make the town; visits lie on a spiral around the depot, up to some six kilometers away."""
    places = [DEPOT]
    visits = []
    for pos in range(num_visits):
        north, east = ((pos * 7) % 11 - 5) / 100, ((pos * 5) % 13 - 6) / 100
        places.append(Place(id=f"p{pos:02}", latitude=38.9 + north, longitude=-77.03 + east))
        visits.append(
            make_visit(
                id=f"v{pos:02}",
                place_id=f"p{pos:02}",
                name=NAMES[pos % len(NAMES)],
                duration=timedelta(minutes=40),
                promised_window=window(*WINDOWS[pos % len(WINDOWS)]),
            )
        )
    technicians = [
        make_technician(
            make_shift(id=f"s{pos}", breaks=(make_break("11:30", "13:00"),), hard_end=at("19:00")),
            id=f"t{pos}",
            name=f"Tech {pos}",
        )
        for pos in range(num_technicians)
    ]
    return make_problem(*visits, technicians=technicians, name="small town", places=tuple(places))


def open_database(url: str) -> Context:
    """Open a database of the simulator."""
    return make_context(load_settings(database_url=url))


@contextmanager
def planned_town() -> Iterator[Planned]:
    """Plan the town for a second, and replan it for a tenth of one."""
    policies = LivePolicies(replan_for=timedelta(seconds=0.1))
    with planned_day(small_town(), open_database, plan_seconds=1, policies=policies) as planned:
        yield planned


def simulate(planned: Planned, *, replans: bool, assumed: Assumptions, seed: int = 4) -> Simulated:
    """Simulate a day, looked after every hour only: in a small town nothing happens in between."""
    return simulate_day(planned, seed, replans=replans, assumed=assumed, sweep_every=timedelta(hours=1))
