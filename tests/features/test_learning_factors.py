"""What days that are over teach: durations by type and technician, travel by hour, drawn towards the plan."""

import math
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.domain.factors import PEAK_TRAVEL_SPREAD, USUAL_SPREAD
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, LearnedFactorRow, TechnicianRow, TerritoryRow, VisitProgressRow
from fieldops.usecases.context import Context
from fieldops.usecases.learn_factors import learn_factors, learn_nightly, load_factors
from fieldops.usecases.work import transact
from worlds import SYSTEM, TODAY, FakeClock, add_technician, add_territory, add_visit, local, make_context

YESTERDAY = TODAY - timedelta(days=1)


def _done(
    session: Session,
    territory: TerritoryRow,
    technician: TechnicianRow,
    minutes: Sequence[float],
    *,
    name: str = "Boiler inspection",
    day: date = YESTERDAY,
    travel_minutes: float = 10,
    planned_s: int = 2_400,
) -> None:
    """Add visits of 40 minutes that were begun at 10:00 after a drive, planned for 10 of driving."""
    for lasted in minutes:
        visit = add_visit(session, territory, name=name, required_skills={"gas": 1}, duration_s=2_400)
        start = local("10:00", day)
        session.add(
            VisitProgressRow(
                visit_id=visit.id,
                territory_id=territory.id,
                date=day,
                technician_id=technician.id,
                phase="done",
                travel_started_at=start - timedelta(minutes=travel_minutes),
                arrived_at=start,
                started_at=start,
                finished_at=start + timedelta(minutes=lasted),
                planned_arrival_at=start,
                planned_start_at=start,
                planned_travel_s=600,
                planned_duration_s=planned_s,
            )
        )
    session.flush()


def _learned(ctx: Context, territory_id: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Read what is known: permille, spread in permille, and observations."""
    with ctx.database.reading() as session:
        rows = session.scalars(select(LearnedFactorRow).where(LearnedFactorRow.territory_id == territory_id))
        return {(row.kind, row.key): (row.permille, row.spread_permille, row.count) for row in rows}


def test_ten_long_visits_are_believed_by_half(database: Database) -> None:
    """As much weight as ten observations is on the plan being right, so one bad day does not turn a calendar over."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        _done(session, territory, kim, [60] * 10, travel_minutes=12)
        names = territory.id, kim.id

    transact(ctx, SYSTEM, learn_factors, names[0])

    # 60 of 40 minutes is 1.5 ten times, and ten times 1 before: 1.25. All alike: of the variance half is left, so of
    # the spread of inspections, 0.25, 0.177; of the skill, which may mean any work, 0.45 becomes 0.318.
    # Kim took 1.5 where 1.25 was to be expected, 1.2; with ten times 1 before, 1.1.
    # Travel: 12 of 10 minutes from 9:48 on, (10 x 1.2 + 10) / 20.
    halved = round(1_000 * USUAL_SPREAD / math.sqrt(2))
    assert _learned(ctx, names[0]) == {
        ("duration", "boiler inspection"): (1_250, 177, 10),
        ("duration", "skills:gas"): (1_250, halved, 10),
        ("technician", names[1]): (1_100, halved, 10),
        ("travel", "09"): (1_100, round(1_000 * 0.15 / math.sqrt(2)), 10),
    }


def test_what_was_learned_is_learned_again_from_plans_that_heed_it(database: Database) -> None:
    """Plans give an hour to what takes an hour by then: that is no reason to believe in 40 minutes again."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory, duration_permille=1_200)
        _done(session, territory, kim, [60] * 10, planned_s=3_600)
        territory_id, kim_id = territory.id, kim.id

    transact(ctx, SYSTEM, learn_factors, territory_id)

    # Kim is said to take 48 minutes for 40: 60 of 48 is 1.25 ten times, and ten times 1 before: 1.125; of that, Kim
    # took 1.111, with ten times 1 before 1.056.
    learned = _learned(ctx, territory_id)
    assert learned["duration", "boiler inspection"][0] == 1_125
    assert learned["technician", kim_id][0] == 1_056


def test_a_name_used_four_times_is_no_type(database: Database) -> None:
    """People type summaries; a type is what comes again. Until then its skills say how long it takes."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        _done(session, territory, kim, [80] * 4, name="Odd noise")
        _done(session, territory, kim, [20] * 5, name="  Meter   READING ")
        territory_id, kim_id = territory.id, kim.id

    transact(ctx, SYSTEM, learn_factors, territory_id)

    with database.reading() as session:
        factors = load_factors(session, territory_id)
    # Meter reading: (5 x 0.5 + 10) / 15 = 0.833. By skill: (4 x 2 + 5 x 0.5 + 10) / 19 = 1.079.
    assert factors.of_type("meter reading", {}).permille == 833
    assert factors.of_type("Odd noise", {"gas": 2}).permille == 1_079
    assert factors.of_type("Odd noise", {"power": 1}).permille == 1_000
    # Kim: 4 x 2 / 1.079 + 5 x 0.5 / 0.833 = 7.414 + 3.001, with ten before: 20.415 / 19 = 1.075.
    assert factors.of_technician(kim_id).permille == pytest.approx(1_075, abs=1)
    assert factors.of_technician("tn_unknown").permille == 1_000


def test_spread_grows_when_days_differ(database: Database) -> None:
    """Ranges are as wide as the work is uncertain, not as somebody once assumed."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        _done(session, territory, add_technician(session, territory), [20, 80] * 20)
        territory_id = territory.id

    transact(ctx, SYSTEM, learn_factors, territory_id)

    # Half takes half the plan, half twice: logarithms -0.693 and 0.693, squared 0.480. With ten times 0.25 squared:
    # (40 x 0.480 + 10 x 0.0625) / 50 = 0.397, whose root is 0.630. Mean: (20 x 0.5 + 20 x 2 + 10) / 50 = 1.2.
    assert _learned(ctx, territory_id)["duration", "boiler inspection"] == (1_200, 630, 40)


def test_nothing_is_believed_beyond_twice_the_plan(database: Database) -> None:
    """A phone left at "started" overnight is no visit of fifteen hours."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        _done(session, territory, add_technician(session, territory), [900] * 200, travel_minutes=1)
        territory_id = territory.id

    transact(ctx, SYSTEM, learn_factors, territory_id)

    # 22.5 times the plan counts as 5; (200 x 5 + 10) / 210 = 4.8, bounded to 2. Travel in a tenth of the time counts as
    # a fifth: (200 x 0.2 + 10) / 210 = 0.238, bounded to a half.
    learned = _learned(ctx, territory_id)
    assert learned["duration", "boiler inspection"][0] == 2_000
    assert learned["travel", "09"][0] == 500


def test_what_is_old_or_unfinished_teaches_nothing(database: Database) -> None:
    """The calendar of last season is no longer true, and a visit that failed says nothing about how long work takes."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        _done(session, territory, kim, [60] * 10, day=TODAY - timedelta(days=61))
        _done(session, territory, kim, [60], travel_minutes=30)
        session.flush()
        failed = session.scalars(select(VisitProgressRow).where(VisitProgressRow.date == YESTERDAY)).one()
        failed.phase = "failed"
        territory_id = territory.id

    transact(ctx, SYSTEM, learn_factors, territory_id)

    # Only that somebody drove there: left at 9:30, 30 of 10 minutes, (3 + 10) / 11.
    assert {key: value[0] for key, value in _learned(ctx, territory_id).items()} == {("travel", "09"): 1_182}


def test_learning_twice_teaches_the_same(database: Database) -> None:
    """Two workers may learn at once, and a night may be repeated; nothing adds up."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        _done(session, territory, add_technician(session, territory), [30, 45, 60, 50, 40])
        territory_id = territory.id

    transact(ctx, SYSTEM, learn_factors, territory_id)
    once = _learned(ctx, territory_id)
    transact(ctx, SYSTEM, learn_factors, territory_id)

    assert _learned(ctx, territory_id) == once
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(AuditRow.action == "territory.learned")) == 2


def test_every_night_teaches_once(database: Database) -> None:
    """The duty asks every hour; it learns once the planning hour of the territory has passed, and no more that day."""
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        territory = add_territory(session)
        add_territory(session, name="Nothing happens here")
        _done(session, territory, add_technician(session, territory), [60] * 10)

    runs = [learn_nightly(ctx)]
    clock.advance(timedelta(hours=1))
    runs.append(learn_nightly(ctx))
    # It was 8:00; at 1:59 the hour of the next night, 2:00, has not come, at 2:01 it has.
    clock.advance(timedelta(hours=16, minutes=59))
    runs.append(learn_nightly(ctx))
    clock.advance(timedelta(minutes=2))
    runs.append(learn_nightly(ctx))

    assert runs == [1, 0, 0, 1]


def test_what_nobody_knows_is_as_assumed(database: Database) -> None:
    """A new territory has ranges from the first day on."""
    with database.writing() as session:
        factors = load_factors(session, add_territory(session).id)

    assert factors.of_type("Boiler repair", {}).spread == 0.55
    assert factors.of_type("Emergency repair", {}).spread == 0.75
    assert factors.of_type("Odd noise", {}).spread == USUAL_SPREAD
    assert factors.of_hour(8).spread == PEAK_TRAVEL_SPREAD
    assert factors.of_hour(11).permille == 1_000
