"""The composition root: the only module that names concrete adapters."""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from fieldops.domain.problem import Place, TravelSource
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.files.matrix import load_matrix
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.travel.matrix import MatrixTravel
from fieldops.travel.osrm import OsrmTravel
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable

if TYPE_CHECKING:
    from fieldops.jobs.worker import Worker
    from fieldops.settings import Settings
    from fieldops.store.database import Database
    from fieldops.travel.geocoding import Geocoder
    from fieldops.usecases.context import Context


def travel_provider(source: TravelSource, *, base_dir: Path, is_patient: bool = True) -> TravelProvider:
    """
    Return the provider a problem asks for.

    Parameters
    ----------
    base_dir
        Folder of the problem file: a matrix path is relative to it.
    is_patient
        Whether a server that does not answer is asked again; otherwise it is given three seconds, once: somebody waits
        for the answer, and others for the plan that is locked meanwhile.

    Raises
    ------
    InvalidInput
        When the kind is unknown, or what the kind needs is missing or wrong.
    """
    match source.kind:
        case "geodesic":
            return GeodesicTravel(coefficient_s=source.coefficient_s, exponent=source.exponent, detour=source.detour)
        case "matrix":
            path = _needed("matrix_path", source.matrix_path, "the path of a matrix file, since travel.kind is matrix")
            return _MatrixFile(path=base_dir / path)
        case "osrm":
            url = _needed("url", source.url, "the address of an OSRM server, since travel.kind is osrm")
            if is_patient:
                return OsrmTravel(url=url)
            return OsrmTravel(url=url, connect_timeout_s=1.0, read_timeout_s=3.0, attempts=1)
        case other:
            expected = "geodesic, matrix or osrm"
            raise InvalidInput([Fault(path="travel.kind", found=repr(other), expected=expected)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _MatrixFile:
    """A matrix file, read when the places are known: it must have a row for each of them."""

    path: Path

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Read the file for these places."""
        return self._travel(places).matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Read the file for these places."""
        return self._travel([*origins, *destinations]).between(origins, destinations)

    def _travel(self, places: Sequence[Place]) -> MatrixTravel:
        """Read the file, which has to have these places and no others."""
        place_ids = tuple(dict.fromkeys(place.id for place in places))
        duration_s, distance_m = load_matrix(self.path, place_ids)
        return MatrixTravel(place_ids=place_ids, duration_s=duration_s, distance_m=distance_m)


def _needed(name: str, value: str | None, expected: str) -> str:
    """Return a value the kind cannot do without, or raise."""
    if not value:
        raise InvalidInput([Fault(path=f"travel.{name}", found="nothing", expected=expected)])
    return value


class SystemClock:
    """The clock of this machine."""

    speed: Final = 1.0

    def now(self) -> datetime:
        """Give the present instant, in UTC."""
        return datetime.now(UTC)


# What follows is imported when it is asked for: planning a file needs no database and no web.


#: Connections a worker keeps: its duties rest most of the time.
_WORKER_KEEPS: Final = 5
#: What a worker looks after at the same time, its signs of life included: each on a thread of its own.
_DUTIES: Final = 18


def worker_connections(settings: "Settings") -> int:
    """Return how many connections a worker has at most, one for each of its threads; the job engine has its own."""
    return _DUTIES + 2 * settings.worker_concurrency


def make_context(settings: "Settings", *, works: bool = False) -> "Context":
    """
    Build what use cases get from the world. Its database is the caller's to close.

    Parameters
    ----------
    works
        Whether it is for a worker and nothing else, which needs fewer connections than whoever answers requests.

    Raises
    ------
    InvalidInput
        When a setting names something that is not there, with every fault of that setting.
    """
    from fieldops.jobs.queue import DurableQueue
    from fieldops.messaging.configured import channels_of
    from fieldops.store.database import Database
    from fieldops.usecases.boards import Boards
    from fieldops.usecases.context import Context

    url = settings.database_url.get_secret_value()
    few = {"pool_size": _WORKER_KEEPS, "most": worker_connections(settings)} if works else {}
    return Context(
        database=Database(url, **few),
        clock=SystemClock(),
        jobs=DurableQueue(),
        settings=settings,
        travel=partial(travel_provider, base_dir=Path(), is_patient=False),
        patient_travel=partial(travel_provider, base_dir=Path()),
        geocoder=_geocoder(settings),
        boards=Boards(),
        channels=channels_of(settings),
    )


def load_settings(**given: Any) -> "Settings":
    """
    Read the settings.

    Parameters
    ----------
    given
        Values that count more than those of the environment.

    Raises
    ------
    InvalidInput
        With everything that is wrong, named like the variables.
    """
    from pydantic import ValidationError

    from fieldops.settings import PREFIX, Settings

    names = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = [name for name in os.environ if name.upper().startswith(PREFIX)]
    faults = [_unknown(name) for name in sorted(unknown) if name.upper() not in names]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults += [_fault(entry) for entry in error.errors(include_url=False)]
    if faults:
        raise InvalidInput(faults)
    return settings


#: Settings that cannot have a password or a key in them.
_SHOWN_WHEN_WRONG: Final = frozenset(
    {
        *("mode", "public_url", "host", "port", "access_token_minutes", "refresh_token_days", "link_days"),
        *("max_body_bytes", "rate_limit", "login_rate_limit", "link_rate_limit", "booking_rate_limit"),
        *("locate_rate_limit", "trusted_proxies", "webhooks_allow_private", "solve_threads", "worker_concurrency"),
        *("booking_embed_origins", "draft_hours", "offer_days", "retention_days", "log_format"),
    }
)


def _unknown(name: str) -> Fault:
    return Fault(path=name, found="a variable", expected="one of the settings of docs/settings.md")


def _fault(entry: Any) -> Fault:
    """Name the variable, and its value unless that may have a secret in it."""
    setting = str(entry["loc"][0]) if entry["loc"] else ""
    name = f"FIELDOPS_{setting}".upper()
    if entry["type"] == "extra_forbidden":
        return _unknown(name)
    expected = entry["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if setting not in _SHOWN_WHEN_WRONG:
        return Fault(path=name, found="another value", expected=expected)
    return wrong(name, entry["input"], expected)


def configure_logs(settings: "Settings", stream: TextIO | None = None) -> None:
    """
    Make every line of the log, of ours and of libraries, look as the settings say.

    Parameters
    ----------
    stream
        Where lines are written; standard error when None.

    Notes
    -----
    Tracebacks are written without the values of variables: those may be tokens, or about customers.
    """
    import structlog

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor
    if settings.log_format == "json":
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=(stream or sys.stderr).isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("fieldops").setLevel(logging.INFO)


def make_worker(context: "Context", *, speed: float = 1.0) -> "Worker":
    """
    Build a worker; one per process.

    Parameters
    ----------
    context
        The caller's to close, after the worker has stopped.
    speed
        How many times as fast as ours its clock goes: so much shorter are the pauses between its duties, down to a
        second.
    """
    from fieldops.jobs.duties import duties, handlers
    from fieldops.jobs.engine import Engine
    from fieldops.jobs.worker import Worker

    engine = Engine(context.database, handlers(context), concurrency=context.settings.worker_concurrency)
    sweeps = duties(context, engine)
    if speed != 1.0:
        sweeps = [replace(sweep, every_s=max(min(sweep.every_s, 1.0), sweep.every_s / speed)) for sweep in sweeps]
    return Worker(context.database, engine, sweeps)


def migrate(database: "Database", revision: str = "head") -> None:
    """
    Bring all tables of a database up to date.

    Parameters
    ----------
    revision
        Of our own tables, as `fieldops.store.migrate.upgrade` takes it. Those of the job engine have revisions of their
        own, and always go up to the newest.
    """
    from fieldops.jobs.queue import migrate_jobs
    from fieldops.store.migrate import upgrade

    upgrade(database, revision)
    migrate_jobs(database)


def _geocoder(settings: "Settings") -> "Geocoder":
    """Build the geocoder the settings name."""
    from fieldops.files.address_table import load_addresses
    from fieldops.travel.geocoders import TABLE, GeopyGeocoder, TableGeocoder

    if settings.geocoder != TABLE:
        return GeopyGeocoder(settings.geocoder, settings.geocoder_options)
    return TableGeocoder(() if settings.address_table is None else load_addresses(Path(settings.address_table)))
