"""Visits as problems know them: with their places, what is promised about them, and what was fixed by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from fieldops.domain.problem import Pin, Place, TimeWindow, Visit
from fieldops.store.prepared import Prepared
from fieldops.store.tables import BookingRow, CustomerRow, HoldRow, SiteRow, VisitRow, WorkOrderRow
from fieldops.units import Cents

#: Under these names a pin keeps the edit of a plan that it comes from, and the date off whose plan the visit stays.
BY_EDIT: Final = "edit_id"
OFF: Final = "off"

#: Visits with their place, what is promised about them, and whom their customer knows.
_OF_VISITS: Final = (
    select(
        *(column for column in VisitRow.__table__.columns if column.name not in {"site_id", "name"}),
        VisitRow.name.label("visit_name"),
        SiteRow.id.label("site_id"),
        SiteRow.latitude,
        SiteRow.longitude,
        SiteRow.address,
        CustomerRow.known_technician_id,
        BookingRow.window_start.label("booked_start"),
        BookingRow.window_end.label("booked_end"),
        HoldRow.window_start.label("held_start"),
        HoldRow.window_end.label("held_end"),
    )
    .join(SiteRow, SiteRow.id == VisitRow.site_id)
    .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
    .join(CustomerRow, CustomerRow.id == WorkOrderRow.customer_id)
    .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
    .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
    .where(VisitRow.id.in_(bindparam("visit_ids", expanding=True)))
    .order_by(VisitRow.id)
)
_VISITS: Final = Prepared(_OF_VISITS)
_VISIT_NAMES: Final = tuple(column.key for column in _OF_VISITS.selected_columns)


def load_visits(
    session: Session, visit_ids: Iterable[str], *, promised: bool = True
) -> tuple[dict[str, Visit], dict[str, Place]]:
    """
    Load visits and their places, by id.

    Parameters
    ----------
    promised
        Whether a hold or booking counts; False = as if nothing were promised yet, nor anything fixed by an edit of the
        plan the visit is on.

    Notes
    -----
    A visit that is held or booked is mandatory, with that window as its hard promise; its own windows and release were
    minded when it was offered, and count no more. Whom the customer knows is among the technicians preferred.
    """
    visits: dict[str, Visit] = {}
    places: dict[str, Place] = {}
    for cells in _VISITS.rows(session, {"visit_ids": list(visit_ids)}):
        row = dict(zip(_VISIT_NAMES, cells, strict=True))
        places[row["site_id"]] = place_of(row)
        pin = row["pin"] if promised or BY_EDIT not in row["pin"] else {}
        visits[row["id"]] = _visit(row, _promise(row) if promised else None, _pin(pin))
    return visits, places


def _visit(row: Mapping[Any, Any], promise: TimeWindow | None, pin: Pin | None) -> Visit:
    """Make a visit of its row."""
    known = () if row["known_technician_id"] is None else (row["known_technician_id"],)
    allowed = row["allowed_technicians"]
    preferred = [datetime.fromisoformat(text) for text in row["preferred_window"]]
    own_windows = tuple(TimeWindow(*map(datetime.fromisoformat, pair)) for pair in row["windows"])
    return Visit(
        id=row["id"],
        place_id=row["site_id"],
        duration=timedelta(seconds=row["duration_s"]),
        name=row["visit_name"],
        windows=own_windows if promise is None else (),
        promised_window=promise,
        promise_is_hard=promise is not None,
        preferred_window=TimeWindow(*preferred) if preferred else None,
        release=row["release_at"] if promise is None else None,
        due=row["due_at"],
        required_skills=row["required_skills"],
        allowed_technicians=None if allowed is None else frozenset(allowed),
        forbidden_technicians=frozenset(row["forbidden_technicians"]),
        preferred_technicians=frozenset([*row["preferred_technicians"], *known]),
        priority=row["priority"],
        unassigned_cost=None if row["unassigned_cents"] is None else Cents(row["unassigned_cents"]),
        mandatory=row["is_mandatory"] or promise is not None,
        pin=pin,
    )


def _pin(pin: Mapping[str, Any]) -> Pin | None:
    """Make a pin of its JSON, which may fix nothing."""
    if not pin.keys() & {"technician_id", "sequence", "start"}:
        return None
    start = pin.get("start")
    return Pin(
        technician_id=pin.get("technician_id"),
        sequence=pin.get("sequence"),
        start=None if start is None else datetime.fromisoformat(start),
    )


def _promise(row: Mapping[Any, Any]) -> TimeWindow | None:
    """Give the window that is booked or held, if one is."""
    if row["booked_start"] is not None:
        return TimeWindow(row["booked_start"], row["booked_end"])
    return None if row["held_start"] is None else TimeWindow(row["held_start"], row["held_end"])


def place_of(row: Mapping[Any, Any]) -> Place:
    """Make a place of a row that has a site's columns."""
    return Place(id=row["site_id"], latitude=row["latitude"], longitude=row["longitude"], address=row["address"])
