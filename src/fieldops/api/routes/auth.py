"""Logging in and out."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response

from fieldops.api.dependencies import Anonymous, Ctx, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.auth import Login, LoginRequest, Me, PasswordChange, RefreshRequest
from fieldops.api.security import address_of
from fieldops.errors import Forbidden, NotAuthenticated, TooBusy, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.logins import log_in, log_out, refresh_login
from fieldops.usecases.passwords import hash_password, verify_password
from fieldops.usecases.users import password_hash_of, set_password
from fieldops.usecases.work import transact, view

log = structlog.get_logger("fieldops.api")
router = APIRouter(prefix="/auth", tags=["logging in"])


@router.post("/login", operation_id="log_in", summary="Log in", responses=problems(NotAuthenticated, TooBusy))
def login(request: Request, ctx: Ctx, nobody: Anonymous, body: LoginRequest) -> Login:
    """
    Exchange e-mail address and password for tokens. Attempts are limited by address and by account.

    Takes no Idempotency-Key: logging in twice gives two logins.
    """
    request.app.state.limits.count_login(address_of(request), body.email)
    return Login.model_validate(log_in(ctx, nobody, body.email, body.password.get_secret_value()))


@router.post(
    "/refresh", operation_id="refresh_login", summary="Go on with a login", responses=problems(NotAuthenticated)
)
def refresh(request: Request, ctx: Ctx, nobody: Anonymous, body: RefreshRequest) -> Login:
    """
    Exchange a refresh token for an access token and the next refresh token.

    A token that comes back after its exchange was copied: the whole login ends then.
    """
    found = transact(ctx, nobody, refresh_login, body.refresh_token.get_secret_value())
    if found is None:
        request.app.state.limits.count_bad_token(address_of(request))
        raise NotAuthenticated("the refresh token is not valid; log in again")
    return Login.model_validate(found)


@router.post("/logout", operation_id="log_out", summary="Log out", status_code=204)
def logout(ctx: Ctx, nobody: Anonymous, body: RefreshRequest) -> Response:
    """End the login a refresh token belongs to: its access tokens, too. Unknown tokens are ignored."""
    transact(ctx, nobody, log_out, body.refresh_token.get_secret_value())
    return Response(status_code=204)


@router.get("/me", operation_id="read_me", summary="Who am I?")
def me(actor: Annotated[Actor, needs(*Scope)]) -> Me:
    """Show what the credentials of this request are good for."""
    return Me(
        id=actor.id,
        role=actor.role,
        scopes=sorted(actor.scopes),
        technician_id=actor.technician_id,
        work_order_id=actor.work_order_id,
    )


@router.put(
    "/me/password",
    operation_id="change_my_password",
    summary="Change my password",
    status_code=204,
    responses=problems(NotAuthenticated, WrongState, TooBusy),
)
def change_password(
    request: Request, ctx: Ctx, actor: Annotated[Actor, needs(*Scope)], body: PasswordChange
) -> Response:
    """Set a new password, given the old one. All logins of the user end, this one too."""
    kind, _, user_id = actor.id.partition(":")
    if kind != "user":
        raise Forbidden("only members of staff have a password")
    request.app.state.limits.count_login(address_of(request), user_id)
    known = view(ctx, actor, password_hash_of, user_id)
    if not verify_password(body.old_password.get_secret_value(), known):
        raise Forbidden("the old password is wrong")
    fresh = hash_password(body.new_password.get_secret_value())
    transact(ctx, actor, set_password, user_id, fresh, instead_of=known)
    return Response(status_code=204)
