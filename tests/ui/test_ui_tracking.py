"""What customers see behind the link of their message, and can do there."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import select

from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, CustomerNoteRow, SurveyRow, TerritoryRow
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.stream import announce, topic_of_visit
from fieldops.usecases.work import transact
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site
from worlds import STAFF, local


def test_the_page_follows_the_visit_to_its_end(site: Site, pages: Pages) -> None:
    """Booked, the visit before, on the way, here, done, a survey: nobody has to load the page again."""
    page = pages.open(site, f"/track#token={site.link('Ada')}", viewport=PHONE)
    # It is 8:00, Kim comes to Ada first, between 8 and 10.
    expect(page.get_by_text("You are next")).to_be_visible()
    site.report("travel_started", "Ada", at="08:01")
    expect(page.get_by_role("heading", name="on the way")).to_be_visible()
    site.report("arrived", "Ada", at="08:10")
    expect(page.locator("[aria-current=step]")).to_have_text("Here")
    site.report("started", "Ada", at="08:11")
    site.report("done", "Ada", at="08:40")
    expect(page.locator("[aria-current=step]")).to_have_text("Done")
    expect(page.get_by_text("How likely are you to recommend us to friends?")).to_be_visible()


def test_where_nobody_asks_how_it_was_nothing_is_missing(sqlite_site: Site, pages: Pages) -> None:
    """The company sends no surveys: a visit that is done is done, and the page shows no error."""
    site = sqlite_site
    with site.ctx.database.writing() as session:
        session.get_one(TerritoryRow, site.territory.id).live_policies = {"survey_after_minutes": None}
    site.report("started", "Ada", at="08:10")
    site.report("done", "Ada", at="08:40")
    page = pages.open(site, f"/track#token={site.link('Ada')}")
    expect(page.locator("[aria-current=step]")).to_have_text("Done")
    expect(page.get_by_text(re.compile("^Updated at"))).to_be_visible()
    expect(page.get_by_role("heading", name="How was it?")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_customer_moves_a_visit(site: Site, pages: Pages) -> None:
    """Dan was promised 14 to 16; he takes another window, and what he sees is what stands in the books."""
    page = pages.open(site, f"/track#token={site.link('Dan')}", viewport=PHONE)
    page.get_by_role("button", name="Choose another time").click()
    tomorrow = page.get_by_role("group", name="Tuesday, March 17")
    tomorrow.get_by_role("radio", name=re.compile("^10:00 AM")).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_text("Your visit is moved to Tuesday, March 17, 10:00 AM")).to_be_visible()
    expect(page.get_by_text("Your window: Tuesday, March 17")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_download() as download:
        page.get_by_role("button", name="Add to calendar").click()
    assert download.value.suggested_filename == "visit.ics"
    assert "20260317T" in download.value.path().read_text(encoding="utf-8")
    # The link's token goes into no address, where histories and logs would keep it.
    assert any(url.endswith("/calendar.ics") for url in asked)
    assert not [url for url in asked if "token" in url]
    booking = site.row(BookingRow, f"bk_{site.visits['Dan'].id}")
    assert booking.window_start == local("10:00", booking.date)
    assert booking.date.isoformat() == "2026-03-17"


def test_a_customer_leaves_a_note_and_cancels(sqlite_site: Site, pages: Pages) -> None:
    """The note reaches the company; a canceled visit offers nothing more to do."""
    page = pages.open(sqlite_site, f"/track#token={sqlite_site.link('Gus')}")
    page.get_by_role("button", name="Leave a note").click()
    page.get_by_label("What should we know?").fill("The dog is friendly.")
    page.get_by_role("button", name="Send the note").click()
    expect(page.get_by_text("Thank you, the note is with us.")).to_be_visible()
    cancel = page.get_by_role("button", name="Cancel the visit")
    cancel.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cancel).to_be_focused()
    cancel.click()
    page.get_by_label("Why?").fill("Sold the boiler")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("button", name="Choose another time")).to_have_count(0)
    with sqlite_site.ctx.database.reading() as session:
        assert session.scalars(select(CustomerNoteRow.text)).all() == ["The dog is friendly."]
    assert sqlite_site.row(BookingRow, f"bk_{sqlite_site.visits['Gus'].id}").cancel_reason == "Sold the boiler"


def test_a_survey_is_answered_one_question_a_screen(sqlite_site: Site, pages: Pages) -> None:
    """Nine of ten would recommend us, one question is skipped, and what is heard meanwhile wipes no answer."""
    site = sqlite_site
    site.report("started", "Eva", at="08:10")
    site.report("done", "Eva", at="08:40")
    page = pages.open(site, f"/track#token={site.link('Eva')}", viewport=PHONE)
    with page.expect_response("**/v1/streams/visit"):
        page.reload()
    page.get_by_role("radio", name="9").check(force=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    with page.expect_response("**/v1/track"):
        transact(site.ctx, STAFF, announce, topic_of_visit(site.visits["Eva"].id), "message", {"kind": "done"})
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("radio", name="4").check(force=True)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Is there something you want to tell us?").fill("Quick and friendly.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. We read every answer.")).to_be_visible()
    assert asked == ["/v1/track", "/v1/survey"]
    row = site.row(SurveyRow, site.visits["Eva"].id)
    assert (row.nps, row.csat, row.ces, row.comment) == (9, None, 4, "Quick and friendly.")


def test_a_link_that_is_no_good_says_what_to_do(sqlite_site: Site, pages: Pages) -> None:
    """Without a link, and with one that has been tampered with: no visit, but a way on."""
    page = pages.open(sqlite_site, "/track")
    expect(page.get_by_role("heading", name="This page needs the link from your message")).to_be_visible()
    page = pages.open(sqlite_site, f"/track#token={sqlite_site.link('Dan')[:-3]}abc")
    expect(page.get_by_role("heading", name="This link is not valid any more")).to_be_visible()


def test_the_tracking_page_has_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """With all windows open to choose from, on a desk and on a telephone."""
    for size in (DESKTOP, PHONE):
        page = pages.open(sqlite_site, f"/track#token={sqlite_site.link('Dan')}", viewport=size)
        page.get_by_role("button", name="Choose another time").click()
        expect(page.get_by_role("group").first).to_be_visible()
        check_axe(page)


def test_the_map_is_there_only_on_the_way(sqlite_site: Site, pages: Pages) -> None:
    """Kim reports where she is: her customer sees it until she has arrived, nobody else does."""
    site = sqlite_site
    page = pages.open(site, f"/track#token={site.link('Ada')}", viewport=PHONE)
    expect(page.get_by_role("heading", name="We will be with you today")).to_be_visible()
    expect(page.get_by_role("region", name=re.compile("^Where Kim is now"))).to_have_count(0)
    site.report("travel_started", "Ada", at="08:01")
    kim = site.technicians["Kim"].id
    seen = {"id": new_id("ev"), "technician_id": kim, "latitude": 38.9, "longitude": -77.03}
    site.clock_at("08:03")
    position = ProgressEvent(kind=EventKind.POSITION, occurred_at=local("08:03"), **seen)
    transact(site.ctx, STAFF, record_events, [position])
    region = page.get_by_role("region", name=re.compile("^Where Kim is now"))
    region.scroll_into_view_if_needed()
    # Kim and the house are both in the picture.
    expect(page.locator(".map-vehicle")).to_be_in_viewport(ratio=1)
    site.report("arrived", "Ada", at="08:10")
    expect(page.get_by_role("region", name=re.compile("^Where Kim is now"))).to_have_count(0)
