"""A dispatcher asks for a replan: of some technicians, to empty a route, for an emergency; and stops it."""

from datetime import timedelta
from typing import Any

import pytest

from fieldops.errors import InvalidInput, WrongState
from fieldops.solver import Progress
from fieldops.store.database import Database
from fieldops.store.tables import (
    TerritoryRow,
)
from fieldops.usecases.replan_views import ReplanView
from fieldops.usecases.request_replan import ReplanKind, ReplanScope, cancel_replan, request_replan
from fieldops.usecases.solve_progress import Watch
from fieldops.usecases.work import transact
from replan_worlds import LateDay, late_day, moves, overwrite
from worlds import STAFF, TODAY, add_shift, add_site, add_technician, add_visit


def ask(day: LateDay, kind: ReplanKind, **scope: Any) -> ReplanView:
    """Ask for a replan and do it at once."""
    asked = transact(day.ctx, STAFF, request_replan, day.territory, TODAY, kind, ReplanScope(**scope))
    return day.run(asked.id)


def test_an_emergency_finds_a_place(database: Database) -> None:
    """A leak at 10:00, due now at 20 dollars an hour: Kim comes by at noon, Lee gets under way for it at once."""
    day = late_day(database)
    with database.writing() as session:
        leak = add_visit(session, session.get_one(TerritoryRow, day.territory), site=add_site(session, km_north=4.0))

    found = ask(day, ReplanKind.EMERGENCY, visit_id=leak.id)

    assert found.state == "proposed"
    assert moves(found)[leak.id] == (None, day.lee)
    day.approve(found, leak.id)
    assert day.orders()[day.lees] == (leak.id,)


@pytest.mark.parametrize("is_pinned", [False, True])
def test_a_route_is_emptied_as_far_as_others_can_take_it(sqlite_database: Database, *, is_pinned: bool) -> None:
    """Kim wants to go home: Lee takes both visits; in another world the third is pinned to Kim, and stays."""
    day = late_day(sqlite_database)
    if is_pinned:
        day.pin(day.third, day.kim)

    found = ask(day, ReplanKind.EMPTY_ROUTE, shift_id=day.kims)

    taken = (day.second,) if is_pinned else (day.second, day.third)
    assert moves(found) == {name: (day.kim, day.lee) for name in taken}


def test_a_rebalance_touches_those_who_were_named(sqlite_database: Database) -> None:
    """Max could take the visit as well as Lee, but was not asked."""
    day = late_day(sqlite_database)
    with sqlite_database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        add_shift(session, add_technician(session, territory, name="Max"), base=add_site(session, km_north=2.0))

    found = ask(day, ReplanKind.REBALANCE, technicians=(day.kim, day.lee), most_moves=2, seconds=0.2)

    assert moves(found) == {day.second: (day.kim, day.lee)}


def test_requests_that_make_no_sense_are_refused_with_all_faults(sqlite_database: Database) -> None:
    """What is missing for the kind, what does not go with it, and what is not part of the day."""
    day = late_day(sqlite_database)
    bad = ReplanScope(technicians=("tn_nobody",), shift_id="sh_none", visit_id="vi_none", most_moves=-1, seconds=600)

    with pytest.raises(InvalidInput) as caught:
        transact(day.ctx, STAFF, request_replan, day.territory, TODAY - timedelta(days=2), ReplanKind.IMPROVE, bad)

    assert {fault.path for fault in caught.value.faults} == {
        "date",
        "technicians",
        "technicians[0]",
        "shift_id",
        "visit_id",
        "most_moves",
        "seconds",
    }
    transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope())
    with pytest.raises(WrongState, match="waiting already"):
        transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope())


def test_a_promise_does_not_wait_for_a_search_that_somebody_asked_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search of a minute ends after the three seconds that any other one has: the promise is looked at next."""
    day = late_day(database, replan_for_s=3)
    asked = transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope(seconds=60))
    begun: list[list[str]] = []
    real = Watch.on_progress

    def on_progress(watch: Watch, progress: Progress) -> None:
        if progress.iterations > 100 and not begun:
            day.wish("Kim takes longer")
            begun.append(day.start(timedelta(seconds=1.5)))
            assert not day.look(asked.id).cancel_requested
            begun.append(day.start(timedelta(seconds=2)))
        real(watch, progress)

    monkeypatch.setattr(Watch, "on_progress", on_progress)

    found = day.run(asked.id)

    assert (found.state, found.cancel_requested, begun) == ("proposed", True, [[], []])
    monkeypatch.undo()
    [rescue] = day.start()
    assert day.look(rescue).kind == "jeopardy"


def test_a_rescue_that_waits_keeps_nobody_from_asking(sqlite_database: Database) -> None:
    """It is done in seconds; the dispatcher need not try again."""
    day = late_day(sqlite_database)
    day.wish()
    assert len(day.start()) == 1

    asked = transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope())

    assert asked.state == "waiting"


def test_a_replan_that_waits_is_called_off(sqlite_database: Database) -> None:
    """And finds nothing to do when its turn comes."""
    day = late_day(sqlite_database)
    day.wish()
    [replan_id] = day.start()

    assert transact(day.ctx, STAFF, cancel_replan, replan_id).state == "canceled"
    assert day.run(replan_id).state == "canceled"
    assert day.version() == 1


def test_what_a_stopped_replan_has_found_waits_for_a_decision(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stops a search of a minute: the best so far is a proposal, not a plan, even where that is automatic."""
    day = late_day(sqlite_database, replan_for_s=60)
    day.wish()
    [replan_id] = day.start()
    real = Watch.on_progress

    def on_progress(watch: Watch, progress: Progress) -> None:
        if progress.iterations > 100:
            overwrite(sqlite_database, replan_id, cancel_requested=True)
        real(watch, progress)

    monkeypatch.setattr(Watch, "on_progress", on_progress)

    found = day.run(replan_id)

    assert (found.state, day.version()) == ("proposed", 1)
    assert moves(found) == {day.second: (day.kim, day.lee)}
    # To stop it again is to say the same again.
    assert transact(day.ctx, STAFF, cancel_replan, replan_id).state == "proposed"
