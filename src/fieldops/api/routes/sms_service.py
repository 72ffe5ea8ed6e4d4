"""What the SMS service calls: text messages that customers write, and receipts for ours. It signs like Twilio does."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from fieldops.api.dependencies import Ctx, Uncounted
from fieldops.api.problems import problems
from fieldops.api.security import address_of
from fieldops.errors import Fault, InvalidInput, KeyReused, NotAuthenticated
from fieldops.messaging.signatures import is_sms_signed
from fieldops.usecases.context import Context
from fieldops.usecases.receive_sms import Received, receive_sms
from fieldops.usecases.record_receipt import record_receipt
from fieldops.usecases.work import Receipt, Reply, answer_once, transact

router = APIRouter(prefix="/messages", tags=["messages"])

#: Nothing to say back: the service takes this as "no answer to the customer".
EMPTY_ANSWER: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_MOST_FIELDS: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"


def _documented(example: Mapping[str, str], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe a form by the fields it has to have; the service sends many more, and all of them are signed."""
    text = {"type": "string", "maxLength": 10_000}
    schema = {
        "type": "object",
        "required": list(example),
        "properties": dict.fromkeys((*example, *optional), text),
        "additionalProperties": {"type": "string"},
    }
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema, "example": example}}}}


_XML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Taken.", "content": {"application/xml": {"schema": {"type": "string"}}}}
}


async def _signed_form(
    request: Request,
    ctx: Ctx,
    x_twilio_signature: Annotated[
        str,
        Header(alias="X-Twilio-Signature", max_length=200, description="Proof that the SMS service sent this request."),
    ] = "",
) -> dict[str, str]:
    """Read the form, when it is signed with our token for the address that the service was given."""
    try:
        return _read_signed(ctx, request, await request.body(), x_twilio_signature)
    except (InvalidInput, NotAuthenticated):
        # The service itself may call as often as customers write; all others are counted.
        request.app.state.limits.count_address(address_of(request))
        raise


def _read_signed(ctx: Context, request: Request, content: bytes, signature: str) -> dict[str, str]:
    """Read the form, or raise what is wrong with it."""
    try:
        fields = parse_qsl(content.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        expected = f"a form ({_FORM}) of at most {_MOST_FIELDS} fields"
        raise InvalidInput([Fault(path="body", found="something else", expected=expected)]) from error
    query = f"?{request.url.query}" if request.url.query else ""
    address = ctx.settings.public_url.rstrip("/") + request.url.path + query
    if not is_sms_signed(ctx.settings.sms_token.get_secret_value(), address, fields, signature):
        raise NotAuthenticated("the request is not signed by the SMS service")
    return dict(fields)


Form = Annotated[dict[str, str], Depends(_signed_form)]


@router.post(
    "/inbound/sms",
    operation_id="receive_sms",
    summary="Hear a text message",
    response_class=Response,
    responses={**_XML, **problems(NotAuthenticated, KeyReused)},
    openapi_extra=_documented({"MessageSid": "SM8f2c", "From": "+12025550123", "Body": "STOP"}),
)
def hear_sms(request: Request, ctx: Ctx, actor: Uncounted, form: Form) -> Response:
    """
    Take a text message from the SMS service: STOP, START, or a note for those who serve the customer.

    A message that the service delivers twice (the same `MessageSid`) is heard once.
    """
    _require(form, "MessageSid", "From")

    def rendered(_: Received) -> Reply:
        return Reply(200, EMPTY_ANSWER)

    receipt = Receipt(
        principal="sms-service",
        key=f"inbound {form['MessageSid']}"[:128],
        request_hash=request.state.request_hash,
        render=rendered,
    )
    reply = answer_once(ctx, actor, receipt, receive_sms, form["From"], form.get("Body", ""))
    return Response(reply.body, reply.status, media_type="application/xml")


@router.post(
    "/receipts/sms",
    operation_id="record_sms_receipt",
    summary="Take a receipt for a text message",
    response_class=Response,
    responses={**_XML, **problems(NotAuthenticated)},
    openapi_extra=_documented({"MessageSid": "SM8f2c", "MessageStatus": "undelivered"}, ("ErrorCode",)),
)
def take_receipt(
    ctx: Ctx,
    actor: Uncounted,
    form: Form,
    message: Annotated[str, Query(max_length=64, description="Our id of the message.")] = "",
) -> Response:
    """Write down what became of a text message. One that did not arrive goes to the customer another way."""
    _require(form, "MessageSid", "MessageStatus")
    transact(
        ctx,
        actor,
        record_receipt,
        message,
        form["MessageStatus"],
        provider_id=form["MessageSid"],
        error_code=form.get("ErrorCode", ""),
    )
    return Response(EMPTY_ANSWER, media_type="application/xml")


def _require(form: dict[str, str], *names: str) -> None:
    """Raise for all fields that are missing."""
    faults = [
        Fault(path=name, found="nothing", expected="a field of the SMS service") for name in names if not form.get(name)
    ]
    if faults:
        raise InvalidInput(faults)
