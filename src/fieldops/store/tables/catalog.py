"""What customers can book themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class ServiceRow(Row):
    """
    Work that can be booked; see `fieldops.domain.service.Service`.

    Attributes
    ----------
    names, descriptions
        By language.
    duration_s
        Nominal time on site, seconds.
    required_skills
        Skill name to least level.
    questions
        As `fieldops.store.services` writes them.
    """

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("duration_s > 0", name="duration"),
        CheckConstraint("priority between 1 and 5", name="priority"),
        Index("ix_services_territory_id_position", "territory_id", "position"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    names: Mapped[dict[str, Any]]
    descriptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    duration_s: Mapped[int]
    required_skills: Mapped[dict[str, int]] = mapped_column(default=dict)
    priority: Mapped[int] = mapped_column(default=3)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    is_public: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
