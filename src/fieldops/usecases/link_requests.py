"""Links that people ask for, as opposed to those that messages carry: who may have which."""

from sqlalchemy import and_, or_, select

from fieldops.errors import Forbidden, NotFound
from fieldops.store.tables import LinkRow
from fieldops.usecases.actor import Scope
from fieldops.usecases.links import LinkPurpose, LinkView, issue_link, revoke_link, view_of
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work


def request_link(work: Work, purpose: LinkPurpose, subject_id: str, *, days: int | None = None) -> LinkView:
    """
    Make a link for the caller.

    Raises
    ------
    Forbidden
        When the caller may not give away what it opens.
    NotFound
        When there is no such work order or technician.
    """
    if not _may_give(work, purpose, subject_id):
        raise Forbidden("this link is not yours to give", details={"purpose": purpose.value})
    return issue_link(work, purpose, subject_id, days)


def list_links(work: Work, subject_id: str, *, limit: int, after: str | None = None) -> Page[LinkView]:
    """
    List the links that open something, the newest first: those the caller could have made, revoked ones too.

    Raises
    ------
    Forbidden
        When none of them can be the caller's to give.
    """
    purposes = [purpose.value for purpose in LinkPurpose if _may_give(work, purpose, subject_id)]
    if not purposes:
        raise Forbidden("links to this are not yours to give")
    query = (
        select(LinkRow)
        .where(LinkRow.subject_id == subject_id, LinkRow.purpose.in_(purposes))
        .order_by(LinkRow.created_at.desc(), LinkRow.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        at, last_id = read_time_cursor(after)
        query = query.where(or_(LinkRow.created_at < at, and_(LinkRow.created_at == at, LinkRow.id < last_id)))
    rows = work.session.scalars(query).all()
    return page_of(
        rows, limit, lambda row: view_of(work.ctx.settings, row), lambda row: time_key(row.created_at, row.id)
    )


def withdraw_link(work: Work, link_id: str) -> LinkView:
    """
    Revoke a link that the caller could have made.

    Raises
    ------
    NotFound
        When there is none, or it is somebody else's.
    WrongState
        When it was revoked before.
    """
    row = work.session.get(LinkRow, link_id)
    if row is None or not _may_give(work, LinkPurpose(row.purpose), row.subject_id):
        raise NotFound("link", link_id)
    return revoke_link(work, link_id)


def _may_give(work: Work, purpose: LinkPurpose, subject_id: str) -> bool:
    """Whether the caller may open this to others: staff with the right scope, technicians their own calendar."""
    scopes = work.actor.scopes
    if purpose is LinkPurpose.APPOINTMENT:
        return False
    if purpose is LinkPurpose.CUSTOMER:
        return Scope.BOOKINGS_WRITE in scopes
    return Scope.PEOPLE_WRITE in scopes or (Scope.OWN_DAY in scopes and work.actor.technician_id == subject_id)
