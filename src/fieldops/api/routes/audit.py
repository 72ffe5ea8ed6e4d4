"""The audit."""

from typing import Annotated

from fastapi import APIRouter, Query

from fieldops.api.dependencies import Ctx, Page, needs
from fieldops.api.schemas.audit import AuditLine
from fieldops.api.schemas.base import PageOf
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.list_audit import list_audit
from fieldops.usecases.work import view

router = APIRouter(prefix="/audit", tags=["audit"])
Filter = Annotated[str | None, Query(max_length=64)]


@router.get("", operation_id="list_audit", summary="Who did what?")
def read_audit(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.ADMIN)],
    page: Page,
    by: Filter = None,
    subject_kind: Filter = None,
    subject_id: Filter = None,
) -> PageOf[AuditLine]:
    """List what was changed, newest first; `by` is an actor such as `user:us_...`, `key:ak_...` or `system`."""
    found = view(
        ctx,
        actor,
        list_audit,
        limit=page.limit,
        after=page.after,
        by=by,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )
    return PageOf[AuditLine].model_validate(found)
