"""
Signed links: what people without an account are given.

The token names a row (for revocation) and its expiry, signed with a salt of its own per purpose: a link for one purpose
cannot be turned into one for another.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from fieldops.errors import NotAuthenticated, NotFound, WrongState
from fieldops.settings import Settings
from fieldops.store.ids import new_id
from fieldops.store.tables import LinkRow, TechnicianRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.work import Work

#: Every link token begins with it; then follow the purpose, a dot and what is signed.
PREFIX: Final = "fol_"
#: The page a customer's link opens unless said otherwise.
BOOKING_PAGE: Final = "booking"


class LinkPurpose(StrEnum):
    """What a link opens."""

    CUSTOMER = "customer"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """
    A link.

    Attributes
    ----------
    subject_id
        The work order (``customer``) or technician (``calendar``) it opens.
    """

    id: str
    purpose: LinkPurpose
    subject_id: str
    token: str
    url: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def issue_link(
    work: Work, purpose: LinkPurpose | str, subject_id: str, days: int | None = None, *, page: str = BOOKING_PAGE
) -> LinkView:
    """
    Make a link.

    Parameters
    ----------
    days
        How long it lasts; as the settings say when None.
    page
        What a customer's link opens.

    Raises
    ------
    NotFound
        When there is no such work order or technician.
    """
    purpose = LinkPurpose(purpose)
    if purpose is LinkPurpose.CUSTOMER:
        if work.session.get(WorkOrderRow, subject_id) is None:
            raise NotFound("work order", subject_id)
    elif work.session.get(TechnicianRow, subject_id) is None:
        raise NotFound("technician", subject_id)
    lifetime = timedelta(days=work.ctx.settings.link_days if days is None else days)
    row = LinkRow(
        id=new_id("ln"),
        purpose=purpose.value,
        subject_id=subject_id,
        created_at=work.now,
        created_by=work.actor.id,
        expires_at=(work.now + lifetime).replace(microsecond=0),
        revoked_at=None,
    )
    work.session.add(row)
    record(work, "link.issued", "link", row.id, purpose=purpose.value, opens=subject_id)
    return view_of(work.ctx.settings, row, page=page)


def revoke_link(work: Work, link_id: str) -> LinkView:
    """
    Make a link useless, at once and for good.

    Raises
    ------
    NotFound, WrongState
        When there is no such link, or it was revoked before.
    """
    row = work.session.get(LinkRow, link_id, with_for_update=True)
    if row is None:
        raise NotFound("link", link_id)
    if row.revoked_at is not None:
        raise WrongState("the link was revoked before", details={"state": "revoked"})
    row.revoked_at = work.now
    record(work, "link.revoked", "link", row.id)
    return view_of(work.ctx.settings, row)


def revoke_calendars_of(work: Work, maker: str) -> None:
    """Revoke the calendar links that somebody made (``user:us_...``): he may have kept them for himself."""
    links = work.session.scalars(
        select(LinkRow)
        .where(LinkRow.created_by == maker, LinkRow.purpose == LinkPurpose.CALENDAR.value)
        .where(LinkRow.revoked_at.is_(None), LinkRow.expires_at > work.now)
        .order_by(LinkRow.id)
        .with_for_update()
    )
    for link in links:
        link.revoked_at = work.now
        record(work, "link.revoked", "link", link.id)


def purpose_of(token: str) -> LinkPurpose:
    """
    Read what a link token says it is for; that it tells the truth is for `read_link` to find out.

    Raises
    ------
    NotAuthenticated
        When it names no purpose.
    """
    name = token.removeprefix(PREFIX).partition(".")[0]
    try:
        return LinkPurpose(name)
    except ValueError as error:
        raise NotAuthenticated("the link is not valid") from error


def read_link(work: Work, token: str) -> LinkRow:
    """
    Verify a link token.

    Raises
    ------
    NotAuthenticated
        When it was changed, has expired or was revoked.
    """
    purpose = purpose_of(token)
    signed = token.removeprefix(PREFIX).partition(".")[2]
    try:
        content = _serializer(work.ctx.settings, purpose).loads(signed)
    except BadData as error:
        raise NotAuthenticated("the link is not valid") from error
    link_id, expires_at = content
    if datetime.fromtimestamp(expires_at, UTC) <= work.now:
        raise NotAuthenticated("the link has expired; ask for a new one")
    row = work.session.get(LinkRow, link_id)
    if row is None or row.revoked_at is not None or row.purpose != purpose:
        raise NotAuthenticated("the link is not valid any more")
    return row


def view_of(settings: Settings, row: LinkRow, *, page: str = BOOKING_PAGE) -> LinkView:
    """Make the view of a link, with the token that belongs to it; `page` is what a customer's link opens."""
    purpose = LinkPurpose(row.purpose)
    signed = _serializer(settings, purpose).dumps([row.id, int(row.expires_at.timestamp())])
    token = f"{PREFIX}{purpose.value}.{_text(signed)}"
    path = page if purpose is LinkPurpose.CUSTOMER else f"v1/technicians/{row.subject_id}/calendar.ics"
    separator = "#token=" if purpose is LinkPurpose.CUSTOMER else "?token="
    return LinkView(
        id=row.id,
        purpose=purpose,
        subject_id=row.subject_id,
        token=token,
        url=f"{settings.public_url.rstrip('/')}/{path}{separator}{token}",
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _serializer(settings: Settings, purpose: LinkPurpose) -> URLSafeSerializer:
    """Sign for one purpose."""
    return URLSafeSerializer(settings.secret.get_secret_value(), salt=f"fieldops.link.{purpose.value}")


def _text(signed: str | bytes) -> str:
    return signed.decode() if isinstance(signed, bytes) else signed
