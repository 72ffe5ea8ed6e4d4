"""What customers see with their link on the day, and what they can do there."""

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from api_client import client_for
from fieldops.domain.progress import EventKind
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, TechnicianStateRow, VisitRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.users import create_user
from fieldops.usecases.work import transact
from telling_worlds import LiveWorld, make_live_world
from worlds import OPS, STAFF, TODAY, local

BOARD = "board:{}:2026-03-16"


def _link(world: LiveWorld, booking: BookingRow) -> TestClient:
    """Open the customer's link."""
    order_id = world.row(VisitRow, booking.visit_id).work_order_id
    return client_for(world.ctx, transact(world.ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order_id).token)


def _seen(client: TestClient) -> dict[str, Any]:
    """Look at the page."""
    answer = client.get("/v1/track")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _at(world: LiveWorld, clock: str, km_north: float) -> None:
    """Let Kim be seen somewhere."""
    with world.ctx.database.writing() as session:
        key = (world.technician.id, TODAY)
        row = session.get(TechnicianStateRow, key)
        if row is None:
            row = TechnicianStateRow(technician_id=key[0], date=TODAY, territory_id=world.territory.id)
            session.add(row)
        row.latitude, row.longitude, row.seen_at = 38.9 + 0.009 * km_north, -77.03, local(clock)


def _done(world: LiveWorld, booking: BookingRow) -> None:
    """Serve a visit from 10:10 to 11:00."""
    world.at("10:10")
    world.report(booking, EventKind.STARTED)
    world.at("11:00")
    world.report(booking, EventKind.DONE)


def test_the_page_tells_a_day_as_it_goes(database: Database) -> None:
    """From the window in the morning to the thanks: each time what the customer may know, in one sentence."""
    world = make_live_world(database)
    first, booking = world.booked("08:00", "10:00"), world.booked()
    client = _link(world, booking)

    morning = _seen(client)
    assert (morning["state"], morning["sentence"]) == (
        "today",
        "We will be with you today between 10:00 AM and 12:00 PM.",
    )
    assert (morning["technician"], morning["stops_before"], morning["expected_earliest"]) == (None, None, None)
    assert morning["actions"] == ["reschedule", "cancel", "note"]

    # At 8:00 an arrival at 10:50 is too far away to be shown; at 9:00 it is not.
    world.expect(first, "08:40", position=0)
    world.expect(booking, "10:50", position=1)
    assert _seen(client)["expected_earliest"] is None
    world.at("09:00")
    near = _seen(client)
    assert (near["sentence"], near["technician"], near["stops_before"]) == (
        "We will be with you today between 10:40 AM and 11:00 AM.",
        "Kim",
        1,
    )

    world.at("10:30")
    _at(world, "10:29", 5.0)
    world.report(booking, EventKind.TRAVEL_STARTED)
    on_the_way = _seen(client)
    assert on_the_way["sentence"] == "Kim is on the way to you and will arrive between 10:40 AM and 11:00 AM."
    # Where Kim was before she left is somebody else's home.
    assert on_the_way["position"] is None
    assert on_the_way["stops_before"] == 0
    assert on_the_way["actions"] == ["note"]
    _at(world, "10:40", 2.0)
    assert _seen(client)["position"] == {"latitude": 38.918, "longitude": -77.03, "seen_at": "2026-03-16T14:40:00Z"}

    world.at("10:50")
    world.report(booking, EventKind.ARRIVED)
    arrived = _seen(client)
    assert (arrived["sentence"], arrived["position"]) == ("Kim has arrived.", None)
    world.report(booking, EventKind.STARTED)
    assert _seen(client)["state"] == "in_progress"
    world.at("11:30")
    world.report(booking, EventKind.DONE)
    done = _seen(client)
    assert (done["state"], done["actions"]) == ("done", ["survey"])


def test_the_page_speaks_the_customers_language(database: Database) -> None:
    """In the words and the clock of the reader."""
    world = make_live_world(database)
    booking = world.booked(customer={"language": "de"})

    assert _seen(_link(world, booking))["sentence"] == "Wir kommen heute zwischen 10:00 und 12:00 Uhr."


def test_a_delay_is_seen_on_the_page(database: Database) -> None:
    """Who looks need not wait for the message."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("11:00")
    world.expect(booking, "12:25")

    shown = _seen(_link(world, booking))
    assert (shown["state"], shown["sentence"]) == (
        "delayed",
        "We are running late and expect to arrive between 12:15 PM and 12:35 PM.",
    )


def test_who_is_late_and_on_the_way_says_so(database: Database) -> None:
    """Driving there at last does not make the promised window kept; arriving ends the waiting."""
    world = make_live_world(database)
    booking = world.booked("08:00", "10:00")
    client = _link(world, booking)
    assert _seen(client)["is_late"] is False
    world.at("09:00")
    world.expect(booking, "10:45")
    assert (_seen(client)["state"], _seen(client)["is_late"]) == ("delayed", True)

    world.at("10:30")
    world.report(booking, EventKind.TRAVEL_STARTED)
    shown = _seen(client)
    assert (shown["state"], shown["is_late"], shown["sentence"]) == (
        "on_the_way",
        True,
        "Kim is on the way to you, later than we promised, and will arrive between 10:35 AM and 10:55 AM."
        " We are sorry.",
    )

    world.at("10:44")
    world.report(booking, EventKind.ARRIVED)
    assert _seen(client)["is_late"] is False


def test_a_window_that_has_passed_without_a_word_is_late(database: Database) -> None:
    """Nobody knows when somebody will come; that it is too late, everybody knows."""
    world = make_live_world(database)
    booking = world.booked("08:00", "10:00")
    world.at("10:01")
    assert _seen(_link(world, booking))["is_late"] is True


def test_nothing_is_expected_of_a_technician_who_is_out(database: Database) -> None:
    """Kim went home sick; who comes instead, and when, nobody knows yet."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("10:00")
    world.expect(booking, "10:10")
    with world.ctx.database.writing() as session:
        session.add(
            TechnicianStateRow(
                technician_id=world.technician.id,
                date=TODAY,
                territory_id=world.territory.id,
                out_since=local("10:00"),
                out_reason="sick",
            )
        )

    assert world.sweep() == 0
    shown = _seen(_link(world, booking))
    assert (shown["state"], shown["technician"], shown["expected_earliest"]) == ("today", None, None)


def test_a_link_opens_no_other_page(database: Database) -> None:
    """Neither the other customer's visit nor its survey, whoever names them."""
    world = make_live_world(database)
    booking, other = world.booked(), world.booked()
    _done(world, other)
    client = _link(world, booking)

    assert _seen(client)["visit_id"] == booking.visit_id
    for path in ("/v1/track", "/v1/survey"):
        assert client.get(path, params={"visit_id": other.visit_id}).status_code == 404
    answer = client.post("/v1/survey", json={"nps": 0, "visit_id": other.visit_id})
    assert answer.status_code == 404


def test_a_note_reaches_the_board_at_once(database: Database) -> None:
    """The dog is in the yard: whoever dispatches sees it, and the customer's history keeps it."""
    world = make_live_world(database)
    booking = world.booked()
    made = _link(world, booking).post("/v1/track/notes", json={"text": "The dog is in the yard."})

    assert made.status_code == 201, made.text
    assert world.heard(BOARD.format(world.territory.id)) == ["message"]
    staff = client_for(world.ctx, STAFF)
    (entry,) = staff.get(f"/v1/customers/{booking.customer_id}/timeline", params={"kind": "note"}).json()["items"]
    assert (entry["text"], entry["channel"]) == ("The dog is in the yard.", "web")


def test_whoever_watches_the_visit_hears_when_the_page_changes(database: Database) -> None:
    """Expected near the time, told, on the way."""
    world = make_live_world(database)
    booking = world.booked()
    world.expect(booking, "10:50")
    world.at("10:00")
    world.expect(booking, "10:40")
    world.report(booking, EventKind.TRAVEL_STARTED)

    assert world.heard(f"visit:{booking.visit_id}") == ["eta", "progress", "message"]


def test_a_survey_is_answered_once_and_may_be_corrected_for_a_day(database: Database) -> None:
    """A slip of the finger can be mended; last week's opinion cannot be rewritten."""
    world = make_live_world(database)
    booking = world.booked()
    _done(world, booking)
    client = _link(world, booking)
    asked = client.get("/v1/survey").json()
    assert (asked["technician"], asked["can_answer"], asked["nps"]) == ("Kim", True, None)
    assert client.post("/v1/survey", json={"comment": "no score"}).status_code == 422

    client.post("/v1/survey", json={"nps": 9, "csat": 5, "ces": 4})
    world.clock.advance(timedelta(hours=24))
    corrected = client.post("/v1/survey", json={"nps": 10, "csat": 5, "ces": 5, "comment": "Quick!"})
    assert (corrected.status_code, corrected.json()["nps"]) == (200, 10)
    world.clock.advance(timedelta(seconds=1))
    late = client.post("/v1/survey", json={"nps": 1})

    assert (late.status_code, late.json()["code"]) == (409, "E3005")
    assert world.tasks() == []
    staff = client_for(world.ctx, STAFF)
    (entry,) = staff.get(f"/v1/customers/{booking.customer_id}/timeline", params={"kind": "survey"}).json()["items"]
    assert (entry["text"], entry["state"]) == ("Quick!", "nps 10, csat 5, ces 5")


def test_a_bad_score_becomes_a_task_with_an_owner_and_a_time(database: Database) -> None:
    """Three of five counts as six of ten, which is low: Lee calls by tomorrow, and says what came of it."""
    world = make_live_world(database)
    booking = world.booked()
    _done(world, booking)
    user = transact(
        world.ctx,
        OPS,
        create_user,
        email="lee@example.com",
        name="Lee",
        role="dispatcher",
        password_hash="$argon2id$none",
    )
    _link(world, booking).post("/v1/survey", json={"nps": 9, "csat": 3, "comment": "Mud everywhere."})
    staff = client_for(world.ctx, STAFF)

    (task,) = staff.get("/v1/tasks", params={"state": "open"}).json()["items"]
    assert (task["kind"], task["owner"], task["due_at"]) == ("low_score", user.id, "2026-03-17T15:00:00Z")
    assert task["summary"] == "A customer was not content (nps 9, csat 3): Mud everywhere."
    path = f"/v1/tasks/{task['id']}"
    assert staff.patch(path, json={"owner": "us_nobody"}).status_code == 422
    assert staff.patch(path, json={"owner": None}).json()["owner"] is None
    assert staff.patch(path, json={"owner": user.id, "note": "calls at noon"}).json()["owner"] == user.id
    done = staff.post(f"{path}/done", json={"note": "Cleaned up; all is well."}).json()
    again = staff.post(f"{path}/done", json={"note": "again"}).json()

    assert (done["state"], done["done_by"], done["note"]) == ("done", "user:us_staff", "Cleaned up; all is well.")
    assert again == done
    assert staff.get("/v1/tasks", params={"owner": user.id, "state": "open"}).json()["items"] == []


def test_surveys_are_summed_up_by_technician_and_kind_of_work(database: Database) -> None:
    """Nine, ten and three: two promoters and a detractor of three are a third, 33.3."""
    world = make_live_world(database)
    for number, (nps, csat) in enumerate([(9, 5), (10, 4), (3, 2)]):
        booking = world.booked(customer={"email": f"pat{number}@example.com", "phone": None})
        _done(world, booking)
        _link(world, booking).post("/v1/survey", json={"nps": nps, "csat": csat})
        world.at("08:00")
    silent = world.booked(name="Meter")
    _done(world, silent)
    staff = client_for(world.ctx, STAFF)
    sums = staff.get("/v1/surveys/averages", params={"territory_id": world.territory.id}).json()["items"]

    # (5 + 4 + 2) / 3 = 3.67
    assert [(s["visit_type"], s["asked"], s["answered"], s["nps"], s["csat"], s["ces"]) for s in sums] == [
        ("Boiler inspection", 3, 3, 33.3, 3.67, None),
        ("Meter", 1, 0, None, None, None),
    ]
    assert {s["technician_id"] for s in sums} == {world.technician.id}
    listed = staff.get("/v1/surveys", params={"limit": 2, "only_answered": True}).json()
    rest = staff.get("/v1/surveys", params={"limit": 2, "only_answered": True, "after": listed["next"]}).json()
    assert [len(listed["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_a_message_that_waits_can_be_read_as_it_will_leave(database: Database) -> None:
    """Whoever answers the phone sees what the customer is about to be asked, without the key to the page."""
    world = make_live_world(database)
    booking = world.booked()
    _done(world, booking)
    staff = client_for(world.ctx, STAFF)
    waiting = staff.get("/v1/messages", params={"state": "due", "customer_id": booking.customer_id}).json()["items"]
    (survey,) = [message for message in waiting if message["kind"] == "survey"]
    shown = staff.get(f"/v1/messages/{survey['id']}").json()["message"]

    assert shown["title"] == "How was our visit?"
    assert "Kim came" in shown["body"]
    assert shown["body"].splitlines().count("http://127.0.0.1:8000/survey#token=fol_...") == 1
