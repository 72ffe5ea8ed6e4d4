"""Find an address: among those known already, then by the geocoder; the network is never asked in a transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.spelling import address_key
from fieldops.domain.value_faults import wrong
from fieldops.errors import AddressNotFound, GeocoderUnavailable
from fieldops.store.tables import GeocodeRow, SiteRow
from fieldops.travel.geocoders import TABLE
from fieldops.travel.geocoding import Located
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work, transact, view

#: How long an address that was not found is not looked up again.
NOT_FOUND_FOR: Final = timedelta(days=1)
#: Sites with the same address whose coordinates differ by less, degrees, are one place: about 100 m.
SAME_PLACE: Final = 0.001
#: Who says where a site is that somebody without an account has put on the map: nobody else is told to go there.
BY_CUSTOMER: Final = "customer"
EXPECTED: Final = "an address known here; check its spelling, with town and postal code, or give its coordinates"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedAddress:
    """
    An address found.

    Attributes
    ----------
    geocoded_by
        Name of the geocoder; with ``table`` it may be the address of a known site, which only callers with some right
        are told.
    """

    address: str
    latitude: float
    longitude: float
    geocoded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """
    What became of looking an address up.

    Attributes
    ----------
    located
        None when it was not found, or could not be looked up.
    failure
        Why it could not be looked up.
    """

    located: LocatedAddress | None = None
    failure: GeocoderUnavailable | None = None


def locate_address(ctx: Context, actor: Actor, address: str) -> LocatedAddress:
    """
    Find an address; runs its own transactions, and asks the geocoder outside of them.

    Raises
    ------
    AddressNotFound
        When nobody knows it.
    GeocoderUnavailable
        When it is not known here, and the geocoder does not answer.
    """
    found = look_up(ctx, actor, address)
    if found.failure is not None:
        raise found.failure
    if found.located is None:
        raise AddressNotFound([wrong("address", address, EXPECTED)])
    return found.located


def look_up(ctx: Context, actor: Actor, address: str) -> Lookup:
    """Find an address like `locate_address`, with every outcome as a value."""
    if not address_key(address):
        return Lookup()
    known = view(ctx, actor, find_known, address)
    if known is not None:
        return known
    try:
        found = ctx.geocoder.locate(address)
    except GeocoderUnavailable as failure:
        return Lookup(failure=failure)
    if ctx.geocoder.name != TABLE:
        transact(ctx, actor, remember_address, address, found)
    return Lookup(located=None if found is None else _answer(ctx, found))


def find_known(work: Work, address: str) -> Lookup | None:
    """Return what is known of an address without asking the geocoder; None = it has to be asked."""
    ctx, key = work.ctx, address_key(address)
    row = work.session.get(GeocodeRow, (key, ctx.geocoder.name))
    if ctx.geocoder.name == TABLE and row is None:
        # Whose addresses we know is nobody's business who has shown no credentials.
        site = _site_at(work.session, key) if work.actor.scopes else None
        return None if site is None else Lookup(located=_answer(ctx, site))
    if row is None:
        return None
    if row.latitude is None or row.longitude is None:
        return Lookup() if work.now - row.found_at < NOT_FOUND_FOR else None
    return Lookup(located=_answer(ctx, Located(address=row.address, latitude=row.latitude, longitude=row.longitude)))


def remember_address(work: Work, address: str, found: Located | None) -> None:
    """Keep what the geocoder answered, in place of an earlier answer."""
    work.session.merge(
        GeocodeRow(
            query=address_key(address),
            provider=work.ctx.geocoder.name,
            address=address if found is None else found.address,
            latitude=None if found is None else found.latitude,
            longitude=None if found is None else found.longitude,
            found_at=work.now,
        )
    )


def _site_at(session: Session, key: str) -> Located | None:
    """Return the place of the sites with this address, the newest first; None when they do not agree on one."""
    rows = session.execute(
        select(SiteRow.address, SiteRow.latitude, SiteRow.longitude)
        .where(SiteRow.address_key == key, SiteRow.geocoded_by != BY_CUSTOMER)
        .order_by(SiteRow.created_at.desc(), SiteRow.id)
    ).all()
    if not rows:
        return None
    address, latitude, longitude = rows[0]
    if any(abs(row.latitude - latitude) > SAME_PLACE or abs(row.longitude - longitude) > SAME_PLACE for row in rows):
        return None
    return Located(address=address, latitude=latitude, longitude=longitude)


def _answer(ctx: Context, found: Located) -> LocatedAddress:
    """Say who found it."""
    return LocatedAddress(
        address=found.address, latitude=found.latitude, longitude=found.longitude, geocoded_by=ctx.geocoder.name
    )
