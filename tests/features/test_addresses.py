"""Finding addresses: other spellings, what is known already, geocoders that are slow to know or do not answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fieldops.domain.spelling import address_key, name_key
from fieldops.errors import AddressNotFound, GeocoderUnavailable
from fieldops.store.database import Database
from fieldops.store.tables import GeocodeRow
from fieldops.travel.geocoders import TableGeocoder
from fieldops.travel.geocoding import Located
from fieldops.usecases.locate_address import locate_address
from worlds import NOW, STAFF, FakeClock, add_site, make_context

QUINCY = ("1380 Quincy Street Northwest, Washington, DC 20011", 38.937613, -77.032111)


@dataclass
class CountedGeocoder:
    """A geocoder behind a network: counts questions, and can be down."""

    database: Database
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    is_down: bool = False
    asked: int = 0
    name: str = "counted"

    def locate(self, address: str) -> Located | None:
        """Answer, while somebody else writes to the database: a lock held by the caller would keep them waiting."""
        with self.database.writing() as session:
            session.execute(select(func.count()).select_from(GeocodeRow))
        self.asked += 1
        if self.is_down:
            raise GeocoderUnavailable
        place = self.places.get(address)
        return None if place is None else Located(address=address.upper(), latitude=place[0], longitude=place[1])


@pytest.mark.parametrize(
    "spelling",
    [
        "1380 quincy st nw, washington, dc 20011",
        "1380  Quincy St. N.W.  Washington DC, 20011",
        "1380 QUINCY STREET NORTHWEST WASHINGTON D.C. 20011",
    ],
)
def test_usual_spellings_of_an_address_are_one_address(spelling: str) -> None:
    """People write addresses as they like; a table of them must not care."""
    found = TableGeocoder([QUINCY]).locate(spelling)

    assert found == Located(address=QUINCY[0], latitude=38.937613, longitude=-77.032111)


@pytest.mark.parametrize(
    "other",
    [
        "1380 Quincy Street Northeast, Washington, DC 20011",
        "1381 Quincy Street Northwest, Washington, DC 20011",
        "1380 Quincy Street Northwest",
        "1380A Quincy Street Northwest, Washington, DC 20011",
        "",
        "...",
    ],
)
def test_the_table_never_guesses(other: str) -> None:
    """A technician sent to the wrong quadrant of the city is worse than being asked again."""
    assert TableGeocoder([QUINCY]).locate(other) is None


def test_an_address_with_two_places_is_not_known() -> None:
    """Choosing one of two places would be a guess; the same place twice is no contradiction."""
    table = TableGeocoder(
        [("1 Main St", 1.0, 2.0), ("1 Main Street", 1.0, 2.5), ("2 Main St", 1, 2), ("2 main st", 1, 2)]
    )

    assert table.locate("1 Main St") is None
    assert table.locate("2 Main Street") == Located(address="2 Main St", latitude=1, longitude=2)


def test_accents_count_but_not_how_they_are_encoded() -> None:
    """Zoë typed on one machine has two code points for her ë, on another one has one."""
    assert name_key("Zoe\u0308  O\u2019NEIL") == name_key("zo\u00eb o\u2019neil")
    assert name_key("Zoe") != name_key("Zoë")
    assert address_key("Hauptstraße 5") == address_key("HAUPTSTRASSE 5") == "hauptstrasse 5"


def test_an_address_is_looked_up_once(database: Database) -> None:
    """Geocoders cost money and time; another spelling of a known address costs neither."""
    geocoder = CountedGeocoder(database, {"1 Main Street": (1.0, 2.0)})
    ctx = make_context(database, geocoder=geocoder)
    first = locate_address(ctx, STAFF, "1 Main Street")
    again = locate_address(ctx, STAFF, "1 MAIN ST.")

    assert first == again
    assert (first.address, first.latitude, first.longitude) == ("1 MAIN STREET", 1.0, 2.0)
    assert first.geocoded_by == "counted"
    assert geocoder.asked == 1


def test_what_was_not_found_is_not_asked_again_for_a_day(database: Database) -> None:
    """A mistyped address must not cost a request every time; the map may know it tomorrow."""
    clock = FakeClock()
    geocoder = CountedGeocoder(database)
    ctx = make_context(database, clock=clock, geocoder=geocoder)
    for _ in range(2):
        with pytest.raises(AddressNotFound, match="1 Main Street"):
            locate_address(ctx, STAFF, "1 Main Street")
    assert geocoder.asked == 1

    clock.advance(timedelta(hours=24))
    geocoder.places = {"1 Main Street": (1.0, 2.0)}

    assert locate_address(ctx, STAFF, "1 Main Street").latitude == 1.0
    assert geocoder.asked == 2


def test_a_geocoder_that_is_down_is_not_remembered_as_not_found(database: Database) -> None:
    """When it is back, the address must be found at once."""
    geocoder = CountedGeocoder(database, {"1 Main Street": (1.0, 2.0)}, is_down=True)
    ctx = make_context(database, geocoder=geocoder)
    with pytest.raises(GeocoderUnavailable):
        locate_address(ctx, STAFF, "1 Main Street")
    geocoder.is_down = False

    assert locate_address(ctx, STAFF, "1 Main Street").latitude == 1.0


def test_addresses_of_sites_are_known_to_the_table(database: Database) -> None:
    """Who was visited before is found without any geocoder, and a site of today needs no waiting for tomorrow."""
    ctx = make_context(database, geocoder=TableGeocoder([]))
    with pytest.raises(AddressNotFound):
        locate_address(ctx, STAFF, "7 Elm St")
    with database.writing() as session:
        add_site(session, address="7 Elm Street", latitude=3.0, longitude=4.0)
        add_site(session, address="8 Elm Street", latitude=3.0, longitude=4.0)
        add_site(session, address="8 Elm Street", latitude=3.5, longitude=4.0, created_at=NOW + timedelta(days=1))

    found = locate_address(ctx, STAFF, "7 elm st")

    assert (found.address, found.latitude, found.longitude) == ("7 Elm Street", 3.0, 4.0)
    with pytest.raises(AddressNotFound):  # Two towns may both have an 8 Elm Street.
        locate_address(ctx, STAFF, "8 Elm St")
