"""
The login of a browser: its refresh token in a cookie that no script can read.

A page keeps its access token in memory, so a script that somebody smuggled in cannot carry the login away. Browsers
send cookies by themselves, however, also when a foreign page asks them to. Two things keep those out: the cookie is
``SameSite=Strict``, and who uses it has to show that the request comes from a page of this service. Browsers say so
(``Sec-Fetch-Site``); one that does not has to send JSON, which a form cannot and a foreign script only may after asking
us, and nobody here says yes.
"""

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fieldops.errors import Forbidden
from fieldops.settings import Settings

COOKIE: Final = "fieldops_refresh"
PATH: Final = "/v1/auth"
#: Longer ones are not ours.
_LONGEST: Final = 200


def require_own_page(request: Request) -> None:
    """
    Refuse what a page of somebody else may have made the browser send.

    Raises
    ------
    Forbidden
    """
    site = request.headers.get("sec-fetch-site")
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if not (is_json if site is None else site == "same-origin"):
        raise Forbidden("a login in a cookie is for pages of this service only, which send application/json")


def token_in_cookie(request: Request) -> str | None:
    """
    Return the refresh token that the browser sent along; None = no cookie.

    Raises
    ------
    Forbidden
        When there is one, but a foreign page may have asked.
    """
    token = request.cookies.get(COOKIE)
    if token is None:
        return None
    require_own_page(request)
    return token if len(token) <= _LONGEST and token.isascii() else ""


def set_cookie(response: Response, request: Request, token: str, expires_at: datetime) -> None:
    """Give the browser the refresh token to keep, at most until it expires; over TLS only where there is TLS."""
    context = request.app.state.context
    seconds = int((expires_at - context.clock.now()).total_seconds())
    response.set_cookie(
        COOKIE, token, max_age=seconds, path=PATH, secure=_is_secure(request), httponly=True, samesite="strict"
    )


def clear_cookie(response: Response, request: Request) -> None:
    """Make the browser forget it."""
    response.delete_cookie(COOKIE, path=PATH, secure=_is_secure(request), httponly=True, samesite="strict")


def _is_secure(request: Request) -> bool:
    """Whether the browser got here over TLS, or is meant to: a proxy may not have said."""
    settings: Settings = request.app.state.context.settings
    return request.url.scheme == "https" or settings.public_url.startswith("https://")
