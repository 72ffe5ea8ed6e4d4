"""STOP by e-mail: a signed address in every mail to a customer, which mail programs offer as a button (RFC 8058)."""

from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from fieldops.errors import NotAuthenticated
from fieldops.messaging.kinds import Via
from fieldops.settings import Settings
from fieldops.store.tables import MessageRow
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.erase_traces import ERASED
from fieldops.usecases.set_consent import Consent, set_consent_everywhere
from fieldops.usecases.work import Work

PATH: Final = "/v1/unsubscribe"
#: Of its own, so that the address opens nothing else: mail programs and their servers get to see it.
_SALT: Final = "fieldops.unsubscribe"


def unsubscribe_url(settings: Settings, message_id: str) -> str:
    """Return the address that stops e-mail to whom a message went. It does not expire: old mails are kept for years."""
    return f"{settings.public_url.rstrip('/')}{PATH}?token={_serializer(settings).dumps(message_id)!s}"


def language_of_mail(work: Work, token: str) -> str:
    """
    Return the language of the mail an address was in.

    Raises
    ------
    NotAuthenticated
        When it is none of ours.
    """
    return _mail(work, token).language


def unsubscribe(work: Work, token: str) -> str:
    """
    Hear a STOP for the address a mail went to, for everybody who has it; return the language of the mail.

    Saying it twice is once. Of somebody who was erased meanwhile we have no address to write to.

    Raises
    ------
    NotAuthenticated
        When the address is none of ours.
    """
    mail = _mail(work, token)
    if not mail.recipient.startswith(ERASED):
        set_consent_everywhere(work, ContactKind.EMAIL, mail.recipient, Consent.STOPPED)
    return mail.language


def _mail(work: Work, token: str) -> MessageRow:
    """Find the mail an address was in."""
    try:
        message_id = _serializer(work.ctx.settings).loads(token)
    except BadData as error:
        raise NotAuthenticated("the link is not valid") from error
    mail = work.session.get(MessageRow, message_id)
    if mail is None or mail.channel != Via.EMAIL:
        raise NotAuthenticated("the link is not valid")
    return mail


def _serializer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret.get_secret_value(), salt=_SALT)
