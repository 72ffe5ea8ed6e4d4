"""What stands beside the timeline: details and what can be done there, visits without a place, table, telephone."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from fieldops.domain.streets import StreetClass, StreetLine
from fieldops.store.database import Database
from fieldops.store.tables import RouteRow, StopRow, TechnicianStateRow, VisitRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.basemaps import import_streets
from fieldops.usecases.work import transact
from ui_pages import PHONE, Pages
from ui_site import Site, serve_site
from worlds import LATITUDE, LONGITUDE, TODAY


def detail(page: Page) -> Locator:
    """Find the pane of what is looked at."""
    return page.locator("section.detail")


def look_at(page: Page, customer: str) -> None:
    """Choose a customer's visit on the timeline."""
    page.get_by_role("gridcell", name=re.compile(f"^{customer}")).click()
    expect(page.locator("#detail-title")).to_contain_text(customer)


def home(site: Site, customer: str) -> str | None:
    """Say who serves a customer's visit, as the database has it."""
    with site.ctx.database.reading() as session:
        served = select(RouteRow.shift_id).join(StopRow, StopRow.route_id == RouteRow.id)
        mine = (StopRow.visit_id == site.visits[customer].id) & StopRow.is_current
        shift_id = session.scalar(served.where(mine))
    return {shift.id: name for name, shift in site.shifts.items()}.get(shift_id or "")


def give_reason(page: Page, reason: str) -> None:
    """Insist on what breaks something."""
    dialog = page.get_by_role("dialog", name="This breaks something")
    dialog.get_by_label("Why do it all the same?").fill(reason)
    dialog.get_by_role("button", name="Do it all the same").click()
    expect(dialog).to_have_count(0)


def test_a_visit_is_taken_off_and_finds_a_better_place(site: Site, pages: Pages) -> None:
    """Its customer waits for it, so it takes a reason; it stays in sight, and goes where it costs least."""
    page = pages.open(site, "/board", "dispatcher")
    look_at(page, "Dan Draper")
    detail(page).get_by_role("button", name="Take off the plan").click()
    expect(page.get_by_role("dialog")).to_contain_text("Boiler inspection (Dan Draper) has to be served")
    give_reason(page, "Kim has to leave early")
    expect(page.get_by_text("taken off the plan.")).to_be_visible()
    waiting = page.get_by_role("region", name="Unassigned")
    waiting.get_by_role("button", name=re.compile("Dan Draper")).click()
    assert home(site, "Dan") is None

    places = detail(page).get_by_role("region", name="Move to")
    places.get_by_role("button", name=re.compile("^Mo Mbeki")).click()

    expect(page.get_by_text("moved to Mo Mbeki.")).to_be_visible()
    expect(waiting.get_by_text("Every visit has a place.")).to_be_visible()
    assert home(site, "Dan") == "Mo"
    detail(page).get_by_role("button", name="Close").click()
    history = page.get_by_role("region", name="Changes by hand")
    expect(history).to_contain_text("Moved Dan Draper, Boiler inspection to Mo Mbeki")
    expect(history).to_contain_text("forced: Kim has to leave early")


def test_what_was_changed_is_taken_back_from_the_history(sqlite_site: Site, pages: Pages) -> None:
    """The toast is long gone then."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    look_at(page, "Gus Graham")
    detail(page).get_by_role("region", name="Move to").get_by_role("button", name=re.compile("^Mo Mbeki")).click()
    expect(page.get_by_text("moved to Mo Mbeki.")).to_be_visible()
    detail(page).get_by_role("button", name="Close").click()
    history = page.get_by_role("region", name="Changes by hand")
    history.get_by_role("button", name="Undo").click()
    expect(history).to_contain_text("taken back")
    assert home(sqlite_site, "Gus") == "Lee"


def test_two_visits_change_places(sqlite_site: Site, pages: Pages) -> None:
    """Ben and Finn are both promised 10 to 12, with Kim and with Lee."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    look_at(page, "Ben Bishop")
    detail(page).get_by_role("button", name="Swap with").click()
    dialog = page.get_by_role("dialog", name="Swap Ben Bishop")
    dialog.get_by_role("searchbox").fill("lee 10")
    expect(dialog.get_by_text("No visit that can be swapped.")).to_be_visible()
    dialog.get_by_role("searchbox").fill("foster")
    dialog.get_by_role("button", name=re.compile("Finn Foster")).click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    assert (home(sqlite_site, "Ben"), home(sqlite_site, "Finn")) == ("Lee", "Kim")


def test_locks_are_switched_one_by_one(site: Site, pages: Pages) -> None:
    """Who is locked where is not offered another place, until the last lock is off."""
    page = pages.open(site, "/board", "dispatcher")
    look_at(page, "Ben Bishop")
    locks = detail(page).get_by_role("group", name="Locked")
    for lock in ("Technician", "Start"):
        locks.get_by_role("button", name=lock).click()
        expect(locks.get_by_role("button", name=lock)).to_have_attribute("aria-pressed", "true")
        expect(locks.get_by_role("button", name=lock)).to_be_enabled()
    expect(detail(page).get_by_text("This visit is locked.")).to_be_visible()
    pin = site.row(VisitRow, site.visits["Ben"].id).pin
    assert (pin["technician_id"], "start" in pin) == (site.technicians["Kim"].id, True)
    for lock in ("Technician", "Start"):
        locks.get_by_role("button", name=lock).click()
        expect(locks.get_by_role("button", name=lock)).to_have_attribute("aria-pressed", "false")
        expect(locks.get_by_role("button", name=lock)).to_be_enabled()
    expect(detail(page).get_by_role("region", name="Move to")).to_be_visible()
    assert site.row(VisitRow, site.visits["Ben"].id).pin == {}


def test_the_detail_says_why_a_promise_breaks(sqlite_site: Site, pages: Pages) -> None:
    """Ada's visit takes five hours more: Ben, promised 10 to 12, is late, and it says by whose fault."""
    sqlite_site.report("started", "Ada", at="08:05")
    sqlite_site.clock_at("08:10")
    page = pages.open(sqlite_site, "/board", "dispatcher")
    look_at(page, "Ada Archer")
    detail(page).get_by_role("button", name="Takes longer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Minutes more").fill("300")
    dialog.get_by_role("button", name="Report it").click()
    expect(page.get_by_text("Reported.")).to_be_visible()
    look_at(page, "Ben Bishop")
    expect(detail(page)).to_contain_text(re.compile(r"Expected to begin \d+ min after the promised window\."))
    expect(detail(page)).to_contain_text("“Ada Archer, Boiler inspection” before it takes 300 min longer")
    expect(detail(page)).to_contain_text(re.compile(r"arrives between \d\d:\d\d and \d\d:\d\d, most likely"))
    expect(detail(page).get_by_role("link", name="Call +12025550111")).to_be_visible()


def test_a_technician_falls_ill_and_comes_back(site: Site, pages: Pages) -> None:
    """One word on the phone, one button: everybody sees it, and nobody waits for the technician any more."""
    page = pages.open(site, "/board", "dispatcher")
    look_at(page, "Eva Eaton")
    detail(page).get_by_role("button", name="Lee Larsen").first.click()
    detail(page).get_by_role("button", name="Sick").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("a fever")
    page.get_by_role("dialog").get_by_role("button", name="Report it").click()
    expect(detail(page)).to_contain_text("Out: a fever")
    state = site.row(TechnicianStateRow, (site.technicians["Lee"].id, TODAY))
    assert state.out_since is not None
    site.clock_at("09:00")
    page.reload()
    look_at(page, "Eva Eaton")
    detail(page).get_by_role("button", name="Lee Larsen").first.click()
    detail(page).get_by_role("button", name="Back at work").click()
    expect(detail(page).get_by_role("button", name="Sick")).to_be_visible()


def test_a_break_is_added_in_the_territorys_own_time(sqlite_site: Site, pages: Pages) -> None:
    """The browser stands in Tokyo; between Ben and Cleo, Kim pauses at eleven of Washington."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    look_at(page, "Ben Bishop")
    detail(page).get_by_role("button", name="Kim Kaiser").first.click()
    detail(page).get_by_text("Add a break").click()
    for label, value in (("Not before", "11:00"), ("Begins by", "11:15"), ("Minutes", "20")):
        detail(page).get_by_label(label).fill(value)
    detail(page).get_by_role("button", name="Add", exact=True).click()
    expect(detail(page).get_by_role("region", name="Visits of the day")).to_contain_text(
        re.compile(r"Break 11:\d\d.11:\d\d")
    )


def test_a_visit_is_moved_in_the_table_by_keys_only(sqlite_site: Site, pages: Pages) -> None:
    """The way of whoever does not see the timeline."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    page.get_by_role("button", name="Table").press("Enter")
    table = page.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(1 + 8)
    table.get_by_role("button", name="Technician").press("Enter")
    expect(table.get_by_role("columnheader", name="Technician")).to_have_attribute("aria-sort", "ascending")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Kim Kaiser")
    table.get_by_role("button", name="Move Boiler inspection, Gus Graham").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^Kim Kaiser")).press("Enter")
    expect(dialog).to_have_count(0)
    assert home(sqlite_site, "Gus") == "Kim"


def test_a_dot_on_the_map_is_a_visit(sqlite_site: Site, pages: Pages) -> None:
    """Mo has one visit, two kilometers south of the depot: the lowest dot but Lee's; a click looks at it."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    chart = page.get_by_role("region", name=re.compile("^Map of the day"))
    look_at(page, "Hana Hayes")
    expect(chart.locator(".map-number")).to_have_text("1")
    number = chart.locator(".map-number").bounding_box()
    assert number is not None
    detail(page).get_by_role("button", name="Close").click()
    expect(chart.locator(".map-number")).to_have_count(0)
    page.mouse.click(number["x"] + number["width"] / 2, number["y"] + number["height"] / 2)
    expect(page.locator("#detail-title")).to_contain_text("Hana Hayes")


def test_a_map_names_whose_streets_it_shows(sqlite_site: Site, pages: Pages) -> None:
    """And without any it shows the day all the same."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    chart = page.get_by_role("region", name=re.compile("^Map of the day"))
    expect(chart.locator("canvas").first).to_be_attached()
    expect(chart.locator(".leaflet-control-attribution")).to_be_empty()
    street = StreetLine(street_class=StreetClass.MOTORWAY, points=((LONGITUDE, LATITUDE), (LONGITUDE + 0.01, LATITUDE)))
    # Streets are kept by the browser for good; those that are imported anew show at once all the same.
    for owner in ("City of Washington", "District of Columbia"):
        transact(sqlite_site.ctx, SYSTEM, import_streets, sqlite_site.territory.id, [street], owner)
        page.reload()
        expect(chart.locator(".leaflet-control-attribution")).to_have_text(owner)


def test_a_map_shows_the_tiles_of_whom_the_operator_names(sqlite_database: Database, pages: Pages) -> None:
    """Another server's pictures are let onto the page; nothing else of that server is."""
    url, asked = "https://tiles.example.com/{z}/{x}/{y}.svg", []

    def draw(route: Route) -> None:
        asked.append(route.request.resource_type)
        picture = '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"/>'
        route.fulfill(body=picture, content_type="image/svg+xml")

    with serve_site(sqlite_database, tiles_url=url, tiles_attribution="© Tiles") as site:
        context = pages.context(site, "dispatcher")
        context.route("https://tiles.example.com/**", draw)
        page = context.new_page()
        page.goto("/board")
        chart = page.get_by_role("region", name=re.compile("^Map of the day"))
        expect(chart.locator("img.leaflet-tile-loaded").first).to_be_attached()
        expect(chart.locator(".leaflet-control-attribution")).to_have_text("© Tiles")
        assert set(asked) == {"image"}


def test_a_telephone_shows_what_needs_attention(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Not a small timeline: who is out and what is late, then one technician's day, in every view without barriers."""
    sqlite_site.report("started", "Ada", at="08:05")
    sqlite_site.report("extended", "Ada", at="08:10", minutes=300)
    page = pages.open(sqlite_site, "/board?language=de", "dispatcher", viewport=PHONE)
    late = page.get_by_role("button", name=re.compile("Ben Bishop"))
    expect(late).to_contain_text(re.compile(r"\d+ min zu spät"))
    check_axe(page)
    views = page.get_by_role("navigation", name="Ansichten")
    for view in range(1, 4):
        views.get_by_role("button").nth(view).click()
        check_axe(page)
    views.get_by_role("button").nth(1).click()
    page.get_by_role("button", name=re.compile("^Kim Kaiser")).click()
    expect(page.get_by_role("button", name="Zurück")).to_be_focused()
    expect(detail(page)).to_contain_text("Dan Draper")


def test_details_have_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """A visit ahead, a technician, the dialogs, the table."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    look_at(page, "Dan Draper")
    expect(detail(page).get_by_role("button", name=re.compile("^Mo Mbeki"))).to_be_visible()
    check_axe(page)
    detail(page).get_by_role("button", name="Swap with").click()
    check_axe(page)
    page.keyboard.press("Escape")
    detail(page).get_by_role("button", name="Kim Kaiser").first.click()
    detail(page).get_by_text("Add a break").click()
    check_axe(page)
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_role("table")).to_be_visible()
    check_axe(page)
