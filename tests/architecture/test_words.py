"""One word per thing, in one spelling (docs/decisions/0007-words.md)."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
#: What people write and read; data, and this file with its list of wrong words, are neither.
WRITTEN = (".py", ".pyi", ".h", ".cpp", ".md", ".html", ".css", ".js", ".svg", ".toml", "Makefile")
BRITISH = re.compile(
    r"(optimis(?!ti)|minimis|maximis|prioritis|penalis|utilis|initialis|normalis|organisation|recognis|summaris|serialis|"
    r"neighbour|behaviour|colour|favour|honour|labour|centre|metre\b|metres\b|licence|grey(?!list)|analyse(?!s\b)|modelled|labelled(?!by)|"
    r"(?-i:[Cc]ancelled)|travelled|travelling)\w*",
    re.IGNORECASE,
)


def _written() -> Iterator[Path]:
    """List the files of the repository that people write."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name.endswith(WRITTEN) and path != Path(__file__) and path.is_file():
            yield path


def _found(pattern: re.Pattern[str], path: Path) -> list[str]:
    """List where a pattern occurs in a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        f"{path.relative_to(ROOT)}:{number}: {word.group()}"
        for number, line in enumerate(lines, start=1)
        for word in pattern.finditer(line)
    ]


def test_spelling_is_american() -> None:
    """Two spellings of a word are two words to whoever searches for it."""
    written = list(_written())

    assert len(written) > 100
    assert [place for path in written for place in _found(BRITISH, path)] == []


@pytest.mark.parametrize("line", ["the Neighbours of", "def optimise_route", "5 metres", "a grey area"])
def test_another_spelling_is_found(line: str) -> None:
    """The tests above would pass just as well if they found nothing ever."""
    assert BRITISH.search(line)
    assert not BRITISH.search("neighbors, optimize, meters, parameters, a gray area, to analyze, centers, canceled")


def test_load_is_no_word_of_the_problem_document() -> None:
    """Units of load are for published benchmarks; what technicians carry is particular parts."""
    schema: dict[str, Any] = json.loads((ROOT / "docs" / "schemas" / "problem.schema.json").read_text(encoding="utf-8"))
    fields = [name for part in schema["$defs"].values() for name in part.get("properties", {})]

    assert "windows" in fields
    assert [name for name in fields if "load" in name or "capacity" in name] == []
