"""Somebody calls: everything about them on one screen, found by their number."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    InboundMessageRow,
    VisitRow,
    WorkOrderRow,
)
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site
from worlds import add_customer, add_territory


def _number_of(site: Site, name: str) -> str:
    """Read a customer's phone number."""
    booking = site.row(BookingRow, f"bk_{site.visits[name].id}")
    points = select(ContactPointRow.value).where(ContactPointRow.customer_id == booking.customer_id)
    with site.ctx.database.reading() as session:
        return session.scalars(points.where(ContactPointRow.kind == "phone")).one()


def test_a_caller_asks_where_the_technician_is(site: Site, pages: Pages) -> None:
    """The number is typed as it was said; what the customer sees stands there, and moves with the day."""
    page = pages.open(site, "/customers", "dispatcher")
    number = _number_of(site, "Ben").removeprefix("+1")
    page.get_by_label("Phone number or e-mail address").fill(f"({number[:3]}) {number[3:6]}-{number[6:]}")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Ben Bishop")).to_be_visible()
    visit = page.get_by_role("article")
    expect(visit).to_contain_text("Monday, March 16, 10:00")
    site.report("travel_started", "Ben", at="09:50")
    expect(visit).to_contain_text("on the way")
    page.get_by_label("Note about this call").fill("Asked where we are.")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Asked where we are.")


def test_a_caller_cancels(sqlite_site: Site, pages: Pages) -> None:
    """With the reason, which stands in the books."""
    page = pages.open(sqlite_site, f"/customers?visit={sqlite_site.visits['Dan'].id}", "dispatcher")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_label("Why? The customer is told.").fill("Moved away")
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text("No visit is booked.")).to_be_visible()
    assert sqlite_site.row(BookingRow, f"bk_{sqlite_site.visits['Dan'].id}").cancel_reason == "Moved away"


def test_a_caller_moves_a_visit(sqlite_site: Site, pages: Pages) -> None:
    """While on the line; an impatient second click does no harm."""
    page = pages.open(sqlite_site, f"/customers?visit={sqlite_site.visits['Dan'].id}", "dispatcher")
    page.get_by_role("button", name="Choose another time").click()
    tomorrow = page.get_by_role("group", name="Tuesday, March 17")
    tomorrow.get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").dblclick()
    expect(page.get_by_text("Moved. The customer is told.")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("Tuesday, March 17, 10:00")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert sqlite_site.row(BookingRow, f"bk_{sqlite_site.visits['Dan'].id}").date.isoformat() == "2026-03-17"


def test_an_order_without_an_appointment_gets_one_on_the_phone(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Ida waits and nobody has promised her anything; whoever was sent here for it finds her order open."""
    site = sqlite_site
    page = pages.open(site, f"/customers?visit={site.visits['Ida'].id}&book", "dispatcher")
    expect(page.get_by_role("heading", name="Choose a time")).to_be_focused()
    check_axe(page)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("button", name="Book a window")).to_be_focused()
    page.get_by_role("button", name="Book a window").click()
    tomorrow = page.get_by_role("group", name="Tuesday, March 17")
    tomorrow.get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_role("article")).to_contain_text("Tuesday, March 17, 10:00")
    expect(page.get_by_role("button", name="Book a window")).to_have_count(0)
    expect(page.get_by_role("heading", name="Next visits")).to_be_focused()
    assert site.row(VisitRow, site.visits["Ida"].id).state == "booked"


def test_a_known_caller_wants_a_visit(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """Who and where is known: what is to be done and when is all there is to ask."""
    site = sqlite_site
    page = pages.open(site, f"/customers?visit={site.visits['Dan'].id}", "dispatcher")
    page.get_by_role("button", name="Book a visit").click()
    expect(page.get_by_label("Where")).to_contain_text("Draper St NW")
    page.get_by_label("Where").select_option("Another address")
    expect(page.get_by_label("Address", exact=True)).to_be_editable()
    page.get_by_label("Where").select_option(index=0)
    page.get_by_label("What is to be done").select_option(label="Heating does not work · 30 min")
    page.get_by_label("What does it burn?").select_option("Gas")
    page.get_by_label("What else was said").fill("Since Sunday")
    check_axe(page)
    page.get_by_role("button", name="Show free times").click()
    tomorrow = page.get_by_role("group", name="Tuesday, March 17")
    tomorrow.get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_role("article")).to_have_count(2)
    with site.ctx.database.reading() as session:
        orders = select(WorkOrderRow).where(WorkOrderRow.summary == "Heating does not work: Gas; Since Sunday")
        order = session.scalars(orders).one()
        visit = session.scalars(select(VisitRow).where(VisitRow.work_order_id == order.id)).one()
    assert (visit.state, visit.required_skills, visit.duration_s) == ("booked", {"gas": 1}, 1_800)


def test_a_visit_that_failed_gets_another_appointment_on_the_phone(sqlite_site: Site, pages: Pages) -> None:
    """Nobody was at home: the board leads to her page, where the booking that was not kept is moved."""
    site = sqlite_site
    site.report("arrived", "Ada", at="08:20")
    site.report("no_show", "Ada", at="08:40")
    page = pages.open(site, "/board", "dispatcher")
    page.get_by_role("region", name="Unassigned").get_by_role("button", name=re.compile("Ada Archer")).click()
    page.get_by_role("link", name="Book a new appointment").click()
    expect(page.get_by_role("heading", name="Choose another time")).to_be_focused()
    tomorrow = page.get_by_role("group", name="Tuesday, March 17")
    tomorrow.get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_role("article")).to_contain_text("Tuesday, March 17, 10:00")
    assert site.row(VisitRow, site.visits["Ada"].id).state == "booked"
    assert site.row(BookingRow, f"bk_{site.visits['Ada'].id}").date.isoformat() == "2026-03-17"


def test_the_same_person_once_more_becomes_one(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Dan booked on the page, too: what he has there comes to him once somebody has said that it is he."""
    site = sqlite_site
    number = _number_of(site, "Dan")
    with site.ctx.database.writing() as session:
        other = add_customer(session, name="D. Draper", phone=number)
        note = CustomerNoteRow(
            id="cn_1",
            customer_id=other.id,
            channel="web",
            text="The gate code is 7.",
            at=site.clock.now(),
            author="link:wo_1",
        )
        session.add(note)
        other_id = other.id
    page = pages.open(site, f"/customers?visit={site.visits['Dan'].id}", "dispatcher")
    same = page.get_by_role("region", name="The same person?")
    expect(same.get_by_role("link", name="D. Draper")).to_be_visible()
    check_axe(page)
    same.get_by_role("button", name="Merge with D. Draper").click()
    check_axe(page)
    page.get_by_role("dialog").get_by_role("button", name="No, leave them").click()
    assert site.row(CustomerRow, other_id) is not None
    same.get_by_role("button", name="Merge with D. Draper").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, merge them").click()
    expect(page.get_by_text("Merged: everything of D. Draper is here.")).to_be_visible()
    expect(same).to_have_count(0)
    expect(page.get_by_role("region", name="History")).to_contain_text("The gate code is 7.")
    assert site.row(CustomerRow, other_id) is None


def test_who_wants_to_be_forgotten_is(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """Ops may, once nothing is ahead; a dispatcher is not even asked."""
    site = sqlite_site
    with site.ctx.database.writing() as session:
        forgotten = add_customer(session, name="Zoe Zander", phone="+12025550188").id
    page = pages.open(site, f"/customers?customer={forgotten}", "dispatcher")
    expect(page.get_by_role("heading", name="Zoe Zander")).to_be_visible()
    erase = page.get_by_role("button", name="Erase this customer")
    expect(erase).to_have_count(0)
    page = pages.open(site, f"/customers?visit={site.visits['Dan'].id}", "ops")
    erase = page.get_by_role("button", name="Erase this customer")
    erase.click()
    dialog = page.get_by_role("dialog", name="Erase Dan Draper for good?")
    dialog.get_by_role("button", name="Yes, erase for good").click()
    # He is waiting for us today.
    expect(dialog.get_by_role("alert")).to_be_visible()
    check_axe(page)
    page.goto(f"/customers?customer={forgotten}")
    erase.click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, erase for good").click()
    expect(page.get_by_text("Everything about this person was erased on")).to_be_visible()
    expect(page.get_by_role("heading", name="Erased customer")).to_be_focused()
    expect(page.get_by_text("Zoe Zander")).to_have_count(0)
    expect(erase).to_have_count(0)


def test_a_text_message_from_an_unknown_number_finds_its_customer(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Dan wrote from his new telephone: known by his old one, and from then on what he wrote is on his page."""
    site = sqlite_site
    message = InboundMessageRow(
        id="im_1", channel="sms", sender="+12025550177", text="Please come at 5, new number", at=site.clock.now()
    )
    with site.ctx.database.writing() as session:
        session.add(message)
    page = pages.open(site, "/customers", "dispatcher")
    inbox = page.get_by_role("region", name="Text messages to see to")
    expect(inbox).to_contain_text("Please come at 5, new number")
    inbox.get_by_role("button", name="Whose is it?").click()
    dialog = page.get_by_role("dialog", name="Who wrote from +12025550177?")
    dialog.get_by_label("Another phone number").fill(_number_of(site, "Dan"))
    dialog.get_by_role("button", name="Find").click()
    expect(dialog.get_by_role("button", name="It is from Dan Draper")).to_be_visible()
    check_axe(page)
    dialog.get_by_role("button", name="It is from Dan Draper").click()
    expect(inbox).to_have_count(0)
    page.goto(f"/customers?visit={site.visits['Dan'].id}")
    expect(page.get_by_role("region", name="History")).to_contain_text("Please come at 5, new number")


def test_times_are_told_where_the_visit_is(sqlite_site: Site, pages: Pages) -> None:
    """Dan is in Washington though the first territory of the company, by id, is in Denver."""
    site = sqlite_site
    with site.ctx.database.writing() as session:
        add_territory(session, id="te_0", name="Aspen", time_zone="America/Denver")
        order = session.get_one(WorkOrderRow, site.visits["Dan"].work_order_id)
        order.state = "closed"
    page = pages.open(site, f"/customers?visit={site.visits['Dan'].id}", "dispatcher")
    expect(page.get_by_role("article")).to_contain_text(re.compile("Monday, March 16, 14:00.16:00"))


def test_going_back_to_a_visit_that_is_no_more_says_so(sqlite_site: Site, pages: Pages) -> None:
    """The address of the page before names a visit that nobody knows."""
    page = pages.open(sqlite_site, "/customers", "dispatcher")
    page.evaluate("history.replaceState(null, '', '/customers?visit=vi_gone')")
    page.get_by_label("Phone number or e-mail address").fill(_number_of(sqlite_site, "Ben"))
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Ben Bishop")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text("vi_gone")


def test_nobody_has_the_number(sqlite_site: Site, pages: Pages) -> None:
    """Then a visit can be booked for a new customer."""
    page = pages.open(sqlite_site, "/customers", "dispatcher")
    page.get_by_label("Phone number or e-mail address").fill("+1 202 555 0199")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name="Book a visit for a new customer")).to_be_visible()


def test_the_customer_screen_has_no_barriers(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """On a desk and on a telephone."""
    for size in (DESKTOP, PHONE):
        page = pages.open(sqlite_site, f"/customers?visit={sqlite_site.visits['Dan'].id}", "dispatcher", viewport=size)
        expect(page.get_by_role("heading", name="Dan Draper")).to_be_visible()
        check_axe(page)
