"""Texts at the edge: what can be stored is stored as it is, and nothing else comes in."""

import json

import pytest

from api_client import NO_LIMITS, client_for, problem_of
from fieldops.store.database import Database
from fieldops.usecases.context import Context
from identities import USER
from worlds import OPS, make_context


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/v1/users/x%00", None, id="address"),
        pytest.param("/v1/users?after=%00", None, id="query"),
        pytest.param("/v1/users/%ff", None, id="address that is no UTF-8"),
        pytest.param("/v1/users", {**USER, "name": "K\0im"}, id="body"),
        pytest.param("/v1/users", {**USER, "na\0me": "Kim"}, id="name of a field"),
        pytest.param("/v1/users", {**USER, "name": "\ud800"}, id="half a surrogate pair"),
    ],
)
def test_text_that_cannot_be_stored_is_refused(ctx: Context, path: str, body: dict[str, str] | None) -> None:
    """PostgreSQL would refuse it later, in the middle of a transaction and with a 500."""
    client = client_for(ctx, OPS)

    if body is None:
        answer = client.get(path)
    else:
        answer = client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert "NUL" in problem_of(answer)["faults"][0]["expected"]


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        pytest.param("POST", "/v1/users", {**USER, "password": "correct horse \0 staple"}, "password", id="password"),
        pytest.param("POST", "/v1/auth/refresh", {"refresh_token": "correct \0"}, "refresh_token", id="token"),
        pytest.param("GET", "/v1/users?limit=5&token=correct%00", None, "query.token", id="token in the address"),
    ],
)
def test_a_secret_that_cannot_be_stored_is_not_repeated(
    ctx: Context, method: str, path: str, body: dict[str, str] | None, where: str
) -> None:
    """Answers end up in logs of programs in between; the place of the fault is enough to find it."""
    answer = client_for(ctx, OPS).request(method, path, json=body)

    assert [(fault["path"], fault["found"]) for fault in problem_of(answer)["faults"]] == [(where, "(not shown)")]
    assert "correct" not in answer.text


def test_half_a_surrogate_pair_is_found_in_any_writing(ctx: Context) -> None:
    """Three bytes that are no UTF-8 mean the same as the escape, and get the same answer; in names of fields, too."""
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}
    sent = b'{"required_skills": {"\xed\xa0\x80": 1}}'

    answer = client_for(ctx, OPS).patch("/v1/visits/vi_x", content=sent, headers=headers)

    assert [(fault["path"], fault["found"]) for fault in problem_of(answer)["faults"]] == [
        ("required_skills", r"'\ud800'")
    ]


def test_a_backslash_in_a_text_is_no_nul(ctx: Context) -> None:
    """Six harmless characters that look like an escape must pass."""
    answer = client_for(ctx, OPS).post("/v1/users", json={**USER, "name": r"\u0000 \ud800"})

    assert answer.status_code == 201
    assert answer.json()["name"] == r"\u0000 \ud800"


def test_a_whole_pair_of_surrogates_is_a_letter(ctx: Context) -> None:
    """That is how JSON writes an emoji."""
    answer = client_for(ctx, OPS).post(
        "/v1/users", content=json.dumps({**USER, "name": "Kim 🔧"}), headers={"Content-Type": "application/json"}
    )

    assert answer.json()["name"] == "Kim 🔧"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE users; --", '" OR 1=1', "%' OR '1'='1", "Robert'); --", "\\", "${7*7}"]
)
def test_sql_in_a_text_is_text(database: Database, text: str) -> None:
    """In every place a text can go: body, address, query; on both databases."""
    ctx = make_context(database, **NO_LIMITS)
    client = client_for(ctx, OPS)

    made = client.post("/v1/users", json={**USER, "name": text})

    assert made.json()["name"] == text
    assert client.get(f"/v1/users/{made.json()['id']}").json()["name"] == text
    assert client.get("/v1/audit", params={"by": text, "subject_kind": text, "subject_id": text}).json()["items"] == []
    assert client.get("/v1/users/" + text.replace("/", "").replace("%", "%25").replace("?", "")).status_code == 404
    assert client.get("/v1/users", params={"after": text}).status_code == 422
