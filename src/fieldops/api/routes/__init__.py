"""The addresses, one module per noun. A router names its prefix (``/customers``); the app puts ``/v1`` before it."""

from typing import Final

from fastapi import APIRouter

#: All routers of the API.
ROUTERS: Final[tuple[APIRouter, ...]] = ()
