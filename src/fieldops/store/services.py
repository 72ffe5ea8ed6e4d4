"""Services in the database: what the JSON in their rows means."""

from collections.abc import Mapping
from typing import Any

from fieldops.domain.service import Choice, Question, QuestionKind, Service
from fieldops.store.tables import ServiceRow


def service_of(row: ServiceRow) -> Service:
    """Read a service."""
    return Service(
        id=row.id,
        territory_id=row.territory_id,
        names=row.names,
        descriptions=row.descriptions,
        duration_s=row.duration_s,
        required_skills=row.required_skills,
        priority=row.priority,
        questions=tuple(_question(question) for question in row.questions),
        position=row.position,
        is_public=row.is_public,
        is_active=row.is_active,
    )


def service_from_json(fields: Mapping[str, Any], territory_id: str) -> Service:
    """Read a service as the API takes it: what is left out is as a service has it by default."""
    questions = tuple(_question(question) for question in fields.get("questions", ()))
    return Service(territory_id=territory_id, **{**fields, "questions": questions})


def write_service(row: ServiceRow, service: Service) -> None:
    """Write everything but id, territory and date of creation into a row; a service without faults is expected."""
    row.names = dict(service.names)
    row.descriptions = dict(service.descriptions)
    row.duration_s = service.duration_s
    row.required_skills = dict(service.required_skills)
    row.priority = service.priority
    row.questions = [_question_as_json(question) for question in service.questions]
    row.position = service.position
    row.is_public = service.is_public
    row.is_active = service.is_active


def _question(document: Mapping[str, Any]) -> Question:
    choices = tuple(Choice(**choice) for choice in document.get("choices", ()))
    return Question(**{**document, "kind": QuestionKind(document["kind"]), "choices": choices})


def _question_as_json(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "kind": question.kind.value,
        "texts": dict(question.texts),
        "is_required": question.is_required,
        "choices": [
            {
                "id": choice.id,
                "texts": dict(choice.texts),
                "extra_s": choice.extra_s,
                "required_skills": dict(choice.required_skills),
            }
            for choice in question.choices
        ],
    }
