"""Quotes on a day under way start from what was reported, not from what was planned."""

from datetime import timedelta

import pytest

from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.territories import territory_of
from fieldops.usecases.ask_boards import ask_boards, load_asked
from fieldops.usecases.work import Work, view
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF, TODAY, add_site, add_visit, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


def earliest(world: LiveWorld, until: str = "16:00") -> object:
    """Give the earliest start at which another visit beside a could be served, in seconds; None = at none."""
    with world.ctx.database.writing() as session:
        visit = add_visit(session, world.territory, site=add_site(session, km_north=2.1))

    def ask(work: Work) -> object:
        window = TimeWindow(work.now, local(until))
        [answer] = ask_boards(work, territory_of(world.territory), load_asked(work, visit.id), {TODAY: [window]})
        starts = [answer.board.instant_of(slot.start) for slot in answer.quotes[0].slots]
        return min(starts, default=None)

    return view(world.ctx, STAFF, ask)


def test_who_overruns_cannot_be_promised_earlier(world: LiveWorld) -> None:
    """By the plan Kim is free at 8:36; at a until 9:40, nobody else can be served before that."""
    world.clock_at("08:20")
    assert earliest(world) <= local("08:45")  # type: ignore[operator]

    world.report("started", "a", at="08:12")
    world.report("extended", "a", at="08:20", minutes=58)

    assert earliest(world) >= local("09:40")  # type: ignore[operator]


def test_who_is_ahead_of_the_plan_can_come_sooner(world: LiveWorld) -> None:
    """Done twenty minutes early: the time is there to be promised."""
    world.report("started", "a", at="08:05")
    world.report("done", "a", at="08:10")

    assert earliest(world) <= local("08:10") + timedelta(minutes=3)  # type: ignore[operator]


def test_who_is_out_is_promised_to_nobody(world: LiveWorld) -> None:
    """A technician who went home at nine is no place for anybody."""
    world.report("technician_out", at="09:00", reason="fever")

    assert earliest(world) is None
