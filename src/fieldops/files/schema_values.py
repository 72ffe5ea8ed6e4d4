"""Single values between documents and domain: instants, and durations in whole seconds."""

from datetime import UTC, datetime, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from fieldops.domain.horizon import with_fixed_offset


@overload
def to_instant(instant: datetime) -> datetime: ...
@overload
def to_instant(instant: None) -> None: ...
def to_instant(instant: datetime | None) -> datetime | None:
    """Keep the offset an instant was written with, so that faults show what the author wrote."""
    return None if instant is None else with_fixed_offset(instant)


@overload
def to_local(instant: datetime, zone: ZoneInfo) -> datetime: ...
@overload
def to_local(instant: None, zone: ZoneInfo) -> None: ...
def to_local(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    """
    Convert an instant to a zone for reading.

    It stays in UTC where the zone has no offset of whole minutes (before 1972), which ISO 8601 cannot write, or where
    the calendar ends.
    """
    if instant is None:
        return None
    try:
        converted = instant.astimezone(zone)
    except OverflowError:
        return instant.astimezone(UTC)
    offset = converted.utcoffset()
    return converted if offset is not None and not offset.total_seconds() % 60 else instant.astimezone(UTC)


@overload
def to_duration(seconds: int) -> timedelta: ...
@overload
def to_duration(seconds: None) -> None: ...
def to_duration(seconds: int | None) -> timedelta | None:
    """Make a duration of whole seconds."""
    return None if seconds is None else timedelta(seconds=seconds)


@overload
def to_seconds(duration: timedelta) -> int: ...
@overload
def to_seconds(duration: None) -> None: ...
def to_seconds(duration: timedelta | None) -> int | None:
    """Count the whole seconds of a duration."""
    return None if duration is None else duration // timedelta(seconds=1)
