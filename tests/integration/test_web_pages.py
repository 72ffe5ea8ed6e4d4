"""The built web front end as the service hands it out: which page where, kept how long, allowed to do what."""

import gzip
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.api.conditional import accepts_gzip, is_known
from fieldops.api.web import NOT_BUILT, PAGES
from fieldops.store.database import Database
from fieldops.usecases.context import Context
from worlds import make_context

PLAIN: Final = {"Accept-Encoding": "identity"}
SCRIPT: Final = "console.log('board');\n" * 100


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write what a build writes: pages, files with a name of their own, files whose name is their content."""
    folder = tmp_path / "dist"
    (folder / "assets" / "map").mkdir(parents=True)
    for name in set(PAGES.values()):
        (folder / name).write_text(f"<!doctype html><title>{name}</title>", encoding="utf-8")
    (folder / "sw.js").write_text("self.skipWaiting();", encoding="utf-8")
    (folder / "manifest.webmanifest").write_text('{"name": "fieldops"}', encoding="utf-8")
    (folder / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "assets" / "board-4f2a.js").write_text(SCRIPT, encoding="utf-8")
    (folder / "assets" / "board-4f2a.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets" / "map" / "leaflet-77.css").write_text(".map{}", encoding="utf-8")
    (folder / "secret.env").write_text("PASSWORD=1", encoding="utf-8")
    (tmp_path / "outside.js").write_text("out of bounds", encoding="utf-8")
    monkeypatch.setattr("fieldops.api.app.web_folder", lambda: folder)
    return folder


@pytest.fixture
def client(build: Path, ctx: Context) -> TestClient:  # noqa: ARG001
    """Give a client of a service with a build."""
    return client_for(ctx)


def _policy(answer: Any) -> dict[str, str]:
    """Read a content security policy."""
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {part.partition(" ")[0]: part.partition(" ")[2] for part in parts}


def test_every_address_shows_its_page(client: TestClient) -> None:
    """Addresses stand in messages, bookmarks and on other people's sites: they lead somewhere, and stay."""
    for path, name in PAGES.items():
        page = client.get(path.replace("{territory_id}", "te_7h3k9c2m4p6r8t0w"))

        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), path
        assert f"<title>{name}</title>" in page.text, path
    assert PAGES["/"] == PAGES["/board"]
    assert {PAGES[path] for path in ("/booking", "/track", "/survey")} == {"track.html"}
    assert client.get("/docs").status_code == 200
    figures = client.get("/metrics").text
    assert 'route="/book/{territory_id}"' in figures
    assert "te_7h3k9c2m4p6r8t0w" not in figures
    assert client.get("/bord").headers["Content-Type"] == "application/problem+json"


def test_pages_are_asked_for_again_and_answered_briefly(client: TestClient, build: Path) -> None:
    """A new version is there with the next click; until then the answer is a line."""
    first = client.get("/board")
    known = client.get("/board", headers={"If-None-Match": first.headers["ETag"]})
    (build / "board.html").write_text("<!doctype html><title>another version</title>", encoding="utf-8")
    changed = client.get("/board", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["ETag"] == first.headers["ETag"]
    assert (changed.status_code, "another version" in changed.text) == (200, True)
    for name in ("/sw.js", "/manifest.webmanifest", "/icon.svg"):
        assert client.get(name).headers["Cache-Control"] == "no-cache", name
    assert client.get("/sw.js").headers["Content-Type"] == "text/javascript; charset=utf-8"
    # A worker lives by its own policy, and has to load what it keeps.
    assert "connect-src 'self'" in client.get("/sw.js").headers["Content-Security-Policy"]
    assert client.get("/manifest.webmanifest").headers["Content-Type"] == "application/manifest+json"


def test_assets_are_kept_for_good_and_sent_compressed(client: TestClient) -> None:
    """Their names change with their content; and nothing is compressed twice for two readers."""
    packed = client.get("/assets/board-4f2a.js", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/assets/board-4f2a.js", headers=PLAIN)

    assert packed.text == plain.text == SCRIPT
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert "Content-Encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert client.get("/assets/map/leaflet-77.css").headers["Content-Type"].startswith("text/css")
    head = client.head("/assets/board-4f2a.js", headers=PLAIN)
    assert (head.status_code, head.headers["Content-Length"]) == (200, plain.headers["Content-Length"])


@pytest.mark.parametrize(
    "path",
    [
        "/assets/%2e%2e/secret.env",
        "/assets/..%2f..%2foutside.js",
        "/assets/map/..%2f..%2fsw.js",
        "/assets//etc/passwd",
        "/assets/%2fetc/passwd",
        "/assets/.hidden.js",
        "/assets/map",
        "/assets/",
        "/assets/board-4f2a.js/x",
        "/secret.env",
        "/board.html.gz",
        pytest.param("/assets/" + "a" * 300 + ".js", id="too long a name"),
    ],
)
def test_nothing_but_the_build_is_handed_out(client: TestClient, path: str) -> None:
    """The disk of the server is nobody's business, in whatever way its address is written."""
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_pages_run_nothing_but_ours_and_nobody_frames_them(client: TestClient) -> None:
    """A script that somebody smuggles into a name must not run; a click on a foreign page must not be one on ours."""
    for path in ("/board", "/booking", "/book", "/login"):
        page = client.get(path)
        policy = _policy(page)

        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/booking").headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/book").headers


@pytest.mark.usefixtures("build")
def test_the_booking_page_may_be_framed_by_whom_the_operator_names(sqlite_database: Database) -> None:
    """A shop shows the booking inside its own page; the board stays out of everybody's."""
    shops = ("https://www.example.com", "https://*.example.org")
    client = client_for(make_context(sqlite_database, booking_embed_origins=shops))

    booking, board = client.get("/book/te_7h3k9c2m4p6r8t0w"), client.get("/board")

    assert _policy(booking)["frame-ancestors"] == "https://www.example.com https://*.example.org"
    assert "X-Frame-Options" not in booking.headers
    assert _policy(board)["frame-ancestors"] == "'none'"
    assert board.headers["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tiles.example.com:8443/{z}/{x}/{y}.png?key=1", " https://tiles.example.com:8443"),
        ("https://{s}.example.com/{z}/{x}/{y}.png", " https://*.example.com"),
        ("/tiles/{z}/{x}/{y}.png", ""),
    ],
)
def test_map_tiles_come_from_where_the_operator_says(sqlite_database: Database, url: str, origin: str) -> None:
    """Exactly that server is let through, and for pictures only."""
    policy = _policy(client_for(make_context(sqlite_database, tiles_url=url)).get("/board"))

    assert policy["img-src"] == f"'self' data:{origin}"
    assert policy["connect-src"] == "'self'"


def test_without_a_build_the_pages_say_so_and_the_api_works(
    ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who installs from source gets the service first; the pages follow when they are built, without a restart."""
    monkeypatch.setattr("fieldops.api.app.web_folder", lambda: tmp_path / "dist")
    client = client_for(ctx)

    for path in ("/", "/book/te_7h3k9c2m4p6r8t0w", "/sw.js"):
        page = client.get(path)
        assert (page.status_code, page.text) == (503, NOT_BUILT), path
        assert page.headers["Content-Type"].startswith("text/plain")
        assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/healthz").status_code == 200
    assert client.get("/assets/board-4f2a.js").status_code == 404

    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "board.html").write_text("built", encoding="utf-8")
    assert client.get("/").text == "built"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_those_who_take_it(header: str, accepted: bool) -> None:
    """The others would show a page of noise."""
    assert accepts_gzip(header) is accepted


def test_entity_tags_are_compared_as_the_standard_says() -> None:
    """Proxies mark tags as weak when they compress; a list may have several."""
    assert is_known('"a", W/"b"', '"b"')
    assert is_known("*", '"b"')
    assert not is_known('"a"', '"b"')
    assert not is_known("", '"b"')
