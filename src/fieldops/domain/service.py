"""Services: what customers can book themselves, what they are asked about it, and what their answers change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fieldops.domain.value_faults import field_path, shown, wrong
from fieldops.errors import Fault

#: Spoken to whoever asks for a language in which something is not written.
_FALLBACK: Final = "en"
LONGEST_ANSWER: Final = 2_000


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    An answer to choose.

    Attributes
    ----------
    texts
        By language.
    extra_s
        Time on site that it adds, seconds.
    required_skills
        Skill name to least level, beyond those of the service.
    """

    id: str
    texts: Mapping[str, str]
    extra_s: int = 0
    required_skills: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    Something a customer is asked about the work.

    Attributes
    ----------
    texts
        By language.
    choices
        Of a question of that kind; at least two.
    """

    id: str
    kind: QuestionKind
    texts: Mapping[str, str]
    is_required: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """
    Work that can be booked.

    Attributes
    ----------
    names, descriptions
        By language; a name in one of them at least.
    duration_s
        Nominal time on site without what answers add, seconds.
    position
        Where it stands in the list, the lowest first.
    is_public
        Whether customers can book it themselves.
    is_active
        Whether it is on offer at all.
    """

    territory_id: str
    names: Mapping[str, str]
    duration_s: int
    id: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    required_skills: Mapping[str, int] = field(default_factory=dict)
    priority: int = 3
    questions: tuple[Question, ...] = ()
    position: int = 0
    is_public: bool = True
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A question and its answer, in the words of the customer's language."""

    question: str
    answer: str


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, else in English, else in another one; empty when there is none at all."""
    return texts.get(language) or texts.get(_FALLBACK) or next((texts[name] for name in sorted(texts)), "")


def answer_faults(service: Service, answers: Mapping[str, str]) -> Iterator[Fault]:
    """Report answers to no question, choices that are none, and questions left open that need an answer."""
    questions = {question.id: question for question in service.questions}
    for name, answer in answers.items():
        path = field_path("answers", name)
        asked = questions.get(name)
        if asked is None:
            expected = f"one of {', '.join(questions)}" if questions else "nothing: this service asks no questions"
            yield Fault(path=path, found=shown(name), expected=expected)
        elif asked.kind is QuestionKind.CHOICE and answer not in {choice.id for choice in asked.choices}:
            if answer.strip() or asked.is_required:
                yield wrong(path, answer, f"one of {', '.join(choice.id for choice in asked.choices)}")
        elif len(answer) > LONGEST_ANSWER:
            yield wrong(path, answer, f"a text of at most {LONGEST_ANSWER} characters")
    for question in service.questions:
        if question.is_required and not answers.get(question.id, "").strip():
            if question.kind is QuestionKind.CHOICE and question.id in answers:
                continue  # reported as no choice already
            expected = "an answer"
            if question.kind is QuestionKind.CHOICE:
                expected = f"one of {', '.join(choice.id for choice in question.choices)}"
            yield Fault(path=field_path("answers", question.id), found="nothing", expected=expected)


def chosen(service: Service, answers: Mapping[str, str]) -> list[Choice]:
    """Return the choices that were made, in the order of the questions."""
    return [
        choice
        for question in service.questions
        if question.kind is QuestionKind.CHOICE
        for choice in question.choices
        if answers.get(question.id) == choice.id
    ]


def duration_of(service: Service, answers: Mapping[str, str]) -> int:
    """Return the time on site with what the answers add, seconds."""
    return service.duration_s + sum(choice.extra_s for choice in chosen(service, answers))


def skills_of(service: Service, answers: Mapping[str, str]) -> dict[str, int]:
    """Return what a technician has to be able to do: of every skill the highest level asked for."""
    needed = dict(service.required_skills)
    for choice in chosen(service, answers):
        for skill, level in choice.required_skills.items():
            needed[skill] = max(level, needed.get(skill, 0))
    return needed


def in_words(service: Service, answers: Mapping[str, str], language: str) -> list[AnsweredQuestion]:
    """Write the answers as people read them; questions without an answer are left out."""
    said = []
    for question in service.questions:
        given = answers.get(question.id, "").strip()
        picked = next((choice for choice in question.choices if choice.id == given), None)
        if picked is not None:
            given = in_language(picked.texts, language)
        if given:
            said.append(AnsweredQuestion(question=in_language(question.texts, language), answer=given))
    return said
