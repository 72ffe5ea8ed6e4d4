"""Find addresses for somebody without an account, who must not learn who our customers are."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from fieldops.domain.spelling import address_key
from fieldops.store.tables import GeocodeRow
from fieldops.travel.geocoders import TABLE
from fieldops.travel.geocoding import Located
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context
from fieldops.usecases.locate_address import LocatedAddress, look_up
from fieldops.usecases.reach_site import within_reach
from fieldops.usecases.work import Work, view

#: Addresses that are given to choose from.
MOST_FOUND: Final = 5
#: Of shorter texts too many addresses begin with them.
_SHORTEST_BEGINNING: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCandidate:
    """An address that may be meant; `is_served` tells whether it is near enough to be booked."""

    address: str
    latitude: float
    longitude: float
    is_served: bool


def find_addresses(ctx: Context, actor: Actor, territory_id: str, address: str) -> tuple[AddressCandidate, ...]:
    """
    Find the addresses that somebody may mean; runs its own transactions, and asks others outside of them.

    Returns
    -------
    tuple[AddressCandidate, ...]
        The one the geocoder finds; where it knows none, those of the public table that begin so.

    Raises
    ------
    NotFound
        When there is no such territory.
    GeocoderUnavailable, TravelUnavailable
        As the providers do.
    """
    found = look_up(ctx, actor, address)
    if found.failure is not None:
        raise found.failure
    known = view(ctx, actor, _beginning_so, address) if found.located is None else [_place_of(found.located)]
    are_served = within_reach(ctx, actor, territory_id, [(place.latitude, place.longitude) for place in known])
    return tuple(
        AddressCandidate(address=place.address, latitude=place.latitude, longitude=place.longitude, is_served=is_served)
        for place, is_served in zip(known, are_served, strict=True)
    )


def _place_of(found: LocatedAddress) -> Located:
    """Say where an address is, and not who says so."""
    return Located(address=found.address, latitude=found.latitude, longitude=found.longitude)


def _beginning_so(work: Work, address: str) -> list[Located]:
    """List public addresses that begin with a text, in order."""
    key = address_key(address)
    if len(key) < _SHORTEST_BEGINNING or work.ctx.geocoder.name != TABLE:
        return []
    query = (
        select(GeocodeRow)
        .where(GeocodeRow.provider == TABLE, func.substr(GeocodeRow.query, 1, len(key)) == key)
        .where(GeocodeRow.latitude.is_not(None))
        .order_by(GeocodeRow.query)
        .limit(MOST_FOUND)
    )
    return [
        Located(address=row.address, latitude=row.latitude, longitude=row.longitude)
        for row in work.session.scalars(query)
        if row.latitude is not None and row.longitude is not None
    ]
