"""What single values must be like, wherever they stand: the smallest judgments `domain.faults` is made of."""

import math
from collections.abc import Container, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from fieldops.errors import Fault

#: Largest amount of money in one field, cents: ten million in whole currency.
MAX_CENTS: Final = 10**9
#: Longest duration in one field; longer than the longest horizon makes no sense.
MAX_DURATION: Final = timedelta(days=14)
_SHOWN_LENGTH: Final = 60


def field_path(base: str, *steps: str | int) -> str:
    """Write where a value stands: ``visits[3].windows[0].latest``; names that are no words are quoted in brackets."""
    path = base
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.isidentifier():
            path += f".{step}" if path else step
        else:
            path += f'["{shorten(step)}"]'
    return path


def shorten(text: str) -> str:
    """Cut a long text so that a fault stays readable."""
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."


def shown(value: object) -> str:
    """Write a value found as text for a fault: instants and durations as in the documents, the rest as Python does."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return shorten(repr(value))


def wrong(path: str, value: object, expected: str) -> Fault:
    """Make the fault for a value found."""
    return Fault(path=path, found=shown(value), expected=expected)


def whole_number_faults(path: str, value: int | None, least: int, most: int) -> Iterator[Fault]:
    """Report a number that is not whole or outside ``[least, most]``; None passes."""
    if value is not None and (not isinstance(value, int) or not least <= value <= most):
        yield wrong(path, value, f"a whole number from {least} to {most}")


def money_faults(path: str, value: int | None, most: int = MAX_CENTS) -> Iterator[Fault]:
    """Report an amount of money, in cents, that is negative, not whole or absurdly large; None passes."""
    yield from whole_number_faults(path, value, 0, most)


def decimal_faults(path: str, value: float, least: float, most: float, what: str) -> Iterator[Fault]:
    """Report a number that is not finite or outside ``[least, most]``."""
    if not math.isfinite(value) or not least <= value <= most:
        yield wrong(path, value, f"{what} from {least:g} to {most:g}")


def duration_faults(path: str, value: timedelta | None, least_s: int = 1) -> Iterator[Fault]:
    """Report a duration that is shorter than `least_s` seconds, not whole seconds or absurdly long; None passes."""
    if value is None:
        return
    if value < timedelta(seconds=least_s) or value > MAX_DURATION or value.microseconds:
        most_s = MAX_DURATION // timedelta(seconds=1)
        yield wrong(path, value, f"a whole number of seconds from {least_s} to {most_s}")


def instant_faults(path: str, value: datetime | None) -> Iterator[Fault]:
    """Report an instant without a UTC offset or with a fraction of a second; None passes."""
    if value is None:
        return
    if value.utcoffset() is None:
        yield wrong(path, value, "an instant with a UTC offset, such as 2026-03-16T08:00:00-04:00")
    elif value.microsecond:
        yield wrong(path, value, "an instant on a whole second")


def id_faults(paths_and_ids: Iterable[tuple[str, str]], what: str) -> Iterator[Fault]:
    """Report ids that are empty or were used before."""
    first_path: dict[str, str] = {}
    for path, name in paths_and_ids:
        if not name.strip():
            yield wrong(path, name, f"a {what} that is not empty")
        elif name in first_path:
            yield wrong(path, name, f"a {what} used once; {first_path[name]} has it too")
        else:
            first_path[name] = path


def unknown_faults(path: str, names: Iterable[str], known: Container[str], what: str) -> Iterator[Fault]:
    """Report names that are not among the known ones, in alphabetical order."""
    for name in sorted(set(names)):
        if name not in known:
            yield wrong(path, name, f"{what} of this problem")
