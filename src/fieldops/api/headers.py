"""Headers that tell browsers what not to do."""

from typing import Final

from starlette.datastructures import MutableHeaders

#: Answers are data: nothing in them may run, load or be framed.
_DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
#: The interactive page runs the scripts this service brings along, and talks to this service.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_security_headers(headers: MutableHeaders, *, path: str, is_https: bool) -> None:
    """Add what every answer carries; what an endpoint set itself stays."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    is_page = headers.get("content-type", "").startswith("text/html")
    policy = headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY)
    if "frame-ancestors 'none'" in policy:  # the older header knows no list of those who may
        headers.setdefault("X-Frame-Options", "DENY")
    if path.startswith("/v1/"):
        headers.setdefault("Cache-Control", "no-store")
    if is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
