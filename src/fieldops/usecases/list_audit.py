"""Read the audit: who did what to what, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.store.tables import AuditRow
from fieldops.usecases.paging import Page, page_of, read_cursor
from fieldops.usecases.work import Work

#: Longest number in a cursor: that of a 64-bit row id.
_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing somebody did."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, Any]
    request_id: str | None


def list_audit(
    work: Work,
    *,
    limit: int,
    after: str | None = None,
    by: str | None = None,
    subject_kind: str | None = None,
    subject_id: str | None = None,
) -> Page[AuditLine]:
    """
    List the audit.

    Parameters
    ----------
    by, subject_kind, subject_id
        Only lines with exactly these: what an actor did, what happened to things of a kind, or to one thing.
    """
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
    if by is not None:
        query = query.where(AuditRow.actor == by)
    if subject_kind is not None:
        query = query.where(AuditRow.subject_kind == subject_kind)
    if subject_id is not None:
        query = query.where(AuditRow.subject_id == subject_id)
    if after is not None:
        (number,) = read_cursor(after, 1)
        if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
            raise InvalidInput([wrong("after", after, "a cursor from an earlier answer")])
        query = query.where(AuditRow.id < int(number))
    return page_of(work.session.scalars(query).all(), limit, _line, lambda row: (str(row.id),))


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        detail=row.detail,
        request_id=row.request_id,
    )
