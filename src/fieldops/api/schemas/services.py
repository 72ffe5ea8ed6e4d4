"""The catalog of services that customers can book."""

from typing import Annotated, ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Schema
from fieldops.api.schemas.customers import LanguageCode
from fieldops.api.schemas.work_orders import Priority, Seconds, Skills
from fieldops.domain.service import Choice, Question, QuestionKind, Service

Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[
    dict[LanguageCode, Name],
    Field(min_length=1, max_length=20, description="By language; whoever asks for another one reads English."),
]
Key = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Of your choice; answers name it.", examples=["fuel"])
]


class ChoiceSchema(Schema):
    """An answer to choose."""

    id: Key
    texts: Names
    extra_s: int = Field(default=0, ge=0, le=86_400, description="Time on site that it adds.")
    required_skills: Skills = Field(default_factory=dict)


class QuestionSchema(Schema):
    """Something a customer is asked about the work."""

    id: Key
    kind: QuestionKind
    texts: Names
    is_required: bool = False
    choices: list[ChoiceSchema] = Field(
        default_factory=list, max_length=30, description="Of a question of that kind, at least two."
    )


class ServiceFields(Schema):
    """Everything about a service but its id."""

    EXAMPLE: ClassVar = {
        "names": {"en": "Heating does not work", "de": "Heizung geht nicht"},
        "descriptions": {"en": "We find out why, and mend what can be mended at once."},
        "duration_s": 4500,
        "required_skills": {"gas": 1},
        "questions": [
            {
                "id": "fuel",
                "kind": "choice",
                "texts": {"en": "What does it burn?"},
                "is_required": True,
                "choices": [
                    {"id": "gas", "texts": {"en": "Gas"}, "required_skills": {"gas": 2}},
                    {"id": "other", "texts": {"en": "Something else"}, "extra_s": 900},
                ],
            }
        ],
    }

    names: Names = Field(examples=[{"en": "Heating does not work"}])
    descriptions: dict[LanguageCode, Annotated[str, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=20, description="By language."
    )
    duration_s: Seconds
    required_skills: Skills = Field(default_factory=dict)
    priority: Priority = 3
    questions: list[QuestionSchema] = Field(default_factory=list, max_length=20)
    position: int = Field(default=0, ge=0, le=10_000, description="Where it stands in the list, the lowest first.")
    is_public: bool = Field(default=True, description="Whether customers can book it themselves.")
    is_active: bool = Field(default=True, description="Whether it is on offer at all.")

    def service(self, territory_id: str, service_id: str = "") -> Service:
        """Say it in the words of the domain."""
        said = self.model_dump(exclude={"questions"})
        questions = tuple(
            Question(
                **question.model_dump(exclude={"choices"}),
                choices=tuple(Choice(**choice.model_dump()) for choice in question.choices),
            )
            for question in self.questions
        )
        return Service(id=service_id, territory_id=territory_id, questions=questions, **said)


class ServiceSchema(ServiceFields):
    """Work that can be booked."""

    id: Id = Field(examples=["sv_7h3k9c2m4p6r8t0w"])
    territory_id: Id


class ServiceList(Schema):
    """The services of a territory, by position; those that are not on offer come along."""

    items: list[ServiceSchema]
