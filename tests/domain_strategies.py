"""Planning problems and plans without faults, drawn at random."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fieldops.domain.horizon import horizon_of
from fieldops.domain.plan import (
    BreakTaken,
    Kpis,
    Plan,
    ReasonCode,
    Repair,
    Route,
    SearchFacts,
    Stop,
    UnassignedKind,
    UnassignedVisit,
)
from fieldops.domain.problem import (
    Break,
    CostRates,
    Pin,
    Place,
    Problem,
    Shift,
    Technician,
    TimeWindow,
    TravelSource,
    Visit,
)
from fieldops.units import Cents, Meters

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia", "UTC")
texts = st.text(max_size=12)
cents = st.integers(0, 10**9).map(Cents)
seconds = st.integers(1, 14 * 86_400).map(lambda count: timedelta(seconds=count))
_rates = dict.fromkeys(CostRates.__dataclass_fields__, cents)
spans = st.integers(0, 10**6).map(lambda count: timedelta(seconds=count))


def _ids(kind: str, count: int) -> list[str]:
    return [f"{kind} {i} é\n" for i in range(count)]


@st.composite
def instants(draw: st.DrawFn, window: TimeWindow) -> datetime:
    """Draw a whole second of a window."""
    offset = draw(st.integers(0, int((window.latest - window.earliest).total_seconds())))
    return window.earliest + timedelta(seconds=offset)


@st.composite
def windows(draw: st.DrawFn, within: TimeWindow) -> TimeWindow:
    """Draw a window inside another."""
    bounds = sorted(draw(st.lists(instants(within), min_size=2, max_size=2)))
    return TimeWindow(*bounds)


@st.composite
def breaks(draw: st.DrawFn, within: TimeWindow, places: list[str]) -> tuple[Break, ...]:
    """Draw no break, or one in the middle of a shift."""
    middle = within.earliest + (within.latest - within.earliest) // 2
    middle = middle.replace(microsecond=0)
    place = draw(st.sampled_from([None, *places]))
    reach = timedelta(0) if place else timedelta(seconds=draw(st.integers(0, 600)))
    pause = Break(
        earliest_start=middle,
        latest_start=middle + reach,
        duration=timedelta(seconds=draw(st.integers(1, 600))),
        place_id=place,
        paid=draw(st.booleans()),
        name=draw(texts),
    )
    return draw(st.sampled_from([(), (pause,)]))


@st.composite
def technicians(draw: st.DrawFn, name: str, places: list[str], skills: list[str], horizon: TimeWindow) -> Technician:
    """Draw a technician with at most one shift of an hour or more."""
    start = draw(instants(TimeWindow(horizon.earliest, horizon.latest - timedelta(hours=4))))
    end = start + timedelta(seconds=draw(st.integers(3_600, 7_200)))
    hard_end = end + timedelta(seconds=draw(st.integers(0, 7_200)))
    shift = Shift(
        id=f"shift of {name}",
        start=start,
        end=end,
        hard_end=hard_end,
        start_place_id=draw(st.sampled_from(places)),
        end_place_id=draw(st.sampled_from([None, *places])),
        breaks=draw(breaks(TimeWindow(start, hard_end), places)),
        max_visits=draw(st.none() | st.integers(0, 20)),
        max_travel=draw(st.none() | seconds),
        max_work=draw(st.none() | seconds),
    )
    return Technician(
        id=name,
        name=draw(texts),
        skills=draw(st.dictionaries(st.sampled_from(skills), st.integers(1, 100))),
        duration_permille=draw(st.integers(100, 10_000)),
        work_rate=draw(cents),
        overtime_rate=draw(cents),
        shifts=draw(st.sampled_from([(), (shift,)])),
    )


@st.composite
def visits(
    draw: st.DrawFn, name: str, places: list[str], skills: list[str], people: list[str], horizon: TimeWindow
) -> Visit:
    """Draw a visit whose rules leave a start, pinned to an instant or not."""
    promised = draw(st.none() | windows(horizon))
    # Hard windows that hold the promised one, and a release before both, leave a start whatever the rest says.
    release = draw(
        st.none() | instants(TimeWindow(horizon.earliest, promised.earliest if promised else horizon.latest))
    )
    start = promised.latest if promised else draw(instants(TimeWindow(release or horizon.earliest, horizon.latest)))
    hard = draw(windows(TimeWindow(horizon.earliest, start)))
    ids = st.frozensets(st.sampled_from(people))
    return Visit(
        id=name,
        place_id=draw(st.sampled_from(places)),
        duration=draw(seconds),
        name=draw(texts),
        windows=draw(st.sampled_from([(), (TimeWindow(start, start), hard)])),
        promised_window=promised,
        promise_is_hard=draw(st.booleans()),
        preferred_window=draw(st.none() | windows(horizon)),
        release=release,
        due=draw(st.none() | instants(horizon)),
        required_skills=draw(st.dictionaries(st.sampled_from(skills), st.integers(1, 100))),
        allowed_technicians=draw(st.none() | ids),
        forbidden_technicians=draw(ids),
        preferred_technicians=draw(ids),
        priority=draw(st.integers(1, 5)),
        unassigned_cost=draw(st.none() | cents),
        mandatory=draw(st.booleans()),
        pin=draw(st.sampled_from([None, Pin(), Pin(start=start)])),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw a small problem without faults that uses every field."""
    frame = Problem(
        name=draw(texts),
        time_zone=draw(st.sampled_from(ZONES)),
        first_date=draw(st.dates(date(1971, 1, 1), date(2199, 1, 1))),
        num_days=draw(st.integers(1, 14)),
        skills=tuple(_ids("skill", draw(st.integers(1, 3)))),
        places=(),
        technicians=(),
        visits=(),
    )
    horizon = horizon_of(frame)
    places = _ids("place", draw(st.integers(1, 3)))
    people = _ids("technician", draw(st.integers(1, 3)))
    skills = list(frame.skills)
    return Problem(
        name=frame.name,
        time_zone=frame.time_zone,
        first_date=frame.first_date,
        num_days=frame.num_days,
        skills=frame.skills,
        places=tuple(
            Place(id=name, latitude=draw(st.floats(-90, 90)), longitude=draw(st.floats(-180, 180)), address=draw(texts))
            for name in places
        ),
        technicians=tuple(draw(technicians(name, places, skills, horizon)) for name in people),
        visits=tuple(
            draw(visits(name, places, skills, people, horizon)) for name in _ids("visit", draw(st.integers(0, 3)))
        ),
        rates=draw(st.builds(CostRates, **{**_rates, "unassigned_per_priority": st.integers(0, 10**9 // 5)})),
        travel=draw(
            st.builds(
                TravelSource,
                kind=st.just("geodesic"),
                coefficient_s=st.floats(1, 10_000),
                exponent=st.floats(0.5, 1),
                detour=st.floats(1, 2),
                matrix_path=st.none() | texts,
                url=st.none() | texts,
            )
        ),
    )


_zone = ZoneInfo("Europe/Berlin")
_times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, _zone])).map(
    lambda instant: instant.replace(microsecond=0, fold=0).astimezone(UTC)
)
_meters = st.integers(0, 10**9).map(Meters)
_counts = st.integers(0, 10**6)
_any_cents = st.integers(-(10**14), 10**14).map(Cents)
_costs = st.dictionaries(st.sampled_from(["travel", "overtime", "unassigned"]), _any_cents)
_shares = st.floats(0, 1)

stops = st.builds(
    Stop,
    visit_id=texts,
    **dict.fromkeys(("arrival", "start", "finish", "departure"), _times),
    **dict.fromkeys(("wait", "slack", "lateness", "travel"), spans),
    distance=_meters,
)
breaks_taken = st.builds(
    BreakTaken,
    name=texts,
    start=_times,
    end=_times,
    place_id=st.none() | texts,
    paid=st.booleans(),
    on_the_clock=st.booleans(),
    after_visits=st.integers(0, 9),
)
routes = st.builds(
    Route,
    technician_id=texts,
    shift_id=texts,
    departure=_times,
    end=_times,
    stops=st.lists(stops, max_size=2).map(tuple),
    breaks=st.lists(breaks_taken, max_size=2).map(tuple),
    **dict.fromkeys(("travel", "travel_home", "work", "overtime"), spans),
    distance=_meters,
    cost=_costs,
)
repairs = st.builds(
    Repair,
    description=texts,
    technician_id=texts,
    shift_id=texts,
    start=_times,
    cost=_any_cents,
    extra_overtime=spans,
    window_shift=st.integers(-(10**6), 10**6).map(lambda count: timedelta(seconds=count)),
    missing_skills=st.lists(texts, max_size=2).map(tuple),
    displaces=st.lists(texts, max_size=2).map(tuple),
)
unassigned_visits = st.builds(
    UnassignedVisit,
    visit_id=texts,
    kind=st.sampled_from(UnassignedKind),
    reasons=st.lists(st.sampled_from(ReasonCode), max_size=3).map(tuple),
    repair=st.none() | repairs,
)
plans = st.builds(
    Plan,
    problem_name=texts,
    time_zone=st.sampled_from(ZONES),
    routes=st.lists(routes, max_size=2).map(tuple),
    unassigned=st.lists(unassigned_visits, max_size=2).map(tuple),
    cost=_costs,
    kpis=st.builds(
        Kpis,
        **dict.fromkeys(
            (
                *("visits", "assigned", "unassigned", "mandatory_unassigned", "served_priority", "total_priority"),
                *("promises", "promises_kept", "shifts", "shifts_used"),
            ),
            _counts,
        ),
        **dict.fromkeys(("on_site", "travel", "wait", "work", "overtime"), spans),
        distance=_meters,
        **dict.fromkeys(("utilization", "travel_share", "visits_per_shift"), _shares),
    ),
    search=st.builds(
        SearchFacts,
        termination=texts,
        seed=st.integers(),
        **dict.fromkeys(("threads", "iterations", "recombinations", "pool_size"), _counts),
        **dict.fromkeys(("seconds", "first_plan_s"), st.floats(0, 1e6)),
        recombination_gain=_any_cents,
        operators=st.dictionaries(texts, st.tuples(_counts, _counts), max_size=2),
    ),
)
