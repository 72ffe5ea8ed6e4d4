"""E-mail through an SMTP server."""

import asyncio
import re
import ssl
from dataclasses import dataclass
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import formatdate, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from fieldops.errors import Fault, InvalidInput
from fieldops.messaging.channel import SEND_TIMEOUT_S, Delivery, Outcome, Outgoing

#: One address, and nothing that could end it and begin something else.
ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\\\[\]\x00-\x1f\x7f]{1,255}")
_SCHEMES: Final = {"smtp": 587, "smtps": 465}
_DETAIL_LENGTH: Final = 200


class _OnOneLine(UnstructuredHeader, BaseHeader):
    """A header with an address in it, which mail programs do not find when it is folded or encoded."""

    def fold(self, *, policy: Policy) -> str:
        """Write name and value as they are."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OnOneLine)
_POLICY: Final = default.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where e-mail is handed over; with a password only after TLS."""

    host: str
    port: int
    user: str
    password: str
    uses_tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpChannel:
    """
    Sends e-mail.

    Attributes
    ----------
    sender
        ``Name <address>``.
    tls
        How certificates are judged; None = by those the system trusts.
    """

    server: SmtpServer
    sender: str
    tls: ssl.SSLContext | None = None

    def send(self, message: Outgoing) -> Delivery:
        """Hand a message over; a 4xx answer is worth another try, a 5xx one is final."""
        if not ADDRESS.fullmatch(message.recipient):
            return Delivery(outcome=Outcome.REFUSED, detail="this is no e-mail address")
        try:
            _, answer = asyncio.run(asyncio.wait_for(self._hand_over(message), SEND_TIMEOUT_S))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _judged(error.recipients[0].code, error.recipients[0].message)
        except (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPAuthenticationError) as error:
            # Our own access is wrong, not this message: it can leave when somebody has mended that.
            return Delivery(outcome=Outcome.RETRY, detail=_shown(error.code, error.message))
        except aiosmtplib.SMTPResponseException as error:
            return _judged(error.code, error.message)
        except aiosmtplib.SMTPNotSupported as error:
            return Delivery(outcome=Outcome.REFUSED, detail=str(error)[:_DETAIL_LENGTH])
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return Delivery(outcome=Outcome.RETRY, detail=(str(error) or type(error).__name__)[:_DETAIL_LENGTH])
        return Delivery(
            outcome=Outcome.DELIVERED, detail=answer[:_DETAIL_LENGTH], provider_id=self._message_id(message)
        )

    async def _hand_over(self, message: Outgoing) -> tuple[object, str]:
        server = self.server
        # Without a password an unprotected server will do; a password never leaves unprotected.
        start_tls = False if server.uses_tls else (True if server.user else None)
        return await aiosmtplib.send(
            self._written(message),
            sender=parseaddr(self.sender)[1],
            recipients=[message.recipient],
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.uses_tls,
            start_tls=start_tls,
            tls_context=self.tls,
            timeout=SEND_TIMEOUT_S,
        )

    def _written(self, message: Outgoing) -> EmailMessage:
        """Write the message; its Message-ID is always the same, so that servers recognize what is sent twice."""
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = self.sender
        mail["To"] = message.recipient
        mail["Subject"] = message.title
        mail["Date"] = formatdate()
        mail["Message-ID"] = self._message_id(message)
        mail["Auto-Submitted"] = "auto-generated"
        if message.reply_to and ADDRESS.fullmatch(message.reply_to):
            mail["Reply-To"] = message.reply_to
        if message.unsubscribe_url:
            mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.body)
        for name, content_type, content in message.attachments:
            kind, _, rest = content_type.partition("/")
            subtype, _, parameters = rest.partition(";")
            given = dict(part.strip().split("=", 1) for part in parameters.split(";") if "=" in part)
            mail.add_attachment(content, maintype=kind, subtype=subtype.strip(), filename=name, params=given)
        return mail

    def _message_id(self, message: Outgoing) -> str:
        return f"<{message.id}@{parseaddr(self.sender)[1].rpartition('@')[2] or 'localhost'}>"


def read_smtp_url(url: str) -> SmtpServer:
    """
    Read ``smtp://user:password@host:587`` or ``smtps://...``; user, password and port may be missing.

    Raises
    ------
    InvalidInput
        When it is neither; the password is not told.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _SCHEMES or not parts.hostname or port == -1 or parts.path not in {"", "/"}:
        expected = "smtp://user:password@host:587 or smtps://user:password@host:465"
        raise InvalidInput([Fault(path="smtp_url", found=f"a {parts.scheme or 'nameless'} address", expected=expected)])
    return SmtpServer(
        host=parts.hostname,
        port=port or _SCHEMES[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        uses_tls=parts.scheme == "smtps",
    )


def _judged(code: int, text: str) -> Delivery:
    """Judge an answer of the server."""
    outcome = Outcome.REFUSED if code >= 500 else Outcome.RETRY
    return Delivery(outcome=outcome, detail=_shown(code, text))


def _shown(code: int, text: str) -> str:
    return f"{code} {text}"[:_DETAIL_LENGTH]
