"""Bases: depots and homes, where shifts start and end."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from fieldops.domain.value_faults import wrong
from fieldops.errors import AddressNotFound, NotFound
from fieldops.store.ids import new_id
from fieldops.store.tables import SiteRow
from fieldops.usecases.audit import record
from fieldops.usecases.locate_address import EXPECTED, Lookup
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.work import Work


class BaseKind(StrEnum):
    """What a base is to its technicians."""

    DEPOT = "depot"
    HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseView:
    """A depot or home."""

    id: str
    kind: str
    address: str
    latitude: float
    longitude: float
    access_notes: str


def create_base(work: Work, kind: BaseKind, address: str, looked_up: Lookup, access_notes: str = "") -> BaseView:
    """
    Add a base.

    Parameters
    ----------
    looked_up
        What became of the address, from `look_up` outside of any transaction, or its coordinates as given.

    Raises
    ------
    AddressNotFound
        When nobody knows the address.
    GeocoderUnavailable
        When it could not be looked up.
    """
    if looked_up.failure is not None:
        raise looked_up.failure
    located = looked_up.located
    if located is None:
        raise AddressNotFound([wrong("address", address, EXPECTED)])
    row = SiteRow(
        id=new_id("si"),
        customer_id=None,
        kind=kind.value,
        address=located.address,
        latitude=located.latitude,
        longitude=located.longitude,
        geocoded_by=located.geocoded_by,
        access_notes=access_notes,
        created_at=work.now,
    )
    work.session.add(row)
    record(work, "base.created", "site", row.id, kind=kind.value)
    return _view(row)


def read_base(work: Work, base_id: str) -> BaseView:
    """
    Show a base.

    Raises
    ------
    NotFound
        When there is none of that id; a customer's site is no base.
    """
    row = work.session.get(SiteRow, base_id)
    if row is None or row.kind == "customer":
        raise NotFound("base", base_id)
    return _view(row)


def list_bases(work: Work, *, limit: int, after: str | None = None, kind: BaseKind | None = None) -> Page[BaseView]:
    """List bases by id, a page at a time."""
    kinds = [kind.value] if kind is not None else [each.value for each in BaseKind]
    query = select(SiteRow).where(SiteRow.kind.in_(kinds))
    return page_by_id(work.session, query, SiteRow.id, _view, limit, after)


def _view(row: SiteRow) -> BaseView:
    """Show a base."""
    return BaseView(
        id=row.id,
        kind=row.kind,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
        access_notes=row.access_notes,
    )
