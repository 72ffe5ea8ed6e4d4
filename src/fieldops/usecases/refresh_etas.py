"""
When technicians are expected at the visits ahead of them, as a range, and whether what was promised will be kept.

Refreshed in the transaction of whatever changes it: what people see is never older than what was reported.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from fieldops.domain.eta_range import with_what_may_come
from fieldops.domain.live import Eta
from fieldops.domain.plan import Stop
from fieldops.domain.problem import Visit
from fieldops.errors import Unavailable, UnreachablePlaces
from fieldops.solver.risk import StopRisk, risk
from fieldops.store.base import table_of
from fieldops.store.tables import EtaRow, StopRow
from fieldops.usecases.breaks_as_planned import with_breaks_as_planned
from fieldops.usecases.expected_route import possible_instance
from fieldops.usecases.live_day import LiveDay, load_live_day
from fieldops.usecases.live_shift import LiveShift
from fieldops.usecases.live_words import eta_as_json, shift_as_json
from fieldops.usecases.shift_after_shift import ShiftOver, after, end_of_idle, place_after
from fieldops.usecases.stream import announce, topic_of_board, topic_of_technician
from fieldops.usecases.uncertainty import Beginning, noise_of_day
from fieldops.usecases.work import Work

#: Days simulated for each route; the chance of a kept promise is then right within two percent, twice that at worst.
SCENARIOS: Final = 500
#: The ends of the range, and its middle, permille: it holds four arrivals of five while the plan stays as it is.
RANGE: Final = (100, 500, 900)
#: Days that begin later are not under way, nor are those that ended so long ago.
_MARGIN: Final = timedelta(hours=12)
_ETAS: Final = table_of(EtaRow)
#: What makes it another expectation; the version and the instant it was made at do not.
_COMPARED: Final = (
    *("shift_id", "technician_id", "position", "arrival_at", "earliest_at", "latest_at", "finish_at"),
    *("kept_permille", "at_risk_since"),
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """
    What a refresh has brought.

    Attributes
    ----------
    changed
        What is expected now of the visits of which something else was expected before, or nothing.
    endangered
        Visits whose promises have come into jeopardy.
    at_risk
        All visits whose promises are, of the shifts that were refreshed.
    """

    changed: tuple[Eta, ...] = ()
    endangered: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()


def refresh_etas(work: Work, territory_id: str, day: date, shift_ids: Collection[str] | None = None) -> tuple[Eta, ...]:
    """
    Refresh what is expected of a day under way, and say so on its streams.

    Parameters
    ----------
    shift_ids
        The only shifts touched; None = all of the date.

    Returns
    -------
    tuple[Eta, ...]
        Those that have changed.

    Notes
    -----
    The caller holds the lock of the date's plan. Without travel times, and on days that are not under way, everything
    stays as it is.
    """
    return refresh(work, territory_id, day, shift_ids).changed


def refresh(
    work: Work,
    territory_id: str,
    day: date,
    shift_ids: Collection[str] | None = None,
    *,
    tells_shifts: bool = False,
) -> Refreshed:
    """
    Do the same, and say whose promises are in jeopardy.

    Parameters
    ----------
    tells_shifts
        Whether the board is told where technicians are free next although nobody is expected at another time.
    """
    work.session.flush()
    try:
        live = load_live_day(work, territory_id, day, shift_ids, freezes=False, with_later=True)
    except (Unavailable, UnreachablePlaces) as error:
        log.warning("etas.no_travel_times", territory_id=territory_id, date=str(day), error=str(error))
        return Refreshed()
    if not _is_under_way(live, work.now):
        return Refreshed()
    known = _known(work, live)
    rows: list[dict[str, Any]] = []
    etas: dict[str, Eta] = {}
    kept: set[str] = set()
    over: dict[str, ShiftOver | None] = {}
    for shift in sorted(live.shifts.values(), key=lambda shift: (shift.facts.shift.start, shift.facts.shift.id)):
        is_out = shift.where.underway is not None and shift.where.underway.is_out
        who = shift.facts.technician.id
        try:
            if is_out:
                found = list(_nobody_comes(shift, live, known))
            else:
                found, over[who] = _expected(work, shift, live, over.get(who))
        except Exception as error:
            # A shift that nothing can be computed of is our fault; everybody else's day goes on.
            log.error("etas.shift_left_out", shift_id=shift.facts.shift.id, error=repr(error), exc_info=True)
            kept.update(visit.id for visit in shift.facts.stops)
            continue
        rows += [_values(eta, shift, live, known.get(eta.visit_id)) for eta in found]
        # When somebody comes whose technician is out nobody can tell: there is nothing to be told.
        etas.update((eta.visit_id, eta) for eta in found if not is_out)
    changed = [row for row in rows if _differs(row, known.get(row["visit_id"]))]
    _write(work, changed)
    gone = _forget(work, live, known, kept.union(row["visit_id"] for row in rows))
    _announce(work, live, changed, gone, tells_shifts=tells_shifts)
    at_risk = tuple(row["visit_id"] for row in rows if row["at_risk_since"] is not None)
    before = {visit_id for visit_id, row in known.items() if row["at_risk_since"] is not None}
    return Refreshed(
        changed=tuple(etas[row["visit_id"]] for row in changed if row["visit_id"] in etas),
        endangered=tuple(visit_id for visit_id in at_risk if visit_id not in before),
        at_risk=at_risk,
    )


def _is_under_way(live: LiveDay, now: datetime) -> bool:
    """Tell whether a day has begun, or is about to, and is not long over."""
    shifts = [shift.facts.shift for shift in live.shifts.values()]
    if not shifts:
        return False
    first, last = min(shift.start for shift in shifts), max(shift.hard_end for shift in shifts)
    return first - _MARGIN <= now <= last + _MARGIN


def _known(work: Work, live: LiveDay) -> Mapping[str, Mapping[Any, Any]]:
    """Read what was expected before, of the visits and the shifts that are looked at."""
    visit_ids = [visit.id for shift in live.shifts.values() for visit in shift.facts.stops]
    query = select(_ETAS).where(_ETAS.c.territory_id == live.day.territory.id, _ETAS.c.date == live.day.date)
    query = query.where(or_(_ETAS.c.visit_id.in_(visit_ids), _ETAS.c.shift_id.in_(list(live.shifts))))
    return {row["visit_id"]: row for row in work.session.execute(query).mappings()}


def _expected(
    work: Work, shift: LiveShift, live: LiveDay, before: ShiftOver | None
) -> tuple[list[Eta], ShiftOver | None]:
    """
    Simulate what is left of a shift.

    Parameters
    ----------
    before
        The end of the technician's shift before this one; None = there was none, or nothing is known of it.

    Returns
    -------
    tuple[list[Eta], ShiftOver | None]
        What is expected of its visits, and its end.
    """
    permille, own = live.state.travel_permille, shift.facts.shift
    if shift.rest is None or shift.travel is None or not shift.order:
        return [], end_of_idle(shift, permille) or before
    underway = shift.where.underway
    begins = None if underway is None else Beginning(live.now, underway.ready_spread)
    if before is not None and underway is None:
        shift, begins = after(shift, before, work.ctx.travel(live.day.territory.travel), permille)
    assert shift.rest is not None, "it was there before"
    assert shift.travel is not None, "and so was this"
    translation = possible_instance(with_breaks_as_planned(shift), shift.travel)
    index = {visit.id: idx for idx, visit in enumerate(shift.rest.visits)}
    noise = noise_of_day(translation, live.factors, beginnings={} if begins is None else {own.id: begins})
    found = risk(
        translation.instance,
        {0: [index[visit_id] for visit_id in shift.order]},
        noise=noise,
        scenarios=SCENARIOS,
        quantiles=RANGE,
    ).routes[0]
    visits = shift.rest.visits
    ends_at = (translation.start + timedelta(seconds=found.end)).astimezone(UTC)
    over = ShiftOver(at=ends_at, spread=timedelta(seconds=found.end_spread), place=place_after(shift))
    etas = [_eta(visits[stop.visit], stop, shift, translation.start, live.now) for stop in found.stops]
    return etas, over


def _eta(visit: Visit, stop: StopRisk, shift: LiveShift, start: datetime, now: datetime) -> Eta:
    """Make what is expected of one visit; `start` is second 0 of what was simulated."""
    earliest, middle, latest, finish = (
        (start + timedelta(seconds=second)).astimezone(UTC) for second in (*stop.arrivals, stop.finish)
    )
    earliest, latest = with_what_may_come(
        earliest,
        latest,
        arrival=middle,
        now=now,
        begins=shift.facts.shift.start,
        is_on_the_way=visit.id == shift.where.next_id,
    )
    return Eta(
        visit_id=visit.id,
        technician_id=shift.facts.technician.id,
        arrival=middle,
        earliest=earliest,
        latest=latest,
        finish=finish,
        kept_permille=stop.kept_permille,
    )


def _nobody_comes(shift: LiveShift, live: LiveDay, known: Mapping[str, Mapping[Any, Any]]) -> Iterator[Eta]:
    """Keep what was expected last, or planned, of visits whose technician is out: no promise of theirs will be kept."""
    planned: dict[str, Stop] = {}
    if shift.facts.planned is not None:
        planned = {stop.visit_id: stop for stop in shift.facts.planned.stops}
    behind = () if shift.where.underway is None else shift.where.underway.behind
    for visit in shift.facts.stops:
        if visit.id in behind or visit.id in live.state.over:
            continue
        row, stop = known.get(visit.id), planned.get(visit.id)
        if row is not None:
            arrival, earliest, latest = row["arrival_at"], row["earliest_at"], row["latest_at"]
            finish = row["finish_at"]
        elif stop is not None:
            arrival = earliest = latest = stop.arrival
            finish = stop.finish
        else:
            continue
        yield Eta(
            visit_id=visit.id,
            technician_id=shift.facts.technician.id,
            arrival=arrival,
            earliest=earliest,
            latest=latest,
            finish=finish,
            kept_permille=None if visit.promised_window is None else 0,
        )


def _values(eta: Eta, shift: LiveShift, live: LiveDay, before: Mapping[Any, Any] | None) -> dict[str, Any]:
    """Give the columns of what is expected."""
    is_at_risk = eta.kept_permille is not None and eta.kept_permille < live.policies.at_risk_below * 10
    since = None if before is None else before["at_risk_since"]
    return {
        "visit_id": eta.visit_id,
        "territory_id": live.day.territory.id,
        "date": live.day.date,
        "shift_id": shift.facts.shift.id,
        "technician_id": eta.technician_id,
        "plan_version": live.day.version,
        "position": live.day.orders[shift.facts.shift.id].index(eta.visit_id),
        "arrival_at": eta.arrival,
        "earliest_at": eta.earliest,
        "latest_at": eta.latest,
        "finish_at": eta.finish,
        "kept_permille": eta.kept_permille,
        "at_risk_since": (since or live.now) if is_at_risk else None,
        "computed_at": live.now,
    }


def _write(work: Work, rows: list[dict[str, Any]]) -> None:
    """Write what is expected; what was told stays as it is, what is shown is shown anew when somebody else comes."""
    if not rows:
        return
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(_ETAS)
    taken: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name != "visit_id"}
    is_same = _ETAS.c.technician_id == statement.excluded.technician_id
    taken["shown_earliest_at"] = case((is_same, _ETAS.c.shown_earliest_at))
    work.session.execute(statement.on_conflict_do_update(index_elements=["visit_id"], set_=taken), rows)


def _forget(
    work: Work, live: LiveDay, known: Mapping[str, Mapping[Any, Any]], expected: Collection[str]
) -> tuple[str, ...]:
    """Forget what was expected of visits that are not ahead of anybody any more."""
    rest = [visit_id for visit_id in known if visit_id not in expected]
    if not rest:
        return ()
    behind = {
        visit_id
        for shift in live.shifts.values()
        for visit_id in (() if shift.where.underway is None else shift.where.underway.behind)
    }
    # What another route has taken over is expected there.
    placed = set(work.session.scalars(select(StopRow.visit_id).where(StopRow.visit_id.in_(rest), StopRow.is_current)))
    own = {visit.id for shift in live.shifts.values() for visit in shift.facts.stops}
    gone = [
        visit_id
        for visit_id in rest
        if visit_id in behind or visit_id in live.state.over or visit_id not in placed or visit_id in own
    ]
    if gone:
        work.session.execute(delete(_ETAS).where(_ETAS.c.visit_id.in_(gone)))
    return tuple(sorted(gone))


def _differs(row: Mapping[str, Any], before: Mapping[Any, Any] | None) -> bool:
    """Tell whether something else is expected than before."""
    return before is None or any(row[name] != before[name] for name in _COMPARED)


def _announce(
    work: Work, live: LiveDay, changed: list[dict[str, Any]], gone: Iterable[str], *, tells_shifts: bool
) -> None:
    """Say on the streams of the board and of the technicians what is expected now."""
    shown = [eta_as_json(row) for row in changed]
    removed = list(gone)
    cut_off = dict(live.cut_off)
    if not shown and not removed and not cut_off and not tells_shifts:
        return
    day, territory_id = live.day.date, live.day.territory.id
    shifts = [shift_as_json(shift) for shift in live.shifts.values()]
    news = {"etas": shown, "removed": removed, "shifts": shifts, "cut_off": cut_off}
    announce(work, topic_of_board(territory_id, day), "eta", news)
    for technician_id in sorted({row["technician_id"] for row in changed}):
        own = [eta for eta in shown if eta["technician_id"] == technician_id]
        announce(work, topic_of_technician(technician_id, day), "eta", {"etas": own, "removed": removed})
