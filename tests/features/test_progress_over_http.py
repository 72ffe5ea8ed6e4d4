"""What technicians and dispatchers report through the API, one story for each kind of event, and what comes of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import (
    BookingRow,
    LiveDayRow,
    MessageRow,
    ProgressEventRow,
    StreamEventRow,
    TaskRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from live_worlds import LiveWorld, make_live_world, technician_actor
from worlds import STAFF, TODAY, add_technician, add_visit, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


@pytest.fixture
def dispatcher(world: LiveWorld) -> Iterator[TestClient]:
    """Log a dispatcher in."""
    with client_for(world.ctx, STAFF) as client:
        yield client


@pytest.fixture
def kim(world: LiveWorld) -> Iterator[TestClient]:
    """Log Kim in."""
    with client_for(world.ctx, world.kim) as client:
        yield client


def post(client: TestClient, world: LiveWorld, kind: str, visit: str | None = None, *, at: str, **more: Any) -> Any:
    """Report one event at a local time, which it then is; give its receipt."""
    if world.clock.now() < local(at):
        world.clock_at(at)
    body = {"id": f"ev-{kind}-{visit}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), **more}
    if visit is not None:
        body["visit_id"] = world.ids[visit]
    answer = client.post("/v1/progress", json={"events": [body]})

    assert answer.status_code == 200, answer.text

    return answer.json()["receipts"][0]


def board(client: TestClient, world: LiveWorld) -> dict[str, Any]:
    """See the day."""
    answer = client.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}")

    assert answer.status_code == 200, answer.text

    found: dict[str, Any] = answer.json()
    return found


def eta(client: TestClient, world: LiveWorld, visit: str) -> dict[str, Any]:
    """Give what is expected of a visit."""
    return next(eta for eta in board(client, world)["etas"] if eta["visit_id"] == world.ids[visit])


def said(world: LiveWorld, kind: str) -> list[Any]:
    """List what was said on streams under a kind."""
    with world.ctx.database.reading() as session:
        query = select(StreamEventRow).where(StreamEventRow.kind == kind).order_by(StreamEventRow.id)
        return list(session.scalars(query))


def wanted(world: LiveWorld) -> list[str]:
    """List why a replan is wanted."""
    row = world.row(LiveDayRow, (world.territory.id, TODAY))
    return [] if row is None or row.wanted_at is None else row.wanted_why


def test_travel_started_tells_the_customer_when_to_expect_whom(
    world: LiveWorld, kim: TestClient, dispatcher: TestClient
) -> None:
    """Kim leaves for a: its phase is shown, its ETA fresh, and its customer told that somebody is on the way."""
    receipt = post(kim, world, "travel_started", "a", at="08:02")

    assert receipt == {
        "id": "ev-travel_started-a-08:02",
        "is_repeated": False,
        "is_ignored": False,
        "visit_id": world.ids["a"],
        "phase": "traveling",
    }
    expected = local("08:02") + world.leg("depot", "a")
    shown = eta(dispatcher, world, "a")
    assert shown["earliest_at"] <= expected.isoformat().replace("+00:00", "Z") <= shown["latest_at"]
    assert shown["kept_permille"] == 1_000
    with world.ctx.database.reading() as session:
        kinds = set(session.scalars(select(MessageRow.kind).where(MessageRow.kind == "on_the_way")))
    assert kinds == {"on_the_way"}
    assert {row.topic.partition(":")[0] for row in said(world, "progress")} == {"board", "technician", "visit"}


def test_arrived_and_started_settle_the_promise(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """Service starts inside the window: the promise is kept, and what is planned stands beside what happened."""
    post(kim, world, "arrived", "a", at="08:10")
    receipt = post(kim, world, "started", "a", at="08:12")

    assert receipt["phase"] == "in_progress"
    row = world.row(VisitProgressRow, world.ids["a"])
    assert (row.arrived_at, row.started_at) == (local("08:10"), local("08:12"))
    assert row.planned_start_at == world.planned_start("a")
    assert row.planned_duration_s == 1_800
    seen = board(dispatcher, world)
    assert world.ids["a"] not in {eta["visit_id"] for eta in seen["etas"]}
    assert [(one["visit_id"], one["phase"]) for one in seen["progress"]] == [(world.ids["a"], "in_progress")]


def test_an_extension_moves_everything_behind_it(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """Forty-five minutes more at a are forty-five minutes later at b and c."""
    post(kim, world, "started", "a", at="08:12")
    before = eta(dispatcher, world, "b")["arrival_at"]
    post(kim, world, "extended", "a", at="08:13", minutes=45)
    after = eta(dispatcher, world, "b")["arrival_at"]

    assert 40 <= _minutes(after) - _minutes(before) <= 50


def test_the_board_hears_when_somebody_is_free_although_nobody_waits(world: LiveWorld, kim: TestClient) -> None:
    """Half an hour more at the last visit makes no customer wait: the board hears all the same when Kim is free."""
    for visit, start, end in (("a", "08:12", "08:42"), ("b", "08:50", "09:20")):
        post(kim, world, "started", visit, at=start)
        post(kim, world, "done", visit, at=end)
    post(kim, world, "started", "c", at="09:30")
    post(kim, world, "extended", "c", at="09:31", minutes=30)

    board_etas = [row.data for row in said(world, "eta") if row.topic.startswith("board:")]
    [before], [after] = (data["shifts"] for data in board_etas[-2:])
    assert (board_etas[-1]["etas"], after["shift_id"]) == ([], world.shift.id)
    assert _minutes(after["ready_at"]) - _minutes(before["ready_at"]) == 30
    # A position says nothing that the map does not hear by itself.
    post(kim, world, "position", at="09:32", latitude=38.9, longitude=-77.03, technician_id=world.technician.id)
    assert len([row for row in said(world, "eta") if row.topic.startswith("board:")]) == len(board_etas)


def test_done_closes_the_work_order(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """The only visit of its work order is done: so is the work order; on the plan it stays, as history."""
    post(kim, world, "started", "a", at="08:12")
    receipt = post(kim, world, "done", "a", at="08:40")

    assert receipt["phase"] == "done"
    visit = world.row(VisitRow, world.ids["a"])
    assert visit.state == "done"
    assert world.row(WorkOrderRow, visit.work_order_id).state == "closed"
    plan = board(dispatcher, world)["plan"]
    assert [stop["state"] for stop in plan["routes"][0]["stops"]] == ["done", "open", "open"]


def test_could_not_complete_leaves_the_plan_and_a_task(
    world: LiveWorld, kim: TestClient, dispatcher: TestClient
) -> None:
    """A part is missing: the visit needs another appointment, and the rest of the day goes on from there."""
    post(kim, world, "arrived", "a", at="08:10")
    receipt = post(kim, world, "could_not_complete", "a", at="08:20", reason="a part is missing")

    assert receipt["phase"] == "failed"
    assert world.row(VisitRow, world.ids["a"]).state == "failed"
    stops = board(dispatcher, world)["plan"]["routes"][0]["stops"]
    assert [stop["visit_id"] for stop in stops] == world.visit_ids[1:]
    with world.ctx.database.reading() as session:
        assert len(session.scalars(select(TaskRow)).all()) == 1
    # From a on, where Kim is now, not from the depot.
    shift = board(dispatcher, world)["shifts"][0]
    assert (shift["latitude"], shift["ready_at"]) == (pytest.approx(world.latitude(2.0)), "2026-03-16T12:20:00Z")


def test_a_position_makes_etas_better(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """Seen ten kilometers beyond b, Kim is later there than from a."""
    post(kim, world, "started", "a", at="08:12")
    post(kim, world, "done", "a", at="08:40")
    before = eta(dispatcher, world, "b")["arrival_at"]
    more = {"technician_id": world.technician.id, "latitude": world.latitude(14.0), "longitude": -77.03}
    post(kim, world, "position", at="08:41", **more)

    assert _minutes(eta(dispatcher, world, "b")["arrival_at"]) > _minutes(before) + 5
    [technician] = board(dispatcher, world)["technicians"]
    assert technician["seen_at"] == "2026-03-16T12:41:00Z"


def test_a_no_show_frees_the_technician(world: LiveWorld, dispatcher: TestClient) -> None:
    """Nobody was home at a: b is next, sooner than planned."""
    leg = world.leg("a", "b")
    post(dispatcher, world, "arrived", "a", at="08:10")
    receipt = post(dispatcher, world, "no_show", "a", at="08:20", reason="rang three times")

    assert receipt["phase"] == "failed"
    expected = (local("08:20") + leg).isoformat()
    assert _minutes(eta(dispatcher, world, "b")["arrival_at"]) == pytest.approx(_minutes(expected), abs=2)


def test_canceled_on_the_day_is_canceled_everywhere(world: LiveWorld, dispatcher: TestClient) -> None:
    """The customer calls: booking, visit and stop are gone, and the customer has it in writing."""
    receipt = post(dispatcher, world, "canceled", "a", at="08:01", reason="not needed any more")

    assert receipt["phase"] == "canceled"
    assert world.row(BookingRow, f"bk_{world.ids['a']}").state == "canceled"
    assert world.row(VisitRow, world.ids["a"]).state == "canceled"
    assert len(board(dispatcher, world)["plan"]["routes"][0]["stops"]) == 2
    with world.ctx.database.reading() as session:
        assert session.scalars(select(MessageRow.kind).where(MessageRow.kind == "cancellation")).first() is not None


@pytest.mark.parametrize("kind", ["technician_out", "vehicle_down"])
def test_who_is_out_puts_the_whole_route_at_risk(world: LiveWorld, dispatcher: TestClient, kind: str) -> None:
    """No promise of the route will be kept as it stands: a replan is wanted at once. Being back takes it back."""
    post(dispatcher, world, kind, at="07:50", technician_id=world.technician.id, reason="fever")

    shown = eta(dispatcher, world, "a")
    assert (shown["kept_permille"], shown["is_at_risk"]) == (0, True)
    assert wanted(world)[0] == "Kim is out: fever"
    assert board(dispatcher, world)["technicians"][0]["out_since"] == "2026-03-16T11:50:00Z"

    post(dispatcher, world, "technician_back", at="07:55", technician_id=world.technician.id)

    assert eta(dispatcher, world, "a")["kept_permille"] == 1_000
    assert board(dispatcher, world)["technicians"][0]["out_since"] is None


def test_traffic_slows_every_route_down(world: LiveWorld, dispatcher: TestClient) -> None:
    """Three times as long on the road: everybody is later, and the board says why."""
    post(dispatcher, world, "started", "a", at="08:12")
    before = eta(dispatcher, world, "c")["arrival_at"]
    post(dispatcher, world, "traffic", at="08:13", territory_id=world.territory.id, permille=3_000)

    assert _minutes(eta(dispatcher, world, "c")["arrival_at"]) > _minutes(before) + 5
    assert board(dispatcher, world)["travel_permille"] == 3_000


def test_an_emergency_asks_for_a_place_at_once(world: LiveWorld, dispatcher: TestClient) -> None:
    """An open visit becomes the most urgent there is, belongs to the day, and a replan is wanted."""
    with world.ctx.database.writing() as session:
        visit = add_visit(session, world.territory, name="Gas leak")
    body = {"kind": "emergency", "id": "ev-1", "occurred_at": local("08:01").isoformat(), "visit_id": visit.id}
    answer = dispatcher.post("/v1/progress", json={"events": [body]})

    assert answer.status_code == 200, answer.text
    assert world.row(VisitRow, visit.id).priority == 5
    assert wanted(world) == ["emergency: Gas leak"]

    refused = dispatcher.post("/v1/progress", json={"events": [{**body, "id": "ev-2", "visit_id": world.ids["a"]}]})

    assert (refused.status_code, refused.json()["code"]) == (409, "E3005")


def test_events_come_twice_late_and_out_of_order(world: LiveWorld, kim: TestClient) -> None:
    """A phone sends the afternoon's events at once, some of them again: what they mean does not depend on that."""
    world.clock_at("09:00")

    def event(kind: str, at: str) -> dict[str, Any]:
        return {"id": f"ev-{kind}", "kind": kind, "occurred_at": local(at).isoformat(), "visit_id": world.ids["a"]}

    done, started = event("done", "08:45"), event("started", "08:15")
    first = kim.post("/v1/progress", json={"events": [done]}).json()["receipts"]
    again = kim.post("/v1/progress", json={"events": [started, done, event("arrived", "08:50")]}).json()["receipts"]

    # Whoever is done was there, and began: when, is known later.
    assert [(one["is_ignored"], one["phase"]) for one in first] == [(False, "done")]
    assert [(one["is_repeated"], one["is_ignored"]) for one in again] == [(False, False), (True, False), (False, True)]
    assert {one["phase"] for one in again} == {"done"}
    row = world.row(VisitProgressRow, world.ids["a"])
    assert (row.started_at, row.finished_at) == (local("08:15"), local("08:45"))
    assert world.row(VisitRow, world.ids["a"]).state == "done"
    with world.ctx.database.reading() as session:
        assert len(session.scalars(select(ProgressEventRow)).all()) == 3


def test_an_event_that_comes_back_changed_is_refused(world: LiveWorld, kim: TestClient) -> None:
    """One id is one event: what differs is named, and nothing of the request is recorded."""
    post(kim, world, "started", "a", at="08:12")
    changed = {"kind": "started", "occurred_at": local("08:11").isoformat(), "visit_id": world.ids["a"]}
    other = {"id": "ev-other", "kind": "arrived", "occurred_at": local("08:11").isoformat(), "visit_id": world.ids["a"]}
    answer = kim.post("/v1/progress", json={"events": [other, {**changed, "id": "ev-started-a-08:12"}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "E3010")
    assert answer.json()["details"]["fields"] == ["occurred_at"]
    assert world.row(ProgressEventRow, "ev-other") is None


def test_technicians_report_of_their_own_visits_only(world: LiveWorld, database: Database, kim: TestClient) -> None:
    """Of others' visits a technician learns nothing, not even that they exist; and dispatchers' events are theirs."""
    with database.writing() as session:
        lee = add_technician(session, world.territory, name="Lee")
    event = {"id": "ev-1", "kind": "started", "occurred_at": local("08:00").isoformat(), "visit_id": world.ids["a"]}
    with client_for(world.ctx, technician_actor(lee)) as client:
        assert client.post("/v1/progress", json={"events": [event]}).status_code == 404
    refused = kim.post("/v1/progress", json={"events": [{**event, "kind": "canceled"}]})
    somebody = {"id": "ev-2", "kind": "technician_out", "occurred_at": event["occurred_at"], "technician_id": lee.id}

    assert (refused.status_code, refused.json()["code"]) == (403, "E4002")
    assert kim.post("/v1/progress", json={"events": [somebody]}).status_code == 404


def test_nobody_trusts_a_clock_that_is_ahead(world: LiveWorld, kim: TestClient) -> None:
    """Three minutes in the future nothing has happened yet; all faults are named at once."""
    body = {"kind": "started", "occurred_at": local("08:03").isoformat(), "visit_id": world.ids["a"]}
    about_nobody = {"id": "ev-2", "kind": "extended", "occurred_at": local("08:00").isoformat()}
    answer = kim.post("/v1/progress", json={"events": [{**body, "id": "ev-1"}, about_nobody]})

    assert answer.status_code == 422
    paths = [fault["path"] for fault in answer.json()["faults"]]
    assert paths == ["events[0].occurred_at", "events[1].visit_id", "events[1].minutes"]


def test_a_promise_in_jeopardy_wants_a_replan(world: LiveWorld, dispatcher: TestClient) -> None:
    """At a minute to ten nobody has left for the visit promised until ten, and travel is slow."""
    world.clock_at("09:59")
    post(dispatcher, world, "traffic", at="09:59", territory_id=world.territory.id, permille=2_000)

    shown = eta(dispatcher, world, "a")
    assert shown["is_at_risk"]
    assert shown["kept_permille"] < 700
    assert wanted(world) == ["at risk: Boiler inspection"]


def _minutes(instant: str) -> float:
    """Count the minutes of an instant, for comparing."""
    return datetime.fromisoformat(instant).timestamp() / 60


def test_a_technicians_day_and_calendar_say_how_it_stands(world: LiveWorld, kim: TestClient) -> None:
    """Kim sees what is expected from where Kim is, not what was planned in the morning."""
    address = f"/v1/technicians/{world.technician.id}"
    day = {"date": TODAY.isoformat()}
    planned = kim.get(f"{address}/day", params=day).json()["shifts"][0]["stops"]

    assert [(stop["phase"], stop["eta_earliest"]) for stop in planned] == [("planned", None)] * 3

    post(kim, world, "started", "a", at="09:12")
    seen = kim.get(f"{address}/day", params=day).json()["shifts"][0]["stops"]

    assert [stop["phase"] for stop in seen] == ["in_progress", "planned", "planned"]
    assert seen[0]["eta"] == "2026-03-16T13:12:00Z"
    assert seen[1]["eta_earliest"] < seen[1]["eta"] < seen[1]["eta_latest"]
    assert _minutes(seen[1]["eta"]) > _minutes(planned[1]["eta"]) + 30
    calendar = kim.get(f"{address}/calendar.ics").text
    assert "In progress" in calendar
    assert "Expected 09:" in calendar
