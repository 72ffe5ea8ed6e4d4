"""Figures for Prometheus: what this process answered, and how the service stands."""

from collections.abc import Iterator

import structlog
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.service_state import ServiceState, service_state
from fieldops.usecases.work import view

log = structlog.get_logger("fieldops.api")

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """
    The figures of one process.

    Notes
    -----
    Labels are method, route template and status: as many as there are operations, whatever clients send.
    """

    def __init__(self, context: Context) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "fieldops_http_request_duration_seconds",
            "Time to answer a request.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_StateCollector(context))

    def observe(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).observe(duration_s)

    def text(self) -> bytes:
        """Write everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _StateCollector:
    """Asks the database when Prometheus asks us."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name nothing in advance: registering must not need a database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the gauges; without a database only that there is none."""
        try:
            state = view(self._context, SYSTEM, service_state)
        except SQLAlchemyError:
            log.warning("database_unreachable", where="metrics")
            yield GaugeMetricFamily("fieldops_database_up", "Whether the database answers.", value=0)
            return
        yield GaugeMetricFamily("fieldops_database_up", "Whether the database answers.", value=1)
        yield from _gauges(state)


def _gauges(state: ServiceState) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("fieldops_messages_due", "Messages whose time has come.", value=state.due_messages)
    failing = GaugeMetricFamily("fieldops_messages_failing", "Tried in vain, to be tried again.", labels=("channel",))
    failed = GaugeMetricFamily("fieldops_messages_failed", "Given up in the last day.", labels=("channel",))
    oldest = GaugeMetricFamily(
        "fieldops_messages_oldest_seconds", "How long the oldest has been trying to leave.", labels=("channel",)
    )
    for name, channel in state.channels.items():
        failing.add_metric((name,), channel.failing)
        failed.add_metric((name,), channel.failed)
        oldest.add_metric((name,), channel.oldest_s or 0.0)
    yield from (failing, failed, oldest)
    yield GaugeMetricFamily("fieldops_holds_active", "Windows held now.", value=state.active_holds)
    jobs = GaugeMetricFamily("fieldops_plan_jobs", "Plan jobs that are not finished.", labels=("state",))
    jobs.add_metric(("queued",), state.queued_jobs)
    jobs.add_metric(("running",), state.running_jobs)
    yield jobs
    failed_jobs = GaugeMetricFamily(
        "fieldops_plan_jobs_failed", "Plan jobs that failed in the last day.", labels=("reason",)
    )
    for reason, count in state.failed_jobs.items():
        failed_jobs.add_metric((reason,), count)
    yield failed_jobs
    yield GaugeMetricFamily("fieldops_workers_up", "Workers with a recent sign of life.", value=state.workers_up)
    if state.worker_seen_s is not None:
        name = "fieldops_worker_heartbeat_age_seconds"
        yield GaugeMetricFamily(name, "Since the last sign of life of any worker.", value=state.worker_seen_s)
