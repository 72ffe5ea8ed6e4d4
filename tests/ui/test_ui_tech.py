"""A technician's day on a telephone: with a network, without one, and after a restart in between."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from api_worlds import PASSWORD
from fieldops.store.tables import EtaRow, ProgressEventRow, TechnicianStateRow, VisitProgressRow
from fieldops.usecases.actor import Role
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.users import create_user
from fieldops.usecases.work import transact
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site
from worlds import OPS, TODAY, ZONE, local

STEPS: Final = ("Start travel", "Arrived", "Start work", "Done")
KINDS: Final = ("travel_started", "arrived", "started", "done")


def telephone(pages: Pages, site: Site, **options: Any) -> BrowserContext:
    """Take a telephone on which the technician is signed in, with its clock at the service's time."""
    context = pages.context(site, "technician", viewport=PHONE, has_touch=True, is_mobile=True, **options)
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


def clock_of(instant: datetime) -> str:
    """Give the local ``HH:MM`` of an instant."""
    return f"{instant.astimezone(ZONE):%H:%M}"


def too_small(page: Page) -> list[str]:
    """List what is there to be tapped and is smaller than a thumb in a glove wants it: 48 pixels."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('button, a, summary, select, label:has(input)')]
            .filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 48)
            .map(it => it.outerHTML.slice(0, 80))"""
    )
    return found


def sign_in(page: Page, email: str) -> None:
    """Sign in from the page that says that nobody is."""
    page.get_by_role("button", name="Sign in").tap()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").tap()


def sent(page: Page) -> None:
    """Let the time pass in which something can be taken back."""
    page.clock.run_for(7_000)


def reported(site: Site) -> list[tuple[str, str, str]]:
    """List what the service was told, in the order in which it happened: kind, customer, local time."""
    names = {row.id: name for name, row in site.visits.items()}
    with site.ctx.database.reading() as session:
        rows = session.scalars(select(ProgressEventRow).order_by(ProgressEventRow.occurred_at)).all()
    return [(row.kind, names.get(row.visit_id or "", ""), clock_of(row.occurred_at)) for row in rows]


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


def test_over_plain_http_everything_is_sent_all_the_same(sqlite_site: Site, pages: Pages) -> None:
    """A service in the company's own network without certificates: browsers give no locks and no clipboard there."""
    context = telephone(pages, sqlite_site)
    context.add_init_script(
        "for (const name of ['locks', 'clipboard'])"
        " { delete Navigator.prototype[name]; if (name in navigator) throw new Error(name) }"
    )
    page = open_day(context)
    tap(page, STEPS[0])
    with page.expect_response("**/v1/progress"):
        sent(page)
    assert reported(sqlite_site) == [("travel_started", "Ada", "08:00")]
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("button", name="Make the address").tap()
    expect(page.get_by_role("link", name="Open in calendar")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_running_late_is_one_tap_and_can_be_taken_back(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """Half an hour late on the way to Ada: the service expects Kim then. What was tapped by mistake it never hears."""
    site = sqlite_site
    here = {"latitude": 38.905, "longitude": -77.03}
    page = open_day(telephone(pages, site, geolocation=here, permissions=["geolocation"]))
    tap(page, "Start travel")
    tap(page, "Allow")
    tap(page, "30 minutes")
    tap(page, "60 minutes")
    tap(page, "Undo")
    sent(page)
    expect(page.get_by_text("waiting to send")).to_have_count(0)

    expect(page.get_by_text("Arrival about 08:34")).to_be_visible()
    assert [kind for kind, _, _ in reported(site)] == ["travel_started", "position", "delayed"]
    assert site.row(TechnicianStateRow, (site.technicians["Kim"].id, TODAY)).latitude == 38.905
    expected = site.row(EtaRow, site.visits["Ada"].id).arrival_at
    assert abs(expected - local("08:34")) < timedelta(minutes=1)
    check_axe(page)
    page.set_viewport_size(DESKTOP)
    check_axe(page)


def test_what_dispatch_changes_is_marked_until_it_is_seen(
    sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]
) -> None:
    """
    Ben is called off while Kim cannot get in at Ada's: both leave the day, but only one by somebody else's hand.

    Then Ada opens after all: what was reported is taken back, and she is the next visit again.
    """
    site = sqlite_site
    page = open_day(telephone(pages, site))
    tap(page, "Start travel")
    tap(page, "Arrived")
    sent(page)
    expect(page.get_by_text("waiting to send")).to_have_count(0)

    site.report("canceled", "Ben", at="08:01", reason="moved out")
    expect(page.get_by_text("1 change by dispatch")).to_be_visible()
    gone = page.get_by_role("listitem").filter(has_text="taken off by dispatch")
    expect(gone).to_contain_text("Ben Bishop")
    page.get_by_role("button", name="Got it").tap()
    expect(page.get_by_text("by dispatch")).to_have_count(0)

    tap(page, "Could not be done")
    page.get_by_label("No access").check()
    page.get_by_label("Anything to add").fill("the gate is locked")
    check_axe(page)
    assert too_small(page) == []
    tap(page, "Report it")
    expect(page.get_by_role("heading", name="Cleo Cooper")).to_be_visible()
    with page.expect_response("**/v1/progress"):
        sent(page)
    expect(page.get_by_role("listitem").filter(has_text="Could not be done")).to_contain_text("Ada Archer")
    row = site.row(VisitProgressRow, site.visits["Ada"].id)
    assert (row.phase, row.reason) == ("failed", "No access: the gate is locked")

    page.get_by_role("listitem").filter(has_text="Could not be done").locator("summary").tap()
    tap(page, "Not finished after all")
    expect(page.get_by_role("button", name="Start work")).to_be_visible()
    with page.expect_response("**/v1/progress"):
        sent(page)
    expect(page.get_by_role("heading", name="Ada Archer")).to_be_visible()
    assert site.row(VisitProgressRow, site.visits["Ada"].id).phase == "arrived"


def test_nobody_sees_or_sends_what_another_has_left_on_the_telephone(sqlite_site: Site, pages: Pages) -> None:
    """Kim signs out with a message unsent, Lee signs in: Kim's waits on the telephone until Kim is back."""
    site = sqlite_site
    password_hash = hash_password(PASSWORD)
    lee = {"email": "lee@example.com", "name": "Lee", "technician_id": site.technicians["Lee"].id}
    transact(site.ctx, OPS, create_user, role=Role.TECHNICIAN, password_hash=password_hash, **lee)
    context = telephone(pages, site)
    page = open_day(context)
    expect(page.get_by_role("heading", name="Ada Archer")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    tap(page, "Start travel")
    tap(page, "Menu")
    tap(page, "Sign out")
    expect(page.get_by_text("1 message is not sent yet")).to_be_visible()
    tap(page, "Sign out all the same")
    expect(page.get_by_text("You are signed out")).to_be_visible()
    expect(page.get_by_text("Ada Archer")).to_have_count(0)

    context.set_offline(False)
    sign_in(page, lee["email"])
    expect(page.get_by_role("heading", name="Eva Eaton")).to_be_visible()
    expect(page.get_by_text("Ada Archer")).to_have_count(0)
    tap(page, "Start travel")
    sent(page)
    expect(page.get_by_text("waiting to send")).to_have_count(0)
    assert [(kind, name) for kind, name, _ in reported(site)] == [("travel_started", "Eva")]

    tap(page, "Menu")
    tap(page, "Sign out")
    sign_in(page, site.users["technician"])
    expect(page.get_by_role("heading", name="Ada Archer")).to_be_visible()
    expect(page.get_by_text("waiting to send")).to_have_count(0)
    assert sorted(name for _, name, _ in reported(site)) == ["Ada", "Eva"]


def test_a_message_the_service_refuses_is_kept_in_sight_and_holds_nothing_up(sqlite_site: Site, pages: Pages) -> None:
    """A telephone whose events are a week old is told no; what happens now goes through all the same."""
    site = sqlite_site
    site.clock.speed = 1.0
    context = telephone(pages, site)
    page = open_day(context)
    expect(page.get_by_role("heading", name="Ada Archer")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    tap(page, "Start travel")
    # Events are kept open for a week.
    site.clock.advance(timedelta(days=8))
    page.clock.fast_forward(timedelta(days=8) // timedelta(milliseconds=1))

    context.set_offline(False)
    expect(page.get_by_role("heading", name="Could not be sent")).to_be_visible()
    expect(page.get_by_text("On the way to Ada Archer")).to_be_visible()
    tap(page, "Menu")
    tap(page, "Sick")
    with page.expect_response("**/v1/progress"):
        sent(page)
    assert [kind for kind, _, _ in reported(site)] == ["technician_out"]
    page.reload()
    expect(page.get_by_text("On the way to Ada Archer")).to_be_visible()


def test_two_tabs_show_the_same_and_send_once(sqlite_site: Site, pages: Pages) -> None:
    """What is tapped in one is seen in the other, and of both one tells the service."""
    context = telephone(pages, sqlite_site)
    posts: list[str] = []
    context.on("request", lambda request: posts.append(request.post_data or "") if "progress" in request.url else None)
    first, second = open_day(context), open_day(context)
    for page in (first, second):
        expect(page.get_by_role("button", name="Start travel")).to_be_visible()
    tap(first, "Start travel")
    expect(second.get_by_role("button", name="Arrived")).to_be_visible()
    # Both look after what waits when it cannot be taken back any more, and again half a minute later.
    first.clock.run_for(40_000)
    for page in (first, second):
        expect(page.get_by_text("waiting to send")).to_have_count(0)
    assert [kind for kind, _, _ in reported(sqlite_site)] == ["travel_started"]
    assert len(posts) == 1
