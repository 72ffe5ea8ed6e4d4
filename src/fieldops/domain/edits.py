"""What a person changes in a plan by hand: a wish; what it breaks is for `fieldops.usecases.what_if` to say."""

from dataclasses import dataclass
from datetime import timedelta

from fieldops.domain.problem import Break


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """
    Put a visit into a route, wherever it is now, on a route or on none.

    Attributes
    ----------
    position
        How many of the route's other visits come before it; None = where it fits best.
    """

    visit_id: str
    shift_id: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Let two visits change places, on one route or between two."""

    visit_id: str
    other_visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassign:
    """Take a visit off its route."""

    visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """
    Fix a visit where the plan has it, so that no optimizer moves it; with nothing to fix, set it free.

    Attributes
    ----------
    technician
        Who serves it.
    sequence
        Its place in the order, among the visits of the route whose places are fixed; fixes the technician, too.
    start
        The start of its service.
    """

    visit_id: str
    technician: bool = True
    sequence: bool = False
    start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Let a visit take another time on site, by a technician of ordinary pace."""

    visit_id: str
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBreak:
    """Give a shift one more break."""

    shift_id: str
    pause: Break


Edit = Move | Swap | Unassign | Lock | Duration | AddBreak
