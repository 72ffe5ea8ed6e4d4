"""All tables of the product."""

from fieldops.store.base import Row
from fieldops.store.tables.access import (
    ApiKeyRow,
    AuditRow,
    ExecutorRow,
    IdempotencyRow,
    LinkRow,
    RefreshTokenRow,
    UserRow,
)
from fieldops.store.tables.afterwards import LearnedFactorRow, SurveyRow, TaskRow
from fieldops.store.tables.booking import BookingRow, HoldRow, OfferRow, PromiseRow, WaitlistRow
from fieldops.store.tables.catalog import ServiceRow
from fieldops.store.tables.customers import (
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    GeocodeRow,
    OptOutRow,
    SiteRow,
)
from fieldops.store.tables.live import (
    EtaRow,
    LiveDayRow,
    PlanEditRow,
    ProgressEventRow,
    ReplanRow,
    StreamEventRow,
    TechnicianStateRow,
    VisitProgressRow,
)
from fieldops.store.tables.messages import InboundMessageRow, MessageAttemptRow, MessageRow, WebhookRow
from fieldops.store.tables.people import AbsenceRow, ShiftRow, TechnicianRow, TechnicianSkillRow, TerritoryRow
from fieldops.store.tables.plans import PlanJobRow, PlanRow, PlanVersionRow, RouteRow, StopRow
from fieldops.store.tables.streets import BasemapRow
from fieldops.store.tables.work import VisitRow, WorkOrderRow

__all__ = [
    "AbsenceRow",
    "ApiKeyRow",
    "AuditRow",
    "BasemapRow",
    "BookingRow",
    "ContactPointRow",
    "CustomerNoteRow",
    "CustomerRow",
    "EtaRow",
    "ExecutorRow",
    "GeocodeRow",
    "HoldRow",
    "IdempotencyRow",
    "InboundMessageRow",
    "LearnedFactorRow",
    "LinkRow",
    "LiveDayRow",
    "MessageAttemptRow",
    "MessageRow",
    "OfferRow",
    "OptOutRow",
    "PlanEditRow",
    "PlanJobRow",
    "PlanRow",
    "PlanVersionRow",
    "ProgressEventRow",
    "PromiseRow",
    "RefreshTokenRow",
    "ReplanRow",
    "RouteRow",
    "Row",
    "ServiceRow",
    "ShiftRow",
    "SiteRow",
    "StopRow",
    "StreamEventRow",
    "SurveyRow",
    "TaskRow",
    "TechnicianRow",
    "TechnicianSkillRow",
    "TechnicianStateRow",
    "TerritoryRow",
    "UserRow",
    "VisitProgressRow",
    "VisitRow",
    "WaitlistRow",
    "WebhookRow",
    "WorkOrderRow",
]
