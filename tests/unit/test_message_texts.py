"""What messages say: the facts, in the language and habit of the reader, whatever people typed into them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.domain.problem import TimeWindow
from fieldops.messaging.kinds import Kind
from fieldops.messaging.render import LONGEST_SMS, Facts, render
from fieldops.messaging.wording import GSM_7, gsm_7, long_window, one_line, short_window, spoken_name

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
LINK = "https://acme.example/booking#token=fol_customer.abc"


def _window(start: str, hours: float = 2.0) -> TimeWindow:
    """Make a window from a UTC instant."""
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return TimeWindow(begin, begin + timedelta(hours=hours))


FACTS = Facts(
    customer="Pat Müller",
    summary="Boiler inspection",
    address="12 Main Street",
    window=_window("2026-03-17T12:00"),
    zone=NEW_YORK,
    contact="Acme Service, +1 202 555 0100",
    link=LINK,
    old_window=_window("2026-03-16T12:00"),
    offered=_window("2026-03-16T14:00"),
    offer_expires_at=datetime(2026, 3, 16, 13, 30, tzinfo=UTC),
    reason="the part is not there",
    technician="Kim O'Neill",
    expected=_window("2026-03-17T13:05", 0.5),
    what_happened="failed",
    rebooks=True,
    credit_cents=2_550,
)
#: Which of the times a message tells, where it is not the booked window: offered, expected, none.
CLOCK = {
    "en": {Kind.EARLIER_SLOT: "10:00 AM", "expected": "between 9:05 AM and 9:35 AM", "booked": "8:00 AM"},
    "de": {Kind.EARLIER_SLOT: "10:00", "expected": "zwischen 09:05 und 09:35 Uhr", "booked": "08:00"},
}
ON_THE_WAY = {Kind.ON_THE_WAY, Kind.ARRIVING_SOON, Kind.DELAYED, Kind.SOONER}
AFTERWARDS = {Kind.DONE, Kind.APOLOGY, Kind.SURVEY}
EVERY = list(product(Kind, ("email", "sms"), ("en", "de")))


@pytest.mark.parametrize(("kind", "channel", "language"), EVERY)
def test_every_message_tells_which_window_and_how_to_act(kind: Kind, channel: str, language: str) -> None:
    """A message that leaves out the window or the way to change it makes customers call."""
    text = render(kind, channel, language, FACTS)
    # 12:00 UTC is 8:00 in New York; the earlier slot is 14:00 UTC, 10:00 there; expected is 13:05, 9:05 there.
    clocks = CLOCK[language]
    if kind not in AFTERWARDS:
        assert clocks["expected" if kind in ON_THE_WAY else kind if kind in clocks else "booked"] in text.body
    # When everything is done there is nothing left to do.
    assert (LINK in text.body) is (kind is not Kind.DONE)
    assert "Acme Service" in text.body
    assert bool(text.title) is (channel == "email")
    assert "{" not in text.body + text.title


@pytest.mark.parametrize(("kind", "language"), list(product(Kind, ("en", "de"))))
def test_text_messages_are_short_and_name_the_way_out(kind: Kind, language: str) -> None:
    """Letters outside the 7-bit alphabet double the price; a text without STOP breaks the carriers' rules."""
    body = render(kind, "sms", language, FACTS).body

    assert set(body) <= GSM_7
    assert "STOP" in body
    assert len(body) - len(LINK) <= 160, body
    assert "\n" not in body


def test_every_kind_says_what_it_is_for() -> None:
    """The facts that only this kind has."""
    said = {kind: render(kind, "email", "en", FACTS).body for kind in Kind}

    assert "It replaces the one before: Monday, March 16, 2026, between 8:00 AM and 10:00 AM." in said[Kind.CHANGE]
    assert "Reason: the part is not there" in said[Kind.CANCELLATION]
    assert "if you take it by Mon, Mar 16, 9:30 AM" in said[Kind.EARLIER_SLOT]
    assert "Monday, March 16, 2026, between 10:00 AM and 12:00 PM" in said[Kind.EARLIER_SLOT]
    assert "Nobody will come" in said[Kind.CANCELLATION]
    assert "Kim is on the way to you and will arrive between 9:05 AM and 9:35 AM." in said[Kind.ON_THE_WAY]
    assert "We credit you 25.50 for it." in said[Kind.APOLOGY]


@pytest.mark.parametrize(
    ("what_happened", "said"),
    [
        ("late", "we came later than we promised"),
        ("failed", "we could not do the work"),
        ("missed", "nobody could let us in"),
    ],
)
def test_an_apology_says_what_happened(what_happened: str, said: str) -> None:
    """Who was not at home is not told that we are sorry to be late; nothing is offered that is not meant."""
    facts = replace(FACTS, what_happened=what_happened, rebooks=False, credit_cents=0)
    body = render(Kind.APOLOGY, "email", "en", facts).body

    assert said in body
    assert "credit" not in body
    assert LINK not in body


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_message_without_link_name_or_contact_reads_well(language: str) -> None:
    """Nothing but the facts is known of a company on its first day; no gap, no 'None'."""
    bare = Facts(customer="", summary="Visit", address="12 Main Street", window=FACTS.window, zone=NEW_YORK)
    for kind, channel in product(Kind, ("email", "sms")):
        if kind is Kind.EARLIER_SLOT:
            bare = replace(bare, offered=FACTS.offered, offer_expires_at=FACTS.offer_expires_at)
        body = render(kind, channel, language, bare).body
        assert "None" not in body
        assert not re.search(r"\n\n\n\n| ,|: *$|  Reply|\( *\)", body), body


def test_an_unknown_language_is_answered_in_english() -> None:
    """Better than silence."""
    assert render(Kind.REMINDER, "sms", "tlh", FACTS) == render(Kind.REMINDER, "sms", "en", FACTS)


@pytest.mark.parametrize(
    ("window", "zone", "language", "expected"),
    [
        (_window("2026-03-17T12:00"), NEW_YORK, "en", "Tuesday, March 17, 2026, between 8:00 AM and 10:00 AM"),
        (_window("2026-03-17T12:00"), BERLIN, "de", "Dienstag, 17. März 2026, zwischen 13:00 und 15:00 Uhr"),
        # The day before the clock goes forward in New York noon is 17:00 UTC, the day of the change 16:00.
        (_window("2026-03-07T17:00"), NEW_YORK, "en", "Saturday, March 7, 2026, between 12:00 PM and 2:00 PM"),
        (_window("2026-03-08T16:00"), NEW_YORK, "en", "Sunday, March 8, 2026, between 12:00 PM and 2:00 PM"),
        # 5:30 UTC on November 1 is the first 1:30, 6:30 UTC the second: the clock alone cannot tell.
        (
            _window("2026-11-01T05:30", 1),
            NEW_YORK,
            "en",
            "Sunday, November 1, 2026, between 1:30 AM EDT and 1:30 AM EST",
        ),
        # Over midnight both days are told.
        (
            _window("2026-03-17T03:00", 3),
            NEW_YORK,
            "en",
            "between Monday, March 16, 2026, 11:00 PM and Tuesday, March 17, 2026, 2:00 AM",
        ),
    ],
)
def test_a_window_is_told_in_the_time_of_the_place(
    window: TimeWindow, zone: ZoneInfo, language: str, expected: str
) -> None:
    """An hour's error means a customer who waits in vain."""
    assert long_window(window, zone, language) == expected


def test_a_short_window_fits_a_text_message() -> None:
    """The date once, or twice where the window goes over midnight."""
    assert short_window(_window("2026-03-17T12:00"), NEW_YORK, "en") == "Tue, Mar 17, 8:00 AM-10:00 AM"
    assert short_window(_window("2026-03-17T12:00"), BERLIN, "de") == "Di., 17. März, 13:00-15:00"
    assert short_window(_window("2026-03-17T03:00", 3), NEW_YORK, "en") == "Mon, Mar 16, 11:00 PM-Tue, Mar 17, 2:00 AM"


HOSTILE = "Eve\r\nBcc: all@example.com\r\n\r\n{{ 7*7 }}{% raw %}\u202etxt.exe\u2028https://evil.example/\0"


@pytest.mark.parametrize(("kind", "channel", "language"), EVERY)
def test_what_people_type_stays_in_its_line(kind: Kind, channel: str, language: str) -> None:
    """A name is not a place to write headers, templates, links or text of one's own."""
    hostile = replace(FACTS, customer=HOSTILE, summary=HOSTILE, address=HOSTILE, reason=HOSTILE, contact="Acme\r\nX: y")
    text = render(kind, channel, language, hostile)

    assert not re.search(r"^Bcc:|^X:", text.body, flags=re.MULTILINE)
    assert "\r" not in text.body
    assert "\n" not in text.title
    assert "49" not in text.body + text.title
    assert "https://evil" not in text.body
    assert not set(text.body) & set("\u202e\u2028\0")
    assert "Eve" not in text.body.partition("\n")[0] or channel == "sms"


@given(st.text(max_size=400))
def test_any_text_becomes_one_harmless_line(text: str) -> None:
    """Whatever Unicode holds in store."""
    line = one_line(text)

    assert len(line) <= 200
    assert len(line.splitlines()) <= 1
    assert "://" not in line
    assert line.isprintable() or all(character.isprintable() or ord(character) > 0x7F for character in line)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Pat Müller-O'Neil Jr.", "Pat Müller-O'Neil Jr."),
        ("Ольга", "Ольга"),
        ("Win 1000 $ now", ""),
        ("see www.example.com", ""),
        ("a@b.example", ""),
        ("x" * 61, ""),
        ("", ""),
    ],
)
def test_only_names_are_greeted(name: str, expected: str) -> None:
    """Somebody who books with another person's address must not make us write advertisement to it."""
    assert spoken_name(name) == expected


def test_text_messages_keep_to_their_alphabet_where_no_meaning_is_lost() -> None:
    """Accents and typographic marks are worth less than half of the message; other scripts are not thrown away."""
    # The marks: en dash, right single quotation mark, quotation marks, ellipsis.
    assert gsm_7("a \u2013 it\u2019s \u201cfine\u201d\u2026") == 'a - it\'s "fine"...'
    assert gsm_7("São Tomé, Kraków") == "Sao Tomé, Krakow"
    assert gsm_7("ä ö ü ß é à €") == "ä ö ü ß é à €"
    assert gsm_7("Ольга") == "Ольга"


def test_a_text_message_has_an_end() -> None:
    """Services refuse more than 1,600 characters."""
    body = render(Kind.CONFIRMATION, "sms", "en", replace(FACTS, link="https://x.example/" + "y" * 3_000)).body

    assert len(body) == LONGEST_SMS
