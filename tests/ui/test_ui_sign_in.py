"""Members of staff sign in, and are led to where they wanted to go."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from api_worlds import PASSWORD
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


def test_a_dispatcher_signs_in_and_lands_where_he_was_going(sqlite_site: Site, pages: Pages) -> None:
    """Whoever opens the operations page without a login signs in first, and stays signed in over a reload."""
    page = pages.open(sqlite_site, "/ops?tab=service")
    page.wait_for_url("**/login?to=*")
    page.get_by_label("E-mail address").fill(sqlite_site.users["dispatcher"])
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("E-mail address or password is wrong.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for _ in range(2):
        page.wait_for_url("**/ops?tab=service")
        expect(page.get_by_role("heading", name="0 workers alive")).to_be_visible()
        page.reload()


def test_whose_login_ends_under_an_open_page_signs_in_and_goes_on(sqlite_site: Site, pages: Pages) -> None:
    """The administrator ended all logins, and what had been proved with this one is over after a while."""
    page = pages.open(sqlite_site, "/ops?tab=solver", "dispatcher")
    expect(page.get_by_role("table").first).to_be_visible()
    page.context.clear_cookies()
    sqlite_site.clock.advance(timedelta(hours=1))
    page.get_by_role("link", name="Queues and jobs").click()
    page.wait_for_url("**/login?to=*")
    page.get_by_label("E-mail address").fill(sqlite_site.users["dispatcher"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="0 workers alive")).to_be_visible()


def test_the_sign_in_page_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """On a telephone as on a desk."""
    for size in (PHONE, DESKTOP):
        page = pages.open(sqlite_site, "/login", viewport=size)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        check_axe(page)
