"""What the booking page shows to anybody: where something can be booked, and what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from fieldops.domain.policies import Policies
from fieldops.domain.service import Question, Service, in_language
from fieldops.errors import NotFound
from fieldops.messaging.wording import LANGUAGES
from fieldops.store.services import service_of
from fieldops.store.tables import ServiceRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.reach_customer import CHANNEL_OF
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class BookableTerritoryView:
    """A territory with services that customers can book themselves."""

    territory_id: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedChoiceView:
    """An answer to choose, in one language."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedQuestionView:
    """A question, in one language."""

    id: str
    kind: str
    text: str
    is_required: bool
    choices: tuple[OfferedChoiceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedServiceView:
    """A service as customers see it, in one language."""

    id: str
    name: str
    description: str
    duration_s: int
    questions: tuple[OfferedQuestionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPageView:
    """
    All that a booking page shows before it knows anything.

    Attributes
    ----------
    channels
        Those this installation can send by; all of them where it can send by none, since messages wait in the outbox
        then.
    """

    territory_id: str
    name: str
    time_zone: str
    language: str
    languages: tuple[str, ...]
    contact: str
    horizon_days: int
    hold_minutes: int
    channels: tuple[str, ...]
    services: tuple[OfferedServiceView, ...]


def list_bookable(work: Work, *, limit: int, after: str | None = None) -> Page[BookableTerritoryView]:
    """
    List the territories in which customers can book something themselves, by their id.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    offered = select(ServiceRow.territory_id).where(ServiceRow.is_public, ServiceRow.is_active)
    query = select(TerritoryRow).where(TerritoryRow.id.in_(offered))
    return page_by_id(work.session, query, TerritoryRow.id, _bookable, limit, after)


def read_booking_page(work: Work, territory_id: str, language: str) -> BookingPageView:
    """
    Read what can be booked in a territory.

    Raises
    ------
    NotFound
        When there is no such territory, or nothing can be booked there.
    """
    territory = work.session.get(TerritoryRow, territory_id)
    services = public_services(work, territory_id)
    if territory is None or not services:
        raise NotFound("booking page", territory_id)
    policies: Policies = policies_of(territory)
    channels = sorted(channel.value for channel in CHANNEL_OF.values())
    able = tuple(channel for channel in channels if channel in work.ctx.channels)
    return BookingPageView(
        territory_id=territory.id,
        name=territory.name,
        time_zone=territory.time_zone,
        language=language,
        languages=tuple(sorted(LANGUAGES)),
        contact=policies.contact,
        horizon_days=policies.horizon_days,
        hold_minutes=policies.hold_duration // timedelta(minutes=1),
        channels=able or tuple(channels),
        services=tuple(_offered(service, language) for service in services.values()),
    )


def public_services(work: Work, territory_id: str) -> Mapping[str, Service]:
    """Return the services that customers can book themselves, by id, in the order in which they are shown."""
    rows = work.session.scalars(
        select(ServiceRow)
        .where(ServiceRow.territory_id == territory_id, ServiceRow.is_public, ServiceRow.is_active)
        .order_by(ServiceRow.position, ServiceRow.created_at, ServiceRow.id)
    )
    return {row.id: service_of(row) for row in rows}


def _bookable(row: TerritoryRow) -> BookableTerritoryView:
    return BookableTerritoryView(territory_id=row.id, name=row.name, time_zone=row.time_zone)


def _offered(service: Service, language: str) -> OfferedServiceView:
    return OfferedServiceView(
        id=service.id,
        name=in_language(service.names, language),
        description=in_language(service.descriptions, language),
        duration_s=service.duration_s,
        questions=tuple(_asked(question, language) for question in service.questions),
    )


def _asked(question: Question, language: str) -> OfferedQuestionView:
    return OfferedQuestionView(
        id=question.id,
        kind=question.kind.value,
        text=in_language(question.texts, language),
        is_required=question.is_required,
        choices=tuple(
            OfferedChoiceView(id=choice.id, text=in_language(choice.texts, language)) for choice in question.choices
        ),
    )
