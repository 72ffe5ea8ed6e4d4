"""Real servers on the loopback for tests of channels: mail, and HTTP that answers as it is told."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from databases import free_port


@dataclass(slots=True)
class Mailbox:
    """
    What a mail server got, and what it answers.

    Attributes
    ----------
    to_recipient, to_data
        Its answers to RCPT and DATA; empty = it takes the message.
    logins
        User names and passwords it was given, and whether TLS was on.
    on_mail
        Called with every mail it takes, before the sender hears that it was taken.
    """

    to_recipient: str = ""
    to_data: str = ""
    on_mail: Callable[[EmailMessage], object] = lambda _: None
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        """Take a mail, or answer as told."""
        if self.to_data:
            return self.to_data
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.on_mail(mail)
        return "250 taken"


@contextmanager
def mail_server(
    *,
    to_recipient: str = "",
    to_data: str = "",
    tls: ssl.SSLContext | None = None,
    is_tls_from_the_start: bool = False,
    password: str = "",
    on_mail: Callable[[EmailMessage], object] = lambda _: None,
) -> Iterator[Mailbox]:
    """Run a mail server; with `tls` it offers STARTTLS, or speaks TLS from the start; with `password` it wants one."""
    mailbox = Mailbox(to_recipient=to_recipient, to_data=to_data, on_mail=on_mail)

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        mailbox.logins.append((data.login, data.password))
        return AuthResult(success=data.password == password.encode(), handled=False)

    class Server(Controller):
        """Makes sessions with the options of this test."""

        def factory(self) -> SMTP:
            """Make a session."""
            return SMTP(
                self.handler,
                tls_context=None if is_tls_from_the_start else tls,
                authenticator=judge,
                auth_required=bool(password) and not is_tls_from_the_start,
                auth_require_tls=not is_tls_from_the_start,
            )

    mailbox.port = free_port()
    server = Server(
        mailbox, hostname="127.0.0.1", port=mailbox.port, ssl_context=tls if is_tls_from_the_start else None
    )
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    What a server says.

    Attributes
    ----------
    drips_s
        Sends the body byte by byte with so many seconds between them, without an end.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drips_s: float | None = None


@dataclass(slots=True)
class HttpServer:
    """A server that answers as it is told, and remembers what it was asked."""

    answer: Callable[[Request], Reply]
    port: int = 0
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_server(answer: Callable[[Request], Reply] | Reply) -> Iterator[HttpServer]:
    """Run an HTTP server."""
    state = HttpServer(answer if callable(answer) else lambda _: answer)

    class Handler(BaseHTTPRequestHandler):
        """Reads a request and answers it."""

        def do_POST(self) -> None:
            """Answer a POST."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(path=self.path, headers=dict(self.headers), body=body)
            state.requests.append(request)
            reply = state.answer(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.drips_s is None:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
                while reply.drips_s is not None and not is_over.wait(reply.drips_s):
                    self.wfile.write(b".")
            except OSError:
                pass

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    is_over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
