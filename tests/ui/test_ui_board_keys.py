"""Whoever works the board by keys keeps the place, whatever opens, closes and moves."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from ui_pages import PHONE, Pages
from ui_site import Site


def _bar(page: Page, customer: str) -> Locator:
    """Find the bar of a customer's visit."""
    return page.get_by_role("gridcell", name=re.compile(f"^{customer}"))


def _insist(page: Page) -> None:
    """Do what breaks something all the same."""
    dialog = page.get_by_role("dialog", name="This breaks something")
    dialog.get_by_role("textbox").fill("Agreed on the phone")
    dialog.get_by_role("button", name="Do it all the same").press("Enter")
    expect(dialog).to_have_count(0)


def test_who_closes_a_detail_is_back_on_the_visit(sqlite_site: Site, pages: Pages) -> None:
    """Enter leads into the detail; Escape, and the button that closes it, lead back."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    for is_by_button in (False, True):
        _bar(page, "Ben Bishop").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#detail-title")).to_contain_text("Ben Bishop")
        expect(_bar(page, "Ben Bishop")).not_to_be_focused()
        if is_by_button:
            page.get_by_role("button", name="Close").press("Enter")
        else:
            page.keyboard.press("Escape")
        expect(page.locator("#detail-title")).to_have_count(0)
        expect(_bar(page, "Ben Bishop")).to_be_focused()


def test_who_takes_a_visit_off_stays_in_its_row(sqlite_site: Site, pages: Pages) -> None:
    """And who moves one, even when it takes a reason, goes along with it."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    _bar(page, "Dan Draper").focus()
    page.keyboard.press("u")
    _insist(page)
    expect(page.get_by_text(re.compile("taken off the plan"))).to_be_visible()
    expect(_bar(page, "Ada Archer")).to_be_focused()
    _bar(page, "Eva Eaton").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    _insist(page)
    expect(page.get_by_text(re.compile("Eva Eaton, .* moved to Kim Kaiser"))).to_be_visible()
    expect(_bar(page, "Eva Eaton")).to_be_focused()


def test_edits_in_the_detail_keep_the_focus_there(sqlite_site: Site, pages: Pages) -> None:
    """A lock, another place, and the visit without a place that has one then."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    detail = page.locator("section.detail")
    _bar(page, "Dan Draper").focus()
    page.keyboard.press("Enter")
    lock = detail.get_by_role("button", name="Technician")
    for pressed in ("true", "false"):
        lock.press("Enter")
        expect(lock).to_have_attribute("aria-pressed", pressed)
        expect(lock).to_be_focused()
        expect(lock).to_be_enabled()
    detail.get_by_role("button", name="Take off the plan").press("Enter")
    _insist(page)
    expect(detail.get_by_text("Unassigned")).to_be_visible()
    expect(detail).to_be_focused()
    detail.get_by_role("button", name=re.compile("^Mo Mbeki")).press("Enter")
    expect(detail.get_by_role("button", name="Mo Mbeki").first).to_be_visible()
    expect(detail).to_be_focused()


def test_letters_are_keys_on_the_timeline_only(sqlite_site: Site, pages: Pages) -> None:
    """Elsewhere they are what somebody says to the computer; Ctrl+Z takes back wherever one is."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    _bar(page, "Dan Draper").focus()
    page.keyboard.press("l")
    expect(page.get_by_text(re.compile("Dan Draper, .* locked"))).to_be_visible()
    page.get_by_role("button", name="Table").focus()
    for key in ("z", "/", "n", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Table")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(_bar(page, "Dan Draper")).to_have_accessible_name(re.compile("locked"))
    page.keyboard.press("Control+z")
    expect(_bar(page, "Dan Draper")).not_to_have_accessible_name(re.compile("locked"))


def test_the_search_leads_to_what_it_finds(sqlite_site: Site, pages: Pages) -> None:
    """Enter goes from hit to hit."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    search = page.get_by_role("searchbox")
    search.fill("lee boiler")
    for customer in ("Eva Eaton", "Finn Foster", "Gus Graham", "Eva Eaton"):
        search.press("Enter")
        expect(page.locator("#detail-title")).to_contain_text(customer)


def test_the_table_leads_to_the_detail_and_back(sqlite_site: Site, pages: Pages) -> None:
    """By keys only; and a move that takes a reason closes what asked where to."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    page.get_by_role("button", name="Table").press("Enter")
    line = page.get_by_role("row").filter(has_text="Eva Eaton")
    line.get_by_role("rowheader").get_by_role("button").press("Enter")
    expect(page.locator("div.detail")).to_be_focused()
    page.keyboard.press("Escape")
    expect(line.get_by_role("rowheader").get_by_role("button")).to_be_focused()
    line.get_by_role("button", name=re.compile("^Move")).press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("^Eva Eaton"))
    sqlite_site.clock_at("09:50")
    dialog.get_by_role("button", name=re.compile("^Kim Kaiser")).press("Enter")
    _insist(page)
    expect(dialog).to_have_count(0)
    expect(line).to_contain_text("Kim Kaiser")
    expect(line.get_by_role("button", name=re.compile("^Move"))).to_be_focused()


def test_a_row_says_what_its_marks_show(sqlite_site: Site, pages: Pages) -> None:
    """Who is late, and who is out, is heard where it is seen."""
    sqlite_site.report("started", "Ada", at="08:05")
    sqlite_site.report("extended", "Ada", at="08:10", minutes=300)
    page = pages.open(sqlite_site, "/board", "dispatcher")
    expect(page.get_by_role("rowheader", name=re.compile(r"^Kim Kaiser, .*\d+ min late"))).to_be_visible()
    page.get_by_role("rowheader", name=re.compile("^Lee Larsen")).click()
    page.get_by_role("button", name="Sick").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Report it").press("Enter")
    expect(page.get_by_role("rowheader", name=re.compile("^Lee Larsen, .*, out"))).to_be_visible()


def test_what_goes_wrong_in_a_dialog_is_said_there(sqlite_site: Site, pages: Pages) -> None:
    """What is behind a dialog can be neither heard nor closed."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    said = {"type": "about:blank", "title": "No", "status": 409, "code": "conflict", "detail": "The plan is busy."}

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json=said, content_type="application/problem+json")

    page.route("**/v1/replans", refuse)
    page.get_by_role("button", name="Rebalance").click()
    dialog = page.get_by_role("dialog", name="Rebalance")
    dialog.get_by_role("button", name="Start").click()
    fault = dialog.locator(".toast")
    expect(fault).to_contain_text("Not done")
    fault.get_by_role("button", name="Close").click()
    expect(fault).to_have_count(0)
    # The browser counts the refusal as a fault of the page; it is the story.
    pages.faults.clear()


def test_another_day_on_its_way_is_not_the_day_before(sqlite_site: Site, pages: Pages) -> None:
    """Until it is there, nothing of the old one can be touched under the new date."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    _bar(page, "Ada Archer").wait_for()
    held: list[Route] = []
    page.route("**/live/2026-03-17", lambda route: held.append(route))
    page.get_by_role("button", name="Day after").click()
    expect(page.get_by_text("Loading").first).to_be_visible()
    expect(page.locator(".day")).to_have_attribute("inert", "")
    held[0].continue_()
    expect(page.get_by_role("gridcell", name="Kim Kaiser has no visits")).to_be_visible()
    expect(page.locator(".day")).not_to_have_attribute("inert", "")


def test_changes_are_taken_back_in_small_windows_too(sqlite_site: Site, pages: Pages) -> None:
    """Where no pane shows them, and on a telephone, a button does."""
    page = pages.open(sqlite_site, "/board", "dispatcher", viewport={"width": 1024, "height": 768})
    _bar(page, "Dan Draper").focus()
    page.keyboard.press("l")
    expect(_bar(page, "Dan Draper")).to_have_accessible_name(re.compile("locked"))
    page.get_by_role("button", name="Changes").press("Enter")
    dialog = page.get_by_role("dialog", name="Changes by hand")
    changes = dialog.get_by_role("region", name="Changes by hand")
    changes.get_by_role("button", name="Undo").press("Enter")
    expect(changes.get_by_text("Took an edit back")).to_be_visible()
    expect(changes).to_be_focused()
    expect(dialog.locator(".toast").last).to_contain_text("Taken back.")
    expect(page.locator(".toasts").first).to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Changes")).to_be_focused()
    telephone = pages.open(sqlite_site, "/board", "dispatcher", viewport=PHONE)
    telephone.get_by_role("button", name="Changes").click()
    expect(telephone.get_by_role("dialog").get_by_text("Took an edit back")).to_be_visible()


def test_back_on_a_telephone_closes_what_is_open(sqlite_site: Site, pages: Pages) -> None:
    """The page stays, and the focus is where it was; a replan can be asked for there, too."""
    sqlite_site.report("started", "Ada", at="08:05")
    sqlite_site.report("extended", "Ada", at="08:10", minutes=300)
    page = pages.open(sqlite_site, "/board", "dispatcher", viewport=PHONE)
    late = page.get_by_role("button", name=re.compile("Ben Bishop"))
    for is_by_button in (False, True):
        late.click()
        expect(page.locator("#detail-title")).to_contain_text("Ben Bishop")
        if is_by_button:
            page.get_by_role("button", name="Back").click()
        else:
            page.go_back()
        expect(late).to_be_focused()
    expect(page).to_have_url(re.compile("/board"))
    page.get_by_role("button", name="Rebalance").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_text("waiting for a worker")).to_be_visible()
