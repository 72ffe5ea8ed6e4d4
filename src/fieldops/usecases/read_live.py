"""Show a day under way: the running plan, where visits and technicians stand, and what is expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from fieldops.errors import Unavailable, UnreachablePlaces
from fieldops.store.base import table_of
from fieldops.store.stream_events import last_event_id
from fieldops.store.tables import EtaRow, LiveDayRow, ReplanRow, TechnicianStateRow, VisitProgressRow
from fieldops.usecases.live_day import load_live_day
from fieldops.usecases.live_reports import progress_of_row, state_of_row
from fieldops.usecases.live_words import eta_as_json, progress_as_json, shift_as_json, technician_as_json
from fieldops.usecases.plan_views import PlanView
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.stream import topic_of_board
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBoard:
    """
    A day under way, as a dispatcher sees it.

    Attributes
    ----------
    stream_id
        Everything said on the board's stream up to this id is in here.
    etas, progress, technicians, shifts
        Objects as the stream's events `eta`, `progress` and `technician` have them.
    travel_permille
        What a nominal 1,000 seconds of travel take now.
    cut_off
        By shift id: which place of its route no road leads to any more; nothing can be computed for it.
    is_replan_wanted
        Whether a replan waits to begin; `proposals`: ids of those that wait for a decision.
    """

    now: datetime
    stream_id: int
    plan: PlanView
    etas: tuple[Mapping[str, Any], ...]
    progress: tuple[Mapping[str, Any], ...]
    technicians: tuple[Mapping[str, Any], ...]
    shifts: tuple[Mapping[str, Any], ...]
    cut_off: Mapping[str, str]
    travel_permille: int
    is_replan_wanted: bool
    proposals: tuple[str, ...]


def read_live(work: Work, territory_id: str, day: date) -> LiveBoard:
    """
    Show a day under way.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    session = work.session
    # Read first: what is said meanwhile is in the snapshot and heard again, which does no harm.
    stream_id = last_event_id(session, topic_of_board(territory_id, day))
    plan = read_plan(work, territory_id, day)
    etas, progress, technicians = (
        session.execute(
            select(table)
            .where(table.c.territory_id == territory_id, table.c.date == day)
            .order_by(*table.primary_key.columns)
        )
        .mappings()
        .all()
        for table in map(table_of, (EtaRow, VisitProgressRow, TechnicianStateRow))
    )
    live = session.get(LiveDayRow, (territory_id, day))
    proposals = session.scalars(
        select(ReplanRow.id)
        .where(ReplanRow.territory_id == territory_id, ReplanRow.date == day, ReplanRow.state == "proposed")
        .order_by(ReplanRow.requested_at)
    )
    shifts, cut_off = _shifts(work, territory_id, day) if progress or technicians else ((), {})
    return LiveBoard(
        now=work.now,
        stream_id=stream_id,
        plan=plan,
        etas=tuple(eta_as_json(row) for row in etas),
        progress=tuple(progress_as_json(progress_of_row(row)) for row in progress),
        technicians=tuple(technician_as_json(state_of_row(row)) for row in technicians),
        shifts=shifts,
        cut_off=cut_off,
        travel_permille=1_000 if live is None else live.travel_permille,
        is_replan_wanted=live is not None and live.wanted_at is not None,
        proposals=tuple(proposals),
    )


def _shifts(work: Work, territory_id: str, day: date) -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, str]]:
    """Show where technicians are expected to be free, and what is cut off; nothing while there are no travel times."""
    try:
        live = load_live_day(work, territory_id, day, freezes=False)
    except (Unavailable, UnreachablePlaces):
        return (), {}
    return tuple(shift_as_json(shift) for shift in live.shifts.values()), live.cut_off
