"""
The web front end: pages, and what they load, as `make web` built them.

Addresses of pages are pretty and stay; names of assets carry a hash of their content, so that browsers keep them for
good. The build writes a ``.gz`` beside what is worth compressing, and who accepts that is sent it as it is.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fieldops.api.conditional import accepts_gzip, is_known
from fieldops.api.problems import problem_response, request_id_of
from fieldops.errors import NotFound
from fieldops.settings import Settings

#: Which file shows a page. Links in messages lead to /booking, /track and /survey (`fieldops.usecases.message_text`).
PAGES: Final[Mapping[str, str]] = {
    "/": "board.html",
    "/board": "board.html",
    "/book": "book.html",
    "/book/{territory_id}": "book.html",
    "/booking": "track.html",
    "/track": "track.html",
    "/survey": "track.html",
    "/tech": "tech.html",
    "/ops": "ops.html",
    "/customers": "customers.html",
    "/login": "login.html",
}
#: What makes the day of technicians installable; at the root because of its reach.
WORKER: Final = "sw.js"
_FIXED: Final = (WORKER, "manifest.webmanifest")
#: A worker lives by the policy it came with, not by that of its page: it loads what it keeps from here.
_WORKER_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
ASSETS: Final = "/assets/{name:path}"
BOOKING: Final = "book.html"
NOT_BUILT: Final = "The web front end is not built: make web\n"

_NO_CACHE: Final = "no-cache"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASSET_NAME: Final = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file of the build as it is sent; `tag` is its entity tag."""

    content: bytes
    tag: str


def install(app: FastAPI, settings: Settings, folder: Path) -> None:
    """
    Add the pages.

    Parameters
    ----------
    folder
        Of the build. It is looked into with every request: building while the service runs needs no restart, unless
        there are new files outside of ``assets``.
    """

    def add(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        async def serve(request: Request) -> Response:
            request.scope["route"] = route  # FastAPI says so of its own; figures and log name the template
            return await endpoint(request)

        route = Route(path, serve, methods=["GET"])
        app.router.routes.append(route)

    policies = {name: _page_headers(settings, name) for name in PAGES.values()}
    for path, name in PAGES.items():
        add(path, partial(_send_named, folder / name, policies[name]))
    others = {file.relative_to(folder).as_posix() for file in _outside_of_assets(folder) if _is_fixed(file)}
    for name in sorted(others | set(_FIXED)):
        headers = {"Cache-Control": _NO_CACHE, **(_WORKER_HEADERS if name == WORKER else {})}
        add(f"/{name}", partial(_send_named, folder / name, headers))
    add(ASSETS, partial(_send_asset, folder / "assets"))


def tiles_origin(settings: Settings) -> str | None:
    """Return where the pages load map tiles from, as a content security policy names it; None = from this service."""
    parts = urlsplit((settings.tiles_url or "").replace("{s}.", "*."))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def _outside_of_assets(folder: Path) -> Iterator[Path]:
    """List what has a name of its own; `assets` may hold hundreds of files."""
    for inner in folder.iterdir() if folder.is_dir() else ():
        if inner.name != "assets":
            yield from inner.rglob("*") if inner.is_dir() else (inner,)


def _is_fixed(file: Path) -> bool:
    """Whether a file is one of those that are no pages: icons, the theme."""
    return file.suffix in _MEDIA_TYPES.keys() - {".html"} and file.is_file()


def _page_headers(settings: Settings, name: str) -> dict[str, str]:
    """Write what a page may do, and who may show it."""
    origin = tiles_origin(settings)
    tiles = f" {origin}" if origin else ""
    embedding = " ".join(settings.booking_embed_origins) if name == BOOKING else ""
    framed_by = embedding or "'none'"
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data:{tiles}",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        f"frame-ancestors {framed_by}",
    )
    headers = {"Cache-Control": _NO_CACHE, "Content-Security-Policy": "; ".join(policy)}
    if name != BOOKING:
        headers["X-Robots-Tag"] = "noindex"
    elif embedding:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return headers


async def _send_named(path: Path, headers: Mapping[str, str], request: Request) -> Response:
    """Send a file with a name of its own; say how to build it when it is missing."""
    found = await run_in_threadpool(_response, request, path, headers)
    return PlainTextResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"}) if found is None else found


async def _send_asset(folder: Path, request: Request) -> Response:
    """Send a file that never changes under its name."""
    name = request.path_params["name"]
    found = None
    if _ASSET_NAME.fullmatch(name):
        found = await run_in_threadpool(_response, request, folder / name, {"Cache-Control": _FOR_GOOD})
    return problem_response(NotFound("address", name[:100]), request_id_of(request)) if found is None else found


def _response(request: Request, path: Path, headers: Mapping[str, str]) -> Response | None:
    """Answer with a file, compressed if there is one like that and the caller takes it; None = there is no file."""
    media_type = _MEDIA_TYPES.get(path.suffix)
    plain = _read(path)
    if plain is None or media_type is None:
        return None
    sent, answered = plain, {**headers, "Vary": "Accept-Encoding"}
    compressed = _read(path.with_name(f"{path.name}.gz"))
    if compressed is not None and accepts_gzip(request.headers.get("accept-encoding", "")):
        sent = compressed
        answered["Content-Encoding"] = "gzip"
    answered["ETag"] = sent.tag
    if is_known(request.headers.get("if-none-match", ""), sent.tag):
        answered.pop("Content-Encoding", None)
        return Response(status_code=304, headers=answered)
    return Response(sent.content, headers=answered, media_type=media_type)


def _read(path: Path) -> _File | None:
    """Read a file, or remember it as it was when nobody has written to it since."""
    try:
        status = path.stat()
        return _load(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _load(path: Path, _written_ns: int, _size: int) -> _File:
    content = path.read_bytes()
    return _File(content=content, tag=f'"{hashlib.sha256(content).hexdigest()[:32]}"')
