"""A night on which the clock changes is under way: what is expected counts the minutes that really pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.simulate.assumptions import CALM
from fieldops.simulate.compare import Planned
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day
from fieldops.store.migrate import upgrade
from fieldops.store.tables import ReplanRow
from fieldops.usecases.context import Context
from fieldops.usecases.replan_views import ReplanView, replan_view
from fieldops.usecases.run_replan import run_replan
from fieldops.usecases.want_replan import start_wanted_replans
from fieldops.usecases.work import Work, view
from running_day import book, put_on_route
from simulated_days import open_database, simulate
from worlds import (
    STAFF,
    FakeClock,
    RecordingJobs,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)

#: New York skips 2:00 to 3:00 on the first of these Sundays, and has 1:00 to 2:00 twice on the second.
SPRING = date(2026, 3, 8)
AUTUMN = date(2026, 11, 1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Night:
    """Kim works from 0:30 to 8:00 and serves A, promised from 1:30 on, and B, from 4:00 to 6:00; Lee is free."""

    ctx: Context
    clock: FakeClock
    day: date
    territory: str
    kim: str
    lee: str
    a: str
    b: str

    def live(self, client: TestClient) -> dict[str, Any]:
        """See the board."""
        answer = client.get(f"/v1/territories/{self.territory}/live/{self.day.isoformat()}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def report(self, client: TestClient, kind: str, at: datetime, **about: Any) -> None:
        """Report something when it happens."""
        self.clock.advance(at - self.clock.now())
        event = {"id": f"ev-{kind}-{at.isoformat()}", "kind": kind, "occurred_at": at.isoformat(), **about}
        answer = client.post("/v1/progress", json={"events": [event]})
        assert answer.status_code == 200, answer.text


def make_night(database: Database, day: date) -> Night:
    """Make the night, at 0:15."""
    clock = FakeClock(local("00:15", day))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        territory = add_territory(session, live_policies={"replan_for_s": 0.1})
        depot = add_site(session, kind="depot")
        kim, lee = (add_technician(session, territory, name=name) for name in ("Kim", "Lee"))
        kims, _ = (add_shift(session, who, day=day, start="00:30", end="08:00", base=depot) for who in (kim, lee))
        a, b = (
            add_visit(session, territory, site=add_site(session, km_north=km), name=name)
            for name, km in (("A", 1.0), ("B", 2.0))
        )
        book(session, a, "01:30", "03:30", day)
        book(session, b, "04:00", "06:00", day)
        session.flush()
        put_on_route(ctx, session, kims, [a, b])
        ids = {"territory": territory.id, "kim": kim.id, "lee": lee.id, "a": a.id, "b": b.id}
    return Night(ctx=ctx, clock=clock, day=day, **ids)


@pytest.fixture(params=[SPRING, AUTUMN], ids=["spring", "autumn"])
def night(database: Database, request: pytest.FixtureRequest) -> Night:
    """Make a night of either kind."""
    return make_night(database, request.param)


@pytest.fixture
def dispatcher(night: Night) -> Iterator[TestClient]:
    """Log a dispatcher in."""
    with client_for(night.ctx, STAFF) as client:
        yield client


def test_half_an_hour_of_work_is_half_an_hour(night: Night, dispatcher: TestClient) -> None:
    """Begun at 1:40 before the clock changes, A ends thirty minutes later, whatever the clock on the wall says then."""
    begun = local("01:40", night.day)
    night.report(dispatcher, "started", begun, visit_id=night.a)

    board = night.live(dispatcher)

    [shift] = [one for one in board["shifts"] if one["technician_id"] == night.kim]
    assert datetime.fromisoformat(shift["ready_at"]) == begun + 30 * MINUTE
    # 6:40 UTC + 0:30 in spring, 5:40 + 0:30 in autumn.
    assert datetime.fromisoformat(shift["ready_at"]).hour == (7 if night.day == SPRING else 6)


def test_what_is_promised_after_the_change_is_kept_by_the_clock_of_then(night: Night, dispatcher: TestClient) -> None:
    """
    A takes longer until 3:50 by the new time: B, promised from 4:00 on, is kept, and expected soon after.

    From 1:40 that is 70 minutes in spring, and 190 in autumn.
    """
    begun, until = local("01:40", night.day), local("03:50", night.day)
    minutes = (until - begun) // MINUTE
    assert minutes == (70 if night.day == SPRING else 190)
    night.report(dispatcher, "started", begun, visit_id=night.a)
    night.report(dispatcher, "extended", begun + MINUTE, visit_id=night.a, minutes=minutes - 30)

    [eta] = [one for one in night.live(dispatcher)["etas"] if one["visit_id"] == night.b]

    assert abs(datetime.fromisoformat(eta["arrival_at"]) - until) < 40 * MINUTE
    assert datetime.fromisoformat(eta["earliest_at"]) > begun
    assert eta["kept_permille"] > 600


def test_a_replan_in_such_a_night_keeps_the_promise(night: Night, dispatcher: TestClient) -> None:
    """Kim falls ill while at the depot, at 1:50 by the old time: Lee comes to both, as promised."""
    night.report(dispatcher, "technician_out", local("01:50", night.day) - 60 * MINUTE, technician_id=night.kim)
    night.clock.advance(timedelta(seconds=2))
    assert start_wanted_replans(night.ctx) == 1
    assert isinstance(night.ctx.jobs, RecordingJobs)
    [replan_id] = [left.argument for left in night.ctx.jobs.left if left.job == "replan"]

    run_replan(night.ctx, replan_id)

    assert view(night.ctx, STAFF, _look, replan_id).state == "applied"
    routes = {route["technician_id"]: route["stops"] for route in night.live(dispatcher)["plan"]["routes"]}
    starts = {stop["visit_id"]: datetime.fromisoformat(stop["start_at"]) for stop in routes[night.lee]}
    assert local("01:30", night.day) <= starts[night.a] <= local("03:30", night.day)
    assert local("04:00", night.day) <= starts[night.b] <= local("06:00", night.day)


def _look(work: Work, replan_id: str) -> ReplanView:
    """Look at a replan."""
    return replan_view(work.session.get_one(ReplanRow, replan_id))


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_such_a_night_is_simulated_as_it_is_planned(day: date, tmp_path: Path) -> None:
    """Nothing comes in between: everybody is on time to the second, on either side of the change."""
    path = tmp_path / "night.db"
    ctx = open_database(f"sqlite:///{path}")
    upgrade(ctx.database)
    night = make_night(ctx.database, day)
    with ctx.database.reading() as session:
        loaded = load_day(session, night.territory, day)
    ctx.database.close()
    planned = Planned(
        path=path,
        open_database=open_database,
        territory_id=night.territory,
        day=day,
        problem=loaded.problem,
        keys={visit.id: visit.name for visit in loaded.problem.visits},
    )

    calm = simulate(planned, replans=True, assumed=CALM)

    assert (calm.figures.broken, calm.figures.promises) == (0, 2)
    assert calm.diary.starts == loaded.starts
    took = calm.diary.finishes[night.a] - calm.diary.starts[night.a]
    assert took == 30 * MINUTE
