"""Partial changes: a field that is not named stays as it is, which is something else than becoming None."""

from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class _Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


Unchanged: TypeAlias = Literal[_Unchanged.UNCHANGED]
#: What a field of a change holds that was not named.
UNCHANGED: Final = _Unchanged.UNCHANGED


def changed(changes: "DataclassInstance") -> dict[str, Any]:
    """Return the fields that were named, with what they are to become."""
    values = {field.name: getattr(changes, field.name) for field in fields(changes)}
    return {name: value for name, value in values.items() if value is not UNCHANGED}
