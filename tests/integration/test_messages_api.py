"""The SMS service over HTTP: what customers write to us, and what became of what we wrote."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.messaging.configured import RECEIPTS_PATH
from fieldops.messaging.signatures import sms_signature
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, ContactPointRow, CustomerNoteRow
from fieldops.usecases.context import Context
from fieldops.usecases.send_due import send_due
from message_worlds import RecordingChannel, Told, add_booking, outbox, tell
from worlds import STAFF, FakeClock, add_customer, make_context

PUBLIC = "https://acme.example"
TOKEN = "sms-t0ken"
INBOUND_PATH = "/v1/messages/inbound/sms"


def _context(database: Database, told: Told | None = None, clock: FakeClock | None = None) -> Context:
    """Make a context with an SMS service that signs."""
    return make_context(
        database,
        clock=clock,
        channels={} if told is None else told.channels(),
        public_url=PUBLIC,
        sms_token=SecretStr(TOKEN),
    )


def _call(
    client: TestClient, path: str, form: Mapping[str, str], *, query: str = "", token: str = TOKEN
) -> httpx.Response:
    """Call as the SMS service does, signed for the public address."""
    signature = sms_signature(token, f"{PUBLIC}{path}{query}", form.items())
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    response: httpx.Response = client.post(path + query, content=urlencode(form), headers=headers)
    return response


def _stopped(database: Database) -> list[str]:
    """List the contact points that want to hear nothing more."""
    with database.reading() as session:
        points = session.scalars(select(ContactPointRow).where(ContactPointRow.stopped_at.is_not(None)))
        return sorted(point.value for point in points)


def _notes(database: Database) -> list[tuple[str, str, str]]:
    """List customer, channel and text of all notes."""
    with database.reading() as session:
        rows = session.scalars(select(CustomerNoteRow).order_by(CustomerNoteRow.text, CustomerNoteRow.customer_id))
        return [(row.customer_id, row.channel, row.text) for row in rows]


@pytest.mark.parametrize("text", ["STOP", "stop.", " Stopp! ", "UNSUBSCRIBE", "Abmelden", "stop  all"])
def test_stop_ends_text_messages_to_a_number_and_start_brings_them_back(sqlite_database: Database, text: str) -> None:
    """The law and the carriers want it; whoever shares the number is meant, too."""
    client = client_for(_context(sqlite_database))
    with sqlite_database.writing() as session:
        add_customer(session)
        add_customer(session, email="sam@example.com")
    form = {"MessageSid": "SM1", "From": "+12025550123", "Body": text, "To": "+12025550100"}

    response = _call(client, INBOUND_PATH, form)

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/xml")
    assert response.text.endswith("<Response/>")
    assert _stopped(sqlite_database) == ["+12025550123"] * 2
    assert _call(client, INBOUND_PATH, {**form, "MessageSid": "SM2", "Body": "Start"}).status_code == 200
    assert _stopped(sqlite_database) == []
    with sqlite_database.reading() as session:
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert actions == ["customer.consent_stopped"] * 2 + ["customer.consent_given"] * 2


def test_what_customers_write_is_noted_once_for_all_to_read(database: Database) -> None:
    """No channel asks twice, not even when the service delivers twice."""
    client = client_for(_context(database))
    with database.writing() as session:
        customer = add_customer(session)
    form = {"MessageSid": "SM1", "From": "+12025550123", "Body": "Please don't stop: ring twice 🔔"}

    answers = [_call(client, INBOUND_PATH, form).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert _notes(database) == [(customer.id, "sms", "Please don't stop: ring twice 🔔")]
    assert _stopped(database) == []


def test_what_a_stranger_writes_waits_for_whoever_finds_out_whose_it_is(database: Database) -> None:
    """Somebody has a new number and wants to be called back: that must not vanish."""
    client = client_for(_context(database), STAFF)
    form = {"MessageSid": "SM1", "From": "+12025559999", "Body": "I moved to 12 Hill Street"}
    assert _call(client, INBOUND_PATH, form).status_code == 200
    with database.writing() as session:
        customer = add_customer(session)

    (waiting,) = client.get("/v1/inbound-messages?is_settled=false").json()["items"]
    assert (waiting["sender"], waiting["text"]) == ("+12025559999", "I moved to 12 Hill Street")
    path = f"/v1/inbound-messages/{waiting['id']}/settle"
    assert client.post(path, json={"customer_id": "cu_nobody"}).status_code == 422
    settled = client.post(path, json={"customer_id": customer.id})

    assert (settled.status_code, settled.json()["settled_by"]) == (200, STAFF.id)
    assert _notes(database) == [(customer.id, "sms", "I moved to 12 Hill Street")]
    assert client.get("/v1/inbound-messages?is_settled=false").json()["items"] == []
    assert len(client.get("/v1/inbound-messages").json()["items"]) == 1
    assert client.post(path, json={}).status_code == 409


def test_all_that_came_in_is_one_list_and_with_the_customer(sqlite_database: Database) -> None:
    """Nobody looks through timelines for what was written an hour ago; a household's note stands once with each."""
    client = client_for(_context(sqlite_database), STAFF)
    with sqlite_database.writing() as session:
        ids = [add_customer(session, name=name, email=None).id for name in ("Pat", "Sam")]
    texts = (("+12025550123", "We are late"), ("+12025559999", "Who are you?"), ("+12025550123", "STOP"))
    for number, (sender, text) in enumerate(texts):
        form = {"MessageSid": f"SM{number}", "From": sender, "Body": text}
        assert _call(client, INBOUND_PATH, form).status_code == 200

    listed = client.get("/v1/inbound-messages").json()["items"]
    of_pat = client.get(f"/v1/inbound-messages?customer_id={ids[0]}").json()["items"]
    (open_one,) = client.get(f"/v1/customers/{ids[0]}").json()["inbound_messages"]
    settled = client.post(f"/v1/inbound-messages/{open_one['id']}/settle", json={"customer_id": ids[1]}).json()

    assert sorted(each["heard"] for each in listed) == ["note", "stop", "unknown_sender"]
    assert {each["text"] for each in of_pat} == {"We are late", "STOP"}
    # The number is of both of them; the STOP has done what it asked for.
    assert ([each["name"] for each in open_one["customers"]], open_one["customer_id"]) == (["Pat", "Sam"], None)
    assert settled["customer_id"] == ids[1]
    assert _notes(sqlite_database) == [(each, "sms", "We are late") for each in sorted(ids)]
    assert client.get(f"/v1/customers/{ids[1]}").json()["inbound_messages"] == []


def test_a_stranger_is_answered_like_anybody(sqlite_database: Database) -> None:
    """The service wants a 200 all the same, or it calls again and again."""
    client = client_for(_context(sqlite_database))
    for number, text in enumerate(("STOP", "Who are you?", "")):
        form = {"MessageSid": f"SM{number}", "From": "+12025559999", "Body": text}
        assert _call(client, INBOUND_PATH, form).status_code == 200

    assert (_notes(sqlite_database), _stopped(sqlite_database)) == ([], [])


@pytest.mark.parametrize("path", [INBOUND_PATH, RECEIPTS_PATH])
def test_only_the_sms_service_is_believed(sqlite_database: Database, path: str) -> None:
    """Otherwise anybody could stop the messages of anybody."""
    client = client_for(_context(sqlite_database))
    with sqlite_database.writing() as session:
        add_customer(session)
    form = {"MessageSid": "SM1", "From": "+12025550123", "Body": "STOP", "MessageStatus": "failed"}

    unsigned = client.post(path, content=urlencode(form))
    wrong = _call(client, path, form, token="another")
    for_another_address = client.post(
        f"{path}?message=ms_1",
        content=urlencode(form),
        headers={"X-Twilio-Signature": sms_signature(TOKEN, PUBLIC + path, form.items())},
    )
    replayed_with_more = client.post(
        path,
        content=urlencode({**form, "ErrorCode": "1"}),
        headers={"X-Twilio-Signature": sms_signature(TOKEN, PUBLIC + path, form.items())},
    )
    no_service = client_for(make_context(sqlite_database, public_url=PUBLIC))

    refused = (unsigned, wrong, for_another_address, replayed_with_more)
    assert [response.status_code for response in refused] == [401] * 4
    assert unsigned.json()["code"] == "E4001"
    assert _call(no_service, path, form, token="").status_code == 401
    assert _stopped(sqlite_database) == []


def test_a_form_that_is_none_is_refused_with_what_was_expected(sqlite_database: Database) -> None:
    """Bad input gets an answer that helps, and never a 500."""
    client = client_for(_context(sqlite_database))
    many = "&".join(f"f{number}=1" for number in range(201))

    assert client.post(INBOUND_PATH, content=many).json()["faults"][0]["path"] == "body"
    assert client.post(INBOUND_PATH, content="ä".encode()).status_code == 422
    assert client.post(INBOUND_PATH, content=b"Body=%ff%fe").status_code == 401
    missing = _call(client, INBOUND_PATH, {"Body": "STOP"})
    assert [fault["path"] for fault in missing.json()["faults"]] == ["MessageSid", "From"]
    nul = client.post(INBOUND_PATH, content="Body=%00", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert nul.status_code == 422


def test_a_text_message_that_did_not_arrive_goes_by_mail(database: Database) -> None:
    """The service took it, the phone did not: only the receipt tells."""
    told = Told()
    ctx = _context(database, told)
    client = client_for(ctx)
    with database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    (message,) = outbox(database, kind="confirmation")
    query = f"?message={message.id}"

    sent = _call(client, RECEIPTS_PATH, {"MessageSid": "p-1", "MessageStatus": "sent"}, query=query)
    failed = {"MessageSid": "p-1", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    lost = [_call(client, RECEIPTS_PATH, failed, query=query).status_code for _ in range(2)]
    send_due(ctx)

    assert (sent.status_code, lost) == (200, [200, 200])
    states = {row.channel: (row.state, row.note) for row in outbox(database, kind="confirmation")}
    assert states == {"sms": ("failed", "undelivered 30003"), "email": ("sent", "")}
    assert [mail.recipient for mail in told.email.sent] == ["pat@example.com"]


def test_a_receipt_tells_what_a_dead_worker_could_not(sqlite_database: Database) -> None:
    """The message arrived before the worker could write that down: nothing is sent a second time."""
    clock, told = FakeClock(), Told(sms=RecordingChannel(before=lambda _: (_ for _ in ()).throw(SystemExit)))
    ctx = _context(sqlite_database, told, clock)
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    with pytest.raises(SystemExit):
        send_due(ctx)
    (message,) = outbox(sqlite_database, kind="confirmation")

    form = {"MessageSid": "SM7", "MessageStatus": "delivered"}
    _call(client_for(ctx), RECEIPTS_PATH, form, query=f"?message={message.id}")
    clock.advance(timedelta(minutes=5))
    send_due(ctx)

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.provider_id, message.note) == ("sent", "SM7", "delivered")
    assert told.sms.sent == []


def test_a_receipt_finds_its_message_by_the_name_the_service_gave(sqlite_database: Database) -> None:
    """Some services drop the query of the address; a receipt for nothing of ours changes nothing."""
    told = Told()
    ctx = _context(sqlite_database, told)
    client = client_for(ctx)
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    send_due(ctx)

    for sid, status in (("p-1", "delivered"), ("p-1", "sent"), ("p-2", "failed"), ("p-1", "failed")):
        assert _call(client, RECEIPTS_PATH, {"MessageSid": sid, "MessageStatus": status}).status_code == 200

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.note) == ("sent", "delivered")


def test_the_sms_service_may_call_as_often_as_customers_write(sqlite_database: Database) -> None:
    """On a stormy day a thousand customers answer, all through one address; strangers are counted as ever."""
    ctx = make_context(sqlite_database, public_url=PUBLIC, sms_token=SecretStr(TOKEN), rate_limit="2/hour")
    client = client_for(ctx)
    receipt = {"MessageSid": "SM1", "MessageStatus": "sent"}

    assert [_call(client, RECEIPTS_PATH, receipt).status_code for _ in range(4)] == [200] * 4
    assert [_call(client, RECEIPTS_PATH, receipt, token="guess").status_code for _ in range(3)] == [401, 401, 429]
    assert _call(client, RECEIPTS_PATH, receipt).status_code == 200
