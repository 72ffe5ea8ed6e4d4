"""Published benchmark tables are the generated ones."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_result_stands_in_the_docs_as_it_was_generated() -> None:
    """A table somebody has touched up, or forgotten to update, is worse than none."""
    tables = sorted((ROOT / "benchmarks" / "results").glob("*.md"))
    if not tables:
        pytest.skip("no results are published yet")
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    assert [table.name for table in tables if table.read_text(encoding="utf-8") not in page] == []
