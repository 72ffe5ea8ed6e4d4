"""What may be left of JSON when a person is to be forgotten: ids, instants, numbers and fixed words, nothing typed."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

#: As `fieldops.store.ids` makes them.
_ID: Final = re.compile(r"[a-z]{2}_[0-9a-z]{16}")
#: Names whose values are words of the product's own.
_OWN_WORDS: Final = frozenset({"action", "channel", "fields", "kind", "language", "purpose", "state"})
_SHORT: Final = re.compile(r"[a-z_]{1,40}")
#: Stands for what is to be left out.
_GONE: Final = object()


def impersonal(document: Mapping[str, Any]) -> dict[str, Any]:
    """
    Leave out of an object what somebody may have typed, and where somebody lives.

    Kept are ids, dates and instants, whole numbers, flags, nulls, and words under names that hold words of our own.
    Fractions are left out: they are coordinates.
    """
    return _object(document)


def _object(document: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: _kept(name, value) for name, value in document.items()}
    return {name: value for name, value in kept.items() if value is not _GONE}


def _kept(name: str, value: Any) -> Any:
    """Give what is left of a value, or `_GONE`."""
    match value:
        case dict():
            return _object(value)
        case list():
            return [kept for each in value if (kept := _kept(name, each)) is not _GONE]
        case str():
            is_own = name in _OWN_WORDS and _SHORT.fullmatch(value)
            return value if is_own or _ID.fullmatch(value) or _is_instant(value) else _GONE
        case float():
            return _GONE
        case _:
            return value


def _is_instant(text: str) -> bool:
    """Whether a text is a date or an instant; digits alone may be a phone number."""
    if "-" not in text[1:]:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def with_words_replaced(value: Any, words: Mapping[str, str]) -> Any:
    """Write other words into all texts of a document."""
    match value:
        case dict():
            return {name: with_words_replaced(each, words) for name, each in value.items()}
        case list():
            return [with_words_replaced(each, words) for each in value]
        case str():
            for word, other in words.items():
                value = value.replace(word, other)
            return value
        case _:
            return value
