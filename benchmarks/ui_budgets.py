"""
Measure the web front end: how much each page loads, and how fast the dispatch board is with many rows.

Run from the repository, with the front end built: ``.venv/bin/python benchmarks/ui_budgets.py [--out FILE.csv]``, which
also writes FILE.md. Boards of 60 technicians with 500 visits and of 200 with 2,000, all of them booked, on a day whose
local time is shortly before noon; a real server, Debian's Chromium without a GPU.

* sizes: scripts and style sheets, gzip, as the server sends them; of the board until the first visit is drawn, with
  the map, and with what it fetches when the browser is idle;
* first paint: anything at all, and the first visit;
* a live change: from its arrival on the stream until the frame that shows it is painted;
* frames: how long they take while rows scroll, while hours scroll, while a visit is dragged over rows, and that again
  on a processor a quarter as fast.
"""

import argparse
import csv
import re
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import service_data
import ui_browser
from live_events import LOCAL_HOUR, Day, _ShortVisits, being_served, catch_up, day_of, make_live_key, new_event, report
from service_data import CACHE, Size
from service_server import Client, filled_database, serving

from fieldops.bench.machine import machine_facts
from fieldops.settings import Settings
from fieldops.usecases.actor import SYSTEM, Role
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.users import create_user
from fieldops.usecases.work import transact
from fieldops.wiring import make_context, migrate

DIST: Final = Path(__file__).parents[1] / "web" / "dist"
PAGES: Final = ("board", "book", "track", "tech", "ops", "customers", "login")
#: Kilobytes, of the design; a page without a number here has no budget of its own.
BUDGETS_KB: Final[Mapping[str, int]] = {"track": 80}
#: Of the board, without its map and with it: what it loads depends on how it is looked at.
BOARD_KB, BOARD_WITH_MAP_KB = 28, 78
#: What the prototype took: milliseconds, elements; of frames and changes the 95th percentile.
GOALS: Final[Mapping[tuple[int, int], Mapping[str, str]]] = {
    (60, 500): {"paint": "376", "elements": "863", "change": "p95 18", "rows": "p95 50", "slowly": "p95 17"},
    (200, 2_000): {"paint": "616", "elements": "1798", "change": "p95 18", "rows": "p95 33", "slowly": "p95 33"},
}
#: A frame of 60 a second.
FRAME: Final = "p95 17"
EMAIL, PASSWORD = "board@example.com", "a board that is measured"
NUM_CHANGES: Final = 20
COLUMNS: Final = ("board", "measured", "found", "goal")
Row = tuple[str, str, str, str]


def page_sizes() -> list[Row]:
    """Sum up what the document of each page names: what it needs before it can show anything."""
    rows = []
    for page in PAGES:
        named = set(re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', (DIST / f"{page}.html").read_text()))
        size = sum((DIST / f"{name}.gz").stat().st_size for name in named) / 1_000
        goal = f"{BUDGETS_KB[page]}" if page in BUDGETS_KB else ""
        rows.append((page, "script and style, gzip, KB", f"{size:.0f}", goal))
    return rows


def day_file(technicians: int, visits: int) -> Path:
    """Fill a SQLite file with a day that is under way now, or take the one that was filled this hour."""
    now = datetime.now(UTC).replace(microsecond=0)
    offset = (LOCAL_HOUR - now.hour + 12) % 24 - 12
    service_data.ZONE = ZoneInfo(f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT")
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"board-{technicians}-{visits}-{now:%Y%m%d%H}.db"
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    ctx = make_context(Settings(_env_file=None, database_url=f"sqlite:///{unfinished}"))
    size = Size(name="Board", technicians=technicians, dates=1, booked=visits, waiting=visits * 4 // 5)
    try:
        migrate(ctx.database)
        service_data._fill(ctx, _ShortVisits(0, now - timedelta(days=1)), size)
    finally:
        ctx.database.close()
    # What is in the journal only would stay behind.
    with closing(sqlite3.connect(unfinished)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return unfinished.rename(path)


def add_dispatcher(url: str) -> None:
    """Add somebody who may look at the board."""
    ctx = make_context(Settings(_env_file=None, database_url=url))
    try:
        transact(
            ctx,
            SYSTEM,
            create_user,
            email=EMAIL,
            name="Board",
            role=Role.DISPATCHER,
            password_hash=hash_password(PASSWORD),
        )
    finally:
        ctx.database.close()


def measure_board(browser: ui_browser.Browser, technicians: int, visits: int) -> list[Row]:
    """Open one board and measure it."""
    name, goals = f"{technicians} x {visits:,}", GOALS.get((technicians, visits), {})
    with filled_database("sqlite", day_file(technicians, visits)) as url:
        add_dispatcher(url)
        key, day = make_live_key(url), day_of(url)
        with serving(url) as address:
            client = Client(address, key)
            catch_up(client, day)
            client.close()
            site = f"http://{address[0]}:{address[1]}"
            paints = []
            for _ in range(3):
                with ui_browser.board_page(browser, site, EMAIL, PASSWORD) as page:
                    paints.append(ui_browser.first_paint(page))
            first, drawn = np.median(np.array(paints), axis=0)
            with ui_browser.board_page(browser, site, EMAIL, PASSWORD) as page:
                until_drawn, with_map, in_all = (size / 1_000 for size in ui_browser.loaded_bytes(page))
                num_nodes = ui_browser.nodes(page)
                changes = live_changes(page, address, key, day)
                rows_scrolled = ui_browser.scroll_frames(page, "scrollTop", 11)
                page.get_by_role("button", name="2 h", exact=True).click()
                page.wait_for_timeout(500)
                hours_scrolled = ui_browser.scroll_frames(page, "scrollLeft", 11)
                page.get_by_role("button", name="Day", exact=True).click()
                page.wait_for_timeout(500)
                dragged = ui_browser.drag_frames(page)
                slowly = ui_browser.drag_frames(page, throttle=4)
    return [
        (name, "loaded until the first visit, gzip, KB", f"{until_drawn:.0f}", f"{BOARD_KB}"),
        (name, "that and the map, gzip, KB", f"{with_map:.0f}", f"{BOARD_WITH_MAP_KB}"),
        (name, "loaded in all, gzip, KB", f"{in_all:.0f}", ""),
        (name, "first contentful paint, ms (of 3)", f"{first:.0f}", goals.get("paint", "")),
        (name, "first visit in the page, ms (of 3)", f"{drawn:.0f}", ""),
        (name, "elements of the page", f"{num_nodes}", goals.get("elements", "")),
        (name, "live change until painted, ms", ui_browser.tail(changes), goals.get("change", "")),
        (name, "frame, rows scrolling, ms", ui_browser.tail(rows_scrolled), goals.get("rows", "")),
        (name, "frame, hours scrolling, ms", ui_browser.tail(hours_scrolled), FRAME),
        (name, "frame, dragging, ms", ui_browser.tail(dragged), FRAME),
        (name, "frame, dragging, CPU 4x slower, ms", ui_browser.tail(slowly), goals.get("slowly", "")),
    ]


def live_changes(page: ui_browser.Page, address: tuple[str, int], key: str, day: Day) -> list[float]:
    """Let visits in the window take a minute longer, one after the other, and time until each is painted."""
    seen = ui_browser.visits_in_window(page)
    served = [visit_id for _, visit_id in being_served(day) if visit_id in seen][:NUM_CHANGES]
    ui_browser.painted(page)
    for visit_id in served:
        client = Client(address, key)
        report(client, [new_event("extended", datetime.now(UTC), visit_id=visit_id, minutes=1)])
        client.close()
        time.sleep(0.4)
    page.wait_for_timeout(500)
    return ui_browser.painted(page)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--boards", nargs="*", default=[f"{people}x{visits}" for people, visits in GOALS])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = page_sizes()
    with ui_browser.browsing(options.chromium) as browser:
        version = browser.version
        for board in options.boards:
            people, visits = (int(number) for number in board.split("x"))
            rows += measure_board(browser, people, visits)
    lines = ["### The web front end: sizes, and the board with many rows", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["", "Three numbers: middle / 95th percentile / largest. A frame of 60 a second is 16.7 ms."]
    facts = {**machine_facts(), "browser": f"Chromium {version} without a GPU, 1600 x 900", "database": "SQLite"}
    lines += ["", "; ".join(f"{name}: {value}" for name, value in facts.items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(rows)


if __name__ == "__main__":
    main()
