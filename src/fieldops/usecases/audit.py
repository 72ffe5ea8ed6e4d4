"""The audit: who did what to what."""

from typing import Any, Final

from sqlalchemy import insert

from fieldops.store.base import table_of
from fieldops.store.prepared import Prepared
from fieldops.store.tables import AuditRow
from fieldops.usecases.work import Work

#: Nobody asks for the number of a line.
_ADD: Final = Prepared(insert(table_of(AuditRow)).inline())


def record(work: Work, action: str, subject_kind: str, subject_id: str, **detail: Any) -> None:
    """Write one line, in the transaction of what it tells about; `detail` must be JSON."""
    line = {
        "at": work.now,
        "actor": work.actor.id,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "detail": detail,
        "request_id": work.actor.request_id,
    }
    _ADD.run(work.session, line)
