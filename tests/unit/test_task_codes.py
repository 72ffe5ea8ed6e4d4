"""Sentences of tasks are made of a code and facts: every code has one, and people's own words follow it."""

import pytest

from fieldops.usecases.playbook import Mishap
from fieldops.usecases.task_codes import TaskCode, sentence_of

ALL = dict.fromkeys(("visit", "technician", "date", "customer", "order", "scores", "why"), "x")


@pytest.mark.parametrize("code", TaskCode)
def test_every_code_has_a_sentence(code: TaskCode) -> None:
    """A task without words would be one nobody can do; no name of a fact is left in it."""
    said = sentence_of(code, ALL)

    assert len(said) > 20
    assert "{" not in said


def test_everything_that_can_go_wrong_has_a_code() -> None:
    """The playbook names mishaps, and its tasks are named alike."""
    assert {mishap.value for mishap in Mishap} <= set(TaskCode)


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (TaskCode.NOT_DONE, {"reason": "no part"}, "The work could not be done. Reason: no part"),
        (TaskCode.NOT_DONE, {"reason": ""}, "The work could not be done."),
        (
            TaskCode.FOUND_NO_PLACE,
            {"visit": "Leak", "repair": "fits at 14:10 with Kim"},
            "Leak finds no place today; fits at 14:10 with Kim",
        ),
        (TaskCode.NOT_CONTENT, {"scores": "nps 3", "comment": ""}, "A customer was not content (nps 3)."),
        (TaskCode.NOT_CONTENT, {"scores": "nps 3", "comment": "Late"}, "A customer was not content (nps 3): Late"),
        # What people write is not taken for a name of a fact.
        (TaskCode.LOST_PLACE, {"visit": "{date}"}, "{date} has lost its place today"),
    ],
)
def test_own_words_follow_the_sentence(code: TaskCode, facts: dict[str, str], said: str) -> None:
    """They are shown as they were written, in whatever language."""
    assert sentence_of(code, facts) == said
