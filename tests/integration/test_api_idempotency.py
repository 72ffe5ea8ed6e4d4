"""Idempotency-Key: repeating a request is harmless, in every way it can be repeated."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from api_client import client_for, on_both
from fieldops.store.tables import IdempotencyRow, TerritoryRow
from fieldops.usecases.context import Context
from fieldops.usecases.work import Receipt, Reply, Work, answer_once
from worlds import OPS

pytestmark = on_both

BODY = {
    "name": "Washington",
    "time_zone": "America/New_York",
    "offered_windows": [{"weekdays": [0, 1], "start": "08:00", "end": "10:00"}],
    "skills": ["gas"],
}


def _create(client: TestClient, key: str | None, **changes: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/v1/territories", json={**BODY, **changes}, headers=headers)


def _count(ctx: Context) -> int:
    with ctx.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TerritoryRow)) or 0


def test_the_same_request_again_gets_the_same_answer(ctx: Context) -> None:
    """The answer was lost on the way; the client tries again and nothing happens twice."""
    client = client_for(ctx, OPS)

    first, second = _create(client, "one"), _create(client, "one")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"] == f"/v1/territories/{first.json()['id']}"
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert _count(ctx) == 1


def test_the_same_key_with_another_body_is_refused(ctx: Context) -> None:
    """Otherwise the second customer would be told that his booking is the first one's."""
    client = client_for(ctx, OPS)
    _create(client, "one")

    answer = _create(client, "one", name="Baltimore")

    assert (answer.status_code, answer.json()["code"]) == (409, "E3006")
    assert _count(ctx) == 1


def test_the_same_key_at_another_address_is_refused(ctx: Context) -> None:
    """The address is part of the request."""
    client = client_for(ctx, OPS)
    _create(client, "one")

    answer = client.post("/v1/users", json={}, headers={"Idempotency-Key": "one"})
    other = client.post(
        "/v1/api-keys", json={"name": "shop", "scopes": ["plans:read"]}, headers={"Idempotency-Key": "one"}
    )

    assert answer.status_code == 422
    assert (other.status_code, other.json()["code"]) == (409, "E3006")


def test_keys_of_different_callers_never_meet(ctx: Context) -> None:
    """Nobody can read another caller's answer by guessing his key, nor block it."""
    _create(client_for(ctx, OPS), "one")

    answer = _create(client_for(ctx, replace(OPS, id="user:us_other")), "one", name="Baltimore")

    assert (answer.status_code, answer.json()["name"]) == (201, "Baltimore")
    assert "Idempotent-Replayed" not in answer.headers


def test_a_request_that_failed_may_be_repeated_with_its_key(ctx: Context) -> None:
    """It changed nothing, so there is nothing to repeat: correct it and send it again."""
    client = client_for(ctx, OPS)

    failed = _create(client, "one", time_zone="Mars/Olympus")
    corrected = _create(client, "one")

    assert (failed.status_code, corrected.status_code) == (422, 201)


def test_without_a_key_every_request_counts(ctx: Context) -> None:
    """The second territory of the same name is a conflict then."""
    client = client_for(ctx, OPS)

    assert [_create(client, None).status_code for _ in range(2)] == [201, 409]


def test_of_many_at_once_one_happens(ctx: Context) -> None:
    """Impatient clients send again while the first request is still running."""
    app = client_for(ctx, OPS).app

    def one(_: int) -> Any:
        return _create(TestClient(app), "one")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert _count(ctx) == 1


def test_a_repeated_request_waits_for_the_one_that_is_running(ctx: Context) -> None:
    """
    It must not look at the world before: it would find what the first one did, and call that a conflict.

    The second request gets half a second to do so while the first is held up in its use case.
    """
    entered: list[str] = []
    second_entered = threading.Event()
    replies: dict[str, Reply] = {}
    receipt = Receipt(principal="user:us_1", key="one", request_hash="h", render=lambda name: Reply(200, name))

    def run(name: str) -> None:
        replies[name] = answer_once(ctx, OPS, receipt, use_case, name)

    second = threading.Thread(target=run, args=("second",))

    def use_case(_work: Work, name: str) -> str:
        entered.append(name)
        if name == "second":
            second_entered.set()
        else:
            second.start()
            second_entered.wait(timeout=0.5)
        return name

    run("first")
    second.join(timeout=30)

    assert entered == ["first"]
    assert {name: (reply.body, reply.is_replay) for name, reply in replies.items()} == {
        "first": ("first", False),
        "second": ("first", True),
    }


def test_what_is_kept_gives_no_password_away(ctx: Context) -> None:
    """The hash of the request is keyed: nobody can try passwords on it, as one could on a plain SHA-256."""
    body = {"email": "kim@example.com", "name": "Kim", "role": "ops", "password": "correct horse battery staple"}
    sent = json.dumps(body).encode()
    headers = {"Idempotency-Key": "one", "Content-Type": "application/json"}
    assert client_for(ctx, OPS).post("/v1/users", content=sent, headers=headers).status_code == 201

    with ctx.database.reading() as session:
        (row,) = session.scalars(select(IdempotencyRow)).all()

    assert row.request_hash != hashlib.sha256(b"POST /v1/users?\n" + sent).hexdigest()
    assert "correct" not in row.body
