"""Endpoints of other systems that want to hear about events."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, answer_with_secret, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.messages import MessageWithAttempts, NewWebhook, Webhook, WebhookChange
from fieldops.errors import NotFound
from fieldops.usecases import webhooks
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
Admin = Annotated[Actor, needs(Scope.ADMIN)]
WebhookId = Annotated[str, Path(max_length=64)]


@router.get("", operation_id="list_webhooks", summary="List webhooks")
def list_webhooks(ctx: Ctx, actor: Admin, page: Page) -> PageOf[Webhook]:
    """List endpoints, by id, the disabled ones too."""
    return PageOf[Webhook].model_validate(view(ctx, actor, webhooks.list_webhooks, limit=page.limit, after=page.after))


@router.post("", operation_id="register_webhook", summary="Register a webhook", status_code=201, response_model=Webhook)
def register_webhook(ctx: Ctx, actor: Admin, key: Key, body: NewWebhook) -> Response:
    """
    Tell an endpoint of events from now on. The secret that verifies them is shown in this answer and never again.

    Repeated with the same Idempotency-Key, the answer has null in its place: then delete the webhook, and register it
    again.
    """
    return answer_with_secret(
        ctx,
        actor,
        key,
        201,
        Webhook.model_validate,
        frozenset({"secret"}),
        webhooks.register_webhook,
        url=body.url,
        events=body.events,
    )


@router.get("/{webhook_id}", operation_id="read_webhook", summary="Read a webhook", responses=problems(NotFound))
def read_webhook(ctx: Ctx, actor: Admin, webhook_id: WebhookId) -> Webhook:
    """Read one endpoint."""
    return Webhook.model_validate(view(ctx, actor, webhooks.read_webhook, webhook_id))


@router.patch("/{webhook_id}", operation_id="update_webhook", summary="Change a webhook", responses=problems(NotFound))
def update_webhook(ctx: Ctx, actor: Admin, webhook_id: WebhookId, body: WebhookChange) -> Webhook:
    """Change address or events of an endpoint, disable it, or enable it again."""
    changed = transact(
        ctx,
        actor,
        webhooks.update_webhook,
        webhook_id,
        url=body.url,
        events=body.events,
        is_enabled=body.is_enabled,
    )
    return Webhook.model_validate(changed)


@router.delete(
    "/{webhook_id}",
    operation_id="delete_webhook",
    summary="Delete a webhook",
    status_code=204,
    responses=problems(NotFound),
)
def delete_webhook(ctx: Ctx, actor: Admin, webhook_id: WebhookId) -> Response:
    """Tell an endpoint nothing more. Events that wait for it are skipped."""
    transact(ctx, actor, webhooks.delete_webhook, webhook_id)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/test",
    operation_id="test_webhook",
    summary="Test a webhook",
    status_code=202,
    response_model=MessageWithAttempts,
    responses=problems(NotFound),
)
def test_webhook(ctx: Ctx, actor: Admin, key: Key, webhook_id: WebhookId) -> Response:
    """Send an event `webhook.test`, also to a disabled endpoint. `GET /v1/messages/{id}` tells what came of it."""
    return answer(ctx, actor, key, 202, MessageWithAttempts.model_validate, webhooks.send_test_webhook, webhook_id)
