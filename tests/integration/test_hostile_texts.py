"""Texts that want to be more than text, on their whole way from a form to a mail program, a calendar and a screen."""

from dataclasses import replace
from email.message import EmailMessage
from typing import Any, Final

from icalendar import Calendar
from starlette.testclient import TestClient

from api_client import client_for
from booking_worlds import TOMORROW, make_world
from fieldops.messaging.configured import channels_of
from fieldops.store.database import Database
from fieldops.usecases.send_due import send_due
from local_servers import Mailbox, mail_server
from worlds import OPS, make_context

#: A mail header, a calendar entry, a template, a page and a statement, all in one.
HOSTILE: Final = (
    "Eve\r\nBcc: all@example.com\r\n\r\nEND:VEVENT\r\nATTENDEE:mailto:eve@example.com\r\n"
    "{{ 7*7777777 }}{% for x in ().__class__.__mro__ %}x{% endfor %}<img src=x onerror=alert(1)>'; drop table holds; --"
)
EVALUATED: Final = "54444439"
#: All a mail of ours has.
HEADERS: Final = {
    "Subject", "From", "To", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "X-Peer", "X-MailFrom", "X-RcptTo", "List-Unsubscribe",
    "List-Unsubscribe-Post",
}  # fmt: skip


def _booked(client: TestClient, territory_id: str) -> dict[str, Any]:
    """Book for Eve, over HTTP from the first call to the confirmation."""
    order = {
        "territory_id": territory_id,
        "summary": HOSTILE,
        "customer": {"name": HOSTILE[:200], "contacts": [{"kind": "email", "value": "eve@example.com"}]},
        "site": {"address": HOSTILE, "latitude": 38.91, "longitude": -77.03, "access_notes": HOSTILE},
        "visits": [{"duration_s": 1_800, "name": HOSTILE[:200]}],
    }
    taken = client.post("/v1/work-orders", json=order)
    assert taken.status_code == 201, taken.text
    assert taken.json()["summary"] == taken.json()["site"]["address"] == HOSTILE
    quote = client.post("/v1/quotes", json={"visit_id": taken.json()["visits"][0]["id"]}).json()
    hold = client.post("/v1/holds", json={"offer_id": quote["offers"][0]["id"]}).json()
    booking: dict[str, Any] = client.post("/v1/bookings", json={"hold_id": hold["id"]}).json()
    return booking


def _judge_mail(mail: EmailMessage) -> None:
    """Expect a mail to one person, with our headers, and text in which nothing is more than text."""
    text, *files = mail.iter_parts()
    written = text.get_content()

    assert set(mail.keys()) <= HEADERS
    assert mail["To"] == "eve@example.com"
    assert EVALUATED not in mail.as_string()
    assert not any(line.startswith(("Bcc:", "END:", "ATTENDEE")) for line in written.splitlines())
    for file in files:
        _judge_calendar(file.get_content())


def _judge_calendar(content: str | bytes) -> None:
    (event,) = Calendar.from_ical(content).events

    assert "ATTENDEE" not in event
    assert EVALUATED not in str(event)


def test_hostile_texts_arrive_as_text(database: Database) -> None:
    """Whatever a form lets in, nobody else's mail, calendar or browser does what it says."""
    world = make_world(database)
    with mail_server() as mailbox:
        ctx = make_context(database, clock=world.clock, smtp_url=f"smtp://127.0.0.1:{mailbox.port}")
        ctx = replace(ctx, channels=channels_of(ctx.settings))
        client = client_for(ctx, OPS)
        territory = client.get(f"/v1/territories/{world.territory.id}").json()
        territory["policies"]["contact"] = f"Acme {HOSTILE}"
        name = territory.pop("id")
        assert client.put(f"/v1/territories/{name}", json=territory).status_code == 200
        booking = _booked(client, name)
        address = f"/v1/bookings/{booking['id']}"
        send_due(ctx)
        day = client.get(f"/v1/technicians/{world.technicians[0].id}/day", params={"date": TOMORROW.isoformat()}).json()
        calendars = [f"{address}/calendar.ics", f"/v1/technicians/{world.technicians[0].id}/calendar.ics"]
        for calendar in calendars:
            _judge_calendar(client.get(calendar).content)
        assert client.post(f"{address}/cancel", json={"reason": HOSTILE}).json()["cancel_reason"] == HOSTILE
        send_due(ctx)

    _judge_mailbox(mailbox)
    (stop,) = day["shifts"][0]["stops"]
    assert (stop["summary"], stop["access_notes"]) == (HOSTILE, HOSTILE)
    assert client.get("/v1/visits/" + booking["visit_id"]).status_code == 200


def _judge_mailbox(mailbox: Mailbox) -> None:
    """Expect a confirmation and a cancellation, each to one person."""
    assert [recipients for _, recipients in mailbox.envelopes] == [["eve@example.com"]] * 2
    for mail in mailbox.mails:
        _judge_mail(mail)
