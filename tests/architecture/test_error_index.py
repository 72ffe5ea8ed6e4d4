"""The index of errors, docs/errors.md, says of every error what the code says."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import fieldops
from fieldops import errors
from fieldops.api.problems import status_of
from fieldops.cli.guard import guarded
from fieldops.errors import FieldopsError, InvalidInput

INDEX = Path(__file__).parents[2] / "docs" / "errors.md"


def _rows() -> list[list[str]]:
    """List the cells of the index, without the marks of code."""
    lines = [line for line in INDEX.read_text(encoding="utf-8").splitlines() if re.match(r"\| `E\d{4}` \|", line)]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def _classes(root: type[FieldopsError] = FieldopsError) -> Iterator[type[FieldopsError]]:
    """List the tree of errors from the root down, wherever in the package they are defined."""
    yield root
    for child in root.__subclasses__():
        yield from _classes(child)


@pytest.fixture(scope="module", autouse=True)
def _everything_imported() -> None:
    for module in pkgutil.walk_packages(fieldops.__path__, "fieldops."):
        if ".migrations." not in module.name:  # those run inside Alembic only
            importlib.import_module(module.name)


def test_the_index_lists_exactly_the_tree() -> None:
    """Who looks up a code must find it, with its place in the tree and whether trying again helps."""
    tree = []
    for error in _classes():
        under = "" if error is FieldopsError else error.__bases__[0].__name__
        tree.append([error.code, error.__name__, under, "yes" if error.retryable else "no"])

    assert sorted([code, name, under, retry] for code, name, under, _, _, retry, *_ in _rows()) == sorted(tree)


def test_every_code_belongs_to_one_error() -> None:
    """A code that two errors share tells nobody what happened."""
    codes = [error.code for error in _classes()]

    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"E\d{4}", code) for code in codes)


def test_every_error_has_a_meaning_and_something_to_do() -> None:
    """An index that leaves one alone with the message is no help."""
    assert [row[1] for row in _rows() if len(row) != 8 or not all(row[6:])] == []


def test_the_command_line_ends_with_the_exit_code_of_the_index() -> None:
    """Scripts branch on it."""

    def raised(error: type[FieldopsError]) -> int:
        @guarded
        def command() -> None:
            raise error([]) if issubclass(error, InvalidInput) else error()

        with pytest.raises(typer.Exit) as ended:
            command()
        return ended.value.exit_code

    exits = {name: int(code) for _, name, _, code, *_ in _rows()}

    assert {error.__name__: raised(error) for error in _classes()} == exits


def test_the_service_answers_with_the_status_of_the_index() -> None:
    """Clients branch on it."""
    statuses = {name: int(status) for _, name, _, _, status, *_ in _rows()}

    assert {error.__name__: status_of(error) for error in _classes()} == statuses


def test_the_tree_drawn_in_the_module_names_every_error() -> None:
    """The drawing is what a programmer sees first."""
    drawing = errors.__doc__ or ""

    assert [error.__name__ for error in _classes() if not re.search(rf"\b{error.__name__}\b", drawing)] == []
