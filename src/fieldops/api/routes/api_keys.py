"""API keys of integrations."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, answer_with_secret, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.auth import ApiKey, NewApiKey
from fieldops.api.schemas.base import PageOf
from fieldops.errors import NotFound, WrongState
from fieldops.usecases import api_keys
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work import view

router = APIRouter(prefix="/api-keys", tags=["users and keys"])
Admin = Annotated[Actor, needs(Scope.ADMIN)]


@router.get("", operation_id="list_api_keys", summary="List API keys")
def list_api_keys(ctx: Ctx, actor: Admin, page: Page) -> PageOf[ApiKey]:
    """List keys, by id, the revoked ones too. The keys themselves are not known any more."""
    return PageOf[ApiKey].model_validate(view(ctx, actor, api_keys.list_api_keys, limit=page.limit, after=page.after))


@router.post("", operation_id="create_api_key", summary="Make an API key", status_code=201, response_model=ApiKey)
def create_api_key(ctx: Ctx, actor: Admin, key: Key, body: NewApiKey) -> Response:
    """
    Make a key with some scopes. It is shown in this answer and never again.

    Repeated with the same Idempotency-Key, the answer has null in its place: then revoke it, and make another one.
    """
    return answer_with_secret(
        ctx,
        actor,
        key,
        201,
        ApiKey.model_validate,
        frozenset({"key"}),
        api_keys.create_api_key,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
    )


@router.post(
    "/{key_id}/revoke",
    operation_id="revoke_api_key",
    summary="Revoke an API key",
    response_model=ApiKey,
    responses=problems(NotFound, WrongState),
)
def revoke_api_key(ctx: Ctx, actor: Admin, key: Key, key_id: Annotated[str, Path(max_length=64)]) -> Response:
    """Make a key useless, at once and for good."""
    return answer(ctx, actor, key, 200, ApiKey.model_validate, api_keys.revoke_api_key, key_id)
