"""Technicians: who they are, when they work, and their day."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.people import (
    AbsenceChanged,
    Absences,
    NewAbsence,
    NewTechnician,
    TechnicianChanged,
    TechnicianFields,
    TechnicianSchema,
)
from fieldops.api.schemas.shifts import NewShifts, ShiftsChanged
from fieldops.api.schemas.technician_day import TechnicianDaySchema
from fieldops.errors import NotFound
from fieldops.usecases.absences import add_absence, list_absences, remove_absence
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.links import LinkPurpose
from fieldops.usecases.read_calendar import read_technician_calendar
from fieldops.usecases.shifts import create_shifts, remove_shifts
from fieldops.usecases.technician_day import read_day
from fieldops.usecases.technicians import (
    create_technician,
    list_technicians,
    read_technician,
    update_technician,
)
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/technicians", tags=["technicians"])

Reader = Annotated[Actor, needs(Scope.PEOPLE_READ)]
Writer = Annotated[Actor, needs(Scope.PEOPLE_WRITE)]
TechnicianId = Annotated[str, Path(max_length=64, examples=["tn_7h3k9c2m4p6r8t0w"])]
CALENDAR: Final = "text/calendar"
CALENDAR_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {CALENDAR: {"schema": {"type": "string"}}}, "description": "A calendar."}
}


@router.post(
    "",
    operation_id="create_technician",
    summary="Add a technician",
    status_code=201,
    response_model=TechnicianSchema,
    responses=problems(NotFound),
)
def create(ctx: Ctx, actor: Writer, key: Key, body: NewTechnician) -> Response:
    """
    Add a technician.

    Skills must be among those of the territory.
    """
    facts = TechnicianFields.model_validate(body.model_dump(exclude={"territory_id"})).facts()
    made = answer(ctx, actor, key, 201, TechnicianSchema.model_validate, create_technician, body.territory_id, facts)
    return located(made, "/v1/technicians/{id}")


@router.get("", operation_id="list_technicians", summary="List technicians")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    territory_id: Annotated[str | None, Query(max_length=64)] = None,
    skill: Annotated[str | None, Query(max_length=100, description="Only those who hold it.")] = None,
    is_active: Annotated[bool | None, Query()] = None,
) -> PageOf[TechnicianSchema]:
    """List technicians, by name."""
    found = view(
        ctx,
        actor,
        list_technicians,
        limit=page.limit,
        after=page.after,
        territory_id=territory_id,
        skill=skill,
        is_active=is_active,
    )
    return PageOf[TechnicianSchema].model_validate(found)


@router.get(
    "/{technician_id}", operation_id="read_technician", summary="Read a technician", responses=problems(NotFound)
)
def read(ctx: Ctx, actor: Reader, technician_id: TechnicianId) -> TechnicianSchema:
    """Read a technician."""
    return TechnicianSchema.model_validate(view(ctx, actor, read_technician, technician_id))


@router.put(
    "/{technician_id}", operation_id="replace_technician", summary="Change a technician", responses=problems(NotFound)
)
def update(ctx: Ctx, actor: Writer, technician_id: TechnicianId, body: TechnicianFields) -> TechnicianChanged:
    """
    Replace what is known about a technician.

    Shifts to come are planned with the new skills and pace; visits that cannot be served so lose their place.
    """
    changed = transact(ctx, actor, update_technician, technician_id, body.facts())
    return TechnicianChanged.model_validate(changed)


@router.post(
    "/{technician_id}/shifts",
    operation_id="create_shifts",
    summary="Enter shifts",
    status_code=201,
    response_model=ShiftsChanged,
    responses=problems(NotFound),
)
def add_shifts(ctx: Ctx, actor: Writer, key: Key, technician_id: TechnicianId, body: NewShifts) -> Response:
    """
    Enter shifts for a range of dates.

    All dates or none: a date on which the technician works already is a fault that names it.
    """
    return answer(
        ctx,
        actor,
        key,
        201,
        ShiftsChanged.model_validate,
        create_shifts,
        technician_id,
        body.pattern(),
        first_date=body.first_date,
        last_date=body.last_date,
        weekdays=frozenset(body.weekdays),
    )


@router.delete(
    "/{technician_id}/shifts", operation_id="remove_shifts", summary="Take back shifts", responses=problems(NotFound)
)
def take_back_shifts(
    ctx: Ctx,
    actor: Writer,
    technician_id: TechnicianId,
    first_date: Annotated[Day, Query()],
    last_date: Annotated[Day, Query()],
) -> ShiftsChanged:
    """
    Take back all shifts of a range of dates.

    Their routes leave the running plans.
    """
    changed = transact(ctx, actor, remove_shifts, technician_id, first_date=first_date, last_date=last_date)
    return ShiftsChanged.model_validate(changed)


@router.post(
    "/{technician_id}/absences",
    operation_id="add_absence",
    summary="Note an absence",
    status_code=201,
    response_model=AbsenceChanged,
    responses=problems(NotFound),
)
def be_absent(ctx: Ctx, actor: Writer, key: Key, technician_id: TechnicianId, body: NewAbsence) -> Response:
    """
    Note that a technician does not work.

    Shifts it touches are offered and planned no more, and their routes leave the running plans. Booked visits stay
    booked; the next plan finds them a new place.
    """
    render = AbsenceChanged.model_validate
    return answer(ctx, actor, key, 201, render, add_absence, technician_id, body.kind, body.period(), body.note)


@router.get(
    "/{technician_id}/absences", operation_id="list_absences", summary="List absences", responses=problems(NotFound)
)
def absences(ctx: Ctx, actor: Reader, technician_id: TechnicianId) -> Absences:
    """List the absences of a technician that are not over."""
    return Absences.model_validate({"items": view(ctx, actor, list_absences, technician_id)})


@router.delete(
    "/{technician_id}/absences/{absence_id}",
    operation_id="remove_absence",
    summary="Take back an absence",
    responses=problems(NotFound),
)
def be_back(
    ctx: Ctx, actor: Writer, technician_id: TechnicianId, absence_id: Annotated[str, Path(max_length=64)]
) -> AbsenceChanged:
    """
    Note that a technician works after all.

    The shifts are offered and planned again; visits do not come back by themselves.
    """
    return AbsenceChanged.model_validate(transact(ctx, actor, remove_absence, technician_id, absence_id))


@router.get(
    "/{technician_id}/day",
    operation_id="read_technician_day",
    summary="Read a technician's day",
    responses=problems(NotFound),
)
def day(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.OWN_DAY, Scope.PLANS_READ)],
    technician_id: TechnicianId,
    date: Annotated[Day | None, Query(description="Local date of the territory; today without it.")] = None,
) -> TechnicianDaySchema:
    """
    Read a technician's day.

    Stops in order with address, customer, how to get in, promised window and expected start. Technicians read their
    own day only; everybody else needs `customers:read` besides `plans:read`.
    """
    return TechnicianDaySchema.model_validate(view(ctx, actor, read_day, technician_id, date))


@router.get(
    "/{technician_id}/calendar.ics",
    operation_id="read_technician_calendar",
    summary="Subscribe to a technician's calendar",
    response_class=Response,
    responses={**CALENDAR_FILE, **problems(NotFound)},
)
def calendar(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.OWN_DAY, Scope.PEOPLE_READ, Scope.PLANS_READ, links=(LinkPurpose.CALENDAR,))],
    technician_id: TechnicianId,
) -> Response:
    """
    Subscribe to a technician's calendar.

    Last week and the next thirty days, without names and phone numbers of customers. Opens with a login, or with the
    token of a `calendar` link in the address.
    """
    return Response(view(ctx, actor, read_technician_calendar, technician_id), media_type=CALENDAR)
