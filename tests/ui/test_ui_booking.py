"""Customers book by themselves: on a telephone, in a race, and slower than a hold lasts."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from fieldops.store.tables import BookingRow, CustomerRow, HoldRow, ShiftRow, WaitlistRow
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import ADDRESS, Site, on_both_sites
from worlds import TODAY


def _to_the_windows(page: Page) -> None:
    """Say where and what."""
    page.get_by_label("Address").fill(ADDRESS)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name="Heating does not work").check()
    page.get_by_label("What does it burn?").select_option("Gas")
    page.get_by_role("button", name="Show free times").click()


def _say_who(page: Page, name: str) -> None:
    """Give a name and an e-mail address, and book."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail address").fill(f"{name.split()[0].lower()}@example.org")
    page.get_by_role("button", name="Book this visit").click()


def test_a_whole_booking_on_a_telephone(site: Site, pages: Pages) -> None:
    """From the address to the confirmed window, its calendar file and the waitlist, on 390 pixels."""
    page = pages.open(site, "/book", viewport=PHONE)
    _to_the_windows(page)
    page.get_by_role("group", name="Tuesday, March 17").get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_text(re.compile("Tuesday, March 17, 10:00 AM.* is held for you"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+:\d\d left"))).to_be_visible()
    # Loaded again in the middle of it: nothing is lost.
    page.reload()
    expect(page.get_by_text("is held for you")).to_be_visible()
    _say_who(page, "Nora Newman")
    expect(page.get_by_role("heading", name="You are booked.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Add to calendar").click()
    assert download.value.suggested_filename == "visit.ics"
    assert "DTSTART" in download.value.path().read_text(encoding="utf-8")
    page.get_by_role("button", name="Tell me when an earlier time comes free").click()
    expect(page.get_by_text("We tell you when an earlier time comes free.")).to_be_visible()
    with site.ctx.database.reading() as session:
        own = select(BookingRow).join(CustomerRow, CustomerRow.id == BookingRow.customer_id)
        booking = session.scalars(own.where(CustomerRow.name == "Nora Newman")).one()
        assert booking.date == TODAY + timedelta(days=1)
        assert [entry.booking_id for entry in session.scalars(select(WaitlistRow))] == [booking.id]


@on_both_sites
def test_two_browsers_race_for_the_last_window(site: Site, pages: Pages) -> None:
    """Both see it, both take it, one gets it; the other is told so, and is offered what else there is."""
    with site.ctx.database.writing() as session:
        # From tomorrow on one person is left, who works long enough for one visit in the morning only.
        later = session.scalars(select(ShiftRow).where(ShiftRow.date > TODAY)).all()
        for shift in later:
            if shift.date > TODAY + timedelta(days=1) or shift.technician_id != site.technicians["Kim"].id:
                shift.removed_at = site.clock.now()
            else:
                shift.max_visits = 1
    first, second = pages.open(site, "/book"), pages.open(site, "/book")
    for page in (first, second):
        _to_the_windows(page)
        page.get_by_role("group", name="Tuesday, March 17").get_by_role("radio", name=re.compile("^10:00 AM")).check()
    first.get_by_role("button", name="Take this time").click()
    expect(first.get_by_text("is held for you")).to_be_visible()
    second.get_by_role("button", name="Take this time").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody was faster")
    # What is left is today's; the best of it is chosen already.
    expect(second.get_by_role("group", name="Tuesday, March 17")).to_have_count(0)
    second.get_by_role("button", name="Take this time").click()
    for page, name in ((first, "Nora Newman"), (second, "Otto Olsen")):
        _say_who(page, name)
        expect(page.get_by_role("heading", name="You are booked.")).to_be_visible()
    with site.ctx.database.reading() as session:
        won = session.scalars(select(BookingRow).where(BookingRow.date == TODAY + timedelta(days=1))).all()
        assert len(won) == 1


def test_whoever_loses_the_race_for_another_window_keeps_his_own(sqlite_site: Site, pages: Pages) -> None:
    """He holds a window of Wednesday, looks for a better one, and somebody is faster: Wednesday is still his."""
    site = sqlite_site
    with site.ctx.database.writing() as session:
        for shift in session.scalars(select(ShiftRow).where(ShiftRow.date == TODAY + timedelta(days=1))):
            if shift.technician_id == site.technicians["Kim"].id:
                shift.max_visits = 1
            else:
                shift.removed_at = site.clock.now()
    page, other = pages.open(site, "/book"), pages.open(site, "/book")
    _to_the_windows(page)
    page.get_by_role("group", name="Wednesday, March 18").get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_text("is held for you")).to_be_visible()
    page.get_by_role("button", name="Change").last.click()
    expect(page.get_by_text(re.compile("Wednesday, March 18, 10:00 AM.* is held for you"))).to_be_visible()
    _to_the_windows(other)
    for there in (page, other):
        there.get_by_role("group", name="Tuesday, March 17").get_by_role("radio", name=re.compile("^10:00 AM")).check()
    other.get_by_role("button", name="Take this time").click()
    expect(other.get_by_text("is held for you")).to_be_visible()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(page.get_by_text(re.compile("Wednesday, March 18, 10:00 AM.* is held for you"))).to_be_visible()
    page.get_by_role("button", name="Keep this time").click()
    _say_who(page, "Pia Park")
    expect(page.get_by_role("heading", name="You are booked.")).to_be_visible()
    with site.ctx.database.reading() as session:
        booking = session.scalars(select(BookingRow).join(CustomerRow).where(CustomerRow.name == "Pia Park")).one()
        assert booking.date == TODAY + timedelta(days=2)


def test_a_hold_that_expires_loses_nothing_that_was_typed(sqlite_site: Site, pages: Pages) -> None:
    """Somebody is called away for an hour in the middle of it."""
    page = pages.open(sqlite_site, "/book", viewport=PHONE)
    _to_the_windows(page)
    page.get_by_role("group", name="Wednesday, March 18").get_by_role("radio").first.check()
    page.get_by_role("button", name="Take this time").click()
    page.get_by_label("Name").fill("Pia Park")
    sqlite_site.clock.advance(timedelta(hours=1))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Your time was held long enough")
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_label("Name")).to_have_value("Pia Park")
    with sqlite_site.ctx.database.reading() as session:
        assert session.scalars(select(HoldRow.state).where(HoldRow.state == "active")).all() == ["active"]


def test_an_address_nobody_knows_is_said_to_be_unknown(sqlite_site: Site, pages: Pages) -> None:
    """And what was typed stays."""
    page = pages.open(sqlite_site, "/book")
    page.get_by_label("Address").fill("1 Nowhere Lane")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("We cannot find this address.")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("1 Nowhere Lane")


def test_the_booking_page_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """At every step, on a desk and on a telephone."""
    for size in (DESKTOP, PHONE):
        page = pages.open(sqlite_site, "/book", viewport=size)
        expect(page.get_by_label("Address")).to_be_visible()
        check_axe(page)
        _to_the_windows(page)
        expect(page.get_by_role("group", name="Tuesday, March 17")).to_be_visible()
        check_axe(page)
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="Take this time").click()
        expect(page.get_by_text("is held for you")).to_be_visible()
        # What waits for an answer is paler.
        expect(page.get_by_role("button", name="Book this visit")).to_be_enabled()
        check_axe(page)
