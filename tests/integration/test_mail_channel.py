"""E-mail over the wire, against a real mail server."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from databases import free_port
from fieldops.errors import InvalidInput
from fieldops.messaging.channel import Outcome, Outgoing
from fieldops.messaging.configured import channels_of
from fieldops.messaging.smtp import SmtpChannel, read_smtp_url
from fieldops.settings import Settings
from local_servers import Mailbox, mail_server

MESSAGE = Outgoing(
    id="ms_1",
    recipient="pat@example.com",
    title="Ihr Termin ist bestätigt",
    body="Donnerstag, 19. März\n",
    reply_to="help@acme.example",
    attachments=(("appointment.ics", "text/calendar; charset=utf-8; method=PUBLISH", b"BEGIN:VCALENDAR\r\n"),),
)


def _channel(mailbox: Mailbox, **changes: object) -> SmtpChannel:
    """Make the channel that hands over to a mailbox."""
    return SmtpChannel(
        server=read_smtp_url(f"smtp://127.0.0.1:{mailbox.port}"),
        sender="Acme Service <no-reply@acme.example>",
        **changes,
    )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for the loopback, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", f"{file}.crt"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def test_a_mail_arrives_with_text_calendar_and_a_lasting_name() -> None:
    """What a mail program shows, and the Message-ID by which servers recognize what was sent twice."""
    with mail_server() as mailbox:
        deliveries = [_channel(mailbox).send(MESSAGE) for _ in range(2)]

    assert [delivery.outcome for delivery in deliveries] == [Outcome.DELIVERED] * 2
    mail, again = mailbox.mails
    assert mailbox.envelopes[0] == ("no-reply@acme.example", ["pat@example.com"])
    assert (mail["Subject"], mail["From"]) == (MESSAGE.title, "Acme Service <no-reply@acme.example>")
    assert (mail["Reply-To"], mail["Auto-Submitted"]) == ("help@acme.example", "auto-generated")
    assert mail["Message-ID"] == again["Message-ID"] == deliveries[0].provider_id == "<ms_1@acme.example>"
    text, calendar = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.body
    assert (calendar.get_content_type(), calendar.get_filename()) == ("text/calendar", "appointment.ics")
    assert calendar.get_param("method") == "PUBLISH"
    assert calendar.get_content().startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("answers", "outcome", "detail"),
    [
        ({"to_recipient": "550 no such user"}, Outcome.REFUSED, "550 no such user"),
        ({"to_recipient": "451 greylisted"}, Outcome.RETRY, "451 greylisted"),
        ({"to_data": "554 looks like spam"}, Outcome.REFUSED, "554 looks like spam"),
        ({"to_data": "452 disk full"}, Outcome.RETRY, "452 disk full"),
    ],
)
def test_what_the_server_says_decides(answers: dict[str, str], outcome: Outcome, detail: str) -> None:
    """A 4xx answer means later, a 5xx one never; mixing them up loses mails or gets us blocked."""
    with mail_server(**answers) as mailbox:
        delivery = _channel(mailbox).send(MESSAGE)

    assert (delivery.outcome, delivery.detail) == (outcome, detail)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    """Servers come back."""
    channel = _channel(Mailbox(port=free_port()))

    assert channel.send(MESSAGE).outcome is Outcome.RETRY


@pytest.mark.parametrize(
    "recipient", ["nobody", "a@b\r\nBcc: x@y.example", "a@b.example,c@d.example", "<a@b.example>", "@", ""]
)
def test_what_is_no_address_is_not_handed_over(recipient: str) -> None:
    """A recipient is one address, never a way to add headers or other recipients."""
    with mail_server() as mailbox:
        delivery = _channel(mailbox).send(Outgoing(id="ms_1", recipient=recipient, title="", body=""))

    assert delivery.outcome is Outcome.REFUSED
    assert mailbox.mails == []


@pytest.mark.parametrize("from_the_start", [False, True])
def test_a_password_travels_inside_tls(certificate: Path, from_the_start: bool) -> None:
    """Both ways to TLS, STARTTLS and from the start, to a server whose certificate is trusted."""
    scheme = "smtps" if from_the_start else "smtp"
    with mail_server(tls=_server_side(certificate), is_tls_from_the_start=from_the_start, password="p@ss") as mailbox:
        server = read_smtp_url(f"{scheme}://kim:p%40ss@127.0.0.1:{mailbox.port}")
        channel = SmtpChannel(server=server, sender="a@acme.example", tls=_trusting(certificate))
        delivery = channel.send(MESSAGE)

    assert delivery.outcome is Outcome.DELIVERED
    assert mailbox.logins == [(b"kim", b"p@ss")]


def test_a_password_never_leaves_without_tls_nor_to_a_stranger(certificate: Path) -> None:
    """Somebody between us and the mail server must not get the password, nor the mail."""
    with mail_server(password="secret") as plain, mail_server(tls=_server_side(certificate)) as stranger:
        without_tls = SmtpChannel(
            server=read_smtp_url(f"smtp://kim:secret@127.0.0.1:{plain.port}"), sender="a@acme.example"
        ).send(MESSAGE)
        with_another = SmtpChannel(
            server=read_smtp_url(f"smtp://kim:secret@127.0.0.1:{stranger.port}"), sender="a@acme.example"
        ).send(MESSAGE)

    assert (without_tls.outcome, with_another.outcome) == (Outcome.RETRY, Outcome.RETRY)
    assert plain.logins == stranger.logins == []
    assert plain.mails == stranger.mails == []


def test_a_wrong_password_is_our_fault_and_not_the_message_s(certificate: Path) -> None:
    """While somebody mends the settings the messages wait; they are not lost."""
    with mail_server(tls=_server_side(certificate), password="right") as mailbox:
        server = read_smtp_url(f"smtp://kim:wrong@127.0.0.1:{mailbox.port}")
        delivery = SmtpChannel(server=server, sender="a@acme.example", tls=_trusting(certificate)).send(MESSAGE)

    assert delivery.outcome is Outcome.RETRY
    assert delivery.detail.startswith("535")


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://mail.example:port", "mail.example:25"])
def test_a_server_address_that_is_none_is_named_without_its_password(url: str) -> None:
    """The settings are wrong at the start of the service, not when the first mail should leave."""
    with pytest.raises(InvalidInput, match="smtp_url") as caught:
        read_smtp_url(url)

    assert "expected smtp://" in str(caught.value)


def test_only_what_is_set_up_can_send() -> None:
    """Out of the box nothing leaves but webhooks, which somebody has to register."""
    bare = Settings(_env_file=None)
    both = Settings(_env_file=None, smtp_url=SecretStr("smtps://mail.example"), sms_url="https://sms.example")

    assert sorted(channels_of(bare)) == ["webhook"]
    assert sorted(channels_of(both)) == ["email", "sms", "webhook"]
    mail = channels_of(both)["email"]
    assert isinstance(mail, SmtpChannel)
    assert (mail.server.port, mail.server.uses_tls) == (465, True)
