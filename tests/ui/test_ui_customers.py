"""Somebody calls: everything about them on one screen, found by their number."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from fieldops.store.tables import BookingRow, ContactPointRow
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


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
