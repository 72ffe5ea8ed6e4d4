"""Members of staff sign in, and are led to where they wanted to go."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from api_worlds import PASSWORD
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


def test_a_dispatcher_signs_in_and_lands_where_he_was_going(sqlite_site: Site, pages: Pages) -> None:
    """Whoever opens the operations page without a login signs in first, and stays signed in over a reload."""
    page = pages.open(sqlite_site, "/login?to=%2Fops")
    page.get_by_label("E-mail address").fill(sqlite_site.users["dispatcher"])
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("E-mail address or password is wrong.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/ops")


def test_the_sign_in_page_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """On a telephone as on a desk."""
    for size in (PHONE, DESKTOP):
        page = pages.open(sqlite_site, "/login", viewport=size)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        check_axe(page)
