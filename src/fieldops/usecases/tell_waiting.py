"""Customers whom nobody comes to: they hear that nobody can tell, and of what was promised as soon as it is broken."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.telling import is_to_hear_that_nobody_can_tell
from fieldops.messaging.kinds import Kind
from fieldops.store.day_visits import OFF
from fieldops.store.ids import new_id
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import (
    BookingRow,
    LiveDayRow,
    PromiseRow,
    ReplanRow,
    TerritoryRow,
    VisitRow,
)
from fieldops.usecases.audit import record
from fieldops.usecases.nobody_comes import Waiting, as_failed, read_waiting
from fieldops.usecases.playbook import Mishap, make_amends
from fieldops.usecases.settle_visit import settle_visit
from fieldops.usecases.tell_time import take_back
from fieldops.usecases.tell_visit import tell_visit
from fieldops.usecases.words_about_time import TIMES, told_at
from fieldops.usecases.work import Work

#: A word that nobody can tell is worth sending so long after the window, too.
_LIFE: Final = timedelta(hours=2)


def tell_waiting(work: Work, territory_id: str, day: date) -> int:
    """
    Look after the customers of a day under way whom nobody comes to.

    Returns
    -------
    int
        How many were told that nobody can tell when somebody comes.

    Notes
    -----
    That is told when a replan has had its chance: what it mends nobody has to hear of. It is told again when a time was
    told since and has stood for a while (`is_to_hear_that_nobody_can_tell`). Once what was promised is over it is
    broken, and the territory's playbook is followed; somebody may still come. A visit that a dispatcher took off by
    hand is that dispatcher's to talk about. The caller holds the lock of the date's plan.
    """
    waiting = [one for one in read_waiting(work, territory_id, day) if not one.is_begun and not one.is_expected]
    if not waiting:
        return 0
    policies = live_policies_of(work.session.get_one(TerritoryRow, territory_id))
    is_open = _is_open(work, territory_id, day, policies)
    told = 0
    for one in waiting:
        if work.now > _promised_until(work, one.booking):
            _settle(work, one)
        elif not is_open:
            told += _tell(work, one, policies)
    return told


def _settle(work: Work, waiting: Waiting) -> None:
    """Call a promise broken that nobody can keep any more, and make amends once."""
    booking = waiting.booking
    if settle_visit(work, booking, as_failed(work, waiting), was_missed=False).is_broken:
        make_amends(work, booking, Mishap.UNSERVED, is_broken=True, technician_id=None, reason="nobody had room for it")


def _tell(work: Work, waiting: Waiting, policies: LivePolicies) -> bool:
    """Tell that nobody can tell, unless that was told and is what the customer knows."""
    booking = waiting.booking
    words = select(told_at(Kind.UNCERTAIN), told_at(*TIMES)).select_from(BookingRow).where(BookingRow.id == booking.id)
    uncertain_at, certain_at = work.session.execute(words).one()
    if not is_to_hear_that_nobody_can_tell(uncertain_at, certain_at, policies, work.now):
        return False
    pin = work.session.get_one(VisitRow, booking.visit_id).pin
    if pin is not None and pin.get(OFF) == booking.date.isoformat():
        return False
    message = tell_visit(
        work,
        booking,
        Kind.UNCERTAIN,
        expires_at=booking.window_end + _LIFE,
        near=max(booking.window_start, work.now),
        # As the words between, each further one is another message.
        subject_id=None if uncertain_at is None else new_id("pr"),
        extra={"visit_id": booking.visit_id},
    )
    if message is None:
        return False
    take_back(work, booking, but=message)
    record(work, "visit.told", "visit", booking.visit_id, kind=Kind.UNCERTAIN.value)
    return True


def _promised_until(work: Work, booking: BookingRow) -> datetime:
    """Give the end of what the customer counts on: the window, or the time told that took its place."""
    ends = work.session.scalars(
        select(PromiseRow.window_end)
        .where(PromiseRow.booking_id == booking.id, PromiseRow.told_at >= booking.changed_at)
        .where(PromiseRow.outcome.is_(None))
    ).all()
    return max([booking.window_end, *ends])


def _is_open(work: Work, territory_id: str, day: date, policies: LivePolicies) -> bool:
    """Tell whether a replan may still find somebody: one is wanted, under way, or proposed a moment ago."""
    wanted = select(LiveDayRow.date).where(
        LiveDayRow.territory_id == territory_id, LiveDayRow.date == day, LiveDayRow.wanted_at.is_not(None)
    )
    replans = select(ReplanRow.id).where(
        ReplanRow.territory_id == territory_id,
        ReplanRow.date == day,
        or_(
            ReplanRow.state.in_(("waiting", "running")),
            and_(ReplanRow.state == "proposed", ReplanRow.requested_at > work.now - policies.cooling),
        ),
    )
    return work.session.scalar(select(or_(wanted.exists(), replans.exists()))) or False
