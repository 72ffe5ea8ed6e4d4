"""Somebody goes out in the middle of a visit: the optimizer does not move what has begun, so a person has to."""

from collections.abc import Iterable, Mapping
from typing import Final

from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.shift_facts import TechnicianState
from fieldops.store.tables import TechnicianRow, VisitRow
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.work import Work

_IN_HAND: Final = frozenset({VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})


def leave_in_hand(work: Work, states: Mapping[str, TechnicianState], visits: Iterable[VisitProgress]) -> None:
    """
    Leave the visits at which somebody was who is out now to a person.

    Parameters
    ----------
    states
        By technician id.
    visits
        Where the visits of these technicians stand.
    """
    for progress in visits:
        state = states.get(progress.technician_id or "")
        if state is None or state.out_since is None or progress.phase not in _IN_HAND:
            continue
        name = work.session.get_one(TechnicianRow, state.technician_id).name
        visit = work.session.get_one(VisitRow, progress.visit_id)
        facts = {"technician": name, "why": state.out_reason}
        open_task(work, TaskKind.COULD_NOT_COMPLETE, visit, TaskCode.LEFT_BEHIND, facts)
