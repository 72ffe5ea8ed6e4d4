"""Dispatchers move visits on the board: by pointer, by keys, with everything said that comes of it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from fieldops.domain.edits import Lock
from fieldops.store.tables import RouteRow, StopRow
from fieldops.usecases.edit_plan import edit_plan
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.work import transact, view
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site
from worlds import STAFF, TODAY


def bar(page: Page, customer: str) -> Locator:
    """Find the bar of a customer's visit."""
    return page.get_by_role("gridcell", name=re.compile(f"^{customer}"))


def row(page: Page, technician: str) -> Locator:
    """Find the row of a technician."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(f"^{technician}")))


def pick_up(page: Page, customer: str, technician: str, before: str | None = None) -> None:
    """Carry a visit over a technician's row, to just before another customer's visit or to its end."""
    start = bar(page, customer).bounding_box()
    onto = row(page, technician).bounding_box()
    assert start is not None
    assert onto is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20)
    if before is None:
        x = onto["x"] + onto["width"] - 12
    else:
        other = bar(page, before).bounding_box()
        assert other is not None
        x = other["x"] - 4
    page.mouse.move(x, onto["y"] + onto["height"] / 2, steps=4)


def home(site: Site, customer: str) -> str | None:
    """Say who serves a customer's visit, as the database has it."""
    query = select(RouteRow.shift_id).join(StopRow, StopRow.route_id == RouteRow.id)
    query = query.where(StopRow.visit_id == site.visits[customer].id, StopRow.is_current)
    names = {shift.id: name for name, shift in site.shifts.items()}
    with site.ctx.database.reading() as session:
        shift_id = session.scalars(query).one_or_none()
    return None if shift_id is None else names[shift_id]


def test_a_visit_is_dragged_to_somebody_else_and_back(site: Site, pages: Pages) -> None:
    """While it is carried the board says what would come of it; undo puts everything back as it was."""
    page = pages.open(site, "/board", "dispatcher")
    pick_up(page, "Dan Draper", "Mo")
    tip = page.locator(".tip")
    expect(tip).to_contain_text("Mo Mbeki")
    expect(tip).to_contain_text(re.compile(r"at 14:\d\d"))
    expect(tip).to_contain_text("travel")
    expect(row(page, "Kim")).to_have_class(re.compile("tint-good"))
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"Dan Draper, .* moved to Mo Mbeki\."))).to_be_visible()
    assert home(site, "Dan") == "Mo"
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(row(page, "Kim").get_by_role("gridcell", name=re.compile("^Dan Draper"))).to_be_visible()
    assert home(site, "Dan") == "Kim"


def test_escape_lets_a_visit_go_where_it_was(sqlite_site: Site, pages: Pages) -> None:
    """Nothing is asked of the service, and nothing has changed."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    pick_up(page, "Dan Draper", "Lee")
    expect(page.locator(".ghost")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    assert home(sqlite_site, "Dan") == "Kim"


def test_what_breaks_a_promise_needs_a_reason(sqlite_site: Site, pages: Pages) -> None:
    """Eva waits from 8 to 10; after the last visit of the afternoon she would be served hours late."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    pick_up(page, "Eva Eaton", "Kim")
    expect(page.locator(".tip")).to_contain_text("1 promise missed")
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("would miss its promised window")
    assert home(sqlite_site, "Eva") == "Lee"
    dialog.get_by_role("textbox").fill("Agreed on the phone")
    dialog.locator("button:not([type])").click()
    expect(row(page, "Kim").get_by_role("gridcell", name=re.compile("^Eva Eaton"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Eva Eaton, .* moved to Kim Kaiser\."))).to_be_visible()
    assert home(sqlite_site, "Eva") == "Kim"


def test_a_visit_is_reassigned_by_keys_only(site: Site, pages: Pages) -> None:
    """M, down twice, Enter: and somebody who only listens hears where it would go, when and at what cost."""
    page = pages.open(site, "/board", "dispatcher")
    bar(page, "Dan Draper").wait_for()
    cell = page.locator('[role=gridcell][tabindex="0"]')
    expect(cell).to_have_count(1)
    cell.focus()
    page.keyboard.press("End")
    expect(bar(page, "Dan Draper")).to_be_focused()
    page.keyboard.press("m")
    status = page.locator("[role=status][aria-live=polite].hidden-text")
    expect(status).to_contain_text("Moving Dan Draper")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text(re.compile(r"Mo Mbeki, position 2 of 2\. ETA 14:\d\d, cost"))
    page.keyboard.press("Enter")
    expect(row(page, "Mo").get_by_role("gridcell", name=re.compile("^Dan Draper"))).to_be_focused()
    expect(page.get_by_text(re.compile(r"Dan Draper, .* moved to Mo Mbeki\."))).to_be_visible()
    assert home(site, "Dan") == "Mo"
    page.keyboard.press("l")
    expect(bar(page, "Dan Draper")).to_have_accessible_name(re.compile("locked"))
    page.keyboard.press("m")
    expect(page.get_by_text("This visit is locked. Press L to unlock it.")).to_be_visible()


def test_the_board_follows_the_day(site: Site, pages: Pages) -> None:
    """What is reported is on the board at once, without a reload: who has begun, and who will be late by it."""
    page = pages.open(site, "/board", "dispatcher")
    expect(bar(page, "Ada Archer")).to_have_accessible_name(re.compile("Planned"))
    site.report("started", "Ada", at="08:05")
    expect(bar(page, "Ada Archer")).to_have_accessible_name(re.compile("In progress"))
    site.report("extended", "Ada", at="08:10", minutes=300)
    expect(bar(page, "Ben Bishop")).to_have_accessible_name(re.compile(r"\d+ min late"))
    page.get_by_role("button", name=re.compile(r"\d late")).click()
    expect(row(page, "Kim")).to_be_visible()
    expect(row(page, "Mo")).to_have_count(0)


def test_who_comes_second_is_told_and_loses_nothing(sqlite_site: Site, pages: Pages) -> None:
    """Somebody else changes the plan between the drop and its arrival: the visit goes back, with a word why."""
    page = pages.open(sqlite_site, "/board", "dispatcher")

    def be_first(route: Route) -> None:
        version = view(sqlite_site.ctx, STAFF, read_plan, sqlite_site.territory.id, TODAY).version
        lock = Lock(visit_id=sqlite_site.visits["Gus"].id)
        transact(sqlite_site.ctx, STAFF, edit_plan, sqlite_site.territory.id, TODAY, lock, base_version=version)
        route.continue_()

    bar(page, "Dan Draper").wait_for()
    page.route("**/edits", be_first, times=1)
    pick_up(page, "Dan Draper", "Mo")
    expect(page.locator(".tip")).to_contain_text("travel")
    page.mouse.up()
    expect(page.get_by_text("Somebody else has changed the plan.")).to_be_visible()
    expect(row(page, "Kim").get_by_role("gridcell", name=re.compile("^Dan Draper"))).to_be_visible()
    assert home(sqlite_site, "Dan") == "Kim"


def test_what_is_taken_off_waits_in_the_list_and_is_dragged_back(sqlite_site: Site, pages: Pages) -> None:
    """U takes a visit off, with a reason when its promise breaks by it; from the list it goes to whoever has time."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    bar(page, "Dan Draper").focus()
    page.keyboard.press("u")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Kim leaves early")
    dialog.locator("button:not([type])").click()
    listed = page.get_by_role("complementary", name="Unassigned").locator("[data-visit]")
    expect(listed).to_contain_text("Dan Draper")
    expect(page.get_by_text(re.compile("Dan Draper, .* taken off the plan"))).to_be_visible()
    assert home(sqlite_site, "Dan") is None
    start, onto = listed.bounding_box(), row(page, "Mo").bounding_box()
    assert start is not None
    assert onto is not None
    page.mouse.move(start["x"] + 20, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(onto["x"] + onto["width"] - 12, onto["y"] + 20, steps=5)
    expect(page.locator(".tip")).to_contain_text("Mo Mbeki · at 14:")
    page.mouse.up()
    expect(row(page, "Mo").get_by_role("gridcell", name=re.compile("^Dan Draper"))).to_be_visible()
    expect(listed).to_have_count(0)


def test_a_finger_that_rests_picks_a_visit_up(sqlite_site: Site, pages: Pages) -> None:
    """On a tablet a finger that moves scrolls; one that rests on a visit carries it."""
    page = pages.open(sqlite_site, "/board", "dispatcher", has_touch=True, viewport={"width": 1024, "height": 768})
    box = bar(page, "Dan Draper").bounding_box()
    onto = row(page, "Mo").bounding_box()
    assert box is not None
    assert onto is not None
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = box["x"] + 8, box["y"] + 12
    touch("touchStart", x, y)
    expect(page.locator(".ghost")).to_be_visible()
    for part in range(1, 5):
        touch("touchMove", x, y + (onto["y"] + 20 - y) * part / 4)
    expect(page.locator(".tip")).to_contain_text("Mo Mbeki")
    touch("touchEnd", 0, 0)
    expect(row(page, "Mo").get_by_role("gridcell", name=re.compile("^Dan Draper"))).to_be_visible()


def test_search_makes_one_visit_stand_out(sqlite_site: Site, pages: Pages) -> None:
    """Slash leads to the search; what it does not find fades, and stays where it is."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    bar(page, "Ada Archer").wait_for()
    bar(page, "Ada Archer").focus()
    page.keyboard.press("/")
    page.keyboard.type("hayes")
    expect(page.get_by_text("1 found")).to_be_visible()
    expect(bar(page, "Ada Archer")).to_have_class(re.compile("faded"))
    expect(bar(page, "Hana Hayes")).not_to_have_class(re.compile("faded"))


def test_tomorrow_is_a_key_away_and_in_the_address(sqlite_site: Site, pages: Pages) -> None:
    """The day shown is in the address, so it can be passed on; back leads back."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    bar(page, "Ada Archer").wait_for()
    page.get_by_role("button", name="Day after").click()
    expect(page.get_by_role("gridcell", name="Kim Kaiser has no visits")).to_be_visible()
    expect(page).to_have_url(re.compile("date=2026-03-17"))
    page.go_back()
    expect(bar(page, "Ada Archer")).to_be_visible()


def test_the_board_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """With a late visit selected, with the keys open, and on a telephone."""
    sqlite_site.report("started", "Ada", at="08:05")
    sqlite_site.report("extended", "Ada", at="08:10", minutes=300)
    page = pages.open(sqlite_site, "/board", "dispatcher", viewport=DESKTOP)
    bar(page, "Ben Bishop").click()
    expect(page.locator("#detail-title")).to_contain_text("Ben Bishop")
    check_axe(page)
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check_axe(page)
    telephone = pages.open(sqlite_site, "/board", "dispatcher", viewport=PHONE)
    telephone.get_by_role("main").get_by_role("button").first.wait_for()
    check_axe(telephone)
