"""Booking when things go otherwise: a lost race, a wrong number, no free time, and a frame on another site."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import FrameLocator, Page, Route, expect
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import ShiftRow, TaskRow, VisitRow
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import ADDRESS, Site, serve_site
from worlds import TODAY

_TAKEN = json.dumps({"type": "x", "title": "t", "status": 409, "detail": "taken", "code": "E3001", "details": {}})
#: Five lines that a site needs around the frame, as `docs/operations.md` has them.
_AROUND = """<!doctype html><title>Acme</title>
<iframe id="booking" src="{url}/book" title="Booking" width="100%" height="700"></iframe>
<script>
  addEventListener('message', (event) => {{
    if (event.origin !== '{url}' || event.data.type !== 'fieldops:height') return
    document.getElementById('booking').height = event.data.height
  }})
</script>"""


def _refuse(route: Route) -> None:
    """Say that somebody was faster."""
    route.fulfill(status=409, body=_TAKEN, content_type="application/problem+json")


def _to_the_windows(page: Page | FrameLocator) -> None:
    """Say where and what, and look at the windows."""
    page.get_by_label("Address").fill(ADDRESS)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name="Heating does not work").check()
    page.get_by_label("What does it burn?").select_option("Gas")
    page.get_by_role("button", name="Show free times").click()


def test_who_loses_a_race_on_a_telephone_sees_it(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """The window taken stood three screens below: the page leads back up, and reads out what happened."""
    for size in (PHONE, DESKTOP):
        page = pages.open(sqlite_site, "/book", viewport=size)
        _to_the_windows(page)
        page.get_by_role("group", name=re.compile("March 19")).get_by_role("radio").last.check()
        page.route("**/v1/holds", _refuse)
        page.get_by_role("button", name="Take this time").click()
        lost = page.get_by_role("alert").filter(has_text="Somebody was faster")
        expect(lost).to_be_focused()
        expect(lost).to_be_in_viewport(ratio=1)
        check_axe(page)
        page.unroute("**/v1/holds")
        page.get_by_role("button", name="Take this time").click()
        page.get_by_label("Name").fill("Nora Newman")
        page.get_by_label("E-mail address").fill("nora@example.org")
        page.get_by_role("button", name="Book this visit").click()
        expect(page.get_by_role("heading", name="You are booked.")).to_be_visible()
        expect(page.get_by_role("button", name="Tell me when an earlier time comes free")).to_be_enabled()
        check_axe(page)


def test_a_wrong_number_is_said_in_the_customers_words(sqlite_site: Site, pages: Pages) -> None:
    """In German, at its field, which has the focus; nothing of how the API speaks."""
    page = pages.open(sqlite_site, "/book?language=de", viewport=PHONE)
    expect(page).to_have_title("Termin buchen")
    page.get_by_label("Adresse").fill(ADDRESS)
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("radio").first.check()
    page.get_by_label("What does it burn?").select_option("Gas")
    page.get_by_role("button", name="Freie Zeiten zeigen").click()
    page.get_by_role("group", name=re.compile("März")).get_by_role("radio").first.check()
    page.get_by_role("button", name="Diese Zeit nehmen").click()
    page.get_by_label("Name").fill("Nora Neumann")
    page.get_by_label("Telefon").fill("12345")
    page.get_by_role("button", name="Termin buchen").click()
    phone = page.get_by_label("Telefon")
    expect(phone).to_be_focused()
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_accessible_description(re.compile("^Diese Telefonnummer ist nicht vollständig."))
    said = page.get_by_role("alert").inner_text()
    assert "12345" not in said
    assert "expected" not in said


def test_who_finds_no_time_has_a_way_on(site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """Nobody works after today: look again, or leave it to somebody, who then knows for whom and where."""
    with site.ctx.database.writing() as session:
        for shift in session.scalars(select(ShiftRow).where(ShiftRow.date > TODAY)).all():
            shift.removed_at = site.clock.now()
    # All of today's windows have begun.
    site.clock_at("16:30")
    page = pages.open(site, "/book", viewport=PHONE)
    _to_the_windows(page)
    expect(page.get_by_text("There is no free time in the days ahead.")).to_be_visible()
    expect(page.get_by_text("It is held for you")).to_have_count(0)
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("button", name="Find a time for me").click()
    page.get_by_label("Name").fill("Nora Newman")
    page.get_by_label("Telephone").fill("(202) 555-0123")
    check_axe(page)
    page.get_by_role("button", name="Send").click()
    # The company has a day.
    expect(page.get_by_role("heading", name="We will find a time for you.")).to_be_focused()
    expect(page.get_by_text("You hear from us by Tuesday, March 17, 4:30 PM.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="We will find a time for you.")).to_be_visible()
    with site.ctx.database.reading() as session:
        [task] = session.scalars(select(TaskRow)).all()
        assert (task.kind, session.get_one(VisitRow, task.visit_id).state) == ("no_time", "open")
    desk = pages.open(site, "/customers", "dispatcher")
    expect(desk.get_by_role("listitem")).to_contain_text("Nora Newman found no free time for: Heating does not work")
    check_axe(desk)
    desk.get_by_role("button", name="Open the customer").click()
    expect(desk.get_by_role("heading", name="Nora Newman")).to_be_visible()
    desk.go_back()
    desk.get_by_role("button", name="Done").click()
    expect(desk.get_by_role("listitem")).to_have_count(0)


@contextmanager
def _company() -> Iterator[tuple[str, list[str]]]:
    """Serve a company's own site, of one page; gives its origin, and the list whose text it shows."""
    shown = [""]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer everything with the page."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(shown[0].encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", shown
        server.shutdown()


def test_a_frame_is_as_high_as_what_it_shows(sqlite_database: Database, pages: Pages) -> None:
    """It grows for the windows and shrinks again after them; at no step does one scroll inside of it."""
    with _company() as (origin, shown), serve_site(sqlite_database, booking_embed_origins=(origin,)) as site:
        shown[0] = _AROUND.format(url=site.url)
        page = pages.context(site).new_page()
        page.goto(origin)
        frame, element = page.frame_locator("#booking"), page.locator("#booking")
        expect(frame.get_by_label("Address")).to_be_visible()
        small = "() => document.getElementById('booking').height"
        page.wait_for_function(f"() => ({small})() < 700")
        beginning = int(page.evaluate(small))
        _to_the_windows(frame)
        expect(frame.get_by_role("group", name="Tuesday, March 17")).to_be_visible()
        page.wait_for_function(f"() => ({small})() > {beginning + 200}")
        high = int(page.evaluate(small))
        frame.get_by_role("group", name="Tuesday, March 17").get_by_role("radio").first.check()
        frame.get_by_role("button", name="Take this time").click()
        expect(frame.get_by_text("is held for you")).to_be_visible()
        page.wait_for_function(f"() => ({small})() < {high}")
        assert element.bounding_box() is not None
