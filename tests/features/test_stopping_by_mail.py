"""The way out that every e-mail brings along."""

from email import policy
from email.generator import BytesGenerator
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.messaging.smtp import SmtpChannel, read_smtp_url
from fieldops.store.database import Database
from fieldops.store.tables import CustomerRow
from fieldops.usecases.reach_customer import Reach, ways_to_reach
from fieldops.usecases.send_due import send_due
from message_worlds import Told, add_booking, tell
from worlds import add_customer, make_context

PUBLIC = "https://book.a-company-with-a-rather-long-name.example"
ONE_CLICK = {
    "content": "List-Unsubscribe=One-Click",
    "headers": {"Content-Type": "application/x-www-form-urlencoded"},
}


def _mailed(database: Database, language: str = "en") -> tuple[TestClient, Told, str]:
    """Send a customer a confirmation; give a client without credentials, what was sent, and the customer's id."""
    told = Told()
    ctx = make_context(database, channels=told.channels(), public_url=PUBLIC)
    with database.writing() as session:
        customer = add_customer(session, language=language)
        booking = add_booking(session, customer=customer)
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    return client_for(ctx), told, customer.id


def _ways(database: Database, customer_id: str) -> list[Reach]:
    with database.reading() as session:
        return ways_to_reach(session, session.get_one(CustomerRow, customer_id))


def _link(told: Told) -> str:
    """Return the address in the mail, without the server."""
    url = urlsplit(told.email.sent[0].unsubscribe_url or "")
    assert f"{url.scheme}://{url.netloc}" == PUBLIC
    return f"{url.path}?{url.query}"


def test_the_button_of_a_mail_program_stops_e_mail(database: Database) -> None:
    """Customers on e-mail could only call to be left alone; saying it twice is once."""
    client, told, customer_id = _mailed(database)

    answers = [client.post(_link(told), **ONE_CLICK).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert _ways(database, customer_id) == [Reach("sms", "+12025550123")]


def test_looking_at_the_link_stops_nothing(sqlite_database: Database) -> None:
    """Programs that search mails for viruses open every link in them."""
    client, told, customer_id = _mailed(sqlite_database, language="de")

    page = client.get(_link(told))

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="de">' in page.text
    assert '<form method="post">' in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert len(_ways(sqlite_database, customer_id)) == 2


@pytest.mark.parametrize("token", ["", "x", "Im1zXzEi.forged"])
def test_only_addresses_of_ours_are_heard(sqlite_database: Database, token: str) -> None:
    """Otherwise anybody could stop the mail of anybody; nor is the customer's own link good for it."""
    client, told, customer_id = _mailed(sqlite_database)
    booking_token = told.email.sent[0].body.partition("#token=")[2].split()[0]

    for tried in (token, booking_token):
        assert client.post("/v1/unsubscribe", params={"token": tried}, **ONE_CLICK).status_code in {401, 422}

    assert len(_ways(sqlite_database, customer_id)) == 2


def test_the_header_is_on_one_line(sqlite_database: Database) -> None:
    """Folded or encoded, mail programs show no button."""
    _, told, _ = _mailed(sqlite_database)
    channel = SmtpChannel(server=read_smtp_url("smtp://127.0.0.1"), sender="Acme <no-reply@acme.example>")
    written = BytesIO()

    BytesGenerator(written, policy=policy.SMTP).flatten(channel._written(told.email.sent[0]))

    lines = written.getvalue().decode("ascii").split("\r\n")
    assert f"List-Unsubscribe: <{told.email.sent[0].unsubscribe_url}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
