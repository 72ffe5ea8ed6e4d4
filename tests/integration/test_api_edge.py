"""The edge of the service: every error a problem document, nothing internal in any, limits on what comes in."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient
from starlette.types import Message
from structlog.testing import capture_logs

from api_client import NO_LIMITS, client_for, problem_of
from fieldops.api.dependencies import needs
from fieldops.errors import (
    Fault,
    FieldopsError,
    GeocoderUnavailable,
    InternalError,
    TravelRefused,
    TravelUnavailable,
    UnreachablePlaces,
)
from fieldops.store.database import Database
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.context import Context
from identities import USER
from worlds import OPS, customer_of, make_context


def _client_with(ctx: Context, error: Exception, *, path: str = "/v1/broken", who: Actor | None = None) -> TestClient:
    """Give the app one more address, at which something goes wrong; for everybody, or for those who may be there."""
    client = client_for(ctx, who)
    router = APIRouter()

    @router.get(path, dependencies=[] if who is None else [needs(*Scope)])
    def broken() -> None:
        raise error

    client.app.include_router(router)  # type: ignore[attr-defined]
    return client


def test_all_faults_of_a_body_come_at_once(ctx: Context) -> None:
    """Where it is, what stands there, what should: for every fault, with passwords left out."""
    answer = client_for(ctx, OPS).post(
        "/v1/users", json={"email": 5, "name": "", "role": "boss", "password": "short", "color": "red"}
    )

    problem = problem_of(answer)
    assert (problem["status"], problem["code"]) == (422, "E1001")
    assert [(fault["path"], fault["found"]) for fault in problem["faults"]] == [
        ("email", "5"),
        ("name", "''"),
        ("role", "'boss'"),
        ("password", "(not shown)"),
        ("color", "'red'"),
    ]
    assert problem["faults"][0]["expected"] == "text"
    assert problem["faults"][4]["expected"] == "no such field"


def test_faults_of_address_and_headers_say_where_they_are(ctx: Context) -> None:
    """A fault in a list of twenty parameters has to be found."""
    client = client_for(ctx, OPS)

    limit = client.get("/v1/users", params={"limit": "many"})
    key = client.post("/v1/users", json=USER, headers={"Idempotency-Key": "with space"})
    cursor = client.get("/v1/users", params={"after": "nonsense"})

    assert [problem_of(answer)["faults"][0]["path"] for answer in (limit, key)] == [
        "query.limit",
        "header.Idempotency-Key",
    ]
    assert (cursor.status_code, problem_of(cursor)["faults"][0]["found"]) == (422, "'nonsense'")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"email": ' + b"9" * 5_000 + b"}", id="a number too long to read"),
        pytest.param(b"[" * 100_000, id="too deep to read"),
        pytest.param(b'{"email": NaN}', id="not a number"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(ctx: Context, body: bytes) -> None:
    """Whatever comes in: the caller hears what is wrong, and the service goes on."""
    answer = client_for(ctx, OPS).post("/v1/users", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert problem_of(answer)["faults"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_announced_as_json_is_not_read(ctx: Context, kind: str) -> None:
    """The answer says what is missing, and repeats nothing of a body it has not understood: here, a password."""
    sent = json.dumps({"email": "kim@example.com", "password": "correct horse"})

    answer = client_for(ctx).post("/v1/auth/login", content=sent, headers={"Content-Type": kind})

    (fault,) = problem_of(answer)["faults"]
    assert (answer.status_code, fault["path"]) == (422, "body")
    assert "Content-Type: application/json" in fault["expected"]
    assert "correct" not in answer.text


def test_unknown_addresses_and_wrong_methods_are_problems_too(ctx: Context) -> None:
    """A client that reads problems must not stumble over a typing error in its own addresses."""
    client = client_for(ctx, OPS)

    unknown, wrong = client.get("/v1/nothing"), client.delete("/v1/users")

    assert (unknown.status_code, problem_of(unknown)["code"]) == (404, "E2001")
    assert (wrong.status_code, problem_of(wrong)["code"]) == (405, "E4005")
    assert wrong.headers["Allow"] == "GET, POST"
    assert wrong.json()["details"] == {"allow": "GET, POST"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/customers/lookup", "POST"),
        ("DELETE", "/v1/customers/cu_7h3k9c2m4p6r8t0w", "GET, PATCH"),
        ("DELETE", "/v1/booking/contact", "PUT"),
    ],
)
def test_allow_names_what_can_be_done_at_an_address_written_out(
    ctx: Context, method: str, path: str, allow: str
) -> None:
    """Nobody has the id ``lookup``: who tries what the header promises only gets the next error."""
    wrong = client_for(ctx, OPS).request(method, path)

    assert (wrong.status_code, wrong.headers["Allow"]) == (405, allow)


def test_a_large_body_is_refused_whether_announced_or_not(ctx: Context) -> None:
    """A megabyte is the limit; a stream that never says how long it is must not fill the memory."""
    client = client_for(ctx, OPS)
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    announced = client.post("/v1/users", content=b" " * 1_000_001, headers={"Content-Type": "application/json"})
    streamed = client.post("/v1/users", content=stream(), headers={"Content-Type": "application/json"})
    fits = client.post("/v1/users", content=b" " * 1_000_000, headers={"Content-Type": "application/json"})

    assert [(answer.status_code, problem_of(answer)["code"]) for answer in (announced, streamed)] == [
        (413, "E4004")
    ] * 2
    assert problem_of(announced)["details"] == {"limit_bytes": 1_000_000}
    assert fits.status_code == 422


def test_a_body_that_never_comes_to_an_end_is_not_waited_for(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a thousand requests and sends a byte an hour must not keep a thousand of them open."""
    monkeypatch.setattr("fieldops.api.bodies.BODY_LIMIT_S", 0.02)
    sent: list[Message] = []

    async def ask() -> None:
        """Send a body that has begun, and nothing more."""
        parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])

        async def receive() -> Message:
            """Give the first part; then nothing for ever."""
            return next(parts, None) or await asyncio.Event().wait() or {}

        async def send(message: Message) -> None:
            """Keep what is answered."""
            sent.append(message)

        address = {"path": "/v1/auth/login", "raw_path": b"/v1/auth/login", "query_string": b""}
        scope = {"type": "http", "method": "POST", "scheme": "http", "headers": [], "http_version": "1.1", **address}
        await client_for(ctx).app(scope, receive, send)

    asyncio.run(ask())

    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "E4006"
    # What still comes belongs to a request that was answered: the connection is of no use any more.
    assert (b"connection", b"close") in sent[0]["headers"]


def test_what_breaks_inside_stays_inside(ctx: Context) -> None:
    """The caller gets a number to ask with; what happened is in our log."""
    for error in (RuntimeError("secret of the house"), InternalError("secret of the house"), FieldopsError("secret")):
        with capture_logs() as lines:
            answer = _client_with(ctx, error).get("/v1/broken")

        assert any(line["log_level"] == "error" for line in lines)
        problem = problem_of(answer)
        assert (problem["status"], problem["details"]) == (500, {})
        assert "secret" not in answer.text
        assert problem["request_id"].startswith("rq_")


def test_a_database_that_does_not_answer_is_no_bug(ctx: Context) -> None:
    """It may be back in a second: 503, and when to try again; neither statement nor address in the answer."""
    error = OperationalError("SELECT password", {}, OSError("connection to db.internal refused"))

    answer = _client_with(ctx, error).get("/v1/broken")

    assert (answer.status_code, problem_of(answer)["code"]) == (503, "E5004")
    assert int(answer.headers["Retry-After"]) > 0
    assert "SELECT" not in answer.text
    assert "db.internal" not in answer.text


def test_an_outside_service_that_does_not_answer_is_named(ctx: Context) -> None:
    """Travel times are not ours to give; who waits should know for whom."""
    error = TravelUnavailable("the server at osrm did not answer", details={"url": "http://osrm:5000"})
    answer = _client_with(ctx, error, who=OPS).get("/v1/broken")

    assert (answer.status_code, answer.json()["detail"]) == (503, "the server at osrm did not answer")
    assert answer.json()["details"] == {"url": "http://osrm:5000"}
    assert "Retry-After" in answer.headers


_FAR = Fault(
    path="places[7]", found="si_other (38.90000, -77.03000), 3.2 km from any road", expected="a place near one"
)


@pytest.mark.parametrize(
    ("error", "status", "in_log"),
    [
        (TravelUnavailable("osrm at http://osrm:5000 is down", details={"url": "http://osrm:5000"}), 503, "osrm:5000"),
        (TravelRefused("osrm at http://osrm:5000 says TooBig", details={"code": "TooBig"}), 503, "TooBig"),
        (GeocoderUnavailable("the geocoder nominatim is down", details={"geocoder": "nominatim"}), 503, "nominatim"),
        (UnreachablePlaces([_FAR]), 422, "si_other, 3.2 km"),
    ],
)
@pytest.mark.parametrize("who", [customer_of("wo_1"), None], ids=["customer", "anybody"])
def test_customers_learn_nothing_of_what_is_behind_us(
    ctx: Context, error: FieldopsError, status: int, in_log: str, who: Actor | None
) -> None:
    """Servers inside our network and the places of other customers are in the log, not in a stranger's answer."""
    with capture_logs() as lines:
        answer = _client_with(ctx, error, who=who).get("/v1/broken")

    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (status, error.code)
    assert (problem["detail"], problem["details"], problem["faults"]) == (problem["title"], {}, [])
    assert ("Retry-After" in answer.headers) == error.retryable
    (line,) = [line for line in lines if line["event"] == "kept_from_customer"]
    assert in_log in line["detail"]
    assert line["request_id"] == problem["request_id"]
    assert "38.9" not in str(lines)


def test_a_request_id_is_taken_over_when_it_is_well_formed(ctx: Context) -> None:
    """A caller's own id joins his log to ours; what could forge lines of the log is not taken."""
    client = client_for(ctx)

    assert client.get("/healthz", headers={"X-Request-ID": "shop-2026.03"}).headers["X-Request-ID"] == "shop-2026.03"
    for bad in ("short", "x" * 65, "with space in it", 'quote"quote"'):
        assert client.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"].startswith("rq_")


def test_the_request_id_is_in_the_audit(ctx: Context) -> None:
    """From the line of the log to what was changed, and back."""
    client_for(ctx, OPS).post("/v1/users", json=USER)
    login = client_for(ctx).post("/v1/auth/login", json={name: USER[name] for name in ("email", "password")}).json()
    client = client_for(ctx, login["access_token"])

    client.post(
        "/v1/api-keys", json={"name": "shop", "scopes": ["bookings:read"]}, headers={"X-Request-ID": "from-the-shop"}
    )

    (line,) = client.get("/v1/audit", params={"subject_kind": "api_key"}).json()["items"]
    assert line["request_id"] == "from-the-shop"


def test_answers_carry_headers_that_browsers_obey(ctx: Context) -> None:
    """Data is never run, framed, cached or sniffed; also when it is an error."""
    for answer in (client_for(ctx, OPS).get("/v1/users"), client_for(ctx).get("/v1/users")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers


def test_only_trusted_proxies_are_believed(sqlite_database: Database) -> None:
    """Anybody can claim to come from elsewhere, or over TLS; who runs the proxy is a setting."""
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    trusting = make_context(sqlite_database, trusted_proxies=("10.0.0.0/8",), **NO_LIMITS)

    def ask(peer: str) -> Any:
        app = client_for(trusting).app
        return TestClient(app, client=(peer, 1234)).get("/healthz", headers=forwarded)

    assert "Strict-Transport-Security" in ask("10.1.2.3").headers
    assert "Strict-Transport-Security" not in ask("192.0.2.1").headers
    assert (
        "Strict-Transport-Security"
        not in client_for(make_context(sqlite_database)).get("/healthz", headers=forwarded).headers
    )


def test_the_interactive_page_needs_no_network(ctx: Context) -> None:
    """A service in a basement has one, too: every script and style comes from here, and the policy allows no other."""
    client = client_for(ctx)

    page = client.get("/docs")
    sources = [part.split('"')[1] for part in page.text.replace("src=", "href=").split("href=")[1:]]

    assert [source for source in sources if source.startswith(("http", "//"))] == []
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for source in sources:
        if not source.startswith("data:"):
            assert client.get(source).status_code == 200
