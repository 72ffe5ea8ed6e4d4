"""The day itself: what was reported, what is expected, what is proposed, what was changed by hand, what to show."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row

#: SQLite counts up only what it calls INTEGER.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")


#: Of `ProgressEventRow`: somebody goes out or comes back. Queries say it in the same words to be served by the index.
TURNS: Final = text("kind in ('technician_out', 'vehicle_down', 'technician_back')")


class ProgressEventRow(Row):
    """
    One event as it was reported; rows are only ever added.

    Attributes
    ----------
    id
        Given by the reporter: the same event twice is one row.
    data
        ``minutes``, ``reason``, ``latitude``, ``longitude``, ``permille``, as the kind has them.
    is_ignored
        Whether it came in a phase in which it means nothing. May change when an earlier event arrives later.
    """

    __tablename__ = "progress_events"
    __table_args__ = (
        Index("ix_progress_events_visit_id", "visit_id"),
        Index("ix_progress_events_territory_id_date", "territory_id", "date"),
        Index("ix_progress_events_turns", "technician_id", "date", sqlite_where=TURNS, postgresql_where=TURNS),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    date: Mapped[date]
    kind: Mapped[str]
    technician_id: Mapped[str | None]
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    reporter: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_ignored: Mapped[bool] = mapped_column(default=False)


class VisitProgressRow(Row):
    """
    Where a visit stands, folded from its events; made again whenever one arrives.

    Attributes
    ----------
    extended_at
        When more time was last asked for.
    expected_at
        Not there before, by the technician's own word; None = nothing was said.
    anew_at
        When it got another window of the same date after it had failed: events that occurred before are of the first
        try. None = there was only one.
    """

    __tablename__ = "visit_progress"
    __table_args__ = (
        CheckConstraint(
            "phase in ('planned', 'traveling', 'arrived', 'in_progress', 'done', 'failed', 'canceled')", name="phase"
        ),
        Index("ix_visit_progress_territory_id_date", "territory_id", "date"),
    )
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    territory_id: Mapped[str]
    date: Mapped[date]
    technician_id: Mapped[str | None]
    phase: Mapped[str]
    travel_started_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    extension_s: Mapped[int] = mapped_column(default=0)
    extended_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    planned_arrival_at: Mapped[datetime | None]
    planned_start_at: Mapped[datetime | None]
    planned_travel_s: Mapped[int | None]
    planned_duration_s: Mapped[int | None]
    anew_at: Mapped[datetime | None]


class TechnicianStateRow(Row):
    """
    What is known of a technician on a date beyond the plan.

    Attributes
    ----------
    latitude, longitude, seen_at
        The newest position reported.
    out_since, out_reason
        Sick or without a vehicle from then on.
    """

    __tablename__ = "technician_states"
    __table_args__ = (PrimaryKeyConstraint("technician_id", "date"),)
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"))
    date: Mapped[date]
    territory_id: Mapped[str] = mapped_column(index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    seen_at: Mapped[datetime | None]
    out_since: Mapped[datetime | None]
    out_reason: Mapped[str] = mapped_column(default="")


class LiveDayRow(Row):
    """
    The state of a territory's day: traffic, and the replan that is wanted.

    Attributes
    ----------
    travel_permille
        What a nominal 1,000 seconds of travel take now: as reported, else as the day's drives have shown.
    reported_permille
        What was reported of the traffic; None = nothing, or that it is as usual again.
    wanted_at, wanted_since, wanted_why
        A replan was asked for: last, first (since the last one began), and because of what. None = none is wanted.
    """

    __tablename__ = "live_days"
    __table_args__ = (
        PrimaryKeyConstraint("territory_id", "date"),
        Index(
            "ix_live_days_wanted_at",
            "wanted_at",
            sqlite_where=text("wanted_at is not null"),
            postgresql_where=text("wanted_at is not null"),
        ),
    )
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    date: Mapped[date]
    travel_permille: Mapped[int] = mapped_column(default=1_000)
    reported_permille: Mapped[int | None]
    wanted_at: Mapped[datetime | None]
    wanted_since: Mapped[datetime | None]
    wanted_why: Mapped[list[str]] = mapped_column(default=list)


class EtaRow(Row):
    """
    When a technician is expected at a visit that is still ahead.

    Attributes
    ----------
    at_risk_since
        When the promise came into jeopardy; None = it is not.
    told_arrival_at, told_earliest_at, told_latest_at, told_at
        What the customer heard last about the time; None = only the window.
    news_since
        When what is expected first differed so much from that, that the customer has to hear of it; None = it does not.
    shown_earliest_at, shown_latest_at
        What the stream of the visit said last; None = nothing yet.
    """

    __tablename__ = "etas"
    __table_args__ = (Index("ix_etas_territory_id_date", "territory_id", "date"),)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    territory_id: Mapped[str]
    date: Mapped[date]
    shift_id: Mapped[str]
    technician_id: Mapped[str]
    plan_version: Mapped[int]
    position: Mapped[int]
    arrival_at: Mapped[datetime]
    earliest_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    finish_at: Mapped[datetime]
    kept_permille: Mapped[int | None]
    at_risk_since: Mapped[datetime | None]
    computed_at: Mapped[datetime]
    told_arrival_at: Mapped[datetime | None]
    told_earliest_at: Mapped[datetime | None]
    told_latest_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    news_since: Mapped[datetime | None]
    shown_earliest_at: Mapped[datetime | None]
    shown_latest_at: Mapped[datetime | None]


class ReplanRow(Row):
    """
    One replan of a day: what asked for it, how it went, and the proposal it made.

    Attributes
    ----------
    kind
        ``jeopardy``, ``improve``, ``rebalance``, ``empty_route``, ``emergency``.
    scope
        What was asked: ``technicians``, ``shift_id``, ``visit_id``, ``most_moves``, ``seconds``.
    state
        ``waiting``, ``running``, ``proposed``, ``nothing_better``, ``applied``, ``rejected``, ``stale``, ``canceled``,
        ``failed``.
    base_version
        Of the plan it was made from; a plan that has moved on makes the proposal stale.
    diff
        `PlanDiff` as JSON; routes: shift id to the proposed route, as in a plan document.
    conflicts
        Pins and edits by hand that could not be kept: objects with ``visit_id`` and ``message``.
    customers
        How many of them would have to be told something new.
    decided
        ``automatic`` or the actor; accepted: the visits of an approval in part, None = all.
    """

    __tablename__ = "replans"
    __table_args__ = (
        Index("ix_replans_territory_id_date", "territory_id", "date"),
        Index(
            "uq_replans_running",
            "territory_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    date: Mapped[date]
    kind: Mapped[str]
    why: Mapped[list[str]] = mapped_column(default=list)
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="waiting")
    run_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    base_version: Mapped[int | None]
    applied_version: Mapped[int | None]
    routes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    diff: Mapped[dict[str, Any]] = mapped_column(default=dict)
    conflicts: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    unassigned: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    customers: Mapped[int] = mapped_column(default=0)
    cost_change_cents: Mapped[int | None]
    churn: Mapped[int | None]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    accepted: Mapped[list[str] | None]
    error: Mapped[str | None]


class PlanEditRow(Row):
    """
    A change somebody made to a plan by hand, and what is needed to take it back.

    Attributes
    ----------
    kind
        ``move``, ``swap``, ``lock``, ``unlock``, ``unassign``, ``add_break``, ``duration``.
    request
        What was asked for.
    violations
        What it broke and was forced all the same: objects with ``code``, ``message``, ``amount``.
    before
        What undoing restores: pins, durations and breaks as they were.
    undone_by
        The edit that took it back.
    """

    __tablename__ = "plan_edits"
    __table_args__ = (Index("ix_plan_edits_plan_id_made_at", "plan_id", "made_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"))
    kind: Mapped[str]
    request: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(default="")
    is_forced: Mapped[bool] = mapped_column(default=False)
    violations: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    from_version: Mapped[int]
    to_version: Mapped[int]
    actor: Mapped[str]
    made_at: Mapped[datetime]
    undone_by: Mapped[str | None]


class StreamEventRow(Row):
    """
    One change as the streams tell it; kept for some hours, so that a listener who was away catches up.

    Attributes
    ----------
    id
        Rises with every event. Events of one topic are written under one lock, so they become visible in this order.
    topic
        ``board:<territory>:<date>``, ``technician:<id>:<date>`` or ``visit:<id>``.
    kind
        ``eta``, ``progress``, ``plan``, ``proposal``, ``replan``, ``technician``, ``message``, ``task``.
    """

    __tablename__ = "stream_events"
    __table_args__ = (Index("ix_stream_events_topic_id", "topic", "id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    topic: Mapped[str]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)
