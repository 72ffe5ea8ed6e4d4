"""What can be wrong with a territory, all at once; paths are those of its JSON form (`store.territories`, the API)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from fieldops.domain.faults import MAX_DAYS, is_time_zone, rates_faults, travel_source_faults
from fieldops.domain.live_policy_faults import live_policy_faults
from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.territory import Territory
from fieldops.domain.value_faults import field_path, id_faults, shorten, whole_number_faults, wrong
from fieldops.errors import Fault

MAX_NAME: Final = 200
MAX_CONTACT: Final = 500
MAX_SKILLS: Final = 1_000
#: Windows in the pattern: more than one for every quarter of an hour of a day make no offer.
MAX_WINDOWS: Final = 100
_MINUTE: Final = timedelta(minutes=1)
_DAY_MINUTES: Final = 1_440


def territory_faults(territory: Territory) -> list[Fault]:
    """List everything that is wrong with a territory; empty when nothing is."""
    return list(_territory_faults(territory))


def _territory_faults(territory: Territory) -> Iterator[Fault]:
    yield from _text_faults("name", territory.name, 1, MAX_NAME)
    if not is_time_zone(territory.time_zone):
        yield wrong("time_zone", territory.time_zone, "an IANA time zone, such as America/New_York")
    if len(territory.skills) > MAX_SKILLS:
        yield Fault(path="skills", found=f"{len(territory.skills)} skills", expected=f"at most {MAX_SKILLS}")
    yield from id_faults(((field_path("skills", i), skill) for i, skill in enumerate(territory.skills)), "skill")
    yield from _pattern_faults(territory.offered_windows)
    yield from _policy_faults(territory.policies)
    yield from live_policy_faults("live", territory.live)
    yield from rates_faults(territory.rates)
    if territory.travel.kind == "matrix":
        yield wrong("travel.kind", "matrix", "geodesic or osrm: a matrix file knows no new addresses")
    else:
        yield from travel_source_faults(territory.travel)


def _pattern_faults(pattern: tuple[OfferedWindow, ...]) -> Iterator[Fault]:
    """Report windows nobody could be offered, and such as are offered twice."""
    if len(pattern) > MAX_WINDOWS:
        yield Fault(path="offered_windows", found=f"{len(pattern)} windows", expected=f"at most {MAX_WINDOWS}")
    first_path: dict[tuple[int, object, object], str] = {}
    for i, window in enumerate(pattern):
        path = field_path("offered_windows", i)
        if not window.weekdays or not window.weekdays <= frozenset(range(7)):
            yield wrong(f"{path}.weekdays", sorted(window.weekdays), "at least one of 0 (Monday) to 6 (Sunday)")
        if window.start >= window.end:
            yield wrong(f"{path}.end", f"{window.end:%H:%M}", f"a time after the start, {window.start:%H:%M}")
        for weekday in sorted(window.weekdays):
            span = (weekday, window.start, window.end)
            if span in first_path:
                expected = f"windows that differ; {first_path[span]} is the same on weekday {weekday}"
                yield Fault(path=path, found=f"{window.start:%H:%M} to {window.end:%H:%M}", expected=expected)
                break
            first_path[span] = path


def _policy_faults(policies: Policies) -> Iterator[Fault]:
    """Report rules out of any sensible range."""
    for name, duration, least, most in (
        ("hold_minutes", policies.hold_duration, 1, _DAY_MINUTES),
        ("hold_most_minutes", policies.hold_most, 1, _DAY_MINUTES),
        ("offer_minutes", policies.offer_duration, 1, _DAY_MINUTES),
        ("waitlist_offer_minutes", policies.waitlist_offer, 1, _DAY_MINUTES),
        ("notice_minutes", policies.notice, 0, MAX_DAYS * _DAY_MINUTES),
        ("buffer_minutes", policies.buffer, 0, _DAY_MINUTES),
        ("nearby_minutes", policies.nearby, 0, _DAY_MINUTES),
        ("reach_minutes", policies.reach, 0, _DAY_MINUTES),
        ("reminder_minutes", policies.reminder_before, 0, MAX_DAYS * _DAY_MINUTES),
    ):
        if duration % _MINUTE or not least <= duration // _MINUTE <= most:
            path, found = f"policies.{name}", f"{duration / _MINUTE:g}"
            yield Fault(path=path, found=found, expected=f"a whole number of minutes from {least} to {most}")
    yield from whole_number_faults("policies.horizon_days", policies.horizon_days, 1, MAX_DAYS)
    yield from whole_number_faults("policies.plan_days_ahead", policies.plan_days_ahead, 0, MAX_DAYS)
    yield from whole_number_faults("policies.plan_seconds", policies.plan_seconds, 1, 3_600)
    for name, clock in (
        ("plan_at", policies.plan_at),
        ("quiet_from", policies.quiet_from),
        ("quiet_until", policies.quiet_until),
    ):
        if clock.tzinfo is not None or clock.second or clock.microsecond:
            yield wrong(f"policies.{name}", clock.isoformat(), "a local wall-clock time on a whole minute")
    yield from _text_faults("policies.contact", policies.contact, 0, MAX_CONTACT)


def _text_faults(path: str, text: str, least: int, most: int) -> Iterator[Fault]:
    """Report text that is too short, too long, or has characters no database or message takes."""
    if not least <= len(text.strip()) or len(text) > most or "\x00" in text:
        yield wrong(path, shorten(text), f"text of {least} to {most} characters")
