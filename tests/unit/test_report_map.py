"""The projection of the route map and its colors."""

import math

import pytest

from fieldops.domain.problem import Place
from fieldops.report.leftovers import shown_on
from fieldops.report.lookup import days_of, look_up
from fieldops.report.map import WIDTH, Point, draw_map, fit, scale_bar
from plan_parts import DAY
from plan_samples import small_sample

#: Meters of one degree along a meridian of a sphere of 6,371,008.8 m radius.
DEGREE_M = 2 * math.pi * 6_371_008.8 / 360


def place(latitude: float, longitude: float) -> Place:
    """Return an anonymous place."""
    return Place(id="", latitude=latitude, longitude=longitude)


def test_north_is_up_and_east_is_right() -> None:
    """A mirrored map sends people the wrong way."""
    west, east, north = place(38.9, -77.1), place(38.9, -76.9), place(39.0, -77.0)
    projection = fit([west, east, north])

    assert projection.point(west).x < projection.point(north).x < projection.point(east).x
    assert projection.point(north).y < projection.point(west).y


def test_a_degree_of_longitude_shrinks_with_the_latitude() -> None:
    """At 60 degrees north a degree of longitude is half as long as one of latitude."""
    corner, east, north = place(59.95, 10.0), place(59.95, 10.2), place(60.05, 10.0)
    projection = fit([corner, east, north])
    origin = projection.point(corner)

    across = projection.point(east).x - origin.x
    up = origin.y - projection.point(north).y

    # 0.2 degrees east at cos(60 degrees) = 0.5, against 0.1 degrees north: equal, up to rounding to a tenth of a unit.
    assert across == pytest.approx(up, abs=0.2)


def test_all_places_fit_with_a_margin_and_the_widest_direction_fills_it() -> None:
    """Nothing is cut off, and the drawing is as large as it can be."""
    places = [place(38.90, -77.20), place(38.95, -76.80), place(38.92, -77.00)]
    projection = fit(places)
    points = [projection.point(shown) for shown in places]

    # 1,000 wide with margins of 40.
    assert min(point.x for point in points) == 40.0
    assert max(point.x for point in points) == 960.0
    # 0.4 degrees at latitude 38.925 over 920 units.
    assert projection.meters_per_unit == pytest.approx(0.4 * DEGREE_M * math.cos(math.radians(38.925)) / 920)
    assert all(40 <= point.y <= projection.height - 40 for point in points)


def test_a_tall_area_is_limited_in_height_and_centered() -> None:
    """A coast line of 100 km must not become a page-long map."""
    south, north = place(38.0, -77.0), place(39.0, -77.0)
    projection = fit([south, north])

    # 1.2 times the width at most; one degree over 1,200 less twice the margin.
    assert projection.height == 1_200.0
    assert projection.meters_per_unit == pytest.approx(DEGREE_M / 1_120)
    assert projection.point(south) == Point(500.0, 1_160.0)
    assert projection.point(north) == Point(500.0, 40.0)


def test_one_single_place_lies_in_the_middle() -> None:
    """A day with one visit next door has no extent to divide by."""
    only = place(38.9, -77.0)
    projection = fit([only])

    assert projection.point(only) == Point(WIDTH / 2, projection.height / 2)


def test_places_on_both_sides_of_the_date_line_stay_together() -> None:
    """In Fiji, 179.9 and -179.9 degrees are 0.2 degrees apart."""
    west, east = place(-17.0, 179.9), place(-17.0, -179.9)
    projection = fit([west, east])

    assert projection.point(west).x == 40.0
    assert projection.point(east).x == 960.0


@pytest.mark.parametrize(
    ("meters_per_unit", "meters", "width"),
    [
        # A quarter of 1,000 units at 10 m is 2,500 m: 2 km is the longest round length, 200 units.
        (10.0, 2_000, 200.0),
        # 5,000 m exactly fits.
        (20.0, 5_000, 250.0),
        # 375 m: 200 m are 133.3 units.
        (1.5, 200, 133.3),
    ],
)
def test_the_scale_bar_is_a_round_length(meters_per_unit: float, meters: int, width: float) -> None:
    """People compare with it by eye; 1.83 km would be useless."""
    bar = scale_bar(meters_per_unit)

    assert (bar.meters, bar.width) == (meters, width)


def test_a_route_passes_its_places_in_order_with_the_detour_to_a_placed_break() -> None:
    """The line must show what is driven: home, the training at the depot, both visits, and no way home (open end)."""
    problem, plan = small_sample()
    lookup = look_up(problem)
    (day,) = days_of(plan, lookup)

    drawn = draw_map(day, (), lookup)
    cleo = drawn.routes[2]

    expected = [lookup.places[place_id] for place_id in ("home", "depot", "p8", "p6")]
    assert cleo.line == tuple(drawn.projection.point(shown) for shown in expected)
    assert cleo.stops == cleo.line[2:]
    assert cleo.base == cleo.line[:1]
    assert cleo.breaks == cleo.line[1:2]


def test_unassigned_visits_are_shown_on_the_days_they_were_possible() -> None:
    """A visit promised for Thursday has no place on Friday's map."""
    problem, plan = small_sample(two_days=True)
    lookup = look_up(problem)

    thursday, friday = days_of(plan, lookup)

    assert thursday.date == DAY
    assert shown_on(thursday, plan, lookup) == ("V9", "V10")
    assert shown_on(friday, plan, lookup) == ()
