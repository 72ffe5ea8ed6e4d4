"""Kim is late for everybody: the board shows what could be done, and the dispatcher decides."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from fieldops.domain.live_policies import LivePolicies
from fieldops.store.live_policies import live_policies_to_json
from fieldops.store.tables import ReplanRow, RouteRow, StopRow, TerritoryRow
from ui_pages import DESKTOP, PHONE, Pages
from ui_site import Site


def _delay(site: Site) -> None:
    """Ada takes Kim until noon; nothing is changed without a dispatcher."""
    policies = live_policies_to_json(LivePolicies(is_automatic=False, replan_for=timedelta(seconds=0.3)))
    with site.ctx.database.writing() as session:
        session.get_one(TerritoryRow, site.territory.id).live_policies = policies
    site.report("started", "Ada", at="08:10")
    site.report("extended", "Ada", at="08:20", minutes=200)


def _technician_of(site: Site, visit: str) -> str:
    """Tell whose route a visit is on."""
    query = select(RouteRow.technician_id).join(StopRow, StopRow.route_id == RouteRow.id)
    query = query.where(StopRow.visit_id == site.visits[visit].id, StopRow.is_current)
    with site.ctx.database.reading() as session:
        found = session.scalars(query).one()
    return next(name for name, technician in site.technicians.items() if technician.id == found)


def test_a_proposal_is_approved_in_part(site: Site, pages: Pages) -> None:
    """Two visits would go to others; one of them stays where it is."""
    _delay(site)
    page = pages.open(site, "/board", "dispatcher")
    expect(page.get_by_role("button", name="Proposals (0)")).to_be_visible()
    [replan_id] = site.replan()
    page.get_by_role("button", name="Proposals (1)").click()
    moves = page.get_by_role("region", name="Proposals").get_by_role("checkbox", name=re.compile("^Make this move"))
    expect(moves.first).to_be_checked()
    names = [str(box.get_attribute("aria-label")) for box in moves.all()]
    assert len(names) >= 2, "there is something to leave out"
    left_out = re.findall(r": (\w+) ", names[-1])[0]
    before = _technician_of(site, left_out)
    moves.last.uncheck()
    page.get_by_role("button", name=f"Approve {len(names) - 1} selected").click()
    expect(page.get_by_text("No proposal waits for a decision.")).to_be_visible()
    replan = site.row(ReplanRow, replan_id)
    assert (replan.state, len(replan.accepted)) == ("applied", len(names) - 1)
    assert _technician_of(site, left_out) == before


def test_a_proposal_is_shown_on_the_board_and_rejected(sqlite_site: Site, pages: Pages) -> None:
    """Ghosts stand where visits would go; with a reason nothing happens."""
    _delay(sqlite_site)
    [replan_id] = sqlite_site.replan()
    page = pages.open(sqlite_site, "/board", "dispatcher")
    page.get_by_role("button", name="Proposals (1)").click()
    page.get_by_role("button", name="Show on board").click()
    expect(page.locator(".proposal").first).to_be_visible()
    # What exchanges visits is counted once, at the first of its moves: together it is what all of it costs.
    region = page.get_by_role("region", name="Proposals")
    cells = [row.get_by_role("cell").nth(5).inner_text() for row in region.get_by_role("row").all()[1:]]
    amounts = [text.replace("\N{MINUS SIGN}", "-").replace(",", "") for text in cells if "with" not in text]
    cents = sum(round(100 * float(amount)) for amount in amounts)
    assert cents == sqlite_site.row(ReplanRow, replan_id).cost_change_cents
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Why?").fill("Ben insists on Kim")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator(".proposal")).to_have_count(0)
    replan = sqlite_site.row(ReplanRow, replan_id)
    assert (replan.state, replan.error) == ("rejected", "Ben insists on Kim")


def test_a_search_is_asked_for_and_stopped(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """No worker has begun it yet: it ends without a change. Neither dialog nor pane has a barrier."""
    page = pages.open(sqlite_site, "/board", "dispatcher")
    page.get_by_role("button", name="Rebalance").click()
    page.get_by_role("radio", name="Give a route to others").check()
    page.get_by_label("Whose route?").select_option("Kim Kaiser")
    check_axe(page)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("waiting for a worker")).to_be_visible()
    check_axe(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped: the plan stays as it is.")).to_be_visible()


def test_a_proposal_that_comes_by_itself_is_heard(sqlite_site: Site, pages: Pages) -> None:
    """Its figures follow what is chosen; a telephone offers no board to draw it on, and Back leads to the lists."""
    _delay(sqlite_site)
    page = pages.open(sqlite_site, "/board", "dispatcher")
    expect(page.get_by_role("button", name="Proposals (0)")).to_be_visible()
    sqlite_site.replan()
    expect(page.get_by_role("status").filter(has_text="1 proposal waits for your decision.")).to_be_attached()
    page.get_by_role("button", name="Proposals (1)").press("Enter")
    panel = page.get_by_role("region", name="Proposals")
    expect(panel.get_by_text("Of it travel")).to_be_visible()
    panel.get_by_role("checkbox", name="All moves").click()
    expect(panel.get_by_text("Travel (if all of it)")).to_be_visible()
    expect(panel.get_by_role("definition").filter(has_text=re.compile("^0$"))).to_have_count(2)
    panel.get_by_role("button", name="Close").press("Enter")
    expect(page.get_by_role("button", name="Proposals (1)")).to_be_focused()
    telephone = pages.open(sqlite_site, "/board", "dispatcher", viewport=PHONE)
    waiting = telephone.get_by_role("button", name="A proposal waits")
    waiting.click()
    expect(telephone.get_by_role("button", name="Approve all")).to_be_visible()
    expect(telephone.get_by_role("button", name="Show on board")).to_have_count(0)
    telephone.get_by_role("table").get_by_role("rowheader").first.get_by_role("button").click()
    expect(telephone.locator("#detail-title")).to_be_visible()
    telephone.go_back()
    expect(telephone.get_by_role("button", name="Approve all")).to_be_visible()
    telephone.go_back()
    expect(waiting).to_be_focused()


def test_proposals_have_no_barriers(sqlite_site: Site, pages: Pages, check_axe: Callable[[Page], None]) -> None:
    """On a desk and on a telephone."""
    _delay(sqlite_site)
    sqlite_site.replan()
    for size in (DESKTOP, PHONE):
        page = pages.open(sqlite_site, "/board", "dispatcher", viewport=size)
        page.get_by_role("button", name=re.compile("Proposals|proposal waits")).click()
        expect(page.get_by_role("button", name="Approve all")).to_be_visible()
        check_axe(page)
