"""When a problem's horizon begins and ends, and when a visit may start within it."""

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from fieldops.domain.problem import Problem, TimeWindow, Visit


def horizon_of(problem: Problem) -> TimeWindow:
    """
    Give the horizon's first and last instant.

    Raises
    ------
    zoneinfo.ZoneInfoNotFoundError
        When the problem's time zone is unknown; `domain.faults` reports that before.
    """
    last_midnight = problem.first_date + timedelta(days=problem.num_days)
    return TimeWindow(midnight(problem.first_date, problem.time_zone), midnight(last_midnight, problem.time_zone))


# Asked with every translation of a route, about the same few dates.
@lru_cache(maxsize=1_024)
def midnight(day: date, time_zone: str) -> datetime:
    """Give the first instant of a day in a time zone."""
    return with_fixed_offset(datetime.combine(day, time(0), tzinfo=ZoneInfo(time_zone)))


def with_fixed_offset(instant: datetime) -> datetime:
    """
    Fix the offset an instant has.

    Differences of such instants are true durations, also over days of 23 or 25 hours, where instants in one zone would
    only differ by their clock readings.
    """
    offset = instant.utcoffset()
    assert offset is not None, "an instant has an offset"
    return instant.replace(tzinfo=timezone(offset), fold=0)


def start_windows(visit: Visit, horizon: TimeWindow) -> tuple[TimeWindow, ...]:
    """
    Give the windows in which a visit's service may really start.

    These are its hard windows (or the whole horizon when it has none), cut by the horizon, the release and the
    promised window's hard bounds; sorted, those that touch or overlap joined. Empty when nothing is left.
    """
    earliest, latest = horizon.earliest, horizon.latest
    if visit.release is not None:
        earliest = max(earliest, visit.release)
    if visit.promised_window is not None:
        earliest = max(earliest, visit.promised_window.earliest)
        if visit.promise_is_hard:
            latest = min(latest, visit.promised_window.latest)
    joined: list[TimeWindow] = []
    for window in sorted(visit.windows or (horizon,), key=lambda window: window.earliest):
        cut = TimeWindow(max(window.earliest, earliest), min(window.latest, latest))
        if cut.earliest > cut.latest:
            continue
        if joined and cut.earliest <= joined[-1].latest:
            joined[-1] = TimeWindow(joined[-1].earliest, max(joined[-1].latest, cut.latest))
        else:
            joined.append(cut)
    return tuple(joined)
