"""Territories: what is offered there, by which rules, in which zone."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from fieldops.domain.territory import Territory
from fieldops.domain.value_faults import wrong
from fieldops.errors import AlreadyThere, Fault, InvalidInput, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import ShiftRow, TechnicianRow, TechnicianSkillRow, TerritoryRow, VisitRow
from fieldops.store.territories import find_territory, new_territory_row, territory_of, write_territory
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.task_owner import can_dispatch
from fieldops.usecases.work import Work


def create_territory(work: Work, territory: Territory) -> Territory:
    """
    Add a territory; its id is made here, whatever it says.

    Raises
    ------
    InvalidInput
        With all faults.
    AlreadyThere
        When another one has its name.
    """
    named = replace(territory, id=new_id("te"))
    row = new_territory_row(named, created_at=work.now)
    _require_new_name(work, named)
    faults = list(_owner_faults(work, named))
    if faults:
        raise InvalidInput(faults)
    work.session.add(row)
    record(work, "territory.created", "territory", named.id, name=named.name)
    return named


def update_territory(work: Work, territory: Territory) -> Territory:
    """
    Replace what is known about a territory.

    Raises
    ------
    NotFound, AlreadyThere
    InvalidInput
        With all faults; also when a skill is left out that somebody still has or needs, or tasks are to be those of
        somebody who does not dispatch.
    WrongState
        When the time zone changes although there are shifts: their dates are in it.
    """
    row = find_territory(work.session, territory.id, locks=True)
    if territory.time_zone != row.time_zone:
        has_shifts = work.session.scalar(select(ShiftRow.id).where(ShiftRow.territory_id == row.id).limit(1))
        if has_shifts is not None:
            raise WrongState(
                f"the dates of the territory's shifts are in {row.time_zone}; only a territory without shifts can "
                "move to another time zone",
                details={"state": "in use"},
            )
    _require_new_name(work, territory)
    faults = [*_skill_faults(work, territory), *_owner_faults(work, territory, territory_of(row))]
    if faults:
        raise InvalidInput(faults)
    write_territory(row, territory)
    record(work, "territory.updated", "territory", row.id)
    return territory_of(row)


def read_territory(work: Work, territory_id: str) -> Territory:
    """Return a territory, or raise `NotFound`."""
    return territory_of(find_territory(work.session, territory_id))


def list_territories(work: Work, *, limit: int, after: str | None = None) -> Page[Territory]:
    """List territories by their id."""
    return page_by_id(work.session, select(TerritoryRow), TerritoryRow.id, territory_of, limit, after)


def _require_new_name(work: Work, territory: Territory) -> None:
    """Refuse a name that another territory has."""
    same = select(TerritoryRow.id).where(TerritoryRow.name == territory.name, TerritoryRow.id != territory.id)
    known = work.session.scalar(same)
    if known is not None:
        raise AlreadyThere(f"a territory named {territory.name!r} exists", details={"territory_id": known})


def _skill_faults(work: Work, territory: Territory) -> Iterator[Fault]:
    """Report skills left out although technicians have them or visits to come need them."""
    listed = set(territory.skills)
    held = select(TechnicianSkillRow.skill).join(TechnicianRow, TechnicianRow.id == TechnicianSkillRow.technician_id)
    held = held.where(TechnicianRow.territory_id == territory.id).distinct()
    for skill in sorted(set(work.session.scalars(held)) - listed):
        yield Fault(path="skills", found=f"no {skill!r}", expected=f"{skill!r}, which a technician has")
    states = ("draft", "open", "held", "booked")
    needed = select(VisitRow.required_skills).where(VisitRow.territory_id == territory.id, VisitRow.state.in_(states))
    for skill in sorted({name for skills in work.session.scalars(needed) for name in skills} - listed):
        yield Fault(path="skills", found=f"no {skill!r}", expected=f"{skill!r}, which a visit needs")


def _owner_faults(work: Work, territory: Territory, before: Territory | None = None) -> Iterator[Fault]:
    """Report that tasks are given to somebody who cannot do them; one who could before is no fault of who saves."""
    owner = territory.live.follow_up_owner
    if owner is None or (before is not None and owner == before.live.follow_up_owner):
        return
    if not can_dispatch(work, owner):
        yield wrong("live.follow_up_owner", owner, "null, or the id of a dispatcher or operator who can log in")
