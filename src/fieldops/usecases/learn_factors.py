"""Learn from the days that are over: compare what visits and travel took with what was planned."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from fieldops.domain.factors import (
    NOMINAL_PERMILLE,
    USUAL_SPREAD,
    Factor,
    Factors,
    assumed_spread,
    assumed_travel_spread,
    learn,
    type_by_name,
    type_by_skills,
)
from fieldops.errors import FieldopsError
from fieldops.store.base import table_of
from fieldops.store.prepared import Prepared
from fieldops.store.tables import LearnedFactorRow, TechnicianRow, TerritoryRow, VisitProgressRow, VisitRow
from fieldops.store.territories import policies_of
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.audit import record
from fieldops.usecases.context import Context
from fieldops.usecases.plan_nights import hour_of
from fieldops.usecases.work import Work, transact, view

#: Days looked back upon.
DAYS: Final = 60
#: Visits that have to bear a name before it is a type of its own; a summary typed once is none.
LEAST_NAMED: Final = 5
#: Planned travel below this says nothing: parking takes longer.
LEAST_TRAVEL_S: Final = 60

_ADD: Final = insert(table_of(LearnedFactorRow))
_FACTORS: Final = Prepared(
    select(
        LearnedFactorRow.kind,
        LearnedFactorRow.key,
        LearnedFactorRow.permille,
        LearnedFactorRow.spread_permille,
        LearnedFactorRow.count,
    ).where(LearnedFactorRow.territory_id == bindparam("territory_id"))
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Visit:
    """How long somebody was on site, through what their pace makes of the duration that the visit says."""

    name: str
    skills: Mapping[str, int]
    technician_id: str | None
    ratio: float


def load_factors(session: Session, territory_id: str) -> Factors:
    """Load everything learned in a territory; what is not known is as assumed."""
    found: dict[str, dict[str, Factor]] = {"duration": {}, "technician": {}, "travel": {}}
    for kind, key, permille, spread, count in _FACTORS.rows(session, {"territory_id": territory_id}):
        found[kind][key] = Factor(permille, spread / 1_000, count)
    hours = {int(hour): factor for hour, factor in found["travel"].items()}
    return Factors(types=found["duration"], technicians=found["technician"], hours=hours)


def learn_nightly(ctx: Context) -> int:
    """
    Learn in every territory that has not done so since its planning hour last came.

    Returns
    -------
    int
        Territories in which something is known now.
    """
    learned = 0
    for territory_id in view(ctx, SYSTEM, _due):
        learned += bool(transact(ctx, SYSTEM, learn_factors, territory_id))
    return learned


def learn_factors(work: Work, territory_id: str) -> int:
    """
    Learn from the last days of a territory, and forget what was learned before.

    Returns
    -------
    int
        Factors known now.

    Raises
    ------
    NoResultFound
        When there is no such territory.

    Notes
    -----
    - A visit that was done counts with its time on site, from its start to its end. Its type is its name, when at least
      `LEAST_NAMED` visits bore it, and always the set of its skills, too.
    - A technician is compared with what the type of each visit lets expect, and so the two do not count twice.
    - Both are compared with what the visit and the technician say, not with the plan: what was learned is in that by
      now, and would be forgotten in turn.
    - Travel counts in the local hour in which it began, whatever came of the visit.

    The same days teach the same, however often.
    """
    territory = work.session.get_one(TerritoryRow, territory_id)
    zone = ZoneInfo(territory.time_zone)
    since = work.now.astimezone(zone).date() - timedelta(days=DAYS)
    types, technicians = _durations(list(_visits(work.session, territory_id, since)))
    hours = {f"{hour:02}": factor for hour, factor in _travel(work.session, territory_id, since, zone).items()}
    learned = {"duration": types, "technician": technicians, "travel": hours}
    work.session.execute(delete(LearnedFactorRow).where(LearnedFactorRow.territory_id == territory_id))
    rows = [
        {
            "territory_id": territory_id,
            "kind": kind,
            "key": key,
            "permille": factor.permille,
            "spread_permille": round(1_000 * factor.spread),
            "count": factor.count,
            "learned_at": work.now,
        }
        for kind, factors in learned.items()
        for key, factor in sorted(factors.items())
    ]
    if rows:
        work.session.execute(_ADD, rows)
        record(work, "territory.learned", "territory", territory_id, since=since.isoformat(), factors=len(rows))
    return len(rows)


def _due(work: Work) -> list[str]:
    """List the territories that have not learned since their hour came."""
    return list(_behind(work))


def _behind(work: Work) -> Iterator[str]:
    row = LearnedFactorRow
    last: dict[str, datetime] = {}
    for territory_id, learned_at in work.session.execute(select(row.territory_id, row.learned_at).distinct()):
        last[territory_id] = max(learned_at, last.get(territory_id, learned_at))
    for territory in work.session.scalars(select(TerritoryRow).order_by(TerritoryRow.id)):
        try:
            policies = policies_of(territory)
        except FieldopsError as error:
            # As in the nightly planning: one spoiled territory must not keep the others from learning.
            log.error("learn_factors.unreadable_territory", territory_id=territory.id, error=str(error))
            continue
        zone = ZoneInfo(territory.time_zone)
        today = work.now.astimezone(zone).date()
        hours = [hour_of(night, policies, zone) for night in (today - timedelta(days=1), today)]
        if last.get(territory.id, datetime.min.replace(tzinfo=UTC)) < max(hour for hour in hours if hour <= work.now):
            yield territory.id


def _visits(session: Session, territory_id: str, since: date) -> Iterator[_Visit]:
    """Read the visits that were done."""
    row = VisitProgressRow
    columns = select(
        VisitRow.name,
        VisitRow.required_skills,
        row.technician_id,
        row.started_at,
        row.finished_at,
        VisitRow.duration_s,
        TechnicianRow.duration_permille,
    )
    done = (
        columns.join(VisitRow, VisitRow.id == row.visit_id)
        .outerjoin(TechnicianRow, TechnicianRow.id == row.technician_id)
        .where(row.territory_id == territory_id, row.date >= since, row.phase == "done")
    )
    for name, skills, who, started_at, finished_at, duration_s, permille in session.execute(
        done.order_by(row.visit_id)
    ):
        if started_at is None or finished_at is None or not duration_s or finished_at <= started_at:
            continue
        nominal_s = duration_s * (permille or NOMINAL_PERMILLE) / NOMINAL_PERMILLE
        yield _Visit(name, skills, who, (finished_at - started_at).total_seconds() / nominal_s)


def _durations(visits: Sequence[_Visit]) -> tuple[dict[str, Factor], dict[str, Factor]]:
    """Learn by type, then by technician from what the types leave."""
    by_name: dict[str, list[float]] = defaultdict(list)
    by_skills: dict[str, list[float]] = defaultdict(list)
    for visit in visits:
        by_name[type_by_name(visit.name)].append(visit.ratio)
        by_skills[type_by_skills(visit.skills)].append(visit.ratio)
    types = {key: learn(ratios, spread=USUAL_SPREAD) for key, ratios in by_skills.items()}
    types.update(
        (name, learn(ratios, spread=assumed_spread(name)))
        for name, ratios in by_name.items()
        if name and len(ratios) >= LEAST_NAMED
    )
    expected = Factors(types=types)
    by_technician: dict[str, list[float]] = defaultdict(list)
    for visit in visits:
        if visit.technician_id is not None:
            of_type = expected.of_type(visit.name, visit.skills).permille / 1_000
            by_technician[visit.technician_id].append(visit.ratio / of_type)
    technicians = {who: learn(ratios, spread=USUAL_SPREAD) for who, ratios in by_technician.items()}
    return types, technicians


def _travel(session: Session, territory_id: str, since: date, zone: ZoneInfo) -> dict[int, Factor]:
    """Learn by the local hour in which travel began."""
    row = VisitProgressRow
    columns = select(row.travel_started_at, row.arrived_at, row.planned_travel_s).where(
        row.territory_id == territory_id, row.date >= since, row.planned_travel_s >= LEAST_TRAVEL_S
    )
    by_hour: dict[int, list[float]] = defaultdict(list)
    for left_at, arrived_at, planned_s in session.execute(columns.order_by(row.visit_id)):
        if left_at is not None and arrived_at is not None and planned_s is not None and arrived_at > left_at:
            ratio = (arrived_at - left_at).total_seconds() / planned_s
            by_hour[left_at.astimezone(zone).hour].append(ratio)
    return {hour: learn(ratios, spread=assumed_travel_spread(hour)) for hour, ratios in by_hour.items()}
