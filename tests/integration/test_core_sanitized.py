"""The core's own tests, built with every assertion on and run under the address and undefined-behavior sanitizers."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Kept between runs, so that only what has changed is compiled again.
BUILD = ROOT / "build" / "core-tests"
LAST_LINES = 40


def _tool(name: str) -> str:
    """Find a build tool beside the interpreter or on the path."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name}, which the core is built with, is not installed here")
    return found


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=280, cwd=ROOT
    )


def _closing_lines(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(["", *done.stdout.splitlines()[-LAST_LINES:]])


def _configure() -> subprocess.CompletedProcess[str]:
    command = [_tool("cmake"), "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja"]
    command += [f"-DCMAKE_MAKE_PROGRAM={_tool('ninja')}", "-DFIELDOPS_BINDINGS=OFF", "-DFIELDOPS_SANITIZE=ON"]
    # Headers are read once for several sources: a third less to compile.
    command += ["-DCMAKE_UNITY_BUILD=ON"]
    done = _run(*command)
    # What is there may be from another place or another CMake.
    return done if done.returncode == 0 else _run(*command, "--fresh")


@pytest.mark.timeout(300)
def test_the_core_passes_its_own_tests_under_sanitizers() -> None:
    """A read beyond the end of a route may go unnoticed for years, until it plans somebody's day."""
    configured = _configure()
    assert configured.returncode == 0, _closing_lines(configured)

    built = _run(_tool("cmake"), "--build", str(BUILD), "--target", "fieldops_core_tests")
    assert built.returncode == 0, _closing_lines(built)

    tested = _run(str(BUILD / "fieldops_core_tests"))
    assert tested.returncode == 0, _closing_lines(tested)
    assert tested.stdout.splitlines()[-1].endswith(" tests, 0 failed"), _closing_lines(tested)
