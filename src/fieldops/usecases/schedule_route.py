"""Schedule one shift's route as it will be written, and have the referee judge it first."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem, Technician, Visit
from fieldops.errors import InternalError, InvalidInput
from fieldops.solver import Evaluator, Instance, check
from fieldops.solver.schedule import assemble
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.translate import names_technicians, to_instance, to_route, translated

#: Stands for everybody else, so that a visit which would rather see one of them costs what it does.
_SOMEBODY_ELSE: Final = Technician(id="", name="somebody else")


def schedule_route(problem: Problem, travel: TravelMatrix, instance: Instance | None = None) -> Route | None:
    """
    Schedule the visits of a problem of one shift in their order.

    Parameters
    ----------
    problem
        With one technician and one shift; visits may name technicians it does not have.
    travel
        Between `problem.places`, in their order.
    instance
        That of the problem's running route, where it is known already. It says less about whom a visit names than a
        route's costs depend on: it counts where no visit names anybody.

    Returns
    -------
    Route | None
        None when it breaks a hard rule.

    Raises
    ------
    InternalError
        When the referee disagrees with the schedule.
    """
    technician = problem.technicians[0]
    if instance is not None and not any(names_technicians(visit) for visit in problem.visits):
        translation = translated(problem, instance)
    else:
        visits = tuple(_own_or_else(visit, technician.id) for visit in problem.visits)
        try:
            translation = to_instance(replace(problem, technicians=(technician, _SOMEBODY_ELSE), visits=visits), travel)
        except InvalidInput:
            return None
    route = Evaluator(translation.instance).route(0, range(len(problem.visits)))
    if route is None:
        return None
    violations = check(translation.instance, assemble(translation.instance, [route]))
    if violations:
        message = f"the referee rejects the route of shift {technician.shifts[0].id}: {violations[0].message}"
        raise InternalError(message, details={"violations": [violation.message for violation in violations]})
    return to_route(translation, route)


def _own_or_else(visit: Visit, technician_id: str) -> Visit:
    """Say of the technicians a visit names only whether they are the one of the route."""
    if not names_technicians(visit):
        return visit

    def known(ids: Iterable[str]) -> frozenset[str]:
        return frozenset(name if name == technician_id else _SOMEBODY_ELSE.id for name in ids)

    pin = visit.pin
    if pin is not None and pin.technician_id is not None:
        pin = replace(pin, technician_id=min(known([pin.technician_id])))
    preferred = known(visit.preferred_technicians)
    return replace(
        visit,
        allowed_technicians=None if visit.allowed_technicians is None else known(visit.allowed_technicians),
        forbidden_technicians=visit.forbidden_technicians & {technician_id},
        preferred_technicians=preferred & {technician_id} or preferred,
        pin=pin,
    )
