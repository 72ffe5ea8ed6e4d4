"""What holds for surveys after a visit: three questions, once, and what counts as a bad answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.store.tables import SurveyRow
from fieldops.usecases.work import Work

#: So long an answer may be corrected.
CORRECTABLE: Final = timedelta(hours=24)
#: So long after it was asked a survey may be answered.
OPEN_FOR: Final = timedelta(days=30)
LONGEST_COMMENT: Final = 5_000
#: Question to its least and greatest answer.
SCALES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """
    What a customer answered.

    Attributes
    ----------
    nps
        Would recommend us: 0 (not at all) to 10 (certainly).
    csat
        How satisfied: 1 (not at all) to 5 (very).
    ces
        How easy it was: 1 (very hard) to 5 (very easy).
    """

    nps: int | None = None
    csat: int | None = None
    ces: int | None = None
    comment: str = ""

    def lowest_of_ten(self) -> int:
        """Return the worst answer of ten; one of five counts twice. Nothing answered is nothing bad."""
        fives = [2 * answer for answer in (self.csat, self.ces) if answer is not None]
        return min([*fives, *([] if self.nps is None else [self.nps])], default=10)


def require_answers(answers: Answers) -> None:
    """
    Refuse answers outside of their scales, and none at all.

    Raises
    ------
    InvalidInput
        With everything that is wrong.
    """
    faults: list[Fault] = []
    given = {name: getattr(answers, name) for name in SCALES}
    for name, value in given.items():
        least, greatest = SCALES[name]
        if value is not None and not least <= value <= greatest:
            faults.append(wrong(name, value, f"a whole number from {least} to {greatest}"))
    if all(value is None for value in given.values()):
        faults.append(Fault(path="nps", found="nothing", expected="an answer to at least one of the questions"))
    if len(answers.comment) > LONGEST_COMMENT:
        faults.append(wrong("comment", answers.comment, f"at most {LONGEST_COMMENT:,} characters"))
    if faults:
        raise InvalidInput(faults)


def can_answer(work: Work, visit_id: str) -> bool:
    """Tell whether the survey of a visit can be answered, or its answer be corrected, now."""
    row = work.session.get(SurveyRow, visit_id)
    return row is not None and is_open(work, row)


def is_open(work: Work, row: SurveyRow) -> bool:
    """Tell the same of its row."""
    if row.answered_at is not None:
        return work.now <= row.answered_at + CORRECTABLE
    return work.now <= row.asked_at + OPEN_FOR


def scores_of(nps: int | None, csat: int | None, ces: int | None) -> str:
    """Write answers in a line: ``nps 9, csat 5``; a question without an answer is left out."""
    given = {"nps": nps, "csat": csat, "ces": ces}
    return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None)
