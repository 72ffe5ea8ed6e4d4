"""Text messages and webhooks over the wire, against servers that answer well, badly, slowly and not at all."""

import base64
import hashlib
import hmac
import json
import time
from ipaddress import ip_address
from urllib.parse import parse_qs

import pytest

from databases import free_port
from fieldops.messaging import http, webhook
from fieldops.messaging.channel import Channel, Outcome, Outgoing
from fieldops.messaging.http import Answer
from fieldops.messaging.public_address import is_public
from fieldops.messaging.signatures import is_sms_signed, sign, sms_signature
from fieldops.messaging.sms import SmsChannel
from fieldops.messaging.webhook import WebhookChannel, url_faults
from local_servers import Reply, Request, http_server

SMS = Outgoing(id="ms_1", recipient="+12025550123", title="", body="Your appointment is confirmed.")
TAKEN = Reply(status=201, body=b'{"sid":"SM1","status":"queued"}')


def _sms(url: str) -> SmsChannel:
    """Make the channel to a service."""
    receipts = "https://acme.example/v1/messages/receipts/sms"
    return SmsChannel(url=url, account="AC1", token="t0ken", sender="+12025550100", receipts_url=receipts)


def _event(url: str, body: str = '{"event":"x"}') -> Outgoing:
    """Make an event for an endpoint."""
    return Outgoing(id="ms_1", recipient=url, title="booking.confirmed", body=body, secret="whsec_1")


def test_a_text_message_is_posted_as_twilio_wants_it() -> None:
    """The service takes the message, and its id comes back for receipts."""
    with http_server(TAKEN) as service:
        delivery = _sms(service.url).send(SMS)

    assert (delivery.outcome, delivery.provider_id, delivery.detail) == (Outcome.DELIVERED, "SM1", "201 queued")
    (request,) = service.requests
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"AC1:t0ken").decode()
    assert request.headers["Idempotency-Key"] == "ms_1"
    assert {name: values[0] for name, values in parse_qs(request.body.decode()).items()} == {
        "To": "+12025550123",
        "From": "+12025550100",
        "Body": "Your appointment is confirmed.",
        "StatusCallback": "https://acme.example/v1/messages/receipts/sms?message=ms_1",
    }


@pytest.mark.parametrize(
    ("reply", "outcome", "detail", "patience"),
    [
        (Reply(status=429, headers={"Retry-After": "30"}), Outcome.RETRY, "429", 30),
        (Reply(status=503, headers={"Retry-After": "soon"}), Outcome.RETRY, "503", None),
        (Reply(status=500, body=b"<html>"), Outcome.RETRY, "500", None),
        (
            Reply(status=401, body=b'{"code":20003,"message":"Authenticate"}'),
            Outcome.RETRY,
            "401 20003 Authenticate",
            None,
        ),
        (Reply(status=302, headers={"Location": "http://127.0.0.1/"}), Outcome.RETRY, "302", None),
        (
            Reply(status=400, body=b'{"code":21211,"message":"Invalid To"}'),
            Outcome.REFUSED,
            "400 21211 Invalid To",
            None,
        ),
    ],
)
def test_what_the_service_says_decides(reply: Reply, outcome: Outcome, detail: str, patience: int | None) -> None:
    """What is wrong with the message is final; what is wrong with the service, or with our access, is not."""
    with http_server(reply) as service:
        delivery = _sms(service.url).send(SMS)

    assert (delivery.outcome, delivery.detail, delivery.retry_after_s) == (outcome, detail, patience)
    assert len(service.requests) == 1


def test_a_recipient_who_said_stop_is_told_apart() -> None:
    """The service has heard a STOP that we have not."""
    with http_server(Reply(status=400, body=b'{"code":21610,"message":"unsubscribed"}')) as service:
        delivery = _sms(service.url).send(SMS)

    assert (delivery.outcome, delivery.is_stopped) == (Outcome.REFUSED, True)


def test_a_date_may_stand_for_patience() -> None:
    """Both forms of Retry-After are in use; a date that has passed means now."""
    past = "Mon, 16 Mar 2020 12:00:00 GMT"
    with http_server(Reply(status=429, headers={"Retry-After": past})) as service:
        delivery = _sms(service.url).send(SMS)

    assert delivery.retry_after_s == 0


@pytest.mark.parametrize("make", [_sms, lambda _: WebhookChannel(allow_private=True)], ids=["sms", "webhook"])
def test_an_answer_that_trickles_in_for_ever_is_given_up(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the answer never ends: only a bound on the whole stops that."""
    monkeypatch.setattr(http, "SEND_TIMEOUT_S", 0.3)
    with http_server(Reply(status=200, drips_s=0.05)) as server:
        channel: Channel = make(server.url)  # type: ignore[operator]
        began = time.monotonic()
        delivery = channel.send(_event(server.url))

    assert (delivery.outcome, delivery.detail) == (Outcome.RETRY, "no answer within 0.3 s")
    assert time.monotonic() - began < 10  # it ended at all


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    """A gigabyte of answer must not become a gigabyte of memory."""
    with http_server(Reply(status=200, body=b"x" * 5_000_000)) as server:
        answer = http.post(server.url)

    assert len(answer.body) == http.LONGEST_ANSWER


def test_a_server_that_is_not_there_is_tried_again() -> None:
    """Services come back."""
    nowhere = f"http://127.0.0.1:{free_port()}"

    assert _sms(nowhere).send(SMS).outcome is Outcome.RETRY
    assert WebhookChannel(allow_private=True).send(_event(nowhere)).outcome is Outcome.RETRY


def test_a_receiver_can_verify_an_event() -> None:
    """The receiver computes the signature itself, as the documentation says, and trusts nothing else."""
    with http_server(Reply(status=204, body=b"")) as receiver:
        delivery = WebhookChannel(allow_private=True, clock=lambda: 1_773_662_400).send(
            _event(f"{receiver.url}/hooks?x=1", '{"name":"Jörg"}')
        )

    assert delivery.outcome is Outcome.DELIVERED
    (request,) = receiver.requests
    assert request.path == "/hooks?x=1"
    assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["Fieldops-Event"] == "booking.confirmed"
    assert request.headers["Fieldops-Id"] == "ms_1"
    assert json.loads(request.body) == {"name": "Jörg"}
    assert request.headers["Fieldops-Timestamp"] == "1773662400"
    expected = hmac.new(b"whsec_1", b"1773662400." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["Fieldops-Signature"] == f"v1={expected}"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=200), Outcome.DELIVERED),
        (Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}), Outcome.RETRY),
        (Reply(status=404), Outcome.RETRY),
        (Reply(status=410), Outcome.REFUSED),
        (Reply(status=500), Outcome.RETRY),
        (Reply(status=503, headers={"Retry-After": "7"}), Outcome.RETRY),
    ],
)
def test_an_endpoint_takes_an_event_or_it_comes_again(reply: Reply, outcome: Outcome) -> None:
    """Only 2xx counts; a redirect is not followed, wherever it leads."""
    with http_server(reply) as receiver:
        delivery = WebhookChannel(allow_private=True).send(_event(receiver.url))

    assert delivery.outcome is outcome
    assert len(receiver.requests) == 1


def test_a_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may register an address must not reach our own network with it, whatever the name says."""
    received: list[Request] = []

    def answer(request: Request) -> Reply:
        received.append(request)
        return Reply()

    with http_server(answer) as inside:
        monkeypatch.setitem(webhook._PORTS, "https", inside.port)
        deliveries = [
            WebhookChannel().send(_event(url))
            for url in (
                f"https://localhost:{inside.port}/",
                f"https://127.0.0.1:{inside.port}/",
                "https://2130706433/",  # 127.0.0.1 as one number
                f"https://[::ffff:127.0.0.1]:{inside.port}/",
                f"http://example.com:{inside.port}/",  # no TLS
            )
        ]

    assert [delivery.outcome for delivery in deliveries] == [Outcome.REFUSED] * 5
    assert received == []


def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and private when it is called gets nowhere: it is looked up once."""
    lookups: list[str] = []

    def resolve(host: str, port: int, *, allow_private: bool) -> object:  # noqa: ARG001
        lookups.append(host)
        return ip_address("127.0.0.1")

    monkeypatch.setattr(webhook, "resolve", resolve)
    with http_server(Reply()) as receiver:
        delivery = WebhookChannel(allow_private=True).send(_event(f"http://hooks.invalid:{receiver.port}/in"))

    # The name exists nowhere: only the address given by the one lookup can have been called.
    assert delivery.outcome is Outcome.DELIVERED
    assert lookups == ["hooks.invalid"]
    assert receiver.requests[0].headers["Host"] == f"hooks.invalid:{receiver.port}"


def test_a_name_in_other_letters_is_called_as_names_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers, name servers and TLS know ASCII only: bücher.invalid is xn--bcher-kva.invalid to them."""
    asked: list[tuple[str, int]] = []
    sent: list[tuple[str, str, str]] = []

    def resolve(host: str, port: int, *, allow_private: bool) -> object:  # noqa: ARG001
        asked.append((host, port))
        return ip_address("93.184.215.14")

    def post(url: str, *, headers: dict[str, str], extensions: dict[str, str], **_: object) -> Answer:
        sent.append((url, headers["Host"], extensions["sni_hostname"]))
        return Answer(status=200, body=b"", retry_after_s=None)

    monkeypatch.setattr(webhook, "resolve", resolve)
    monkeypatch.setattr(webhook, "post", post)
    for url in ("https://Bücher.invalid/in", "https://bücher.invalid:8443/in", "https://[2606:4700::1]:8443/in"):
        assert WebhookChannel().send(_event(url)).outcome is Outcome.DELIVERED

    ascii_name = "xn--bcher-kva.invalid"
    assert asked == [(ascii_name, 443), (ascii_name, 8443), ("2606:4700::1", 8443)]
    assert sent == [
        ("https://93.184.215.14/in", ascii_name, ascii_name),
        ("https://93.184.215.14:8443/in", f"{ascii_name}:8443", ascii_name),
        ("https://93.184.215.14:8443/in", "[2606:4700::1]:8443", "2606:4700::1"),
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("2002:7f00:1::", False),  # 6to4 around 127.0.0.1
        ("64:ff9b::a00:1", False),  # NAT64 around 10.0.0.1
        ("64:ff9b::5db8:d70e", True),  # NAT64 around 93.184.215.14
        ("64:ff9b:1::5db8:d70e", False),  # NAT64 of somebody's own network
        ("::", False),
        ("::10.0.0.1", False),
        ("::5db8:d70e", False),  # IPv4-compatible: nobody routes it, whatever is in it
        ("fec0::1", False),
        ("feff::1", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_called(address: str, expected: bool) -> None:
    """The list of what is not public is longer than most people think."""
    assert is_public(ip_address(address)) is expected


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "ftp://example.com",
        "https://",
        "example.com",
        "https://user:secret@example.com",
        "https://example.com:0",
        "https://example.com:99999",
        "https://example.com/#part",
        "https://exa mple.com",
        "https://example.com/\n",
        "https://[::1",
        "https://[not-an-address]/",
    ],
)
def test_an_address_that_cannot_be_called_is_refused_when_it_is_registered(url: str) -> None:
    """A mistake is told to who made it, not to the worker a day later; passwords are not repeated."""
    faults = url_faults(url, allow_private=False)

    assert [fault.path for fault in faults] == ["url"]
    assert "secret" not in str(faults[0])


def test_the_signature_of_the_sms_service_is_twilio_s() -> None:
    """Known values from Twilio's documentation of webhook security: fields are sorted and joined without separators."""
    token = "12345"
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }

    signature = sms_signature(token, url, form.items())

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_sms_signed(token, url, [*form.items(), ("To", form["To"])], signature)
    assert not is_sms_signed(token, url, [*form.items(), ("Digits", "9")], signature)
    assert not is_sms_signed("", url, form.items(), sms_signature("", url, form.items()))


def test_a_signature_covers_instant_and_body() -> None:
    """The form that the documentation shows: v1= and 64 hexadecimal digits."""
    assert len(sign("s", 1, b"")) == len("v1=") + 64
    assert len({sign("s", 1, b"23"), sign("s", 12, b"3"), sign("t", 1, b"23")}) == 3
