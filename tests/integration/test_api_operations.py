"""What those who run the service see: health, readiness, figures, the log."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import structlog

from api_client import client_for, on_both
from fieldops.store.database import Database
from fieldops.store.tables import ExecutorRow, MessageRow, PlanJobRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from fieldops.wiring import configure_logs
from worlds import NOW, OPS, TODAY, add_technician, add_territory, add_work_order, make_context


def _add_worker(ctx: Context, seen: timedelta, state: str = "up") -> None:
    with ctx.database.writing() as session:
        row = ExecutorRow(id=f"w{seen}", host="here", started_at=NOW, seen_at=NOW - seen, state=state)
        session.add(row)


def _figures(ctx: Context) -> dict[str, float]:
    text = client_for(ctx).get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(fieldops_\S+) (\S+)$", text, flags=re.MULTILINE)}


@on_both
def test_the_service_is_ready_without_a_worker_and_tells_that_there_is_none(ctx: Context) -> None:
    """An upgrade begins with the workers: a balancer that took every API out then would close the company."""
    client = client_for(ctx)

    alone = client.get("/readyz")
    _add_worker(ctx, timedelta(seconds=31))
    silent = client.get("/readyz")
    _add_worker(ctx, timedelta(seconds=29))
    ready = client.get("/readyz")

    assert [(answer.status_code, answer.json()["worker"]) for answer in (alone, silent, ready)] == [
        (200, False),
        (200, False),
        (200, True),
    ]
    assert ready.json() == {"is_ready": True, "database": True, "migrated": True, "worker": True}


def test_without_a_database_the_process_is_alive_but_not_ready() -> None:
    """Restarting the process would not bring the database back."""
    client = client_for(make_context(Database("postgresql://nobody@127.0.0.1:1/none")))

    ready = client.get("/readyz")

    assert client.get("/healthz").json() == {"status": "alive"}
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    assert "fieldops_database_up 0.0" in client.get("/metrics").text
    assert client.get("/v1/auth/me", headers={"Authorization": "Bearer fok_x"}).status_code == 503


def test_a_database_without_our_tables_is_not_ready(tmp_path: object) -> None:
    """The service of the new version must wait for the migration."""
    ctx = make_context(Database(f"sqlite:///{tmp_path}/empty.db"))

    ready = client_for(ctx).get("/readyz")

    assert (ready.status_code, ready.json()["database"], ready.json()["migrated"]) == (503, True, False)


@on_both
def test_figures_tell_what_is_waiting(ctx: Context) -> None:
    """Messages that nobody sends and jobs that nobody runs must ring a bell."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        for number, due in enumerate((timedelta(), timedelta(hours=1))):
            session.add(
                MessageRow(
                    id=f"ms_{number}",
                    territory_id=None,
                    customer_id=None,
                    kind="reminder",
                    channel="email",
                    recipient="pat@example.com",
                    subject_id="bk_1",
                    subject_version=number,
                    language="en",
                    data={},
                    due_at=NOW + due,
                    expires_at=None,
                    claimed_at=None,
                    claimed_by=None,
                    sent_at=None,
                    provider_id=None,
                    created_at=NOW,
                )
            )
        for name, state in (("jo_1", "queued"), ("jo_2", "running"), ("jo_3", "published")):
            session.add(
                PlanJobRow(
                    id=name,
                    territory_id=territory.id,
                    date=TODAY,
                    state=state,
                    reason="requested",
                    seconds=5,
                    base_version=None,
                    published_version=None,
                    error=None,
                    requested_by="system",
                    requested_at=NOW,
                    started_at=None,
                    finished_at=None,
                )
            )
    _add_worker(ctx, timedelta(seconds=5))
    _add_worker(ctx, timedelta(seconds=1), state="stopped")

    figures = _figures(ctx)

    assert figures["fieldops_messages_due"] == 1
    assert figures['fieldops_plan_jobs{state="queued"}'] == 1
    assert figures['fieldops_plan_jobs{state="running"}'] == 1
    assert figures["fieldops_workers_up"] == 1
    assert figures["fieldops_worker_heartbeat_age_seconds"] == 5


def test_figures_have_as_many_labels_as_there_are_operations(ctx: Context) -> None:
    """A scanner that tries a million addresses must not fill Prometheus' disk."""
    client = client_for(ctx, OPS)
    for number in range(20):
        client.get(f"/v1/users/us_{number}")
        client.get(f"/nothing/{number}")
        client.request(f"METHOD{number}", "/healthz")

    text = client.get("/metrics").text
    labels = set(re.findall(r"^fieldops_http_request_duration_seconds_count(\{.*\}) (\S+)$", text, re.MULTILINE))

    assert labels == {
        ('{method="GET",route="/v1/users/{user_id}",status="404"}', "20.0"),
        ('{method="GET",route="(none)",status="404"}', "20.0"),
        ('{method="other",route="/healthz",status="405"}', "20.0"),
    }


@contextmanager
def _logging(ctx: Context) -> Iterator[StringIO]:
    """Log as in production, and give what is written."""
    root = logging.getLogger()
    before = root.handlers, root.level
    ours = structlog.get_config()
    written = StringIO()
    configure_logs(ctx.settings.model_copy(update={"log_format": "json"}), stream=written)
    try:
        yield written
    finally:
        root.handlers, root.level = before
        structlog.configure(**ours)


def test_a_request_is_one_line_with_nobodys_data_in_it(ctx: Context) -> None:
    """Logs are kept for long and read by many: ids, never names, tokens, addresses or what was sent."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        order = add_work_order(session, territory)
        technician = add_technician(session, territory)
    customer = transact(ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order.id)
    calendar = transact(ctx, SYSTEM, issue_link, LinkPurpose.CALENDAR, technician.id)
    client = client_for(ctx)
    with _logging(ctx) as written:
        client.get("/v1/auth/me", headers={"Authorization": f"Bearer {customer.token}", "X-Request-ID": "from-a-test"})
        client.post("/v1/auth/login", json={"email": "kim@example.com", "password": "hunter2 hunter2"})
        client.get(f"/v1/technicians/{technician.id}/calendar.ics", params={"token": calendar.token})

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests[:2]] == [
        ("GET", "/v1/auth/me", 200),
        ("POST", "/v1/auth/login", 401),
    ]
    assert (requests[0]["actor"], requests[0]["request_id"]) == (f"link:{customer.id}", "from-a-test")
    assert set(requests[0]) == {
        "event", "method", "route", "status", "ms", "actor", "request_id", "level", "logger", "timestamp",
    }  # fmt: skip
    assert len(requests) == 3
    for secret in (customer.token, calendar.token, "kim@", "hunter2", technician.id):
        assert secret not in json.dumps(lines)


def test_what_broke_is_in_the_log_without_values(ctx: Context) -> None:
    """The traceback is needed to mend it; what the variables held may be somebody's address."""
    client = client_for(ctx)

    @client.app.get("/v1/broken")  # type: ignore[attr-defined]
    def broken() -> None:
        address = "pat" + "@example.com"
        raise RuntimeError(len(address))

    with _logging(ctx) as written:
        client.get("/v1/broken", headers={"X-Request-ID": "from-a-test"})

    failed = next(json.loads(line) for line in written.getvalue().splitlines() if "request_failed" in line)
    assert failed["request_id"] == "from-a-test"
    assert "RuntimeError: 15" in failed["exception"]
    assert "pat@example.com" not in written.getvalue()


def test_the_app_starts_without_loading_what_it_does_not_need() -> None:
    """OR-Tools alone takes most of a second; the service must be up in three, all told."""
    code = (
        "import sys; import fieldops.api.app, fieldops.wiring; "
        "print([name for name in ('ortools', 'pandas', 'scipy', 'dbos', 'geopy.geocoders') if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
