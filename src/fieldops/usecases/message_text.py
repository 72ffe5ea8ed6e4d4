"""What a message in the outbox says, from the state of things when it is asked."""

import json
import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.problem import TimeWindow
from fieldops.messaging.kinds import Kind, Via
from fieldops.messaging.render import Facts, Text, render
from fieldops.messaging.smtp import ADDRESS
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    LinkRow,
    MessageRow,
    OfferRow,
    SiteRow,
    TechnicianRow,
    TerritoryRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.store.territories import policies_of
from fieldops.usecases.calendars import appointment_calendar
from fieldops.usecases.links import BOOKING_PAGE, LinkPurpose, LinkView, issue_link, view_of
from fieldops.usecases.notify import replaced_window
from fieldops.usecases.read_calendar import appointment_of
from fieldops.usecases.work import Work

#: Kinds that bring the appointment along as a calendar file.
WITH_CALENDAR: Final = frozenset({Kind.CONFIRMATION, Kind.CHANGE, Kind.CANCELLATION})
#: What a link opens, where it is not the booking.
_PAGES: Final = {Kind.ON_THE_WAY: "track", Kind.ARRIVING_SOON: "track", Kind.SURVEY: "survey"}
_CALENDAR_TYPE: Final = "text/calendar; charset=utf-8; method=PUBLISH"
_TOKEN: Final = re.compile(r"\bfol_[a-z]+\.[\w.-]+")


def text_of(work: Work, message: MessageRow, *, link: str) -> Text:
    """
    Render a message to a customer, from the booking as it is now.

    Parameters
    ----------
    link
        Where the customer sees and changes the booking; empty = the message has none.
    """
    booking = work.session.get_one(BookingRow, message.data["booking_id"])
    territory = work.session.get_one(TerritoryRow, booking.territory_id)
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    visit = work.session.get_one(VisitRow, booking.visit_id)
    order = work.session.get_one(WorkOrderRow, visit.work_order_id)
    kind = Kind(message.kind)
    offer = work.session.get(OfferRow, message.data.get("offer_id", ""))
    facts = Facts(
        customer=customer.name,
        summary=order.summary,
        address=work.session.get_one(SiteRow, visit.site_id).address,
        window=TimeWindow(booking.window_start, booking.window_end),
        zone=ZoneInfo(territory.time_zone),
        contact=policies_of(territory).contact,
        link=link,
        old_window=replaced_window(work, booking) if kind is Kind.CHANGE else None,
        offered=None if offer is None else TimeWindow(offer.window_start, offer.window_end),
        offer_expires_at=None if offer is None else offer.expires_at,
        reason=str(message.data.get("reason") or ""),
        technician=_technician_of(work, message),
        expected=_expected_in(message),
        what_happened=str(message.data.get("what_happened") or ""),
        apologizes=bool(message.data.get("apologizes", True)),
        rebooks=bool(message.data.get("rebooks")),
        credit_cents=int(message.data.get("credit_cents") or 0),
    )
    return render(kind, message.channel, message.language, facts)


def _technician_of(work: Work, message: MessageRow) -> str:
    """Return the name of the technician a message speaks of; empty when it speaks of none."""
    technician = work.session.get(TechnicianRow, message.data.get("technician_id") or "")
    return "" if technician is None else technician.name


def _expected_in(message: MessageRow) -> TimeWindow | None:
    """Return the range of arrival a message tells: the one the ledger has, whatever is expected by now."""
    earliest, latest = (message.data.get(name) for name in ("earliest", "latest"))
    if not (earliest and latest):
        return None
    return TimeWindow(datetime.fromisoformat(earliest), datetime.fromisoformat(latest))


def event_text(message: MessageRow) -> Text:
    """Write an event for a webhook: its name, and JSON that is the same at every attempt."""
    content = {
        "id": message.id,
        "event": message.kind,
        "occurred_at": message.data["occurred_at"],
        "subject_id": message.subject_id,
        "subject_version": message.subject_version,
        "data": message.data["data"],
    }
    return Text(message.kind, json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def link_for(work: Work, message: MessageRow) -> str:
    """Return the link a message brings along, made at the first attempt; none when there is nothing left to do."""
    booking = work.session.get_one(BookingRow, message.data["booking_id"])
    visit = work.session.get_one(VisitRow, booking.visit_id)
    kind = Kind(message.kind)
    if kind is not Kind.SURVEY and (visit.state in {"done", "canceled"} or kind is Kind.DONE):
        return ""
    page = opened_by(kind)
    known = work.session.get(LinkRow, message.data.get("link_id", ""))
    if known is not None and known.revoked_at is None and known.expires_at > work.now:
        return view_of(work.ctx.settings, known, page=page).url
    link: LinkView = issue_link(work, LinkPurpose.CUSTOMER, visit.work_order_id, page=page)
    message.data = {**message.data, "link_id": link.id}
    return link.url


def opened_by(kind: Kind) -> str:
    """Return the page that the link in a message opens."""
    return _PAGES.get(kind, BOOKING_PAGE)


def attachments_of(work: Work, message: MessageRow) -> tuple[tuple[str, str, bytes], ...]:
    """Return the calendar file of an e-mail that tells of a window."""
    if message.channel != Via.EMAIL or message.kind not in WITH_CALENDAR:
        return ()
    booking = work.session.get_one(BookingRow, message.data["booking_id"])
    visit = work.session.get_one(VisitRow, booking.visit_id)
    appointment = appointment_of(work, booking, visit, message.language)
    return (("appointment.ics", _CALENDAR_TYPE, appointment_calendar(appointment)),)


def reply_address(work: Work, message: MessageRow) -> str | None:
    """Return the e-mail address in the territory's contact line, if it has one."""
    territory = work.session.get(TerritoryRow, message.territory_id or "")
    found = None if territory is None else ADDRESS.search(policies_of(territory).contact)
    return None if found is None else found[0].rstrip(".")


def without_tokens(text: str) -> str:
    """Hide the customer's key in a text that others are going to read."""
    return _TOKEN.sub("fol_...", text)


def is_over(message: MessageRow, now: datetime) -> bool:
    """Tell whether a message has become pointless."""
    return message.expires_at is not None and message.expires_at <= now


def left_of(message: MessageRow, now: datetime) -> timedelta | None:
    """Return how long a message is still of use; None = for ever."""
    return None if message.expires_at is None else message.expires_at - now
