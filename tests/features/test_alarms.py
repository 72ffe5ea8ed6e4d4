"""What rings a bell when messages do not leave or plans are not made: figures, and lines of the log."""

import re
from datetime import timedelta

import pytest

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import PlanJobRow
from fieldops.usecases.context import Context
from fieldops.usecases.send_due import send_due
from message_worlds import LATER, NEVER, RecordingChannel, Told, add_booking, tell
from worlds import NOW, TODAY, FakeClock, add_customer, add_territory, local, make_context


def _figures(ctx: Context) -> dict[str, float]:
    text = client_for(ctx).get("/metrics").text
    found = re.findall(r"^fieldops_(\S+) (\S+)$", text, flags=re.MULTILINE)
    return {name.replace('"', ""): float(value) for name, value in found}


def test_a_mail_server_that_is_down_is_seen(database: Database) -> None:
    """Each attempt moves the next one ahead, so that hardly anything is ever due: that alone never rang."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER]))
    ctx = make_context(database, clock=clock, channels=told.channels())
    with database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, phone=None))
    tell(ctx, booking, "confirmation")
    assert _figures(ctx)["messages_failing{channel=email}"] == 0

    for _ in range(30):
        send_due(ctx)
        clock.advance(timedelta(minutes=1))

    figures = _figures(ctx)
    assert figures["messages_failing{channel=email}"] == 1
    assert figures["messages_oldest_seconds{channel=email}"] == 30 * 60
    assert (figures["messages_failing{channel=sms}"], figures["messages_oldest_seconds{channel=sms}"]) == (0, 0)


def test_what_nobody_can_send_rings_no_bell(sqlite_database: Database) -> None:
    """A company that sends no text messages would have an alarm for ever, and soon nobody who listens."""
    clock = FakeClock()
    ctx = make_context(sqlite_database, clock=clock)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    clock.advance(timedelta(hours=1))

    figures = _figures(ctx)

    assert (figures["messages_due"], figures["messages_oldest_seconds{channel=email}"]) == (0, 0)


def test_what_waits_for_the_morning_rings_no_bell(sqlite_database: Database) -> None:
    """It failed once in the evening; the night is no outage."""
    clock, told = FakeClock(local("19:59")), Told(sms=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, email=None, channel="sms"))
    tell(ctx, booking, "confirmation")
    for _ in range(60):
        send_due(ctx)
        clock.advance(timedelta(minutes=1))

    assert len(told.sms.sent) == 1
    assert _figures(ctx)["messages_failing{channel=sms}"] == 0


def test_failures_are_counted_and_logged_without_saying_whom_they_meet(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who runs the service has to see that mail is refused, and need not know whose."""
    ctx = make_context(sqlite_database, channels=Told(email=RecordingChannel(answers=[NEVER])).channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, phone=None))
    tell(ctx, booking, "confirmation")

    send_due(ctx)

    assert _figures(ctx)["messages_failed{channel=email}"] == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "message." in line]
    assert [re.search(r"message\.\w+", line).group() for line in lines] == [  # type: ignore[union-attr]
        "message.failed",
        "message.not_delivered",
    ]
    assert "code=550" in lines[1]
    assert "pat@example.com" not in "".join(lines)


def test_a_night_that_could_not_be_planned_is_counted_for_a_day(sqlite_database: Database) -> None:
    """The alarm that the documents speak of needs a figure."""
    clock = FakeClock()
    ctx = make_context(sqlite_database, clock=clock)
    assert _figures(ctx)["plan_jobs_failed{reason=nightly}"] == 0
    with sqlite_database.writing() as session:
        session.add(
            PlanJobRow(
                id="jo_1",
                territory_id=add_territory(session).id,
                date=TODAY,
                state="failed",
                reason="nightly",
                seconds=5,
                requested_by="system",
                requested_at=NOW,
                finished_at=NOW,
            )
        )

    assert _figures(ctx)["plan_jobs_failed{reason=nightly}"] == 1
    clock.advance(timedelta(days=1))
    assert _figures(ctx)["plan_jobs_failed{reason=nightly}"] == 0
