"""Links for people without an account."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, answer_with_secret, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.links import Link, NewLink
from fieldops.errors import NotFound, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.link_requests import list_links, request_link, withdraw_link
from fieldops.usecases.links import LinkView
from fieldops.usecases.work import view

router = APIRouter(prefix="/links", tags=["links"])
LinkMaker = Annotated[Actor, needs(Scope.BOOKINGS_WRITE, Scope.PEOPLE_WRITE, Scope.OWN_DAY)]


def _without_secret(link: LinkView) -> Link:
    return Link.model_validate(link).model_copy(update={"token": None, "url": None})


@router.post(
    "",
    operation_id="create_link",
    summary="Make a link",
    status_code=201,
    response_model=Link,
    responses=problems(NotFound),
)
def issue_link(ctx: Ctx, actor: LinkMaker, key: Key, body: NewLink) -> Response:
    """
    Make a link that opens one work order (`customer`) or the calendar of one technician (`calendar`).

    Technicians can make links to their own calendar. Repeated with the same Idempotency-Key, the answer has null in
    place of the link.
    """
    return answer_with_secret(
        ctx,
        actor,
        key,
        201,
        Link.model_validate,
        frozenset({"token", "url"}),
        request_link,
        body.purpose,
        body.subject_id,
        days=body.days,
    )


@router.get("", operation_id="list_links", summary="List links")
def find_links(
    ctx: Ctx,
    actor: LinkMaker,
    page: Page,
    subject_id: Annotated[str, Query(max_length=64, description="The work order or the technician they open.")],
) -> PageOf[Link]:
    """
    List the links to one work order or calendar, the newest first, so that they can be revoked.

    Those that were revoked or have expired are listed, too; what opens them is not shown again.
    """
    found = view(ctx, actor, list_links, subject_id, limit=page.limit, after=page.after)
    return PageOf[Link](items=[_without_secret(link) for link in found.items], next=found.next)


@router.post(
    "/{link_id}/revoke",
    operation_id="revoke_link",
    summary="Revoke a link",
    response_model=Link,
    responses=problems(NotFound, WrongState),
)
def revoke_link(ctx: Ctx, actor: LinkMaker, key: Key, link_id: Annotated[str, Path(max_length=64)]) -> Response:
    """Make a link useless, at once and for good."""
    return answer(ctx, actor, key, 200, _without_secret, withdraw_link, link_id)
