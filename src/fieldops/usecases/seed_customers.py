"""Customers nobody is: made-up names, with addresses and numbers that are set aside for examples."""

from dataclasses import dataclass
from typing import Final

FIRST_NAMES: Final = (
    *("Alma", "Bruno", "Clara", "Dario", "Edda", "Felix", "Greta", "Hugo", "Irma", "Jonas", "Karla", "Leon", "Mira"),
    *("Nico", "Olga", "Pablo", "Quinn", "Rosa", "Stefan", "Tilda", "Urs", "Vera", "Walter"),
)
LAST_NAMES: Final = (
    *("Acorn", "Bellows", "Cobble", "Dapple", "Elder", "Farthing", "Gable", "Hazel", "Inkwell", "Juniper", "Kettle"),
    *("Larch", "Mallow", "Nettle", "Orchard", "Pebble", "Quill", "Rowan", "Sorrel", "Thistle"),
)
#: Of each area code the numbers 555-0100 to 555-0199 belong to nobody, for use in fiction.
AREA_CODES: Final = ("202", "240", "301", "410", "443", "571", "703")
_NUMBERS_EACH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpCustomer:
    """A customer; there are fewer numbers than there may be customers, so the last ones have none."""

    name: str
    email: str
    phone: str | None


def made_up_customer(number: int) -> MadeUpCustomer:
    """Make up one customer; the same for the same number, from 0 on, and nobody twice."""
    # The counts of first and last names have no common factor: every pair comes before one comes again.
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
    again = number // (len(FIRST_NAMES) * len(LAST_NAMES))
    name = f"{first} {last}" + (f" {again + 1}" if again else "")
    return MadeUpCustomer(name=name, email=f"{name.lower().replace(' ', '.')}@example.com", phone=made_up_phone(number))


def made_up_phone(number: int) -> str | None:
    """Return a number in E.164 that belongs to nobody; None when there are no more."""
    if number >= len(AREA_CODES) * _NUMBERS_EACH:
        return None
    return f"+1{AREA_CODES[number // _NUMBERS_EACH]}55501{number % _NUMBERS_EACH:02}"
