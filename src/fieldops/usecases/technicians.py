"""Technicians: who they are, what they can do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import delete, select

from fieldops.domain.problem import Technician
from fieldops.domain.technician_faults import technician_faults
from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, InvalidInput, NotFound
from fieldops.store.ids import new_id
from fieldops.store.tables import TechnicianRow, TechnicianSkillRow, TerritoryRow
from fieldops.store.territories import find_territory
from fieldops.units import Cents
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_of, read_cursor
from fieldops.usecases.people_views import LostPlace, TechnicianView, technician_view
from fieldops.usecases.restaff import restaff
from fieldops.usecases.staffing import shifts_to_come
from fieldops.usecases.work import Work

MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianFacts:
    """
    What is known about a technician.

    Attributes
    ----------
    skills
        Skill name to level, 1 or more.
    duration_permille
        Personal pace: time taken for a nominal 1,000 seconds of service.
    work_rate_cents, overtime_rate_cents
        An hour.
    """

    name: str
    phone: str | None = None
    email: str | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    duration_permille: int = 1_000
    work_rate_cents: int = 0
    overtime_rate_cents: int = 6_000
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianChange:
    """A technician as changed, and the visits that lost their place by it."""

    technician: TechnicianView
    lost: tuple[LostPlace, ...]


def create_technician(work: Work, territory_id: str, facts: TechnicianFacts) -> TechnicianView:
    """
    Add a technician to a territory.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        With all faults of the facts.
    """
    territory = find_territory(work.session, territory_id)
    _judge(territory, facts)
    row = TechnicianRow(id=new_id("tn"), territory_id=territory_id, created_at=work.now)
    _fill(row, facts)
    work.session.add(row)
    work.session.flush()
    _write_skills(work, row.id, facts.skills)
    record(work, "technician.created", "technician", row.id, territory_id=territory_id)
    return technician_view(row, facts.skills)


def update_technician(work: Work, technician_id: str, facts: TechnicianFacts) -> TechnicianChange:
    """
    Replace what is known about a technician.

    Raises
    ------
    NotFound, InvalidInput
        As `create_technician` does.

    Notes
    -----
    Shifts to come are planned with the new skills and pace: visits on them that the technician cannot serve any more
    lose their place. Somebody who is not active is planned no more, and keeps no visit.
    """
    row = find_technician(work, technician_id, locks=True)
    territory = work.session.get_one(TerritoryRow, row.territory_id)
    _judge(territory, facts)
    before = skills_of(work, technician_id)
    matters = (row.is_active, row.duration_permille, row.work_rate_cents, row.overtime_rate_cents, before)
    _fill(row, facts)
    if before != facts.skills:
        _write_skills(work, technician_id, facts.skills)
    after = (row.is_active, row.duration_permille, row.work_rate_cents, row.overtime_rate_cents, dict(facts.skills))
    lost: tuple[LostPlace, ...] = ()
    if matters != after:
        lost = restaff(work, territory, shifts_to_come(work, territory, technician_id), reason="shifts")
    record(work, "technician.changed", "technician", technician_id, lost=len(lost))
    return TechnicianChange(technician=technician_view(row, facts.skills), lost=lost)


def read_technician(work: Work, technician_id: str) -> TechnicianView:
    """
    Show a technician.

    Raises
    ------
    NotFound
        When there is none of that id.
    """
    row = find_technician(work, technician_id)
    return technician_view(row, skills_of(work, technician_id))


def list_technicians(
    work: Work,
    *,
    limit: int,
    after: str | None = None,
    territory_id: str | None = None,
    skill: str | None = None,
    is_active: bool | None = None,
) -> Page[TechnicianView]:
    """List technicians by name, a page at a time; filters that are None let everybody through."""
    query = select(TechnicianRow).order_by(TechnicianRow.name, TechnicianRow.id).limit(limit + 1)
    if after is not None:
        name, technician_id = read_cursor(after, 2)
        query = query.where(
            (TechnicianRow.name > name) | ((TechnicianRow.name == name) & (TechnicianRow.id > technician_id))
        )
    if territory_id is not None:
        query = query.where(TechnicianRow.territory_id == territory_id)
    if is_active is not None:
        query = query.where(TechnicianRow.is_active == is_active)
    if skill is not None:
        holders = select(TechnicianSkillRow.technician_id).where(TechnicianSkillRow.skill == skill)
        query = query.where(TechnicianRow.id.in_(holders))
    rows = work.session.scalars(query).all()
    levels: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    skills = select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id.in_(list(levels)))
    for held in work.session.scalars(skills):
        levels[held.technician_id][held.skill] = held.level
    return page_of(rows, limit, lambda row: technician_view(row, levels[row.id]), lambda row: (row.name, row.id))


def find_technician(work: Work, technician_id: str, *, locks: bool = False) -> TechnicianRow:
    """
    Get a technician's row; `locks` keeps others from changing the technician's shifts and absences meanwhile.

    Raises
    ------
    NotFound
        When there is none of that id.
    """
    row = work.session.get(TechnicianRow, technician_id, with_for_update=locks or None)
    if row is None:
        raise NotFound("technician", technician_id)
    return row


def skills_of(work: Work, technician_id: str) -> dict[str, int]:
    """Return skill names and levels."""
    rows = work.session.scalars(select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id == technician_id))
    return {row.skill: row.level for row in rows}


def _judge(territory: TerritoryRow, facts: TechnicianFacts) -> None:
    """Raise all faults of the facts."""
    faults = list(_faults(territory, facts))
    if faults:
        raise InvalidInput(faults)


def _faults(territory: TerritoryRow, facts: TechnicianFacts) -> Iterator[Fault]:
    """Report what is wrong."""
    if not facts.name.strip() or len(facts.name) > MAX_NAME:
        yield Fault(path="name", found=shown(facts.name), expected=f"a name of 1 to {MAX_NAME} characters")
    technician = Technician(
        id="technician",
        skills=facts.skills,
        duration_permille=facts.duration_permille,
        work_rate=Cents(facts.work_rate_cents),
        overtime_rate=Cents(facts.overtime_rate_cents),
    )
    for fault in technician_faults("", technician, (), territory.skills, None):
        yield replace(fault, expected=fault.expected.replace("of this problem", f"of {territory.name}"))


def _fill(row: TechnicianRow, facts: TechnicianFacts) -> None:
    """Write the facts into a row."""
    row.name = facts.name.strip()
    row.phone = facts.phone
    row.email = facts.email
    row.duration_permille = facts.duration_permille
    row.work_rate_cents = facts.work_rate_cents
    row.overtime_rate_cents = facts.overtime_rate_cents
    row.is_active = facts.is_active


def _write_skills(work: Work, technician_id: str, skills: Mapping[str, int]) -> None:
    """Replace the skills of a technician."""
    work.session.execute(delete(TechnicianSkillRow).where(TechnicianSkillRow.technician_id == technician_id))
    for skill, level in skills.items():
        work.session.add(TechnicianSkillRow(technician_id=technician_id, skill=skill, level=level))
    work.session.flush()
