"""Every figure, cost term and reason a user meets is defined in the glossary, in the section where one looks for it."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from fieldops.domain.plan import Kpis, ReasonCode, UnassignedKind
from fieldops.solver.solution import CostBreakdown, Termination

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def _terms_in_code_type(section: str) -> list[str]:
    """List the words in the first column of the section's tables that are set as code."""
    text = GLOSSARY.read_text(encoding="utf-8")
    body = text.split(f"\n## {section}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    return re.findall(r"^\| `(\w+)` \| \S", body, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("section", "terms"),
    [
        pytest.param("Key figures", [field.name for field in fields(Kpis)], id="key figures"),
        pytest.param("What a plan costs", [field.name for field in fields(CostBreakdown)], id="cost terms"),
        pytest.param("Why a visit is unassigned", [*UnassignedKind, *ReasonCode], id="reasons"),
    ],
)
def test_the_glossary_defines_exactly_the_terms_of_the_code(section: str, terms: Iterable[str]) -> None:
    """A figure nobody defines means something else to everybody; a defined one that is gone misleads."""
    assert _terms_in_code_type(section) == [str(term) for term in terms]


def test_the_glossary_names_every_way_a_search_ends() -> None:
    """The word stands in plans and reports."""
    row = next(line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| termination |"))

    assert re.findall(r"`(\w+)`", row) == [str(end) for end in Termination]


def test_no_term_is_explained_twice_in_a_section() -> None:
    """Two explanations of one word are one too many."""
    for section in GLOSSARY.read_text(encoding="utf-8").split("\n## ")[1:]:
        terms = re.findall(r"^\| ([^|]+) \|", section, flags=re.MULTILINE)

        assert len(terms) == len(set(terms)), section.splitlines()[0]
