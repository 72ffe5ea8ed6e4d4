"""The interactive page: Swagger UI, from files of an installed package; nothing comes from the network."""

from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

ASSETS: Final = "/docs/assets"

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fieldops API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{ASSETS}/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""


def install(app: FastAPI) -> None:
    """Add the page at ``/docs``."""
    app.mount(ASSETS, StaticFiles(directory=str(files("fastapi_offline").joinpath("static"))), name="assets")
    app.add_api_route("/docs", _page, include_in_schema=False)
    app.add_api_route("/docs/start.js", _start, include_in_schema=False)


async def _page(_request: Request) -> Response:
    return HTMLResponse(_PAGE)


async def _start(_request: Request) -> Response:
    return Response(_START, media_type="text/javascript")
