"""Everything public says what it is, and every test why it matters."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """List functions, classes and what is in the classes; functions inside functions are nobody else's business."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not _is_overload(node):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _definitions(node.body)


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is only a signature; the function itself follows."""
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)


def _undocumented(path: Path, prefix: str = "") -> list[str]:
    """Name what lacks a docstring in a module, of what is public and begins with the prefix."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    nodes: list[tuple[str, Documented]] = [("module", module)] if module.body else []
    nodes += [
        (node.name, node)
        for node in _definitions(module.body)
        if node.name.startswith(prefix) and not node.name.startswith("_")
    ]
    return [f"{path.relative_to(ROOT)}: {name}" for name, node in nodes if not (ast.get_docstring(node) or "").strip()]


def test_everything_public_has_a_docstring() -> None:
    """A reader should not need the body to know what a function is for."""
    modules = sorted((ROOT / "src" / "fieldops").rglob("*.py"))

    assert len(modules) > 50
    assert [fault for module in modules for fault in _undocumented(module)] == []


def test_every_test_says_why_it_matters() -> None:
    """When it fails, the reason decides whether test or code is wrong."""
    modules = sorted((ROOT / "tests").rglob("*.py"))

    assert Path(__file__) in modules
    assert [fault for module in modules for fault in _undocumented(module, "test_")] == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        pytest.param('"""Module."""\nclass A:\n    """A."""\n    def b(self): ...\n', ["b"], id="method"),
        pytest.param("def a(): ...\ndef _b(): ...\n", ["module", "a"], id="module and function"),
        pytest.param('"""Module."""\ndef a():\n    """ """\n    def b(): ...\n', ["a"], id="blank"),
        pytest.param('"""Module."""\n@overload\ndef a(): ...\n', [], id="signature only"),
        pytest.param("", [], id="nothing in it"),
    ],
)
def test_what_lacks_a_docstring_is_found(
    source: str, faults: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two tests above would pass just as well if they found nothing ever."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "sample.py").write_text(source, encoding="utf-8")

    assert _undocumented(tmp_path / "sample.py") == [f"sample.py: {name}" for name in faults]
