"""Whether a message of the day itself is still true when it is about to leave."""

from collections.abc import Mapping
from typing import Final

from fieldops.domain.progress import VisitPhase
from fieldops.messaging.kinds import Kind
from fieldops.store.tables import BookingRow, MessageRow, PromiseRow, SurveyRow
from fieldops.usecases.movable import phase_on
from fieldops.usecases.nobody_comes import is_waiting
from fieldops.usecases.work import Work

_AHEAD: Final = frozenset({VisitPhase.PLANNED, VisitPhase.TRAVELING})
#: In which phases of the visit a message is true; an apology always is.
_TRUE_IN: Final[Mapping[Kind, frozenset[VisitPhase]]] = {
    Kind.ON_THE_WAY: frozenset({VisitPhase.TRAVELING}),
    Kind.ARRIVING_SOON: _AHEAD,
    Kind.DELAYED: _AHEAD,
    Kind.SOONER: _AHEAD,
    Kind.UNCERTAIN: _AHEAD,
    Kind.EXPECTED: _AHEAD,
    Kind.DONE: frozenset({VisitPhase.DONE}),
    Kind.SURVEY: frozenset({VisitPhase.DONE}),
}
#: Kinds whose subject is a line of the ledger: the time they tell.
_TELL_A_TIME: Final = frozenset({Kind.DELAYED, Kind.SOONER, Kind.EXPECTED})


def why_outdated(work: Work, message: MessageRow, kind: Kind, booking: BookingRow) -> str:
    """Say why a message of the day is not true any more; empty when it is."""
    phase = phase_on(work, booking.visit_id, booking.date)
    if phase not in _TRUE_IN.get(kind, {phase}):
        return f"the visit is {phase.value}"
    if kind is Kind.UNCERTAIN:
        return "" if is_waiting(work, booking) else "somebody comes"
    if kind in _TELL_A_TIME:
        line = work.session.get(PromiseRow, message.subject_id)
        return "" if line is None or line.outcome is None else "another time was told since"
    if kind is Kind.SURVEY:
        survey = work.session.get(SurveyRow, booking.visit_id)
        return "" if survey is None or survey.answered_at is None else "the survey is answered"
    return ""
