"""Logging in and out."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Body, Request, Response

from fieldops.api.dependencies import Anonymous, Ctx, needs
from fieldops.api.login_cookie import clear_cookie, require_own_page, set_cookie, token_in_cookie
from fieldops.api.problems import problem_response, problems, request_id_of
from fieldops.api.schemas.auth import Login, LoginRequest, Me, PasswordChange, RefreshRequest
from fieldops.api.security import address_of
from fieldops.errors import Forbidden, NotAuthenticated, TooBusy, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.logins import LoginView, log_in, log_out, refresh_login
from fieldops.usecases.passwords import hash_password, verify_password
from fieldops.usecases.users import password_hash_of, set_password
from fieldops.usecases.work import transact, view

log = structlog.get_logger("fieldops.api")
router = APIRouter(prefix="/auth", tags=["logging in"])

#: A body without a token, or none at all, leaves it to the cookie.
MaybeRefresh = Annotated[RefreshRequest | None, Body(examples=[RefreshRequest.EXAMPLE])]


@router.post(
    "/login", operation_id="log_in", summary="Log in", responses=problems(NotAuthenticated, Forbidden, TooBusy)
)
def login(request: Request, response: Response, ctx: Ctx, nobody: Anonymous, body: LoginRequest) -> Login:
    """
    Exchange e-mail address and password for tokens. Attempts are limited by address and by account.

    With `cookie` the refresh token is set as a cookie (`fieldops_refresh`) that only this service's own pages can use.
    Takes no Idempotency-Key: logging in twice gives two logins.
    """
    request.app.state.limits.count_login(address_of(request), body.email)
    if body.cookie:
        require_own_page(request)
    found = log_in(ctx, nobody, body.email, body.password.get_secret_value())
    return _shown(found, request, response, in_cookie=body.cookie)


@router.post(
    "/refresh",
    operation_id="refresh_login",
    summary="Go on with a login",
    response_model=Login,
    responses=problems(NotAuthenticated, Forbidden),
)
def refresh(
    request: Request, response: Response, ctx: Ctx, nobody: Anonymous, body: MaybeRefresh = None
) -> Login | Response:
    """
    Exchange a refresh token for an access token and the next refresh token.

    Without a token in the body the cookie of the login is used, and replaced. For a minute after its exchange a token
    is answered once more with what replaced it: the first answer may have been lost. One that comes back later was
    copied: the whole login ends then.
    """
    token, in_cookie = _refresh_token(request, body)
    if token is None:
        raise NotAuthenticated("no refresh token was given; log in")
    found = transact(ctx, nobody, refresh_login, token)
    if found is not None:
        return _shown(found, request, response, in_cookie=in_cookie)
    request.app.state.limits.count_bad_token(address_of(request))
    error = NotAuthenticated("the refresh token is not valid; log in again")
    if not in_cookie:
        raise error
    refused = problem_response(error, request_id_of(request))
    clear_cookie(refused, request)
    return refused


@router.post("/logout", operation_id="log_out", summary="Log out", status_code=204, responses=problems(Forbidden))
def logout(request: Request, ctx: Ctx, nobody: Anonymous, body: MaybeRefresh = None) -> Response:
    """
    End the login a refresh token belongs to: its access tokens, too. Unknown tokens are ignored.

    Without a token in the body the cookie of the login is used, and cleared.
    """
    token, in_cookie = _refresh_token(request, body)
    if token is not None:
        transact(ctx, nobody, log_out, token)
    answer = Response(status_code=204)
    if in_cookie:
        clear_cookie(answer, request)
    return answer


def _refresh_token(request: Request, body: RefreshRequest | None) -> tuple[str | None, bool]:
    """Return the token of the body or else that of the cookie, and whether it was the cookie's."""
    if body is not None and body.refresh_token is not None:
        return body.refresh_token.get_secret_value(), False
    token = token_in_cookie(request)
    return token, token is not None


def _shown(found: LoginView, request: Request, response: Response, *, in_cookie: bool) -> Login:
    """Show a login, with its refresh token in the cookie or in the body."""
    login = Login.model_validate(found)
    if not in_cookie:
        return login
    set_cookie(response, request, found.refresh_token, found.refresh_expires_at)
    return login.model_copy(update={"refresh_token": None})


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
