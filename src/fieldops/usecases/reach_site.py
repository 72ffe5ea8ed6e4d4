"""Whether a place is near enough to be booked by customers themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import UnreachablePlaces
from fieldops.store.tables import ShiftRow, SiteRow
from fieldops.store.territories import find_territory, territory_of
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context
from fieldops.usecases.staffing import today_in
from fieldops.usecases.work import Work, view


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """
    From where and how far the technicians of a territory drive.

    Attributes
    ----------
    bases
        Where shifts start on the dates that can be booked.
    """

    travel: TravelSource
    reach: timedelta
    bases: tuple[Place, ...]


def within_reach(ctx: Context, actor: Actor, territory_id: str, places: Sequence[tuple[float, float]]) -> list[bool]:
    """
    Tell whether places are within the territory's `Policies.reach` of where some technician starts.

    Parameters
    ----------
    places
        Latitude and longitude of each, degrees.

    Raises
    ------
    NotFound
        When there is no such territory.
    TravelUnavailable
        As the travel provider does; it is asked outside of any transaction.
    """
    known = view(ctx, actor, find_reach, territory_id)
    asked = [
        Place(id=f"asked{number}", latitude=latitude, longitude=longitude)
        for number, (latitude, longitude) in enumerate(places)
    ]
    return _are_near(ctx, known, known.bases, asked)


def find_reach(work: Work, territory_id: str) -> Reachable:
    """Read from where and how far the technicians of a territory drive, or raise `NotFound`."""
    row = find_territory(work.session, territory_id)
    territory = territory_of(row)
    today = today_in(work, row)
    starts = (
        select(ShiftRow.start_place_id)
        .where(ShiftRow.territory_id == territory_id, ShiftRow.removed_at.is_(None))
        .where(ShiftRow.date >= today, ShiftRow.date < today + timedelta(days=territory.policies.horizon_days))
    )
    sites = work.session.execute(
        select(SiteRow.id, SiteRow.latitude, SiteRow.longitude).where(SiteRow.id.in_(starts)).order_by(SiteRow.id)
    )
    return Reachable(
        travel=territory.travel,
        reach=territory.policies.reach,
        bases=tuple(
            Place(id=site_id, latitude=latitude, longitude=longitude) for site_id, latitude, longitude in sites
        ),
    )


def _are_near(ctx: Context, known: Reachable, bases: Sequence[Place], places: Sequence[Place]) -> list[bool]:
    """Ask for all travel at once; where there is no way, for that to each place, and then for that from each base."""
    if not bases or not places:
        return [False] * len(places)
    try:
        table = ctx.travel(known.travel).between(bases, places)
    except UnreachablePlaces:
        if len(places) > 1:
            return [is_near for place in places for is_near in _are_near(ctx, known, bases, [place])]
        return [len(bases) > 1 and any(is_near for base in bases for is_near in _are_near(ctx, known, [base], places))]
    shortest_s = [min(column) for column in table.duration_s.T.tolist()]
    return [way_s <= known.reach.total_seconds() for way_s in shortest_s]
