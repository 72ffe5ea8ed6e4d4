"""Phone numbers and e-mail addresses: one spelling for each, whatever the customer wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault
from fieldops.store.tables import TerritoryRow

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]{1,64}@(?!-)[^\W_](?:[\w.-]*[^\W_])?", re.ASCII)
#: Longest e-mail address (RFC 5321, section 4.5.3.1: a path of 256 octets with its two brackets).
_LONGEST_EMAIL: Final = 254
_EXPECTED: Final = {
    "phone": "a phone number, in full with the country code, such as +1 202 555 0123, and without an extension",
    "email": "an e-mail address, such as pat@example.com",
}


class ContactKind(StrEnum):
    """What a contact point is."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """
    A contact point as somebody wrote it.

    Attributes
    ----------
    has_consent
        Whether the customer agreed to messages there.
    """

    kind: ContactKind
    value: str
    has_consent: bool = False


def phone_regions(session: Session, territory_id: str | None = None) -> frozenset[str]:
    """
    Return the countries whose numbers may be written without a country code: of the territory, else of all territories.

    Returns
    -------
    frozenset[str]
        ISO 3166 codes, found through the time zones.
    """
    zones = select(TerritoryRow.time_zone).distinct()
    if territory_id is not None:
        zones = zones.where(TerritoryRow.id == territory_id)
    return frozenset(region for zone in session.scalars(zones) if (region := _region_of(zone)) is not None)


def readings(kind: ContactKind, text: str, regions: frozenset[str]) -> frozenset[str]:
    """
    Return what a text may mean as a contact point: numbers in E.164, addresses in lower case.

    Several numbers where it has no country code and countries differ in what it would mean; nothing when it is none.
    Extensions are left out. A number need not be in use: only its length is judged, since new ranges come every year.
    """
    if kind is ContactKind.EMAIL:
        address = text.strip().lower()
        return frozenset({address}) if len(address) <= _LONGEST_EMAIL and _is_email(address) else frozenset()
    found = (_read_phone(text, region) for region in (regions or {None}))
    return frozenset(number for number in found if number is not None)


def one_reading(contact: NewContact, regions: frozenset[str]) -> str | None:
    """Return the one thing a contact point means, or None when it is none, not clear, or has an extension."""
    found = readings(contact.kind, contact.value, regions)
    if len(found) != 1 or (contact.kind is ContactKind.PHONE and _has_extension(contact.value, regions)):
        return None
    return next(iter(found))


def contact_faults(path: str, contacts: tuple[NewContact, ...], regions: frozenset[str]) -> Iterator[Fault]:
    """Report contact points that are none, and those that come twice."""
    first: dict[tuple[str, str], str] = {}
    for i, contact in enumerate(contacts):
        value_path = field_path(path, i, "value")
        value = one_reading(contact, regions)
        if value is None:
            yield wrong(value_path, contact.value, _EXPECTED[contact.kind])
            continue
        before = first.setdefault((contact.kind, value), value_path)
        if before != value_path:
            yield wrong(value_path, contact.value, f"each contact point once; {before} is the same")


def _region_of(time_zone: str) -> str | None:
    """Return the country a time zone lies in; zones such as UTC lie in none."""
    region: str | None = get_global("zone_territories").get(get_global("zone_aliases").get(time_zone, time_zone))
    return region if region is not None and region in phonenumbers.SUPPORTED_REGIONS else None


def _read_phone(text: str, region: str | None) -> str | None:
    """Return the number a text means in a country, in E.164."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _has_extension(text: str, regions: frozenset[str]) -> bool:
    """Whether a number that can be read has an extension, which E.164 has no room for."""
    for region in regions or {None}:
        try:
            return bool(phonenumbers.parse(text, region).extension)
        except NumberParseException:
            continue
    return False


def _is_email(address: str) -> bool:
    """Whether a text looks like an address that could exist; only a message sent there can tell."""
    return _EMAIL.fullmatch(address) is not None and ".." not in address and "." in address.partition("@")[2]
