"""Phone numbers and e-mail addresses in whatever form people write them."""

import pytest

from fieldops.usecases.contact_points import ContactKind, NewContact, contact_faults, one_reading, readings

US = frozenset({"US"})
PHONE, EMAIL = ContactKind.PHONE, ContactKind.EMAIL


@pytest.mark.parametrize(
    "text",
    [
        "+1 (202) 555-0123",
        "202-555-0123",
        "202.555.0123",
        "(202) 555 0123",
        "1 202 555 0123",
        "+12025550123",
        "tel:+1-202-555-0123",
        "\uff12\uff10\uff12-555-0123",
    ],
)
def test_a_number_is_one_number_however_it_is_written(text: str) -> None:
    """Who called before must be found, whoever typed the number."""
    assert readings(PHONE, text, US) == {"+12025550123"}


def test_a_number_in_full_needs_no_country() -> None:
    """A call from abroad is a call, too."""
    assert readings(PHONE, "+49 30 123456", US) == {"+4930123456"}
    assert readings(PHONE, "+49 30 123456", frozenset()) == {"+4930123456"}


def test_a_number_without_country_code_is_read_in_every_country_served() -> None:
    """Looked up it may be either one; written down it has to be clear which."""
    regions = frozenset({"US", "DE"})

    # 2 0255 50123 without a leading 0 is a local German number of ten digits, too.
    assert readings(PHONE, "202-555-0123", regions) == {"+12025550123", "+492025550123"}
    assert one_reading(NewContact(kind=PHONE, value="202-555-0123"), regions) is None
    assert one_reading(NewContact(kind=PHONE, value="+1 202-555-0123"), regions) == "+12025550123"


@pytest.mark.parametrize("text", ["", "Pat", "555-0123", "911", "+", "+1" * 50, "+999 123456789", "202-555-01234567"])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    """A message to a number that cannot exist is a customer who waits."""
    assert readings(PHONE, text, US) == frozenset()


def test_an_extension_is_looked_up_without_but_not_lost_silently() -> None:
    """A text message cannot dial an extension; the caller is found all the same."""
    assert readings(PHONE, "202-555-0123 ext. 12", US) == {"+12025550123"}
    assert one_reading(NewContact(kind=PHONE, value="202-555-0123 ext. 12"), US) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [(" Pat@Example.COM ", "pat@example.com"), ("o'neil+work@mail.example.co.uk", "o'neil+work@mail.example.co.uk")],
)
def test_addresses_are_kept_in_lower_case(text: str, address: str) -> None:
    """The same mailbox typed with capitals is the same customer."""
    assert readings(EMAIL, text, US) == {address}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pat",
        "pat@",
        "@example.com",
        "pat@localhost",
        "pat@example..com",
        "pat@-example.com",
        "pat@example.com\nBcc: all@example.com",
        "pat smith@example.com",
        "a@b.example@c.example",
        "p" * 65 + "@example.com",
        "pat@" + "e" * 250 + ".com",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    """Least of all one with a line break, which would be a header of its own in a message."""
    assert readings(EMAIL, text, US) == frozenset()


def test_all_wrong_contact_points_are_named_at_once() -> None:
    """Who typed three wrong things wants to hear of three."""
    contacts = (
        NewContact(kind=PHONE, value="12"),
        NewContact(kind=EMAIL, value="pat@example.com"),
        NewContact(kind=EMAIL, value="PAT@example.com"),
    )

    assert [str(fault) for fault in contact_faults("contacts", contacts, US)] == [
        "contacts[0].value: found '12', expected a phone number, in full with the country code, such as "
        "+1 202 555 0123, and without an extension",
        "contacts[2].value: found 'PAT@example.com', expected each contact point once; contacts[1].value is the same",
    ]
