"""Identity at the edge: who is let in, who is not, and how that ends."""

from datetime import timedelta

import jwt
import pytest
from sqlalchemy import select

from api_client import client_for, on_both
from fieldops.store.tables import AuditRow, RefreshTokenRow, UserRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.api_keys import create_api_key, revoke_api_key
from fieldops.usecases.context import Context
from fieldops.usecases.logins import GRACE
from fieldops.usecases.users import deactivate_user
from fieldops.usecases.work import transact
from identities import EMAIL, PASSWORD, PASSWORD_HASH, add_user, log_in, read_me
from worlds import NOW, OPS, FakeClock, add_technician, add_territory, add_work_order


def test_a_login_opens_what_the_role_may_do(ctx: Context) -> None:
    """The whole way once: password, access token, scopes."""
    user = add_user(ctx)
    client = client_for(ctx)

    login = log_in(client).json()

    assert login["expires_in_s"] == 15 * 60
    me = read_me(client, login["access_token"]).json()
    assert (me["id"], me["role"]) == (f"user:{user.id}", "dispatcher")
    assert "bookings:write" in me["scopes"]
    assert "admin" not in me["scopes"]


def test_unknown_user_wrong_password_and_inactive_user_look_alike(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries addresses must not learn who works here: same words, and one password hash computed each time."""
    add_user(ctx)
    gone = add_user(ctx, email="gone@example.com")
    transact(ctx, SYSTEM, deactivate_user, gone.id)
    compared: list[str | None] = []
    from fieldops.usecases import logins

    real = logins.verify_password

    def counted(password: str, password_hash: str | None) -> bool:
        compared.append(password_hash)
        return real(password, password_hash)

    monkeypatch.setattr(logins, "verify_password", counted)
    client = client_for(ctx)

    answers = [
        log_in(client, password="wrong"),
        log_in(client, email="nobody@example.com"),
        log_in(client, email="gone@example.com"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert compared == [PASSWORD_HASH, None, None]


def test_an_access_token_expires(ctx: Context, clock: FakeClock) -> None:
    """A token that was seen by somebody is worth something for minutes only."""
    add_user(ctx)
    client = client_for(ctx)
    token = log_in(client).json()["access_token"]

    clock.advance(timedelta(minutes=14, seconds=59))
    assert read_me(client, token).status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = read_me(client, token)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "expired" in answer.json()["detail"]


@on_both
def test_a_refresh_gives_new_tokens_and_its_token_is_good_once(ctx: Context, clock: FakeClock) -> None:
    """A refresh token that comes back was copied: then thief and owner are both out."""
    add_user(ctx)
    client = client_for(ctx)
    first = log_in(client).json()

    second = client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    assert read_me(client, second["access_token"]).status_code == 200
    clock.advance(GRACE)
    again = client.post("/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})

    assert again.status_code == 401
    assert read_me(client, second["access_token"]).status_code == 401
    assert client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401


@on_both
def test_another_login_of_the_same_user_goes_on(ctx: Context) -> None:
    """A stolen phone must not log out the desk."""
    add_user(ctx)
    client = client_for(ctx)
    phone, desk = log_in(client).json(), log_in(client).json()

    assert client.post("/v1/auth/logout", json={"refresh_token": phone["refresh_token"]}).status_code == 204

    assert read_me(client, phone["access_token"]).status_code == 401
    assert read_me(client, desk["access_token"]).status_code == 200


@on_both
def test_a_refresh_token_expires(ctx: Context, clock: FakeClock) -> None:
    """Whoever stays away for two weeks logs in again."""
    add_user(ctx)
    client = client_for(ctx)
    login = log_in(client).json()

    clock.advance(timedelta(days=14))

    assert client.post("/v1/auth/refresh", json={"refresh_token": login["refresh_token"]}).status_code == 401


def test_only_the_hash_of_a_refresh_token_is_stored(ctx: Context) -> None:
    """Who reads the database must not be able to log in with what is there."""
    add_user(ctx)
    token = log_in(client_for(ctx)).json()["refresh_token"]

    with ctx.database.reading() as session:
        (row,) = session.scalars(select(RefreshTokenRow)).all()
        (user,) = session.scalars(select(UserRow)).all()

    assert token not in row.token_hash
    assert len(row.token_hash) == 64
    assert user.password_hash.startswith("$argon2id$")


def test_a_deactivated_user_is_out_at_once(ctx: Context) -> None:
    """Not when the token expires: now."""
    user = add_user(ctx)
    client = client_for(ctx)
    token = log_in(client).json()["access_token"]

    client_for(ctx, OPS).post(f"/v1/users/{user.id}/deactivate")

    assert read_me(client, token).status_code == 401
    assert log_in(client).status_code == 401


def test_nobody_locks_himself_out(ctx: Context) -> None:
    """The last one with the right to let people in must not lock the door behind him."""
    user = add_user(ctx, role="ops")
    token = log_in(client_for(ctx)).json()["access_token"]

    answer = client_for(ctx, token).post(f"/v1/users/{user.id}/deactivate")

    assert (answer.status_code, answer.json()["code"]) == (409, "E3005")


@on_both
def test_a_new_password_ends_all_logins(ctx: Context) -> None:
    """A password is changed because somebody else may know it."""
    add_user(ctx)
    client = client_for(ctx)
    token = log_in(client).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    new = "staple battery horse correct"

    wrong = client.put("/v1/auth/me/password", json={"old_password": "guess", "new_password": new}, headers=headers)
    short = client.put(
        "/v1/auth/me/password", json={"old_password": PASSWORD, "new_password": "short"}, headers=headers
    )
    right = client.put("/v1/auth/me/password", json={"old_password": PASSWORD, "new_password": new}, headers=headers)

    assert (wrong.status_code, short.status_code, right.status_code) == (403, 422, 204)
    assert "short" not in short.text
    assert read_me(client, token).status_code == 401
    assert log_in(client).status_code == 401
    assert log_in(client, password=new).status_code == 200


@pytest.mark.parametrize(
    ("key", "header"),
    [
        pytest.param("another-secret-of-at-least-32-characters", {"alg": "HS256"}, id="another key"),
        pytest.param("", {"alg": "none"}, id="no signature"),
        pytest.param("not-a-secret-only-for-trying-out-fieldops", {"alg": "HS512"}, id="another algorithm"),
    ],
)
@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_a_forged_access_token_opens_nothing(ctx: Context, key: str, header: dict[str, str]) -> None:
    """The algorithm is ours to name, not the token's."""
    add_user(ctx)
    client = client_for(ctx)
    token = log_in(client).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = jwt.encode(claims, key, algorithm=header["alg"])

    answer = read_me(client, forged)

    assert (answer.status_code, answer.json()["code"]) == (401, "E4001")


@pytest.mark.parametrize(
    "token", ["x", "eyJ.x.y", "fok_unknown", "fol_", "fol_customer.x", "fol_other.x", "a" * 5_000, "\xe9"]
)
def test_nonsense_for_a_token_is_no_credentials(ctx: Context, token: str) -> None:
    """Whatever stands there: 401, never 500."""
    answer = client_for(ctx).get("/v1/auth/me", headers={"Authorization": f"Bearer {token}".encode("latin-1")})

    assert answer.status_code == 401


def test_an_api_key_does_what_its_scopes_say_until_it_is_revoked(ctx: Context, clock: FakeClock) -> None:
    """Integrations get what they need, no more, and no longer than they should."""
    made = client_for(ctx, OPS).post(
        "/v1/api-keys",
        json={"name": "shop", "scopes": ["bookings:read"], "expires_at": (NOW + timedelta(days=1)).isoformat()},
    )
    key = made.json()["key"]
    client = client_for(ctx, key)

    assert client.get("/v1/territories").status_code == 200
    assert client.get("/v1/users").status_code == 403
    clock.advance(timedelta(days=1))
    assert client.get("/v1/territories").status_code == 401


def test_a_revoked_api_key_opens_nothing(ctx: Context) -> None:
    """Revoking is for now and for good."""
    made = transact(ctx, OPS, create_api_key, name="shop", scopes=["bookings:read"])
    assert made.key is not None
    client = client_for(ctx, made.key)
    assert client.get("/v1/territories").status_code == 200

    transact(ctx, OPS, revoke_api_key, made.id)

    assert client.get("/v1/territories").status_code == 401
    again = client_for(ctx, OPS).post(f"/v1/api-keys/{made.id}/revoke")
    assert (again.status_code, again.json()["details"]) == (409, {"state": "revoked"})


def test_an_api_key_is_shown_once_and_stored_never(ctx: Context) -> None:
    """Not even a repeated request gets it again: what is kept for repeats has null in its place."""
    ops = client_for(ctx, OPS)
    body = {"name": "shop", "scopes": ["bookings:read"]}

    first = ops.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "one"})
    second = ops.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "one"})

    assert first.json()["key"].startswith("fok_")
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.json() == first.json() | {"key": None}
    assert [item["key"] for item in ops.get("/v1/api-keys").json()["items"]] == [None]


def test_no_key_can_be_given_the_rights_of_a_person_or_of_ops(ctx: Context) -> None:
    """Otherwise a leaked key makes more keys."""
    answer = client_for(ctx, OPS).post("/v1/api-keys", json={"name": "shop", "scopes": ["admin", "own-day"]})

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["scopes[0]", "scopes[1]"]


@on_both
def test_calendars_somebody_opened_close_when_he_is_locked_out(ctx: Context) -> None:
    """A dispatcher who leaves must not read technicians' days for two more years; what others gave stays."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        technician, order = add_technician(session, territory), add_work_order(session, territory)
    user = add_user(ctx)
    client, ops = client_for(ctx), client_for(ctx, OPS)
    desk = client_for(ctx, log_in(client).json()["access_token"])
    asked = {"purpose": "calendar", "subject_id": technician.id}
    his, others = desk.post("/v1/links", json=asked).json(), ops.post("/v1/links", json=asked).json()
    customer = desk.post("/v1/links", json={"purpose": "customer", "subject_id": order.id}).json()

    def opens(link: dict[str, str]) -> int:
        address = f"/v1/technicians/{technician.id}/calendar.ics"
        return client.get(address, params={"token": link["token"]}).status_code

    assert (opens(his), opens(others)) == (200, 200)
    ops.post(f"/v1/users/{user.id}/deactivate")

    assert (opens(his), opens(others)) == (401, 200)
    # The customer has it in a message, and has done nothing wrong.
    assert read_me(client, customer["token"]).status_code == 200
    (line,) = ops.get("/v1/audit", params={"subject_id": his["id"]}).json()["items"][:1]
    assert (line["action"], line["actor"]) == ("link.revoked", OPS.id)


def test_all_faults_of_a_new_user_come_at_once(ctx: Context) -> None:
    """Correcting them one by one makes work."""
    answer = client_for(ctx, OPS).post(
        "/v1/users", json={"email": "not one", "name": " ", "role": "technician", "password": PASSWORD}
    )

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["email", "name", "technician_id"]


@on_both
def test_an_email_address_belongs_to_one_user(ctx: Context) -> None:
    """In whatever case it is written."""
    user = add_user(ctx)

    answer = client_for(ctx, OPS).post(
        "/v1/users", json={"email": "KIM@example.com", "name": "K", "role": "ops", "password": PASSWORD}
    )

    assert (answer.status_code, answer.json()["details"]) == (409, {"user_id": user.id})


def test_what_happened_to_identities_is_in_the_audit(ctx: Context) -> None:
    """Who was let in by whom is the first question after an incident."""
    ops = client_for(ctx, OPS)
    user = ops.post("/v1/users", json={"email": EMAIL, "name": "Kim", "role": "ops", "password": PASSWORD}).json()
    log_in(client_for(ctx))
    ops.put(f"/v1/users/{user['id']}/password", json={"new_password": PASSWORD + "!"})
    ops.post(f"/v1/users/{user['id']}/deactivate")

    lines = ops.get("/v1/audit", params={"subject_id": user["id"]}).json()["items"]

    assert [(line["action"], line["actor"]) for line in lines] == [
        ("user.deactivated", OPS.id),
        ("user.password_changed", OPS.id),
        ("user.logged_in", "anonymous"),
        ("user.created", OPS.id),
    ]
    with ctx.database.reading() as session:
        assert PASSWORD not in "".join(str(row.detail) for row in session.scalars(select(AuditRow)))
