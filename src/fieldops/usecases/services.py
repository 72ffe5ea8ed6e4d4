"""The catalog of a territory: the services that can be booked there."""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import select

from fieldops.domain.service import Question, QuestionKind, Service
from fieldops.domain.value_faults import MAX_DURATION, field_path, wrong
from fieldops.errors import Fault, InvalidInput, NotFound
from fieldops.store.ids import new_id
from fieldops.store.services import service_of, write_service
from fieldops.store.tables import ServiceRow, TerritoryRow
from fieldops.store.territories import find_territory
from fieldops.usecases.audit import record
from fieldops.usecases.work import Work

_LEAST_CHOICES: Final = 2


def list_services(work: Work, territory_id: str) -> tuple[Service, ...]:
    """
    List the services of a territory in the order in which they are shown, those that are not on offer too.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    find_territory(work.session, territory_id)
    rows = work.session.scalars(
        select(ServiceRow)
        .where(ServiceRow.territory_id == territory_id)
        .order_by(ServiceRow.position, ServiceRow.created_at, ServiceRow.id)
    )
    return tuple(map(service_of, rows))


def create_service(work: Work, service: Service) -> Service:
    """
    Add a service to a territory; its id is made here, whatever it says.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        With everything that is wrong.
    """
    _require_sound(service, find_territory(work.session, service.territory_id))
    row = ServiceRow(id=new_id("sv"), territory_id=service.territory_id, created_at=work.now)
    write_service(row, service)
    work.session.add(row)
    record(work, "service.created", "service", row.id, names=dict(service.names))
    return service_of(row)


def replace_service(work: Work, service: Service) -> Service:
    """
    Replace everything about a service but its id; what is requested already stays as it was asked for.

    Raises
    ------
    NotFound
        When the territory has no such service.
    InvalidInput
        With everything that is wrong.
    """
    row = _row(work, service.territory_id, service.id)
    _require_sound(service, find_territory(work.session, service.territory_id))
    write_service(row, service)
    record(work, "service.replaced", "service", row.id, names=dict(service.names), is_active=service.is_active)
    return service_of(row)


def deactivate_service(work: Work, territory_id: str, service_id: str) -> Service:
    """
    Take a service off the offer; one that is off already stays as it is.

    Raises
    ------
    NotFound
        When the territory has no such service.
    """
    row = _row(work, territory_id, service_id)
    if row.is_active:
        row.is_active = False
        record(work, "service.deactivated", "service", row.id)
    return service_of(row)


def _row(work: Work, territory_id: str, service_id: str) -> ServiceRow:
    row = work.session.get(ServiceRow, service_id, with_for_update=True)
    if row is None or row.territory_id != territory_id:
        raise NotFound("service", service_id)
    return row


def _require_sound(service: Service, territory: TerritoryRow) -> None:
    """Raise `InvalidInput` with everything that is wrong with a service."""
    faults = list(_faults(service, territory))
    if faults:
        raise InvalidInput(faults)


def _faults(service: Service, territory: TerritoryRow) -> Iterator[Fault]:
    """Report what the form of the request does not rule out."""
    yield from _text_faults("names", service.names.values())
    yield from _skill_faults("required_skills", service.required_skills, territory)
    first: dict[str, str] = {}
    for i, question in enumerate(service.questions):
        path = field_path("questions", i)
        yield from _repeated(first, f"{path}.id", question.id)
        yield from _question_faults(path, question, territory)
    longest_s = service.duration_s + sum(
        max((choice.extra_s for choice in question.choices), default=0) for question in service.questions
    )
    if longest_s > MAX_DURATION.total_seconds():
        expected = f"at most {MAX_DURATION.total_seconds():g} with all that answers can add, not {longest_s}"
        yield wrong("duration_s", service.duration_s, expected)


def _question_faults(path: str, question: Question, territory: TerritoryRow) -> Iterator[Fault]:
    """Report questions that nobody can answer, and such as have two answers of one name."""
    yield from _text_faults(f"{path}.texts", question.texts.values())
    found = f"{len(question.choices)} choices"
    if question.kind is QuestionKind.TEXT and question.choices:
        yield Fault(path=f"{path}.choices", found=found, expected="none: the answer is a text")
    if question.kind is QuestionKind.CHOICE and len(question.choices) < _LEAST_CHOICES:
        yield Fault(path=f"{path}.choices", found=found, expected=f"at least {_LEAST_CHOICES}")
    first: dict[str, str] = {}
    for i, choice in enumerate(question.choices):
        choice_path = field_path(f"{path}.choices", i)
        yield from _repeated(first, f"{choice_path}.id", choice.id)
        yield from _text_faults(f"{choice_path}.texts", choice.texts.values())
        yield from _skill_faults(f"{choice_path}.required_skills", choice.required_skills, territory)


def _repeated(first: dict[str, str], path: str, name: str) -> Iterator[Fault]:
    """Report an id that was used before."""
    before = first.setdefault(name, path)
    if before != path:
        yield wrong(path, name, f"each id once; {before} is the same")


def _text_faults(path: str, texts: Iterable[str]) -> Iterator[Fault]:
    """Report texts of nothing but space."""
    for text in texts:
        if not text.strip():
            yield wrong(path, text, "a text that says something")


def _skill_faults(path: str, skills: Iterable[str], territory: TerritoryRow) -> Iterator[Fault]:
    """Report skills the territory does not know."""
    for skill in skills:
        if skill not in territory.skills:
            yield wrong(field_path(path, skill), skill, f"a skill known to the territory {territory.name}")
