"""What follows a visit: a survey, work for people, and what the day has taught."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class SurveyRow(Row):
    """
    Three questions after a visit.

    Attributes
    ----------
    nps, csat, ces
        0 to 10: would recommend; 1 to 5: how satisfied; 1 to 5: how easy it was. None = not answered.
    """

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_asked_at_visit_id", "asked_at", "visit_id"),)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    technician_id: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    nps: Mapped[int | None]
    csat: Mapped[int | None]
    ces: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="")


class TaskRow(Row):
    """
    Something a person has to do about a customer.

    Attributes
    ----------
    kind
        ``low_score``, ``broken_promise``, ``no_place`` (a visit that fell off the plan), ``no_time`` (a customer
        found no free one), ``could_not_complete``, ``not_reported`` (nobody has said whether it was done).
    code
        What happened (`fieldops.usecases.task_codes.TaskCode`), or None = only `summary` says it.
    facts
        What a sentence about it names.
    summary
        The sentence in English.
    owner
        User id, or None = nobody's: there was no dispatcher when it was opened, or somebody gave it up.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state in ('open', 'done')", name="state"),
        Index("uq_tasks_subject", "kind", "visit_id", unique=True),
        Index("ix_tasks_territory_id_state_due_at", "territory_id", "state", "due_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    kind: Mapped[str]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    code: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    summary: Mapped[str]
    credit_cents: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="open")
    owner: Mapped[str | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")


class LearnedFactorRow(Row):
    """
    What actual days teach: how long work and travel take compared with the plan.

    Attributes
    ----------
    kind
        ``duration`` of a visit type (its name, or its skills); ``technician``: the same of a technician, against what
        the type lets expect; ``travel`` of the territory by hour.
    key
        Visit type (``domain.factors``), technician id, or local hour.
    permille
        Against a nominal 1,000; shrunk towards 1,000 and bounded.
    spread_permille
        Standard deviation of the logarithm, times 1,000.
    count
        Observations behind it.
    """

    __tablename__ = "learned_factors"
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    permille: Mapped[int]
    spread_permille: Mapped[int]
    count: Mapped[int]
    learned_at: Mapped[datetime]
