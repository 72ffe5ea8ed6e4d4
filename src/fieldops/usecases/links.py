"""
Signed links: what people without an account are given.

The token names a row (for revocation) and its expiry, signed with a salt of its own per purpose: a link for one purpose
cannot be turned into one for another.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

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
    """
    What a link opens.

    ``appointment``: the calendar file of one booking, and nothing else; its token is made of a customer's link, and
    works as long as that does.
    """

    CUSTOMER = "customer"
    CALENDAR = "calendar"
    APPOINTMENT = "appointment"


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
    if purpose is LinkPurpose.APPOINTMENT:
        raise NotAuthenticated("this link is for another address")
    link_id, expires_at = _content(work, token, purpose)
    return _standing(work, link_id, expires_at, purpose)


def read_appointment_link(work: Work, token: str) -> tuple[LinkRow, str]:
    """
    Verify the token of an appointment; return the customer's link it was made of, and the booking's id.

    Raises
    ------
    NotAuthenticated
        When it was changed, or the customer's link has expired or was revoked.
    """
    link_id, expires_at, booking_id = _content(work, token, LinkPurpose.APPOINTMENT)
    return _standing(work, link_id, expires_at, LinkPurpose.CUSTOMER), booking_id


def appointment_url(work: Work, booking_id: str) -> str | None:
    """
    Make the address of a booking's calendar file for whoever came with a customer's link; None for others.

    Calendars on other companies' servers may have it: it cannot move or cancel anything.
    """
    row = work.session.get(LinkRow, work.actor.id.removeprefix("link:"))
    if row is None or row.purpose != LinkPurpose.CUSTOMER:
        return None
    settings = work.ctx.settings
    content = [row.id, int(row.expires_at.timestamp()), booking_id]
    token = _token(settings, LinkPurpose.APPOINTMENT, content)
    return f"{settings.public_url.rstrip('/')}/v1/bookings/{booking_id}/calendar.ics?token={token}"


def _content(work: Work, token: str, purpose: LinkPurpose) -> list[Any]:
    """Read what was signed for a purpose."""
    signed = token.removeprefix(PREFIX).partition(".")[2]
    try:
        content: list[Any] = _serializer(work.ctx.settings, purpose).loads(signed)
    except BadData as error:
        raise NotAuthenticated("the link is not valid") from error
    return content


def _standing(work: Work, link_id: str, expires_at: int, purpose: LinkPurpose) -> LinkRow:
    """Return the row of a link that still opens something."""
    if datetime.fromtimestamp(expires_at, UTC) <= work.now:
        raise NotAuthenticated("the link has expired; ask for a new one")
    row = work.session.get(LinkRow, link_id)
    if row is None or row.revoked_at is not None or row.purpose != purpose:
        raise NotAuthenticated("the link is not valid any more")
    return row


def view_of(settings: Settings, row: LinkRow, *, page: str = BOOKING_PAGE) -> LinkView:
    """Make the view of a link, with the token that belongs to it; `page` is what a customer's link opens."""
    purpose = LinkPurpose(row.purpose)
    token = _token(settings, purpose, [row.id, int(row.expires_at.timestamp())])
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


def _token(settings: Settings, purpose: LinkPurpose, content: list[Any]) -> str:
    """Sign what a token says."""
    return f"{PREFIX}{purpose.value}.{_text(_serializer(settings, purpose).dumps(content))}"


def _text(signed: str | bytes) -> str:
    return signed.decode() if isinstance(signed, bytes) else signed
