"""The app: everything that answers, wired together over one context."""

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fieldops.api import documentation, health, web
from fieldops.api.edge import Edge
from fieldops.api.errors import install_error_handlers
from fieldops.api.limits import Limits
from fieldops.api.metrics import Metrics
from fieldops.api.openapi import install_openapi
from fieldops.api.routes import ROUTERS
from fieldops.api.stream_hub import StreamHub
from fieldops.files.web import web_folder
from fieldops.usecases.context import Context

_DESCRIPTION: Final = """\
Field-service scheduling and dispatch: narrow appointment windows, kept.

Errors are problem documents (RFC 9457) with a stable `code`. Instants carry an offset. Money is in cents. A POST may
carry an `Idempotency-Key`: repeating it then gives the same answer and changes nothing.
"""


def create_app(context: Context) -> FastAPI:
    """
    Make the app.

    Parameters
    ----------
    context
        Stays the caller's: nothing in it is opened or closed here.
    """
    app = _operations()
    app.state.context = context
    app.state.limits = Limits(context.settings)
    app.state.metrics = Metrics(context)
    app.state.streams = StreamHub(context.database)
    documentation.install(app)
    web.install(app, context.settings, web_folder())
    install_error_handlers(app)
    app.add_middleware(Edge, metrics=app.state.metrics, settings=context.settings)
    if context.settings.trusted_proxies:
        # Outermost: whatever looks at addresses comes after it.
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(context.settings.trusted_proxies))
    return app


def openapi_document() -> dict[str, Any]:
    """Describe all operations as OpenAPI does; needs neither settings nor a database."""
    return _operations().openapi()


def _operations() -> FastAPI:
    """Make an app that knows its operations and nothing to work with."""
    app = FastAPI(
        title="fieldops",
        version=version("fieldops"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    app.include_router(health.router)
    install_openapi(app)
    return app
