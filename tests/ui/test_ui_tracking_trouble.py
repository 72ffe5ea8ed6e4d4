"""The tracking page when things go otherwise: late on the way, called off, and by keyboard only."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


def test_who_waits_for_somebody_late_is_told_so(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Kim sets out at 10:40 to Ada, who was promised 8 to 10: the page says that she is late, until she is there."""
    site = sqlite_site
    page = pages.open(site, f"/track#token={site.link('Ada')}", viewport=PHONE)
    expect(page).to_have_title("Your visit")
    expect(page.get_by_text("We are sorry, we are late")).to_have_count(0)
    site.report("travel_started", "Ada", at="10:40")
    expect(page.get_by_text("We are sorry, we are late")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("on the way to you, later than we promised")
    check_axe(page)
    site.report("arrived", "Ada", at="10:50")
    expect(page.locator("[aria-current=step]")).to_have_text("Here")
    expect(page.get_by_text("We are sorry, we are late")).to_have_count(0)


def test_everything_can_be_done_and_undone_by_keyboard(sqlite_site: Site, pages: Pages) -> None:
    """Whatever is opened takes the focus; whatever is closed gives it back to what had opened it."""
    page = pages.open(sqlite_site, f"/track#token={sqlite_site.link('Gus')}")
    note = page.get_by_role("button", name="Leave a note")
    note.press("Enter")
    expect(page.get_by_label("What should we know?")).to_be_focused()
    page.get_by_role("button", name="Cancel").last.press("Enter")
    expect(note).to_be_focused()
    other = page.get_by_role("button", name="Choose another time")
    other.press("Enter")
    expect(page.get_by_role("heading", name="Choose another time")).to_be_focused()
    page.get_by_role("button", name=re.compile("^Keep")).press("Enter")
    expect(other).to_be_focused()
    other.press("Enter")
    page.get_by_role("group", name="Tuesday, March 17").get_by_role("radio").first.check()
    page.get_by_role("button", name="Take this time").press("Enter")
    expect(page.get_by_text(re.compile("^Your visit is moved to Tuesday"))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_who_has_called_off_can_book_again(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """The page says that it is canceled, and leads on to the booking page of the same territory."""
    site = sqlite_site
    for size, name in ((DESKTOP, "Gus"), (PHONE, "Dan")):
        page = pages.open(site, f"/track#token={site.link(name)}", viewport=size)
        page.get_by_role("button", name="Cancel the visit").click()
        check_axe(page)
        page.get_by_role("dialog").get_by_role("button", name="Cancel the visit").click()
        expect(page.get_by_role("heading", name="Your appointment is canceled.")).to_be_focused()
        check_axe(page)
        page.get_by_role("link", name="Book another visit").click()
        expect(page.get_by_label("Address")).to_be_visible()
        assert page.url.startswith(f"{site.url}/book/{site.territory.id}")


def test_the_survey_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """At each question, and with the thanks, which are read out."""
    site = sqlite_site
    site.report("started", "Eva", at="08:10")
    site.report("done", "Eva", at="08:40")
    page = pages.open(site, f"/track#token={site.link('Eva')}", viewport=PHONE)
    page.get_by_role("radio", name="9").check(force=True)
    check_axe(page)
    for button in ("Next", "Skip", "Skip"):
        page.get_by_role("button", name=button).click()
    check_axe(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. We read every answer.")).to_be_focused()
    check_axe(page)
