"""What a customer hears on the day: who comes when, rarely and truly, and what follows when a promise is broken."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.domain.progress import EventKind
from fieldops.store.database import Database
from fieldops.store.tables import ContactPointRow, SurveyRow, VisitRow, WaitlistRow
from telling_worlds import make_live_world
from worlds import local


def test_a_day_that_goes_well_is_four_messages(database: Database) -> None:
    """On the way, soon there, thanks, and how was it: the customer never has to ask."""
    world = make_live_world(database)
    booking = world.booked()
    world.expect(booking, "10:50")
    assert world.sent() == []  # inside the window is no news

    world.at("10:00")
    world.report(booking, EventKind.TRAVEL_STARTED)
    assert world.sent() == ["Kim is on the way to you"]
    # 10:50 give or take ten minutes.
    assert "between 10:40 AM and 11:00 AM" in world.told.email.sent[-1].body

    world.at("10:36")
    assert world.expect(booking, "10:50") == 1  # 14 minutes before, and 36 after the last word
    assert world.sent() == ["We will be with you soon"]
    world.at("10:52")
    world.report(booking, EventKind.STARTED)
    world.at("11:25")
    world.report(booking, EventKind.DONE)
    assert world.sent() == ["Thank you: your appointment is done"]
    world.at("13:24")
    assert world.sent() == []
    world.at("13:25")
    assert world.sent() == ["How was our visit?"]

    # The window was kept; the time told first was replaced by the second, which was kept, too.
    assert world.outcomes(booking) == [("window", "kept"), ("eta", "changed"), ("eta", "kept")]
    assert world.tasks() == []
    assert world.row(SurveyRow, booking.visit_id).technician_id == world.technician.id


def test_a_late_arrival_within_the_window_is_no_news(database: Database) -> None:
    """The customer was told a window, and it will be kept."""
    world = make_live_world(database)
    booking = world.booked()

    assert [world.expect(booking, arrival) for arrival in ("10:10", "11:00", "11:55", "12:00")] == [0, 0, 0, 0]


def test_an_arrival_after_the_window_is_told_once_the_replan_had_its_chance(database: Database) -> None:
    """A replan takes six seconds by default: what it mends the customer need not hear of."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    assert world.expect(booking, "12:20") == 0
    world.at("09:00:04")
    assert world.expect(booking, "11:30") == 0  # mended
    world.at("09:05")
    assert world.sweep() == 0
    assert world.expect(booking, "12:25") == 0
    world.at("09:05:06")

    assert world.sweep() == 1
    assert world.sent() == ["We are running late for your appointment today"]
    assert "between 12:15 PM and 12:35 PM" in world.told.email.sent[-1].body
    assert "choose another appointment" in world.told.email.sent[-1].body
    # Told in time, the promise has changed; the time told has its place.
    assert world.outcomes(booking) == [("window", "changed"), ("eta", None)]


def test_nobody_is_told_back_and_forth(database: Database) -> None:
    """12:25 was told; what differs by less than a quarter of an hour is the same, and nothing is told twice at once."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    world.expect(booking, "12:25")
    world.at("09:00:06")
    assert world.sweep() == 1

    world.at("09:10")
    assert [world.expect(booking, arrival) for arrival in ("12:39", "12:11", "12:25")] == [0, 0, 0]
    # 13:00 is news, but the last word is ten minutes old; 20 minutes have to pass.
    assert world.expect(booking, "13:00") == 0
    world.at("09:20:05")
    assert world.sweep() == 0
    world.at("09:20:06")
    assert world.sweep() == 1


def test_who_was_told_a_late_time_hears_that_the_window_is_kept_after_all(database: Database) -> None:
    """Whoever was told 12:25 is not at home at 11:30 unless somebody says so."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    world.expect(booking, "12:25")
    world.at("09:00:06")
    world.sweep()
    world.sent()
    world.at("09:30")
    world.expect(booking, "11:30")
    world.at("09:30:06")

    assert world.sweep() == 1
    assert world.sent() == ["We will be with you earlier than we said"]


def test_an_earlier_time_after_the_window_is_told_only_on_the_way(database: Database) -> None:
    """Told 13:30, expected 12:40: the customer made other plans, and hears of it when it is certain."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    world.expect(booking, "13:30")
    world.at("09:00:06")
    world.sweep()
    world.at("11:00")
    world.expect(booking, "12:40")
    world.at("11:00:06")
    assert world.sweep() == 0
    world.at("12:10")
    world.report(booking, EventKind.TRAVEL_STARTED)

    assert [message.data["earliest"] for message in world.messages("on_the_way")] == [local("12:30").isoformat()]


def test_a_message_that_has_not_left_is_replaced_by_the_next_word(database: Database) -> None:
    """The mail server was down for half an hour: only the newest time is worth telling."""
    world = make_live_world(database)
    booking = world.booked()
    for at, arrival in (("09:00", "12:25"), ("09:30", "13:10")):
        world.at(at)
        world.expect(booking, arrival)
        world.at(f"{at}:06")
        world.sweep()

    assert [(m.state, m.note) for m in world.messages("delayed")] == [
        ("skipped", "replaced by a delayed"),
        ("due", ""),
    ]
    assert len(world.sent()) == 1
    assert world.outcomes(booking) == [("window", "changed"), ("eta", "changed"), ("eta", None)]


def test_quiet_hours_hold_back_no_news_of_a_visit_that_is_near(database: Database) -> None:
    """It is 7:00, texts rest until 8:00; the visit at 8:30 is near, that at 11:00 is not."""
    world = make_live_world(database, now=local("07:00"))
    near = world.booked("07:30", "08:00", customer={"email": None})
    later = world.booked("10:00", "10:30", customer={"email": None, "channel": "sms"})
    world.expect(near, "08:30")
    world.expect(later, "11:00", position=1)
    world.at("07:00:06")

    assert world.sweep() == 2
    assert sorted(m.due_at for m in world.messages("delayed")) == [local("07:00:06"), local("08:00")]


def test_nothing_is_promised_to_who_cannot_be_reached(database: Database) -> None:
    """Nobody heard of the new time, so the old promise stands, and somebody can call."""
    world = make_live_world(database)
    booking = world.booked(customer={"email": None, "phone": None})
    world.at("09:00")
    world.expect(booking, "12:25")
    world.at("09:00:06")
    world.sweep()

    assert [message.state for message in world.messages("delayed")] == ["skipped"]
    assert world.outcomes(booking) == [("window", None)]
    assert world.heard(f"board:{world.territory.id}:2026-03-16") == ["message"]


def test_a_start_after_the_window_breaks_the_promise_once(database: Database) -> None:
    """The customer gets an apology, a person a task; telling it twice would make it worse."""
    world = make_live_world(database, live_policies={"credit_cents": 2_000})
    booking = world.booked()
    world.at("12:01")
    world.report(booking, EventKind.ARRIVED)
    world.at("12:02")
    world.report(booking, EventKind.STARTED)
    world.report(booking, EventKind.EXTENDED, minutes=30)

    assert world.outcomes(booking) == [("window", "broken")]
    assert world.sent() == ["We are sorry about your appointment"]
    assert "We credit you 20.00" in world.told.email.sent[-1].body
    (task,) = world.tasks()
    assert (task.kind, task.owner, task.credit_cents) == ("broken_promise", None, 2_000)
    assert task.due_at == local("12:02") + timedelta(hours=24)


def test_a_promise_that_was_changed_in_time_is_not_broken(database: Database) -> None:
    """12:25 was told at 9:00, and 12:30 is what came: honest, if not perfect."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    world.expect(booking, "12:25")
    world.at("09:00:06")
    world.sweep()
    world.at("12:30")
    world.report(booking, EventKind.STARTED)

    assert world.outcomes(booking) == [("window", "changed"), ("eta", "kept")]
    assert world.tasks() == []


def test_a_time_told_instead_of_the_window_can_be_broken_too(database: Database) -> None:
    """12:15 to 12:35 was told, 12:36 came: the second promise was no better than the first."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("09:00")
    world.expect(booking, "12:25")
    world.at("09:00:06")
    world.sweep()
    world.at("12:36")
    world.report(booking, EventKind.STARTED)

    assert world.outcomes(booking) == [("window", "changed"), ("eta", "broken")]
    assert [task.kind for task in world.tasks()] == ["broken_promise"]


def test_news_after_the_end_of_the_window_changes_no_promise(database: Database) -> None:
    """Who says at 12:10 that it will not be before 12:00 has broken the promise, not changed it."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("12:10")
    world.expect(booking, "12:40")
    world.at("12:10:06")
    assert world.sweep() == 1
    world.at("12:40")
    world.report(booking, EventKind.STARTED)

    assert world.outcomes(booking) == [("window", "broken"), ("eta", "kept")]


def test_a_visit_that_could_not_be_done_is_offered_again_and_handed_to_a_person(database: Database) -> None:
    """Kim was there in time, the part was wrong: no promise is broken, and the customer comes first next time."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("10:30")
    world.report(booking, EventKind.STARTED)
    world.at("10:45")
    world.report(booking, EventKind.COULD_NOT_COMPLETE, reason="wrong part")

    assert world.outcomes(booking) == [("window", "kept")]
    assert world.sent() == ["We are sorry about your appointment"]
    body = world.told.email.sent[-1].body
    assert "Choose a new appointment here" in body
    assert "wrong part" not in body
    (task,) = world.tasks()
    assert (task.kind, "wrong part" in task.summary) == ("could_not_complete", True)
    assert world.row(VisitRow, booking.visit_id).priority == 5


def test_who_was_not_at_home_broke_no_promise_of_ours(database: Database) -> None:
    """Kim rang in time; the customer is told so, and may choose again."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("10:30")
    world.report(booking, EventKind.ARRIVED)
    world.at("10:40")
    world.report(booking, EventKind.NO_SHOW)

    assert world.outcomes(booking) == [("window", "kept")]
    assert world.sent() == ["Sorry that we missed you"]
    assert [task.kind for task in world.tasks()] == ["could_not_complete"]


def test_somebody_who_never_came_broke_the_promise(database: Database) -> None:
    """The van broke down on the way: that the visit failed does not excuse it."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("10:30")
    world.report(booking, EventKind.TRAVEL_STARTED)
    world.at("11:00")
    world.report(booking, EventKind.COULD_NOT_COMPLETE, reason="vehicle")

    assert world.outcomes(booking) == [("window", "broken")]


def test_a_report_that_comes_late_corrects_the_ledger(database: Database) -> None:
    """The phone was offline: at 12:10 it looked as if Kim had only come, at 12:20 we learn that she began at 11:50."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("12:10")
    world.report(booking, EventKind.STARTED)
    assert world.outcomes(booking) == [("window", "broken")]
    assert [(task.kind, task.state) for task in world.tasks()] == [("broken_promise", "open")]
    world.at("12:20")
    world.report(booking, EventKind.STARTED, at="11:50")

    assert world.outcomes(booking) == [("window", "kept")]
    # What was to make up for it is taken back.
    assert [(task.kind, task.state) for task in world.tasks()] == [("broken_promise", "done")]
    assert [message.state for message in world.messages("apology")] == ["skipped"]
    assert world.sent() == []


def test_what_was_done_after_all_needs_no_new_appointment(database: Database) -> None:
    """Who was out was reported to have left the work undone; what came later from the phone says that it was done."""
    world = make_live_world(database)
    booking = world.booked()
    world.at("11:00")
    world.report(booking, EventKind.COULD_NOT_COMPLETE, reason="vehicle")
    assert [(task.kind, task.state) for task in world.tasks()] == [("could_not_complete", "open")]
    world.report(booking, EventKind.DONE, at="10:55")

    assert [(task.kind, task.state) for task in world.tasks()] == [("could_not_complete", "done")]
    assert world.sent() == ["Thank you: your appointment is done"]


@pytest.mark.parametrize(
    ("customer", "state"),
    [({}, "due"), ({"email": None, "phone": None}, "skipped")],
    ids=["agreed", "cannot be reached"],
)
def test_thanks_and_survey_go_to_who_may_be_written_to(
    database: Database, customer: dict[str, None], state: str
) -> None:
    """Nobody is asked who never gave an address."""
    world = make_live_world(database)
    booking = world.booked(customer=customer)
    world.at("10:30")
    world.report(booking, EventKind.STARTED)
    world.at("11:00")
    world.report(booking, EventKind.DONE)

    assert [(m.state, m.due_at) for m in world.messages("done")] == [(state, local("11:00"))]
    assert [(m.state, m.due_at) for m in world.messages("survey")] == [(state, local("13:00"))]


def test_nobody_is_asked_who_never_agreed_to_messages(database: Database) -> None:
    """Thanks belong to the booking; a survey is a favor, and goes only where the customer agreed to be written to."""
    world = make_live_world(database)
    booking = world.booked()
    with world.ctx.database.writing() as session:
        points = session.scalars(select(ContactPointRow).where(ContactPointRow.customer_id == booking.customer_id))
        for point in points:
            point.consent_at = None
    world.at("10:30")
    world.report(booking, EventKind.STARTED)
    world.at("11:00")
    world.report(booking, EventKind.DONE)

    assert [message.state for message in world.messages("done")] == ["due"]
    assert [(m.state, m.recipient) for m in world.messages("survey")] == [("skipped", "")]


def test_who_waits_for_an_earlier_slot_hears_of_an_earlier_time(database: Database) -> None:
    """Told 13:30, expected 12:40: whoever asked for any time from noon on is glad to know."""
    world = make_live_world(database)
    booking = world.booked()
    with world.ctx.database.writing() as session:
        session.add(
            WaitlistRow(
                id="wl_1",
                booking_id=booking.id,
                territory_id=world.territory.id,
                not_before=local("12:00"),
                consent_at=local("08:00"),
                created_at=local("08:00"),
            )
        )
    for at, arrival in (("09:00", "13:30"), ("11:00", "12:40")):
        world.at(at)
        world.expect(booking, arrival)
        world.at(f"{at}:06")
        assert world.sweep() == 1

    assert [message.kind for message in world.messages("sooner")] == ["sooner"]
