"""What the package offers to those who import it."""

import ast
from importlib.resources import files
from inspect import ismodule
from pathlib import Path

import fieldops.solver
from fieldops.domain import plan
from fieldops.solver import explain

SOURCE = Path(__file__).parents[2] / "src" / "fieldops"


def test_the_package_says_that_it_is_typed() -> None:
    """Without the marker, type checkers ignore every annotation of an installed package."""
    assert (SOURCE / "py.typed").is_file()
    assert files("fieldops").joinpath("py.typed").is_file()


def test_the_solver_exports_exactly_what_it_imports_for_others() -> None:
    """A name left out of the list is missing from its documentation; one that is gone breaks a star import."""
    solver = fieldops.solver
    tree = ast.parse((SOURCE / "solver" / "__init__.py").read_text(encoding="utf-8"))
    imported = [
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]

    assert solver.__all__ == sorted(imported)
    assert all(hasattr(solver, name) and not ismodule(getattr(solver, name)) for name in solver.__all__)


def test_domain_and_solver_use_the_same_codes_for_unassigned_visits() -> None:
    """They may not know each other, and a reason that gets lost between them leaves a visit unexplained."""
    assert {code.name: code.value for code in explain.ReasonCode} == {code.name: code.value for code in plan.ReasonCode}
    assert {kind.name: kind.value for kind in explain.UnassignedKind} == {
        kind.name: kind.value for kind in plan.UnassignedKind
    }
