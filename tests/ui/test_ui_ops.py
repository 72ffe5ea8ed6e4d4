"""How the days went, for those who run the company."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from fieldops.store.tables import BookingRow, SurveyRow
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


def test_what_began_late_is_counted(sqlite_site: Site, pages: Pages) -> None:
    """Ada is served at 8:10, within 8 to 10; Eva at 10:30, half an hour too late: one of two."""
    site = sqlite_site
    site.report("started", "Ada", at="08:10")
    site.report("done", "Ada", at="08:40")
    site.report("started", "Eva", at="10:30")
    site.report("done", "Eva", at="11:00")
    page = pages.open(site, "/ops?from=2026-03-16&to=2026-03-16", "ops")
    card = page.locator(
        "section", has=page.get_by_role("heading", name="50 % of the services began within their window")
    )
    expect(card).to_be_visible()
    card.get_by_role("button", name="Show as table").click()
    expect(card.get_by_role("row").last).to_contain_text("50")
    with page.expect_download() as download:
        card.get_by_role("button", name="CSV").click()
    header, day, total = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("date,promises_made,promises_kept,promises_broken")
    assert day.startswith("2026-03-16,")
    assert total.split(",")[1:4] == day.split(",")[1:4]


def test_comments_are_those_of_the_days_looked_at(sqlite_site: Site, pages: Pages) -> None:
    """Ada wrote today, Eva last week; who looks at today reads Ada, and saves what she wrote."""
    site = sqlite_site
    with site.ctx.database.writing() as session:
        for name, days_ago, comment in (("Ada", 0, "Quick, and clean"), ("Eva", 7, "Too late")):
            asked_at = site.clock.now() - timedelta(days=days_ago)
            booking = session.get_one(BookingRow, f"bk_{site.visits[name].id}")
            survey = SurveyRow(
                visit_id=site.visits[name].id,
                customer_id=booking.customer_id,
                asked_at=asked_at,
                answered_at=asked_at,
                nps=9,
                comment=comment,
            )
            session.add(survey)
    page = pages.open(site, "/ops?from=2026-03-16&to=2026-03-16", "ops")
    card = page.locator("section", has=page.get_by_role("heading", name="What customers wrote"))
    expect(card).to_contain_text("Quick, and clean")
    expect(card).not_to_contain_text("Too late")
    with page.expect_download() as download:
        card.get_by_role("button", name="CSV").click()
    header, only = download.value.path().read_text(encoding="utf-8").splitlines()
    assert "comment" in header.split(",")
    assert '"Quick, and clean"' in only
    page.get_by_role("button", name="Last 28 days").click()
    expect(card).to_contain_text("Too late")


def test_the_newer_question_counts(sqlite_site: Site, pages: Pages) -> None:
    """January is slow to be counted; this week is asked for meanwhile, and January's answer comes after it."""
    site = sqlite_site
    site.report("started", "Ada", at="08:10")
    site.report("done", "Ada", at="08:40")
    page = pages.context(site, "ops").new_page()
    slow: list[Route] = []
    page.route(re.compile("first_date=2026-01-05"), lambda route: slow.append(route))
    with page.expect_request(re.compile("first_date=2026-01-05")):
        page.goto("/ops?from=2026-01-05&to=2026-01-06")
    page.get_by_role("button", name="Last 7 days").click()
    heading = page.get_by_role("heading", name="100 % of the services began within their window")
    expect(heading).to_be_visible()
    with page.expect_response(re.compile("first_date=2026-01-05")) as january:
        slow[0].continue_()
    january.value.finished()
    page.evaluate("new Promise(resolve => setTimeout(resolve, 0))")
    expect(heading).to_be_visible()


def test_a_link_to_a_territory_that_is_no_more_leads_to_one_that_is(sqlite_site: Site, pages: Pages) -> None:
    """Rather than to a page that loads for ever."""
    page = pages.open(sqlite_site, "/ops?territory=te_gone&from=2026-03-16&to=2026-03-16", "ops")
    expect(page.get_by_text("Promises kept")).to_be_visible()


def test_a_company_without_a_territory_is_told_so(sqlite_site: Site, pages: Pages) -> None:
    """On its first day."""
    page = pages.context(sqlite_site, "ops").new_page()
    page.route("**/v1/territories?*", lambda route: route.fulfill(json={"items": [], "next": None}))
    page.goto("/ops")
    expect(page.get_by_text("There is no territory yet")).to_be_visible()


def test_what_waits_behind_the_service_is_shown(sqlite_site: Site, pages: Pages) -> None:
    """No worker runs beside this server, and the page says so."""
    page = pages.open(sqlite_site, "/ops?tab=service", "dispatcher")
    expect(page.get_by_role("heading", name="0 workers alive")).to_be_visible()


def test_the_operations_pages_have_no_barriers(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """All three of them, on a desk and on a telephone."""
    sqlite_site.report("started", "Ada", at="08:10")
    sqlite_site.report("done", "Ada", at="08:40")
    for size in (DESKTOP, PHONE):
        page = pages.open(sqlite_site, "/ops?from=2026-03-10&to=2026-03-16", "ops", viewport=size)
        expect(page.get_by_text("Promises kept")).to_be_visible()
        check_axe(page)
        page.get_by_role("link", name="Queues and jobs").click()
        expect(page.get_by_role("heading", name="workers alive")).to_be_visible()
        check_axe(page)
        page.get_by_role("link", name="Solver").click()
        expect(page.get_by_role("table").first).to_be_visible()
        check_axe(page)
