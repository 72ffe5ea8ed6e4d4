"""What the board's first picture does without comes later: nobody notices, whatever becomes of it on the way."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from ui_pages import Pages
from ui_site import Site

HELP = "**/assets/Help-*.js"


def _dan(page: Page) -> Locator:
    """Find the bar of Dan's visit."""
    return page.get_by_role("gridcell", name=re.compile("^Dan Draper"))


def _lose_help(page: Page) -> list[str]:
    """Answer what asks for the list of keys as a release does that has none of that name; returns who asked."""
    asked: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404)

    page.route(HELP, lose)
    return asked


def test_who_waits_for_a_part_keeps_the_place(sqlite_site: Site, pages: Pages) -> None:
    """The list of keys is slow: the focus stays on the visit until it is there, and comes back when it has gone."""
    page = pages.context(sqlite_site, "dispatcher").new_page()
    held: list[Route] = []
    page.route(HELP, lambda route: held.append(route))
    page.goto("/board")
    _dan(page).focus()
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    expect(_dan(page)).to_be_focused()
    for route in held:
        route.continue_()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(_dan(page)).to_be_focused()


def test_a_part_that_a_release_has_replaced_loads_the_page_anew(sqlite_site: Site, pages: Pages) -> None:
    """Only when somebody wants it, and only once; then the page says what is wrong, and tries again when asked."""
    page = pages.context(sqlite_site, "dispatcher").new_page()
    asked = _lose_help(page)
    page.goto("/board")
    _dan(page).focus()
    while not asked:
        page.wait_for_timeout(50)
    with page.expect_navigation():
        page.keyboard.press("?")
    _dan(page).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("alert")).to_contain_text("Load it again")
    page.unroute(HELP)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
