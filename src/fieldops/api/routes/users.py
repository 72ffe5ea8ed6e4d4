"""Members of staff."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.auth import NewUser, PasswordReset, User
from fieldops.api.schemas.base import PageOf
from fieldops.errors import AlreadyThere, NotFound, TooBusy, WrongState
from fieldops.usecases import users
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/users", tags=["users and keys"])
Admin = Annotated[Actor, needs(Scope.ADMIN)]
UserId = Annotated[str, Path(max_length=64)]


@router.get("", operation_id="list_users", summary="List users")
def list_users(ctx: Ctx, actor: Admin, page: Page) -> PageOf[User]:
    """List members of staff, by id."""
    return PageOf[User].model_validate(view(ctx, actor, users.list_users, limit=page.limit, after=page.after))


@router.post(
    "",
    operation_id="create_user",
    summary="Add a user",
    status_code=201,
    response_model=User,
    responses=problems(AlreadyThere, TooBusy),
)
def create_user(ctx: Ctx, actor: Admin, key: Key, body: NewUser) -> Response:
    """Add a member of staff, who can log in at once."""
    password_hash = hash_password(body.password.get_secret_value())
    response = answer(
        ctx,
        actor,
        key,
        201,
        User.model_validate,
        users.create_user,
        email=body.email,
        name=body.name,
        role=body.role,
        password_hash=password_hash,
        technician_id=body.technician_id,
    )
    return located(response, "/v1/users/{id}")


@router.get("/{user_id}", operation_id="read_user", summary="Read a user", responses=problems(NotFound))
def read_user(ctx: Ctx, actor: Admin, user_id: UserId) -> User:
    """Read one member of staff."""
    return User.model_validate(view(ctx, actor, users.read_user, user_id))


@router.post(
    "/{user_id}/deactivate",
    operation_id="deactivate_user",
    summary="Lock a user out",
    response_model=User,
    responses=problems(NotFound, WrongState),
)
def deactivate_user(ctx: Ctx, actor: Admin, key: Key, user_id: UserId) -> Response:
    """End all logins of a user and let nobody in under that name. Nobody can do that to himself."""
    return answer(ctx, actor, key, 200, User.model_validate, users.deactivate_user, user_id)


@router.post(
    "/{user_id}/activate",
    operation_id="activate_user",
    summary="Let a user in again",
    response_model=User,
    responses=problems(NotFound),
)
def activate_user(ctx: Ctx, actor: Admin, key: Key, user_id: UserId) -> Response:
    """Undo a deactivation."""
    return answer(ctx, actor, key, 200, User.model_validate, users.activate_user, user_id)


@router.put(
    "/{user_id}/password",
    operation_id="set_user_password",
    summary="Set a user's password",
    status_code=204,
    responses=problems(NotFound, TooBusy),
)
def reset_password(ctx: Ctx, actor: Admin, user_id: UserId, body: PasswordReset) -> Response:
    """Set a new password for somebody who has forgotten the old one. All logins of the user end."""
    fresh = hash_password(body.new_password.get_secret_value())
    transact(ctx, actor, users.set_password, user_id, fresh)
    return Response(status_code=204)
