"""What is done for a customer when something went wrong: an apology, a new appointment, a credit, a call."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from fieldops.messaging.kinds import Kind
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import BookingRow, TerritoryRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.tell_visit import tell_visit
from fieldops.usecases.work import Work

#: How long an apology is worth sending.
APOLOGY_LIFE: Final = timedelta(days=2)
#: Of visits that come before others.
MOST_URGENT: Final = 5


class Mishap(StrEnum):
    """What went wrong; ``unserved``: nobody came; ``missed``: nobody could let us in."""

    LATE = "late"
    FAILED = "failed"
    UNSERVED = "unserved"
    MISSED = "missed"


def make_amends(
    work: Work, booking: BookingRow, mishap: Mishap, *, is_broken: bool, technician_id: str | None, reason: str = ""
) -> None:
    """
    Follow the territory's playbook.

    Parameters
    ----------
    is_broken
        Whether a promise was broken: only then there is a credit.
    reason
        Why it failed, for the person who calls; not told to the customer.

    Notes
    -----
    Each switch of the policies counts by itself: the customer hears of a new appointment and of a credit where nobody
    apologizes, too. A credit always leaves a task, and so does a visit that failed and is not offered again. Each step
    is taken once for a booking's window, however often this is called. A visit that has to be done again is made
    urgent; its booking can be moved by the customer's link.
    """
    visit = work.session.get_one(VisitRow, booking.visit_id)
    policies = live_policies_of(work.session.get_one(TerritoryRow, booking.territory_id))
    is_late = mishap is Mishap.LATE
    rebooks = policies.rebooks and not is_late
    credit = policies.credit if is_broken and mishap is not Mishap.MISSED else 0
    if policies.apologizes or rebooks or credit:
        tell_visit(
            work,
            booking,
            Kind.APOLOGY,
            expires_at=work.now + APOLOGY_LIFE,
            subject_id=booking.id if is_late else booking.visit_id,
            extra={
                "visit_id": visit.id,
                "technician_id": technician_id,
                "what_happened": mishap.value,
                "apologizes": policies.apologizes,
                "rebooks": rebooks,
                "credit_cents": credit,
            },
        )
    if rebooks and visit.priority < MOST_URGENT:
        record(work, "visit.prioritized", "visit", visit.id, before=visit.priority, after=MOST_URGENT)
        visit.priority, visit.version = MOST_URGENT, visit.version + 1
    # Somebody has to see to a credit, and to a visit that nobody else does anything about.
    if policies.escalates or credit or not (is_late or rebooks):
        kind = TaskKind.BROKEN_PROMISE if is_late else TaskKind.COULD_NOT_COMPLETE
        facts = {"reason": reason} if reason else {}
        open_task(work, kind, visit, TaskCode(mishap.value), facts, credit_cents=credit)
