"""Erase where a customer lives: what is left is the neighborhood, so that routes of the past still make sense."""

from typing import Final

from sqlalchemy import delete, exists, func, or_, select, update

from fieldops.store.tables import GeocodeRow, ShiftRow, SiteRow, VisitRow, WorkOrderRow
from fieldops.travel.geocoders import TABLE
from fieldops.usecases.work import Work

#: Decimals of a degree that are left: about a kilometer.
_DECIMALS: Final = 2


def erase_places(work: Work, customer_id: str) -> None:
    """Erase addresses, how to get in, and the exact spot, of the places of a customer that nobody else uses."""
    session = work.session
    others = or_(
        exists().where(WorkOrderRow.site_id == SiteRow.id, WorkOrderRow.customer_id != customer_id),
        exists().where(
            VisitRow.site_id == SiteRow.id,
            VisitRow.work_order_id == WorkOrderRow.id,
            WorkOrderRow.customer_id != customer_id,
        ),
        exists().where(or_(ShiftRow.start_place_id == SiteRow.id, ShiftRow.end_place_id == SiteRow.id)),
    )
    own = (SiteRow.customer_id == customer_id, ~others)
    keys = session.scalars(select(SiteRow.address_key).where(*own, SiteRow.address_key != "")).all()
    ids = session.scalars(select(SiteRow.id).where(*own)).all()
    for site in session.scalars(select(SiteRow).where(SiteRow.id.in_(ids))):
        site.latitude, site.longitude = round(site.latitude, _DECIMALS), round(site.longitude, _DECIMALS)
    session.flush()
    session.execute(
        update(SiteRow)
        .where(SiteRow.id.in_(ids))
        .values(address="", address_key="", access_notes="", geocoded_by="given")
    )
    still_used = select(SiteRow.address_key).where(SiteRow.address_key == GeocodeRow.query)
    session.execute(
        delete(GeocodeRow).where(
            GeocodeRow.query.in_(keys), GeocodeRow.provider != TABLE, func.not_(still_used.exists())
        )
    )
