"""The audit: who did what to what."""

from typing import Any

from fieldops.store.tables import AuditRow
from fieldops.usecases.work import Work


def record(work: Work, action: str, subject_kind: str, subject_id: str, **detail: Any) -> None:
    """Write one line, in the transaction of what it tells about; `detail` must be JSON."""
    work.session.add(
        AuditRow(
            at=work.now,
            actor=work.actor.id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
            request_id=work.actor.request_id,
        )
    )
