"""Which addresses customers may book for themselves, and how often the road engine is asked about them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from booking_worlds import World, make_world
from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import Fault, UnreachablePlaces
from fieldops.store.database import Database
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable
from fieldops.usecases.reach_site import within_reach
from page_worlds import FAR, NEAR
from worlds import STAFF

#: No road leads here.
ISLAND = (38.0, -70.0)


@dataclass(frozen=True)
class _Counted:
    """Counts how often it is asked, and finds no way to the island."""

    inner: TravelProvider
    shapes: list[tuple[int, int]] = field(default_factory=list)

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer as the real one does."""
        return self.inner.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Answer unless it is about the island."""
        self.shapes.append((len(origins), len(destinations)))
        if any((place.latitude, place.longitude) == ISLAND for place in destinations):
            raise UnreachablePlaces(
                [Fault(path="destinations", found="an island", expected="a place with a way to it")]
            )
        return self.inner.between(origins, destinations)


def _ask(world: World, *places: tuple[float, float]) -> tuple[list[bool], list[tuple[int, int]]]:
    """Ask about places; give the answers, and how many bases and places the engine was asked about each time."""
    shapes: list[tuple[int, int]] = []

    def counted(source: TravelSource) -> TravelProvider:
        return _Counted(world.ctx.travel(source), shapes)

    ctx = replace(world.ctx, travel=counted)
    return within_reach(ctx, STAFF, world.territory.id, places), shapes


def test_the_road_engine_is_asked_once_about_all_addresses(sqlite_database: Database) -> None:
    """Anybody may ask without an account: one request to us must not be five to an engine behind us."""
    world = make_world(sqlite_database, technicians=2)

    answers, asked = _ask(world, NEAR, FAR, NEAR)

    assert answers == [True, False, True]
    assert [places for _, places in asked] == [3]


def test_an_address_without_a_way_leaves_the_others_theirs(sqlite_database: Database) -> None:
    """One island among the candidates, and the customer on the mainland can still book."""
    world = make_world(sqlite_database, technicians=2)

    answers, asked = _ask(world, NEAR, ISLAND)

    assert answers == [True, False]
    # All at once, each place, and of the island each base.
    bases = asked[0][0]
    assert asked == [(bases, 2), (bases, 1), (bases, 1), *[(1, 1)] * (bases if bases > 1 else 0)]


def test_nobody_works_here_so_nothing_is_near(sqlite_database: Database) -> None:
    """Without a shift to come there is nothing to ask the engine about."""
    world = make_world(sqlite_database, days=())

    assert _ask(world, NEAR) == ([False], [])
