"""Reading the JSON objects that stand in columns: every value by its form, and all faults at once."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any, Final, TypeVar

from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.units import Cents

#: JSON name to the field it is read into, and what reads it: a function that raises `ValueError` with what it expects.
Forms = Mapping[str, tuple[str, Callable[[Any], object]]]

_CLOCK: Final = "a local time, such as 08:00"

T = TypeVar("T")


def read_object(path: str, document: Mapping[str, Any], forms: Forms, kind: type[T]) -> T:
    """
    Make an object of a JSON object; what is not said is as the kind has it.

    Raises
    ------
    InvalidInput
        With all that is wrong.
    """
    values, faults = read_values(path, document, forms)
    if faults:
        raise InvalidInput(faults)
    return kind(**values)


def read_values(path: str, document: Mapping[str, Any], forms: Forms) -> tuple[dict[str, Any], list[Fault]]:
    """Read the values of a JSON object and list those that have another form."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in document.items():
        if key not in forms:
            faults.append(wrong(field_path(path, key), value, f"one of {', '.join(forms)}"))
            continue
        name, read = forms[key]
        try:
            values[name] = read(value)
        except ValueError as error:
            faults.append(wrong(field_path(path, key), value, str(error)))
    return values, faults


def a_count(value: Any) -> int:
    """Read a whole number."""
    # Larger ones have no place in a duration; a bool is an int to Python only.
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise ValueError("a whole number")
    return value


def minutes(value: Any) -> timedelta:
    """Read a number of minutes."""
    return timedelta(minutes=a_count(value))


def minutes_or_none(value: Any) -> timedelta | None:
    """Read a number of minutes, or nothing."""
    return None if value is None else minutes(value)


def seconds(value: Any) -> timedelta:
    """Read a number of seconds, which may have a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 10**9:
        raise ValueError("a number of seconds")
    return timedelta(seconds=value)


def cents(value: Any) -> Cents:
    """Read an amount of money."""
    return Cents(a_count(value))


def clock(value: Any) -> time:
    """Read a local time."""
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(_CLOCK) from None


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(value: Any) -> str:
    """Read text."""
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def text_or_none(value: Any) -> str | None:
    """Read text, or nothing."""
    return None if value is None else text(value)


def as_it_is(value: Any) -> Any:
    """Take a value that is judged elsewhere."""
    return value
