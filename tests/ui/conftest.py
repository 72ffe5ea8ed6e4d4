"""
Browsers for the tests of the pages: Debian's Chromium against a real server.

The pages do not know what the database is, and what they ask for is tested on both kinds; so their stories run on
SQLite, except those of several who write at the same time, or over and over: these carry `on_both_sites`.
"""

import os
import shutil
from asyncio import AbstractEventLoop, _get_running_loop, _set_running_loop
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fieldops.store.database import Database
from ui_pages import Pages
from ui_site import Site, serve_site

WEB: Final = Path(__file__).parents[2] / "web"
#: What is not ours stays out: the browser would look for updates, and for networks there are none of.
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
#: WCAG 2.2 AA, as far as a program can judge it.
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def _started() -> Iterator[tuple[Browser, AbstractEventLoop | None]]:
    """Start the browser once, and say which loop it is spoken to in."""
    # The one without windows of its own takes half as long.
    path = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        pytest.fail("no Chromium: apt install chromium-headless-shell, or say where it is: CHROMIUM=/path/to/chromium")
    if not (WEB / "dist" / "board.html").exists():
        pytest.fail("the web front end is not built: make web")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        loop = _get_running_loop()
        _set_running_loop(None)
        yield chromium, loop
        _set_running_loop(loop)
        chromium.close()


@pytest.fixture
def browser(_started: tuple[Browser, AbstractEventLoop | None]) -> Iterator[Browser]:
    """Give the browser; every test gets a fresh profile in it."""
    chromium, loop = _started
    # Playwright leaves its loop running for good: no test after these could run one of its own.
    _set_running_loop(loop)
    yield chromium
    _set_running_loop(None)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Serve the small company from a database without rows: SQLite, or what `on_both_sites` says."""
    database: Database = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_database")
    with serve_site(database) as served:
        yield served


@pytest.fixture
def sqlite_site(site: Site) -> Site:
    """Serve it from SQLite."""
    return site


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    """Give what opens pages; fails when one of them broke or was refused something."""
    opened = Pages(browser)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.faults == []


@pytest.fixture(scope="session")
def check_axe() -> Callable[[Page], None]:
    """Give the check that a page has no barrier that axe can find, in light and in dark, and fits its width."""
    source = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.evaluate(source)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found = page.evaluate("rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES)
            said = [f"{theme}: {it['id']}: {node['html']}" for it in found["violations"] for node in it["nodes"]]
            assert said == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than its window"

    return check
