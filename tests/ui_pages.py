"""Pages in browsers of their own, and what went wrong in them."""

from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from api_worlds import PASSWORD
from ui_site import Site

DESKTOP: Final[ViewportSize] = {"width": 1440, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
#: How long a page may take: a busy machine is no fault.
PATIENCE_MS: Final = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Pages:
    """
    Opens pages, each in a browser of its own, and keeps what went wrong in them.

    Attributes
    ----------
    faults
        Errors on consoles, among them what the content security policy refused.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def context(self, site: Site, user: str | None = None, **options: Any) -> BrowserContext:
        """Make a profile, in which somebody (``dispatcher``, ``ops``, ``technician``) is signed in when named."""
        options = {"viewport": DESKTOP, "base_url": site.url, "locale": "en-US", **options}
        # The browser's own zone is far from the territory's: whoever mixes them up is found out.
        context = self.browser.new_context(timezone_id="Asia/Tokyo", reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if user is not None:
            body = {"email": site.users[user], "password": PASSWORD, "cookie": True}
            answer = context.request.post("/v1/auth/login", data=body)
            assert answer.ok, answer.text()
        context.on("page", self._listen)
        return context

    def open(self, site: Site, path: str, user: str | None = None, **options: Any) -> Page:
        """Open a page in a fresh profile."""
        page = self.context(site, user, **options).new_page()
        page.goto(path)
        return page

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser itself writes a line for every answer of 400 and more, and for every lost connection.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)
