"""The addresses, one module per noun. A router names its prefix (``/customers``); the app puts ``/v1`` before it."""

from typing import Final

from fastapi import APIRouter

from fieldops.api.routes import api_keys, audit, auth, links, territories, users

#: All routers of the API.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    auth.router,
    users.router,
    api_keys.router,
    links.router,
    territories.router,
    audit.router,
)
