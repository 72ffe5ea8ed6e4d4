"""What a wheel brings along besides Python: the pages, the sample city, the published benchmarks."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TOOLS: Final = Path(sys.executable).parent


def _configure(build: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Let CMake look at the project as the wheel's build does, without the Python extension."""
    return subprocess.run(
        [TOOLS / "cmake", "-S", ROOT, "-B", build, "-DFIELDOPS_BINDINGS=OFF", *options],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Configure once for an editable install, which is possible before the pages are built."""
    if shutil.which("c++") is None:
        pytest.skip("there is no C++ compiler")
    folder = tmp_path_factory.mktemp("wheel")
    nothing = folder / "nothing"
    done = _configure(folder, "-DSKBUILD_STATE=editable", f"-DFIELDOPS_WEB_DIST={nothing}")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_wheel_without_its_pages_is_not_built_by_accident(build: Path) -> None:
    """It would be released, installed, and show nobody anything; leaving them out has to be said."""
    nothing = f"-DFIELDOPS_WEB_DIST={build / 'nothing'}"

    forgotten = _configure(build, "-DSKBUILD_STATE=wheel", nothing)
    left_out = _configure(build, "-DSKBUILD_STATE=wheel", nothing, "-DFIELDOPS_WEB=OFF")

    assert forgotten.returncode != 0
    assert "run `make web` first" in " ".join(forgotten.stderr.split())
    assert left_out.returncode == 0, left_out.stderr


def test_a_wheel_brings_what_the_service_shows(build: Path) -> None:
    """Installed somewhere else it finds all of it beside its modules."""
    pages = build / "pages"
    (pages / "assets").mkdir(parents=True)
    for name in ("board.html", "assets/board-1.js.gz"):
        (pages / name).write_text("built", encoding="utf-8")
    configured = _configure(build, "-DSKBUILD_STATE=wheel", f"-DFIELDOPS_WEB_DIST={pages}", "-DFIELDOPS_WEB=ON")
    assert configured.returncode == 0, configured.stderr
    # The core itself is not built for this: nothing of it is installed without the extension.
    script = build / "cmake_install.cmake"
    installed = build / "installed"
    subprocess.run(
        [TOOLS / "cmake", f"-DCMAKE_INSTALL_PREFIX={installed}", "-P", script], check=True, capture_output=True
    )

    found = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}

    assert {
        "fieldops/web/board.html",
        "fieldops/web/assets/board-1.js.gz",
        "fieldops/sample_city/day.json",
        "fieldops/sample_city/services.json",
        "fieldops/benchmark_results/solomon-5s.csv",
    } <= found
    assert not any(name.endswith(".md") for name in found)
