"""What one person does on a page is seen by another one on theirs."""

from playwright.sync_api import expect
from test_ui_board import pick_up

from ui_pages import PHONE, Pages
from ui_site import Site, on_both_sites


@on_both_sites
def test_a_dispatcher_drags_a_visit_and_the_customers_page_changes(site: Site, pages: Pages) -> None:
    """Kim was to come to Ben; a moment after Mo got the visit, Ben reads that it is Mo who comes."""
    site.report("started", "Ada", at="08:10")
    site.clock_at("08:40")
    customer = pages.open(site, f"/track#token={site.link('Ben')}", viewport=PHONE)
    expect(customer.get_by_text("Who comes: Kim")).to_be_visible()
    board = pages.open(site, "/board", "dispatcher")
    pick_up(board, "Ben Bishop", "Mo", before="Hana Hayes")
    expect(board.locator(".tip")).to_contain_text("Mo Mbeki")
    board.mouse.up()
    expect(customer.get_by_text("Who comes: Mo")).to_be_visible()
