"""
The error tree of the product. Every class has a stable code and a line in docs/errors.md.

::

    FieldopsError
    ├─ InvalidInput      E1001  the caller's data is wrong; carries every fault found
    │  └─ UnreachablePlaces  E1002
    ├─ Unavailable       E5xxx  something outside did not answer; trying again may help
    │  └─ TravelUnavailable  E5001
    │     └─ TravelRefused   E5002  it answered, but not with travel times; trying again does not help
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


class InternalError(FieldopsError):
    """A promise of fieldops' own code is broken; please report it."""

    code = "E9001"
