"""
What type checkers believe about the compiled core is what the compiled core says of itself.

``python -m nanobind.stubgen -m fieldops.solver._core -o src/fieldops/solver/_core.pyi`` makes the stub anew; `ruff
format` gives it the shape it is kept in.
"""

import subprocess
import sys
from pathlib import Path

import pytest

STUB = Path(__file__).parents[2] / "src" / "fieldops" / "solver" / "_core.pyi"


def _run(*command: str | Path, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_stub_is_what_the_core_would_write_today(tmp_path: Path) -> None:
    """A function renamed in C++ must not type-check in Python; this tells when to make the stub again."""
    pytest.importorskip("nanobind.stubgen", reason="nanobind, which the core is built with, is not installed here")
    made = tmp_path / "_core.pyi"
    _run(sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "fieldops.solver._core", "-o", made)
    ruff = (sys.executable, "-m", "ruff", "format", "--line-length", "120", "--stdin-filename", "_core.pyi", "-")

    assert STUB.read_text(encoding="utf-8") == _run(*ruff, text=made.read_text(encoding="utf-8"))
