"""
Take the pictures of the pages: light, dark, and on a phone, from a day under way in the sample city.

Run from the repository, with the pages built: ``.venv/bin/python docs/images/pages/take.py``. Takes about four minutes;
writes ``<page>-<look>.png`` beside itself.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

HERE: Final = Path(__file__).parent
LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "light": {"viewport": {"width": 1440, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
}
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Demonstration:
    """
    The demonstration in a process of its own.

    Attributes
    ----------
    said
        What it has printed.
    """

    def __init__(self, speed: int) -> None:
        command = [sys.executable, "-c", "from fieldops.cli import main; main()", "demo", "--live", "--port", "0"]
        self.process = subprocess.Popen([*command, "--speed", str(speed)], stdout=subprocess.PIPE, text=True)
        self.said = ""
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def find(self, pattern: str, within_s: float = 120) -> str:
        """Wait until something is printed."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            found = re.search(pattern, self.said)
            if found:
                return found[1]
            time.sleep(0.2)
        raise SystemExit(f"the demonstration did not say {pattern}:\n{self.said}")


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wait", type=float, default=150, help="seconds of the demonstration before the first picture")
    parser.add_argument("--speed", type=int, default=60)
    options = parser.parse_args()
    shown = Demonstration(options.speed)
    try:
        url = shown.find(r"fieldops is up: (\S+)")
        passwords = {
            role: shown.find(rf"{role}@example\.com\s+password (\S+)") for role in ("dispatcher", "ops", "technician")
        }
        time.sleep(options.wait)
        with sync_playwright() as playwright:
            path = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            tokens = {role: _log_in(browser, url, role, password) for role, password in passwords.items()}
            for look in LOOKS:
                _take(browser, url, tokens, look)
            browser.close()
    finally:
        shown.process.terminate()
        shown.process.wait(timeout=60)


def _log_in(browser: Browser, url: str, role: str, password: str) -> tuple[str, Path]:
    """Log in once, for all pictures; gives a token, and where the cookie is kept."""
    context = browser.new_context(base_url=url)
    body = {"email": f"{role}@example.com", "password": password}
    token = str(context.request.post("/v1/auth/login", data=body).json()["access_token"])
    context.request.post("/v1/auth/login", data={**body, "cookie": True})
    kept = Path(tempfile.mkdtemp()) / f"{role}.json"
    context.storage_state(path=kept)
    context.close()
    return token, kept


def _take(browser: Browser, url: str, tokens: Mapping[str, tuple[str, Path]], look: str) -> None:
    """Take one picture of every page."""
    for role, pages in PAGES.items():
        token, kept = tokens.get(role, (tokens["dispatcher"][0], None))
        context = browser.new_context(base_url=url, storage_state=kept, **LOOKS[look])
        for name, show in pages.items():
            page = context.new_page()
            page.set_default_timeout(30_000)
            show(page, token)
            page.wait_for_timeout(1_500)
            page.screenshot(path=HERE / f"{name}-{look}.png")
            page.close()
        if kept is not None:
            # The cookie was renewed meanwhile.
            context.storage_state(path=kept)
        context.close()


def _board(page: Page, _token: str) -> None:
    page.goto("/board")
    page.wait_for_timeout(2_000)
    bars = page.locator(".bar.late, .bar.at_risk, .bar.planned")
    if bars.count():
        bars.first.click()


def _ops(page: Page, _token: str) -> None:
    page.goto("/ops")


def _customers(page: Page, token: str) -> None:
    page.goto(f"/customers?visit={_visit(page, token)['visit_id']}")


def _booking(page: Page, token: str) -> None:
    address = _track(page, token)["site"]["address"]
    page.goto("/book")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio").first.check()
    for choice in page.locator("select[required]").all():
        choice.select_option(index=1)
    page.get_by_role("button", name="Show free times").click()
    page.get_by_role("radio").first.wait_for()


def _tracking(page: Page, token: str) -> None:
    page.goto(f"/track#token={_link(page, token)}")


def _tech(page: Page, _token: str) -> None:
    page.goto("/tech")


def _login(page: Page, _token: str) -> None:
    page.goto("/login")


def _get(page: Page, token: str, path: str) -> Any:
    return page.request.get(path, headers={"Authorization": f"Bearer {token}"}).json()


def _visit(page: Page, token: str) -> dict[str, Any]:
    """Find a visit that somebody will drive to for long, or else one that is ahead."""
    territory = _get(page, token, "/v1/territories")["items"][0]
    now = _get(page, token, "/v1/ui-config")["now"]
    day = time.strftime("%Y-%m-%d", time.strptime(now[:10], "%Y-%m-%d"))
    live = _get(page, token, f"/v1/territories/{territory['id']}/live/{day}")
    traveling = {it["visit_id"] for it in live["progress"] if it["phase"] == "traveling"}
    seen = {it["technician_id"] for it in live["technicians"] if it["latitude"] is not None}
    etas = sorted(live["etas"], key=lambda eta: str(eta["arrival_at"]), reverse=True)
    etas.sort(key=lambda eta: (eta["visit_id"] not in traveling, eta["technician_id"] not in seen))
    stops = {stop["visit_id"]: stop for route in live["plan"]["routes"] for stop in route["stops"]}
    return next(stops[eta["visit_id"]] for eta in etas if stops.get(eta["visit_id"], {}).get("window_start"))


def _link(page: Page, token: str) -> str:
    order = _visit(page, token)["work_order_id"]
    made = page.request.post(
        "/v1/links", headers={"Authorization": f"Bearer {token}"}, data={"purpose": "customer", "subject_id": order}
    )
    return str(made.json()["token"])


def _track(page: Page, token: str) -> Any:
    return _get(page, _link(page, token), "/v1/track")


PAGES: Final[Mapping[str, Mapping[str, Callable[[Page, str], None]]]] = {
    "dispatcher": {"board": _board, "customers": _customers},
    "ops": {"ops": _ops},
    "technician": {"tech": _tech},
    "customer": {"login": _login, "booking": _booking, "tracking": _tracking},
}

if __name__ == "__main__":
    main()
