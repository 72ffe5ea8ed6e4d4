"""How likely a quoted window is to be kept: what happens before it, and what was learned of that, decide."""

import pytest

from booking_worlds import MORNING, NOON, World, make_world
from fieldops.store.database import Database
from fieldops.store.tables import LearnedFactorRow, OfferRow
from worlds import NOW

#: Four standard errors of 200 scenarios, permille.
NEARLY = 110


def _odds_behind(world: World, name: str) -> int:
    """Quote noon to two o'clock behind work of two and a half hours that begins at ten, at the same address."""
    world.book(world.visit_at(0.0, name=name, duration_s=9_000), MORNING)
    return world.offer(world.visit_at(0.0), NOON).kept_permille


def test_a_window_behind_an_emergency_is_less_likely_to_be_kept(database: Database) -> None:
    """Both would begin at half past twelve by plan; what comes before them is not equally likely to be over."""
    # Over by two when it takes 1.6 times the plan at most, ln 1.6 = 0.470. An emergency by somebody new: sigma is the
    # root of 0.75 and 0.12 squared, 0.760; (0.470 + 0.289) / 0.760 = 1.00 sigma, 84.1 %. An inspection, the root of
    # 0.25 and 0.12 squared, 0.277: (0.470 + 0.038) / 0.277 = 1.83 sigma, 96.7 %.
    odds = [_odds_behind(make_world(database), name) for name in ("Gas emergency", "Gas inspection")]

    assert odds == pytest.approx([841, 967], abs=NEARLY)
    assert odds[0] < odds[1] - 50


def test_what_was_learned_of_the_technician_changes_the_odds(database: Database) -> None:
    """Somebody who takes a third longer than planned keeps fewer windows, and the quote knows before the customer."""
    world = make_world(database)
    with database.writing() as session:
        learned = {"spread_permille": 450, "count": 40, "learned_at": NOW, "permille": 1_333}
        key = {"territory_id": world.territory.id, "kind": "technician", "key": world.technicians[0].id}
        session.add(LearnedFactorRow(**key, **learned))

    # 200 min instead of 150: over by two when it takes 1.2 times that, (0.182 + 0.281) / 0.75 = 0.618 sigma, 73.2 %.
    # How fast they work hardly is a question any more after 40 observations.
    assert _odds_behind(world, "Gas emergency") == pytest.approx(732, abs=NEARLY)


def test_the_first_visit_of_a_day_without_travel_is_certain(database: Database) -> None:
    """Nothing comes before it; and the odds are kept with the offer."""
    world = make_world(database)
    offer = world.offer(world.visit_at(0.0), MORNING)

    assert offer.kept_permille == 1_000
    assert world.row(OfferRow, offer.id).kept_permille == 1_000
