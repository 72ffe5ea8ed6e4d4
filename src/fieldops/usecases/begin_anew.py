"""A visit that failed gets another window of the same date: what was reported of it until now counts no more."""

from datetime import date

from sqlalchemy import update

from fieldops.domain.progress import VisitPhase
from fieldops.store.tables import VisitProgressRow
from fieldops.usecases.work import Work


def begin_anew(work: Work, visit_id: str, day: date) -> None:
    """
    Let a visit that has failed be still to come.

    Notes
    -----
    Its events are kept; those that occurred until this instant are of the first try, whenever they arrive. Nothing
    happens on a date on which nothing was reported of it. The caller holds the lock of the date's plan.
    """
    steps = ("travel_started_at", "arrived_at", "started_at", "finished_at", "extended_at", "expected_at")
    nothing = ("technician_id", *steps)
    planned = ("planned_arrival_at", "planned_start_at", "planned_travel_s", "planned_duration_s")
    work.session.execute(
        update(VisitProgressRow)
        .where(VisitProgressRow.visit_id == visit_id, VisitProgressRow.date == day)
        .values(
            **dict.fromkeys((*nothing, *planned)),
            phase=VisitPhase.PLANNED.value,
            extension_s=0,
            reason="",
            anew_at=work.now,
        )
    )
