"""A customer writes something about the visit that is to come: which door, a dog, somebody else to ask for."""

from fieldops.errors import WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.usecases.add_note import NoteChannel, NoteView, add_note
from fieldops.usecases.stream import announce, topic_of_board
from fieldops.usecases.track_visit import find_tracked
from fieldops.usecases.work import Work


def add_own_note(work: Work, text: str, visit_id: str | None = None) -> NoteView:
    """
    Write a customer's note about the visit that the link is for.

    Parameters
    ----------
    visit_id
        As `fieldops.usecases.track_visit.track_visit` has it.

    Raises
    ------
    NotFound
        When the caller has no link, or the work order has no such appointment.
    WrongState
        When the visit is over.
    InvalidInput
        When the note says nothing, or too much.
    """
    booking, visit = find_tracked(work, visit_id)
    if booking.state == "canceled" or visit.state in {"done", "canceled"}:
        state = "canceled" if booking.state == "canceled" else visit.state
        raise WrongState(f"the visit is {state}", details={"visit_id": visit.id, "state": state})
    lock_plan(work.session, booking.territory_id, booking.date)
    note = add_note(work, booking.customer_id, text, channel=NoteChannel.WEB)
    data = {"visit_id": visit.id, "note_id": note.id, "kind": "note", "text": note.text}
    announce(work, topic_of_board(booking.territory_id, booking.date), "message", data)
    return note
