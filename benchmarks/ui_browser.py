"""A browser that measures the dispatch board: what is painted when, how long frames take, how much there is to draw."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WINDOW: Final = {"width": 1600, "height": 900}
#: How many frames are scrolled, and for how many seconds something is dragged.
FRAMES: Final = 240
DRAG_S: Final = 4.0
#: Notes when the first visit is in the page, when something arrives on the stream, and when that is painted: the
#: message is handled right after the frame in which the page changed.
WATCH: Final = """
window.measured = { drawn: null, painted: [] };
let arrived = null;
const read = ReadableStreamDefaultReader.prototype.read;
ReadableStreamDefaultReader.prototype.read = function (...given) {
  return read.apply(this, given).then((result) => {
    if (typeof result.value === 'string' && result.value.includes('event: eta')) arrived = performance.now();
    return result;
  });
};
const channel = new MessageChannel();
channel.port1.onmessage = (message) => measured.painted.push(performance.now() - message.data);
new MutationObserver(() => {
  if (measured.drawn === null && document.querySelector('.bar')) measured.drawn = performance.now();
  if (arrived === null) return;
  channel.port2.postMessage(arrived);
  arrived = null;
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
RECORD: Final = """
window.frames_ = []; window.isRecording = true;
(() => {
  let before = performance.now();
  const next = (at) => { frames_.push(at - before); before = at; if (isRecording) requestAnimationFrame(next); };
  requestAnimationFrame(next);
})();
"""
SCROLL: Final = """
([axis, by, frames]) => new Promise((done) => {
  const it = document.querySelector('.timeline');
  let left = frames, step = by;
  const next = () => {
    const most = axis === 'scrollTop' ? it.scrollHeight - it.clientHeight : it.scrollWidth - it.clientWidth;
    if (it[axis] + step > most || it[axis] + step < 0) step = -step;
    it[axis] += step;
    if (--left > 0) requestAnimationFrame(next); else done();
  };
  requestAnimationFrame(next);
})
"""
LOADED: Final = """
(() => {
  const loaded = performance.getEntriesByType('resource').filter((it) => /\\.(js|css)$/.test(it.name));
  const sum = (isMeant) => loaded.filter(isMeant).reduce((sum, it) => sum + it.encodedBodySize, 0);
  const isFirst = (it) => it.responseEnd <= measured.drawn;
  return [sum(isFirst), sum((it) => isFirst(it) || /\\/(leaflet|Map\\w+)-/.test(it.name)), sum(() => true)];
})()
"""


@contextmanager
def browsing(executable: str) -> Iterator[Browser]:
    """Run a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def board_page(browser: Browser, url: str, email: str, password: str) -> Iterator[Page]:
    """Open the board in a fresh profile, signed in, and wait until it is drawn and its map is."""
    context = browser.new_context(base_url=url, viewport=WINDOW, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        answer = context.request.post(
            "/v1/auth/login", data={"email": email, "password": password, "cookie": True}, timeout=60_000
        )
        if not answer.ok:
            raise RuntimeError(f"the login was refused: {answer.text()}")
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto("/board")
        page.wait_for_selector(".bar", timeout=60_000)
        page.wait_for_timeout(3_000)
        yield page
    finally:
        context.close()


def first_paint(page: Page) -> tuple[float, float]:
    """Say when anything was painted first, and when the first visit was in the page, milliseconds from the start."""
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return float(paint), float(page.evaluate("measured.drawn"))


def nodes(page: Page) -> int:
    """Count the elements of the page."""
    return int(page.evaluate("document.querySelectorAll('*').length"))


def visits_in_window(page: Page) -> set[str]:
    """Name the visits that are drawn: what changes elsewhere is not painted."""
    return set(page.evaluate("[...document.querySelectorAll('.bar')].map((bar) => bar.dataset.visit)"))


def loaded_bytes(page: Page) -> tuple[int, int, int]:
    """Sum up scripts and style sheets, compressed: until the first visit was drawn, those and the map's, and all."""
    until_drawn, with_map, in_all = page.evaluate(LOADED)
    return int(until_drawn), int(with_map), int(in_all)


def painted(page: Page) -> list[float]:
    """Take what was measured of changes that arrived: from the arrival until right after the frame, milliseconds."""
    found: list[float] = page.evaluate("measured.painted.splice(0)")
    return found


def scroll_frames(page: Page, axis: str, by: int) -> list[float]:
    """Scroll every frame by so many pixels, to and fro; gives how long frames took, milliseconds."""
    page.evaluate(RECORD)
    page.evaluate(SCROLL, [axis, by, FRAMES])
    return _recorded(page)


def drag_frames(page: Page, throttle: int = 1) -> list[float]:
    """Carry a visit over rows, to and fro; gives how long frames took, milliseconds."""
    page.evaluate("document.querySelector('.timeline').scrollTop = 0")
    page.wait_for_timeout(300)
    session: CDPSession = page.context.new_cdp_session(page)
    bar = page.locator(".bar.movable").nth(5)
    box = bar.bounding_box()
    assert box is not None, "there is a visit to be dragged"
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    x, y = box["x"] + 6, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 4, steps=3)
    page.evaluate(RECORD)
    until, step = time.perf_counter() + DRAG_S, 0
    while time.perf_counter() < until:
        step += 1
        page.mouse.move(x + 12 + (step * 7) % 300, 200 + (step * 5) % 500)
    frames = _recorded(page)
    page.keyboard.press("Escape")
    page.mouse.up()
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.wait_for_timeout(300)
    return frames


def _recorded(page: Page) -> list[float]:
    found: list[float] = page.evaluate("(isRecording = false, frames_.slice(1))")
    return found


def tail(milliseconds: Sequence[float]) -> str:
    """Write the middle, the 95th percentile and the largest."""
    if not milliseconds:
        raise RuntimeError("nothing was measured")
    figures = np.percentile(np.array(milliseconds), (50, 95, 100))
    return " / ".join(f"{figure:.0f}" for figure in figures)
