"""``fieldops serve``, ``fieldops api``, ``fieldops worker``: the processes of the service."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from fieldops.cli.connections import DatabaseUrl, context_of, require_tables
from fieldops.cli.console import out, plain
from fieldops.wiring import configure_logs, load_settings, make_worker, migrate

if TYPE_CHECKING:
    from fieldops.settings import Settings
    from fieldops.usecases.context import Context

#: How long requests that are being answered may go on after the service was told to end, seconds.
GRACE_S: Final = 10
#: How many objects may be new before garbage is looked for among them, and how often then among the older ones. Plans
#: in memory are hundreds of thousands of objects: to go through all of them takes half a second in which nobody is
#: answered, and by Python's own numbers (700, 10, 10) that is done every few hundred holds.
_GARBAGE: Final = (50_000, 20, 100)

Host = Annotated[str | None, typer.Option(help="Address to listen on. [default: FIELDOPS_HOST]", show_default=False)]
Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65_535, help="Port to listen on; 0 = any free one. [default: FIELDOPS_PORT]", show_default=False
    ),
]


def serve(database_url: DatabaseUrl = None, host: Host = None, port: Port = None) -> None:
    """
    Run everything in one process: migrate the database, then serve the API and do the background work.

    Ends on Ctrl-C or SIGTERM, when the requests under way have been answered.
    """
    with _context(_settings(database_url, host, port)) as ctx:
        migrate(ctx.database)
        worker = make_worker(ctx)
        failures: list[Exception] = []

        def start() -> None:
            try:
                worker.start()
            except Exception as error:
                failures.append(error)
                # A service that only looks as if it worked helps nobody.
                os.kill(os.getpid(), signal.SIGTERM)

        # The API answers while the worker is still starting.
        starting = threading.Thread(target=start, name="worker-start")
        try:
            listen(ctx, lambda _url: starting.start())
        finally:
            if starting.ident is not None:
                starting.join()
                worker.stop()
        if failures:
            raise failures[0]


def api(database_url: DatabaseUrl = None, host: Host = None, port: Port = None) -> None:
    """
    Serve the API only; workers run elsewhere, on the same database.

    Ends on Ctrl-C or SIGTERM, when the requests under way have been answered.
    """
    with _context(_settings(database_url, host, port)) as ctx:
        require_tables(ctx)
        listen(ctx, lambda _url: None)


def worker(database_url: DatabaseUrl = None) -> None:
    """
    Do the background work: plans, messages, holds that expire. Any number of workers may share a database.

    Ends on Ctrl-C or SIGTERM; a plan that is being made is put back for another worker.
    """
    with _context(_settings(database_url, None, None), works=True) as ctx:
        require_tables(ctx)
        ended = threading.Event()
        _on_signals(ended.set)
        made = make_worker(ctx)
        made.start()
        _settle()
        try:
            out().print(plain(f"worker {made.engine.executor_id} is up"), soft_wrap=True)
            ended.wait()
        finally:
            made.stop()


def _settings(database_url: str | None, host: str | None, port: int | None) -> "Settings":
    """Read the settings; options count more."""
    given: dict[str, Any] = {"database_url": database_url, "host": host, "port": port}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@contextmanager
def _context(settings: "Settings", *, works: bool = False) -> Iterator["Context"]:
    """Begin the log, and give the context of a process."""
    import structlog

    configure_logs(settings)
    structlog.get_logger("fieldops.cli").info("settings", **settings.shown())
    # There is no garbage in what is being loaded; looking for it takes a sixth of the time until the process is up.
    gc.disable()
    thresholds = gc.get_threshold()
    try:
        with context_of(settings, works=works) as ctx:
            yield ctx
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        gc.enable()


def _settle() -> None:
    """Take what is there when a process is up for what stays: garbage is looked for in what comes later."""
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    gc.enable()


def _on_signals(react: Callable[[], None]) -> None:
    """React to Ctrl-C and SIGTERM by nothing but this."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        react()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _addresses() -> Iterator[tuple[str, str]]:
    """List what somebody who has just started the service may want to open."""
    from fieldops.files.web import web_folder

    if (web_folder() / "board.html").exists():
        yield from (("board", "/board"), ("booking", "/book"), ("technician", "/tech"))
    yield from (("API", "/v1"), ("try it out", "/docs"))


def listen(ctx: "Context", on_listening: Callable[[str], None]) -> None:
    """Serve until told to end; `on_listening` is called with the address once somebody answers there."""
    import uvicorn

    from fieldops.api.app import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.should_exit:
                return
            _settle()
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            console = out()
            console.print(plain(f"fieldops is up: http://{shown}:{port}"), soft_wrap=True)
            for name, path in _addresses():
                console.print(plain(f"  {name:<10}  http://{shown}:{port}{path}"), soft_wrap=True)
            on_listening(f"http://{shown}:{port}")

    config = uvicorn.Config(
        create_app(ctx),
        host=ctx.settings.host,
        port=ctx.settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    # While it runs, the server reacts to signals itself; afterwards it raises them again, for whoever was there before.
    _on_signals(lambda: None)
    try:
        Server(config).run()
    finally:
        # What goes away when a process ends is garbage, too.
        gc.unfreeze()
