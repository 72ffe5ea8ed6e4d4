"""The city referee's own idea of a lunch, against the time model of the solver."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.bench.city import city_instance
from fieldops.bench.formats import CityDay, CityLunch, CityTechnician, CityVisit
from fieldops.bench.referees import judge_city
from fieldops.solver.schedule import schedule_route
from fieldops.solver.solution import Route

# Up to 0.3 degrees (33 km, over an hour) from home; starts and durations on a coarse grid, so that bounds are met.
_OFFSETS = st.integers(-3, 3).map(lambda tenth: tenth / 10)


@st.composite
def _visits(draw: st.DrawFn) -> CityVisit:
    opens = draw(st.integers(8, 15)) * 3_600
    return CityVisit(
        id="V",
        location=(48.0 + draw(_OFFSETS), 11.0),
        duration=draw(st.integers(1, 12)) * 900,
        window=(opens, opens + draw(st.integers(0, 16)) * 1_800),
        priority=1,
        skills=frozenset(),
    )


@given(visits=st.lists(_visits(), min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_referee_and_time_model_agree_which_days_have_room_for_lunch(visits: list[CityVisit]) -> None:
    """The referee follows two clocks through the day, the solver tries every place of the break; one must not be
    stricter than the other, or good plans would fail and bad ones count."""
    visits = sorted(visits, key=lambda visit: visit.window)
    technician = CityTechnician(
        id="T",
        home=(48.0, 11.0),
        shift=(28_800, 61_200),
        skills=frozenset(),
        lunch=CityLunch(duration=1_800, earliest_start=41_400, latest_start=46_800),
    )
    day = CityDay(name="day", technicians=(technician,), visits=tuple(visits))
    order = list(range(len(visits)))

    judgment = judge_city(day, [(0, order)])
    scheduled = schedule_route(city_instance(day), 0, order)

    assert (judgment.problems == ()) is isinstance(scheduled, Route), (judgment.problems, scheduled)
    if isinstance(scheduled, Route):
        assert scheduled.travel_s == judgment.travel_s
