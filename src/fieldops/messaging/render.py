"""What a message says, of its kind, language and channel, and the facts it tells."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from fieldops.domain.problem import TimeWindow
from fieldops.messaging import wording
from fieldops.messaging.kinds import Kind, Via

#: A text message is cut here; providers refuse longer ones.
LONGEST_SMS: Final = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What messages tell, as it is when they leave.

    Attributes
    ----------
    zone
        In which dates and times are told: that of the territory, where the visit is.
    contact
        The company's line: name, phone number, address.
    link
        Where the customer sees and changes the booking; empty = there is no link.
    old_window
        Which window a change replaced.
    offered, offer_expires_at
        The earlier slot, and until when it can be taken.
    reason
        Of a cancellation.
    technician
        Who comes, or came: the name; only its first part is told.
    expected
        In which range somebody is expected to arrive.
    what_happened
        Of an apology: ``late``, ``failed`` (somebody was there, the work was not done), ``missed`` (nobody could let us
        in), ``unserved`` (nobody came).
    apologizes
        Whether it says sorry, or only what happened.
    rebooks, credit_cents
        What is offered with an apology: a new appointment by the link, and a credit (0 = none).
    """

    customer: str
    summary: str
    address: str
    window: TimeWindow
    zone: ZoneInfo
    contact: str = ""
    link: str = ""
    old_window: TimeWindow | None = None
    offered: TimeWindow | None = None
    offer_expires_at: datetime | None = None
    reason: str = ""
    technician: str = ""
    expected: TimeWindow | None = None
    what_happened: str = ""
    apologizes: bool = True
    rebooks: bool = False
    credit_cents: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered message; a text message has no title."""

    title: str
    body: str


def render(kind: Kind, channel: str, language: str, facts: Facts) -> Text:
    """
    Render a message.

    Dates and times are those of the place, in the habit of the language; what people typed is put in as one harmless
    line each, and a text message keeps to letters that need 7 bits where it can.
    """
    spoken = wording.language_of(language)
    template = _templates().get_template(f"{spoken}/{kind.value}.j2")
    values = _values(facts, spoken)
    if channel == Via.SMS:
        sms = " ".join(template.render(part="sms", **values).split())
        return Text("", wording.gsm_7(sms)[:LONGEST_SMS])
    title = wording.one_line(template.render(part="title", **values))
    return Text(title, template.render(part="text", **values).strip() + "\n")


def _values(facts: Facts, language: str) -> dict[str, str]:
    """Put the facts into words."""
    zone = facts.zone
    contact = wording.one_line(facts.contact)
    values = {
        "name": wording.spoken_name(facts.customer),
        "summary": wording.one_line(facts.summary, 120),
        "address": wording.one_line(facts.address),
        "date": wording.long_date(facts.window.earliest, zone, language),
        "window": wording.long_window(facts.window, zone, language),
        "short_window": wording.short_window(facts.window, zone, language),
        "contact": contact,
        "company": contact.partition(",")[0],
        "link": facts.link,
        "reason": wording.one_line(facts.reason),
        "old_window": "",
        "offered": "",
        "short_offered": "",
        "expires": "",
        "technician": wording.first_name(facts.technician),
        "expected": "",
        "what_happened": facts.what_happened,
        "apologizes": "yes" if facts.apologizes else "",
        "rebooks": "yes" if facts.rebooks and facts.link else "",
        "credit": wording.amount(facts.credit_cents, language) if facts.credit_cents else "",
    }
    if facts.expected is not None:
        values["expected"] = wording.clock_range(facts.expected, zone, language)
    if facts.old_window is not None:
        values["old_window"] = wording.long_window(facts.old_window, zone, language)
    if facts.offered is not None:
        values["offered"] = wording.long_window(facts.offered, zone, language)
        values["short_offered"] = wording.short_window(facts.offered, zone, language)
    if facts.offer_expires_at is not None:
        values["expires"] = wording.short_instant(facts.offer_expires_at, zone, language)
    return values


@cache
def _templates() -> SandboxedEnvironment:
    """Open the templates of the package; all of them are plain text."""
    return SandboxedEnvironment(
        loader=PackageLoader("fieldops.messaging"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
