"""Who asks for something, and what the caller may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fieldops.errors import Forbidden


class Scope(StrEnum):
    """A right. Routes name the one they need; roles and API keys are sets of them."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    MESSAGES_READ = "messages:read"
    OWN_DAY = "own-day"
    OWN_BOOKING = "own-booking"
    ADMIN = "admin"


class Role(StrEnum):
    """What somebody is to the product."""

    CUSTOMER = "customer"
    TECHNICIAN = "technician"
    DISPATCHER = "dispatcher"
    OPS = "ops"
    INTEGRATION = "integration"
    SYSTEM = "system"


_DISPATCHER: Final = frozenset(
    {
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.BOOKINGS_READ,
        Scope.BOOKINGS_WRITE,
        Scope.PLANS_READ,
        Scope.PLANS_WRITE,
        Scope.PEOPLE_READ,
        Scope.PEOPLE_WRITE,
        Scope.MESSAGES_READ,
    }
)
SCOPES_OF: Final = {
    Role.CUSTOMER: frozenset({Scope.OWN_BOOKING}),
    Role.TECHNICIAN: frozenset({Scope.OWN_DAY}),
    Role.DISPATCHER: _DISPATCHER,
    Role.OPS: _DISPATCHER | {Scope.ADMIN},
    Role.SYSTEM: frozenset(Scope),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """
    The caller.

    Attributes
    ----------
    id
        ``user:us_...``, ``key:ak_...``, ``link:ln_...`` or ``system``; written into the audit.
    technician_id
        Whose day it is, for technicians and calendar links.
    work_order_id
        The one work order a customer's link gives access to.
    booking_id
        The one booking whose calendar file the address of an appointment opens; it opens nothing else.
    request_id
        Of the request that is being served.
    """

    id: str
    role: Role
    scopes: frozenset[Scope]
    technician_id: str | None = None
    work_order_id: str | None = None
    booking_id: str | None = None
    request_id: str | None = None

    def require(self, *any_of: Scope) -> None:
        """Raise `Forbidden` unless the caller has one of these rights."""
        if not self.scopes.intersection(any_of):
            needed = " or ".join(any_of)
            raise Forbidden(f"this needs the scope {needed}", details={"needs": sorted(any_of)})


SYSTEM: Final = Actor(id="system", role=Role.SYSTEM, scopes=SCOPES_OF[Role.SYSTEM])

#: Somebody who has shown no credentials yet.
ANONYMOUS: Final = Actor(id="anonymous", role=Role.CUSTOMER, scopes=frozenset())
