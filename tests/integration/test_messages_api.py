"""The outbox, webhooks and the SMS service over HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.messaging.configured import RECEIPTS_PATH
from fieldops.messaging.signatures import sms_signature
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, BookingRow, ContactPointRow, CustomerNoteRow, MessageRow
from fieldops.usecases.actor import Actor, Role, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.notify import emit
from fieldops.usecases.send_due import send_due
from fieldops.usecases.work import transact
from message_worlds import LATER, RecordingChannel, Told, add_booking, move, outbox, tell
from worlds import NOW, OPS, STAFF, FakeClock, add_customer, make_context

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
        rows = session.scalars(select(CustomerNoteRow).order_by(CustomerNoteRow.text))
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


def test_the_outbox_shows_what_waits_as_it_would_leave(database: Database) -> None:
    """Without any channel the outbox is where messages are read; the customer's key is not in it."""
    ctx = _context(database)
    client = client_for(ctx, STAFF)
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)

    page = client.get("/v1/messages", params={"customer_id": booking.customer_id, "state": "due"}).json()
    by_kind = {item["kind"]: item for item in page["items"]}
    detail = client.get(f"/v1/messages/{by_kind['confirmation']['id']}").json()

    assert sorted(by_kind) == ["confirmation", "reminder"]
    assert page["next"] is None
    assert by_kind["confirmation"]["note"] == "no channel configured"
    assert detail["is_preview"] is True
    assert "between 10:00 AM and 12:00 PM" in detail["message"]["body"]
    assert f"{PUBLIC}/booking#token=fol_..." in detail["message"]["body"]
    assert detail["attempts"] == []


def test_the_outbox_keeps_the_key_of_the_customer_to_itself(sqlite_database: Database) -> None:
    """Who may read messages may not thereby act as the customer."""
    told = Told()
    ctx = _context(sqlite_database, told)
    client = client_for(ctx, STAFF)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)

    (item,) = client.get("/v1/messages", params={"state": "sent"}).json()["items"]
    detail = client.get(f"/v1/messages/{item['id']}").json()

    assert "fol_customer." in told.email.sent[0].body
    assert "fol_customer." not in detail["message"]["body"] + item["body"]
    assert (detail["is_preview"], detail["attempts"][0]["outcome"]) == (False, "delivered")


def test_the_timeline_keeps_the_key_of_the_customer_to_itself(sqlite_database: Database) -> None:
    """Text messages have no title: the timeline shows what they say, and links were written into rows once."""
    told = Told()
    ctx = _context(sqlite_database, told)
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    with sqlite_database.writing() as session:
        session.execute(update(MessageRow).where(MessageRow.state == "sent").values(body=told.sms.sent[0].body))

    client = client_for(ctx, STAFF)
    entries = client.get(f"/v1/customers/{booking.customer_id}/timeline", params={"kind": "message"}).json()["items"]

    assert "fol_customer." in told.sms.sent[0].body
    texts = [entry["text"] for entry in entries if entry["state"] == "sent"]
    assert [("fol_..." in text, "fol_customer." in text) for text in texts] == [(True, False)]


def test_sending_again_takes_the_right_to_read_what_it_says(sqlite_database: Database) -> None:
    """The answer shows recipient and text: a key that may only book must not get them that way."""
    ctx = _context(sqlite_database)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    (message,) = outbox(sqlite_database, kind="confirmation")

    def ask(*scopes: Scope) -> int:
        key = Actor(id="key:ak_1", role=Role.INTEGRATION, scopes=frozenset(scopes))
        return client_for(ctx, key).post(f"/v1/messages/{message.id}/retry").status_code

    assert ask(Scope.BOOKINGS_WRITE) == 403
    assert ask(Scope.MESSAGES_READ) == 403
    assert ask(Scope.BOOKINGS_WRITE, Scope.MESSAGES_READ) == 202


def test_the_sms_service_may_call_as_often_as_customers_write(sqlite_database: Database) -> None:
    """On a stormy day a thousand customers answer, all through one address; strangers are counted as ever."""
    ctx = make_context(sqlite_database, public_url=PUBLIC, sms_token=SecretStr(TOKEN), rate_limit="2/hour")
    client = client_for(ctx)
    receipt = {"MessageSid": "SM1", "MessageStatus": "sent"}

    assert [_call(client, RECEIPTS_PATH, receipt).status_code for _ in range(4)] == [200] * 4
    assert [_call(client, RECEIPTS_PATH, receipt, token="guess").status_code for _ in range(3)] == [401, 401, 429]
    assert _call(client, RECEIPTS_PATH, receipt).status_code == 200


def test_the_outbox_is_read_page_by_page(sqlite_database: Database) -> None:
    """Thousands of messages a day; each is on exactly one page."""
    ctx = _context(sqlite_database)
    client = client_for(ctx, STAFF)
    with sqlite_database.writing() as session:
        bookings = [add_booking(session) for _ in range(3)]
    for booking in bookings:
        tell(ctx, booking, "confirmation")
    seen, after = [], None
    for _ in range(4):
        page = client.get("/v1/messages", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert sorted(seen) == sorted(message.id for message in outbox(sqlite_database))
    assert client.get("/v1/messages", params={"after": "?"}).status_code == 422
    assert client.get("/v1/messages", params={"state": "gone"}).status_code == 422
    assert client.get("/v1/messages/ms_none").status_code == 404


def test_a_failed_message_can_be_sent_again_by_hand(database: Database) -> None:
    """Somebody has mended the mail server and will not wait an hour; what is untrue by now stays unsent."""
    told = Told(email=RecordingChannel(answers=[LATER, LATER, RecordingChannel().answers[0]]))
    ctx = _context(database, told)
    client = client_for(ctx, STAFF)
    with database.writing() as session:
        booking, outdated = (add_booking(session) for _ in range(2))
    tell(ctx, booking, "confirmation")
    tell(ctx, outdated, "confirmation")
    send_due(ctx)
    with database.writing() as session:
        move(session, session.get_one(BookingRow, outdated.id), timedelta(days=1))
    ids = {message.subject_id: message.id for message in outbox(database, kind="confirmation")}

    for message_id in ids.values():
        answer = client.post(f"/v1/messages/{message_id}/retry")
        assert (answer.status_code, answer.json()["message"]["state"]) == (202, "due")
    send_due(ctx)

    states = {message.subject_id: message.state for message in outbox(database, kind="confirmation")}
    assert states == {booking.id: "sent", outdated.id: "skipped"}
    again = client.post(f"/v1/messages/{ids[booking.id]}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "E3005")


def test_a_webhook_is_registered_tested_changed_and_deleted(database: Database) -> None:
    """The life of an endpoint; its secret is shown once."""
    told = Told()
    ctx = _context(database, told)
    client = client_for(ctx, OPS)
    body = {"url": "https://hooks.example.com/in", "events": ["booking.confirmed"]}

    made = client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"})
    replayed = client.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"})
    webhook_id = made.json()["id"]
    tests = [client.post(f"/v1/webhooks/{webhook_id}/test") for _ in range(2)]
    send_due(ctx)
    read = client.get(f"/v1/webhooks/{webhook_id}")
    changed = client.patch(f"/v1/webhooks/{webhook_id}", json={"events": [], "is_enabled": False})
    transact(ctx, STAFF, emit, "booking.confirmed", "bk_1", 1, {})
    listed = client.get("/v1/webhooks")
    deleted = client.delete(f"/v1/webhooks/{webhook_id}")

    assert (made.status_code, replayed.status_code) == (201, 201)
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert replayed.json() == {**made.json(), "secret": None}
    assert [test.status_code for test in tests] == [202, 202]
    assert [(event.title, event.secret) for event in told.webhook.sent] == [("webhook.test", secret)] * 2
    assert read.json()["secret"] is None
    assert (changed.json()["events"], changed.json()["is_enabled"]) == ([], False)
    assert [item["id"] for item in listed.json()["items"]] == [webhook_id]
    assert deleted.status_code == 204
    assert client.get(f"/v1/webhooks/{webhook_id}").status_code == 404
    assert outbox(database, kind="booking.confirmed") == []


def test_a_wrong_webhook_is_refused_with_all_that_is_wrong(sqlite_database: Database) -> None:
    """All faults at once, and nobody but ops may send our events out of the house."""
    client = client_for(_context(sqlite_database), OPS)

    answer = client.post("/v1/webhooks", json={"url": "http://10.0.0.1", "events": ["booking.confirmed", "gone"]})

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["url", "events[1]"]
    staff = client_for(_context(sqlite_database), STAFF)
    assert staff.post("/v1/webhooks", json={"url": "https://example.com"}).status_code == 403
    assert staff.get("/v1/webhooks").status_code == 403


def test_enabling_an_endpoint_forgives_its_failures(sqlite_database: Database) -> None:
    """It gets its three days again."""
    clock = FakeClock()
    ctx = _context(sqlite_database, Told(webhook=RecordingChannel(answers=[LATER])), clock)
    client = client_for(ctx, OPS)
    webhook_id = client.post("/v1/webhooks", json={"url": "https://hooks.example.com"}).json()["id"]
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 1, {})
    send_due(ctx)
    clock.advance(timedelta(days=3))
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 2, {})
    send_due(ctx)
    before = client.get(f"/v1/webhooks/{webhook_id}").json()

    after = client.patch(f"/v1/webhooks/{webhook_id}", json={"is_enabled": True}).json()

    assert (before["is_enabled"], before["failing_since"] is None) == (False, False)
    assert (after["is_enabled"], after["failing_since"]) == (True, None)
    assert NOW.isoformat()[:10] in before["failing_since"]
