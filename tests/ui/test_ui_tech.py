"""A technician's day on a telephone: with a network, without one, and after a restart in between."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from fieldops.store.tables import ProgressEventRow
from ui_pages import PHONE, Pages
from ui_site import Site

STEPS: Final = ("Start travel", "Arrived", "Start work", "Done")
KINDS: Final = ("travel_started", "arrived", "started", "done")


def telephone(pages: Pages, site: Site) -> BrowserContext:
    """Take a telephone on which the technician is signed in, with its clock at the service's time."""
    context = pages.context(site, "technician", viewport=PHONE, has_touch=True, is_mobile=True)
    context.clock.install(time=site.clock.now())
    return context


def open_day(context: BrowserContext) -> Page:
    """Open the page."""
    page = context.new_page()
    page.goto("/tech")
    return page


def tap(page: Page, name: str, *, then_minutes: int = 0) -> None:
    """Tap a button, and let time pass on the telephone; a thumb does not come down twice in the same second."""
    page.get_by_role("button", name=name, exact=True).tap()
    page.clock.run_for(1_000)
    if then_minutes:
        page.clock.fast_forward(timedelta(minutes=then_minutes).seconds * 1_000)


def reported(site: Site) -> list[tuple[str, str, str]]:
    """List what the service was told, in the order in which it happened: kind, customer, local time."""
    names = {row.id: name for name, row in site.visits.items()}
    zone = ZoneInfo(site.territory.time_zone)
    with site.ctx.database.reading() as session:
        rows = session.scalars(select(ProgressEventRow).order_by(ProgressEventRow.occurred_at)).all()
    return [(row.kind, names[str(row.visit_id)], f"{row.occurred_at.astimezone(zone):%H:%M}") for row in rows]


def test_two_visits_without_a_network_arrive_once_as_they_happened(site: Site, pages: Pages) -> None:
    """No network all morning, and the telephone restarted: the service hears all of it once, with its times."""
    site.clock.speed = 1.0
    context = telephone(pages, site)
    page = open_day(context)
    expect(page.get_by_role("heading", name="Ada Archer")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    context.set_offline(True)
    for step, minutes in zip(STEPS, (5, 2, 30, 1), strict=True):
        tap(page, step, then_minutes=minutes)
    expect(page.get_by_role("heading", name="Ben Bishop")).to_be_visible()
    expect(page.get_by_text("4 messages waiting to send")).to_be_visible()
    page.close()

    page = open_day(context)
    expect(page.get_by_role("heading", name="Ben Bishop")).to_be_visible()
    expect(page.get_by_text("No connection. Go on working")).to_be_visible()
    for step, minutes in zip(STEPS, (82, 5, 25, 1), strict=True):
        tap(page, step, then_minutes=minutes)
    expect(page.get_by_text("8 messages waiting to send")).to_be_visible()
    assert reported(site) == []

    site.clock_at("10:32")
    context.set_offline(False)
    expect(page.get_by_text("Online")).to_be_visible()
    expect(page.get_by_role("heading", name="Cleo Cooper")).to_be_visible()
    expect(page.get_by_text("waiting to send")).to_have_count(0)
    # Ada: 5 minutes of driving, 2 of waiting, 30 of work, one of paperwork; Ben: 82, 5, 25.
    assert reported(site) == [
        *zip(KINDS, ["Ada"] * 4, ("08:00", "08:05", "08:07", "08:37"), strict=True),
        *zip(KINDS, ["Ben"] * 4, ("08:38", "10:00", "10:05", "10:30"), strict=True),
    ]
