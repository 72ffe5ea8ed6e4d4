"""Say where else a visit could go on a date, best first."""

from datetime import date

from fieldops.domain.edits import Unassign
from fieldops.errors import WrongState
from fieldops.solver.quote import Refusal
from fieldops.usecases.edit_views import NoPlaceView, PlacesView
from fieldops.usecases.editable_day import as_if, load_editable_day, require_editable
from fieldops.usecases.hand_pins import without_old_pins
from fieldops.usecases.rank_places import rank_places
from fieldops.usecases.running_day import running_day
from fieldops.usecases.work import Work


def list_places(work: Work, territory_id: str, day: date, visit_id: str) -> PlacesView:
    """
    Rank the places that a visit could have on a date; of a day under way on what is left of it.

    Raises
    ------
    NotFound
        When there is no such territory or visit.
    WrongState
        When the date has passed, or the visit is behind its technician, over, or belongs to another date; or when it
        cannot be computed what is left of its shift.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.
    """
    home = require_editable(work.session, territory_id, day, visit_id)
    found = load_editable_day(work, territory_id, day, [visit_id])
    found.require_computed([] if home is None else [home])
    if visit_id in found.behind:
        raise WrongState(f"the visit {visit_id} cannot be moved any more", details={"visit_id": visit_id})
    free = as_if(found, without_old_pins(found.whole, Unassign(visit_id=visit_id)), found.live.day.orders)
    ranked = rank_places(running_day(free.problem, free.travel(work), free.orders), visit_id)
    return PlacesView(
        visit_id=visit_id,
        version=found.live.day.version,
        places=ranked.places,
        without=(
            *(
                NoPlaceView(technician_id=shift.technician_id, shift_id=shift.shift_id, reason=shift.reason.value)
                for shift in ranked.without
            ),
            *(
                NoPlaceView(technician_id=technician.id, shift_id=shift.id, reason=Refusal.UNSOUND.value)
                for technician in found.whole.technicians
                for shift in technician.shifts
                if shift.id in found.faulty
            ),
        ),
    )
