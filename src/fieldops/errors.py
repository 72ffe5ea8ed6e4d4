"""
The error tree of the product. Every class has a stable code and a line in docs/errors.md.

::

    FieldopsError
    ├─ InvalidInput      E1001  the caller's data is wrong; carries every fault found
    │  ├─ UnreachablePlaces  E1002
    │  └─ AddressNotFound    E1003
    ├─ NotFound          E2001  there is no such thing, or not for this caller
    ├─ Conflict          E3000  the request is right, but not now
    │  ├─ WindowTaken        E3001  nobody can keep this window any more
    │  ├─ OfferExpired       E3002
    │  ├─ HoldExpired        E3003
    │  ├─ PlanVersionStale   E3004  made from another version of the plan than the running one
    │  ├─ WrongState         E3005  the thing is in a state that does not allow it
    │  ├─ KeyReused          E3006  an Idempotency-Key came back with another request
    │  ├─ AlreadyThere       E3007  something with this name exists
    │  ├─ VersionStale       E3008  it is not at the version any more that the caller has read
    │  ├─ RulesBroken        E3009  the plan would break hard rules; all of them are in the details
    │  └─ EventDiffers       E3010  an event came back under its id with another content
    ├─ NotAllowed        E4000
    │  ├─ NotAuthenticated   E4001  no credentials, or wrong, expired or revoked ones
    │  ├─ Forbidden          E4002  known, but without the right
    │  ├─ TooManyRequests    E4003
    │  ├─ TooLarge           E4004  the body is larger than accepted
    │  ├─ WrongMethod        E4005  the address is right, but nothing of that kind can be done there
    │  └─ TooSlow            E4006  the body takes longer to arrive than is waited for
    ├─ Unavailable       E5xxx  something outside did not answer; trying again may help
    │  ├─ TravelUnavailable  E5001
    │  │  └─ TravelRefused   E5002  it answered, but not with travel times; trying again does not help
    │  ├─ GeocoderUnavailable  E5003
    │  ├─ DatabaseBusy       E5004
    │  └─ TooBusy            E5005  more logins at once than there is room for
    └─ InternalError     E9001  a broken promise of our own code

Outcomes (unassigned visits, a time limit reached) are values, not exceptions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One thing that is wrong with the caller's data.

    Attributes
    ----------
    path
        Where it is: ``visits[3].windows[0].latest``, or ``visits.csv:17:latitude`` for a table.
    found
        The value found, as text, shortened when long.
    expected
        What would have been right, in words.
    """

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.path}: found {self.found}, expected {self.expected}"


class FieldopsError(Exception):
    """Something went wrong in fieldops."""

    code: ClassVar[str] = "E0000"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        self.details: Mapping[str, object] = details or {}


class InvalidInput(FieldopsError, ValueError):
    """The data given is not valid."""

    code = "E1001"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in the input:\n{lines}")


class UnreachablePlaces(InvalidInput):
    """Between some places there is no way."""

    code = "E1002"


class AddressNotFound(InvalidInput):
    """The address is not known to the geocoder."""

    code = "E1003"


class NotFound(FieldopsError):
    """There is no such thing."""

    code = "E2001"

    def __init__(self, kind: str = "thing", name: str = "of that name") -> None:
        super().__init__(f"there is no {kind} {name!r}", details={"kind": kind, "name": name})


class Conflict(FieldopsError):
    """The request is right, but what it wants cannot be had now."""

    code = "E3000"


class WindowTaken(Conflict):
    """Nobody can keep this arrival window any more."""

    code = "E3001"


class OfferExpired(Conflict):
    """The offer has expired; ask for a new quote."""

    code = "E3002"


class HoldExpired(Conflict):
    """The hold has expired, and its window is taken by now."""

    code = "E3003"


class PlanVersionStale(Conflict):
    """The plan has changed since the version this was made from."""

    code = "E3004"


class WrongState(Conflict):
    """What this is about is in a state that does not allow it."""

    code = "E3005"


class KeyReused(Conflict):
    """This Idempotency-Key was used for another request."""

    code = "E3006"


class AlreadyThere(Conflict):
    """Something with this name exists already."""

    code = "E3007"


class VersionStale(Conflict):
    """What was to be changed has changed since it was read."""

    code = "E3008"


class RulesBroken(Conflict):
    """The plan would break hard rules."""

    code = "E3009"


class EventDiffers(Conflict):
    """An event with this id was reported before, and said something else."""

    code = "E3010"


class NotAllowed(FieldopsError):
    """This is not allowed."""

    code = "E4000"


class NotAuthenticated(NotAllowed):
    """No credentials were given, or they are wrong, expired or revoked."""

    code = "E4001"


class Forbidden(NotAllowed):
    """These credentials do not give the right to do this."""

    code = "E4002"


class TooManyRequests(NotAllowed):
    """Too many requests; wait before the next."""

    code = "E4003"
    retryable = True


class TooLarge(NotAllowed):
    """The body of the request is larger than accepted."""

    code = "E4004"


class WrongMethod(NotAllowed):
    """This address does not answer to this method."""

    code = "E4005"


class TooSlow(NotAllowed):
    """The body of the request did not arrive in time."""

    code = "E4006"
    retryable = True


class Unavailable(FieldopsError):
    """Something outside fieldops did not answer."""

    code = "E5000"
    retryable = True


class TravelUnavailable(Unavailable):
    """The travel-time provider did not answer."""

    code = "E5001"


class TravelRefused(TravelUnavailable):
    """The travel-time provider answered, but not with travel times."""

    code = "E5002"
    retryable = False


class GeocoderUnavailable(Unavailable):
    """The geocoder did not answer."""

    code = "E5003"


class DatabaseBusy(Unavailable):
    """The database was too busy to finish this; nothing was changed."""

    code = "E5004"


class TooBusy(Unavailable):
    """Too many people are logging in at this moment; nothing was changed."""

    code = "E5005"


class InternalError(FieldopsError):
    """A promise of fieldops' own code is broken; please report it."""

    code = "E9001"
