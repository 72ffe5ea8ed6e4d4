"""
The outermost layer of the service: every request passes here once on its way in and once on its way out.

In: a request id, the body read up to its limit, text that can be stored. Out: security headers, one line in the log,
one observation in the metrics, and an answer even when our own code broke.
"""

import re
import time
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldops.api.bodies import Disconnected, check_text, read_body, replayed, request_hash
from fieldops.api.headers import add_security_headers
from fieldops.api.metrics import Metrics
from fieldops.api.problems import problem_response
from fieldops.errors import FieldopsError, InternalError
from fieldops.settings import Settings
from fieldops.store.ids import new_id

log = structlog.get_logger("fieldops.api")

#: Ids of requests that callers may bring along.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Status in the log of a request whose client went away.
_CLIENT_GONE: Final = 499
#: Methods that metrics tell apart; a client can invent others without end.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Edge:
    """
    The middleware.

    Parameters
    ----------
    metrics
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, settings: Settings) -> None:
        self.app = app
        self.metrics = metrics
        self.max_body_bytes = settings.max_body_bytes
        self.hash_key = b"request:" + settings.secret.get_secret_value().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = _request_id(scope)
        status = 0
        took_s: float | None = None

        async def send_on(message: Message) -> None:
            nonlocal status, took_s
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/event-stream"):
                    took_s = time.perf_counter() - started  # how long it goes on says nothing about us
                headers["X-Request-ID"] = state["request_id"]
                add_security_headers(headers, path=scope["path"], is_https=scope["scheme"] == "https")
            await send(message)

        try:
            await self._serve(scope, receive, send_on)
        except Disconnected:
            status = _CLIENT_GONE
        except Exception as error:
            log.exception("request_failed", request_id=state["request_id"], error=type(error).__name__)
            if status:  # the answer is half out; breaking the connection is all there is left to say
                raise
            await problem_response(InternalError(), state["request_id"])(scope, receive, send_on)
        finally:
            self._record(scope, status or _CLIENT_GONE, took_s or time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the request, then let the app answer it."""
        try:
            body = await read_body(scope, receive, self.max_body_bytes)
            check_text(scope, body)
        except FieldopsError as error:
            await problem_response(error, scope["state"]["request_id"])(scope, receive, send)
            return
        scope["state"]["request_hash"] = request_hash(scope, body, self.hash_key)
        await self.app(scope, replayed(body, receive), send)

    def _record(self, scope: Scope, status: int, duration_s: float) -> None:
        """Write the line and the observation."""
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.observe(method, route, status, duration_s)
        state = scope["state"]
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(duration_s * 1_000, 1),
            actor=state.get("actor_id", "anonymous"),
            request_id=state["request_id"],
        )


def _request_id(scope: Scope) -> str:
    """Take the id the caller gave, when it is well formed."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id("rq")


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered: ``/v1/bookings/{booking_id}``; never the address itself."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    route = included if included is not None else scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return path if isinstance(path, str) else "(none)"
