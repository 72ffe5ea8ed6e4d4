"""
A real OSRM server for tests, from the package index alone.

The wheel of osrm-bindings holds the command-line programs and the car profile. It is made for Python 3.12 and later,
but the programs need no Python, so it is downloaded and unpacked rather than installed.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[2]
CACHE: Final = REPOSITORY / "build" / "osrm"
REQUIREMENT: Final = "osrm-bindings>=26.10,<27"


def shared_file(name: str) -> Path:
    """Return a file of the shared data folder (``../shared``, or FIELDOPS_SHARED); skip the test without it."""
    folder = Path(os.environ.get("FIELDOPS_SHARED", REPOSITORY.parent / "shared"))
    path = folder / name
    if not path.exists():
        pytest.skip(f"no {name} in the shared data folder; set FIELDOPS_SHARED to where it is")
    return path


def osrm_programs() -> Path:
    """Return the folder of the unpacked wheel, downloading it once; skip the test when it cannot be had."""
    if not (CACHE / "bin" / "osrm-routed").exists():
        CACHE.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE.parent) as scratch:
            _download(Path(scratch))
            # Renaming is atomic: of two test processes one is first, the other fails, and both find a complete folder.
            with contextlib.suppress(OSError):
                (Path(scratch) / "osrm").rename(CACHE)
    try:
        _run([CACHE / "bin" / "osrm-routed", "--version"])
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the OSRM programs do not run on this machine: {error}")
    return CACHE


def prepare_roads(programs: Path, extract: Path, folder: Path) -> Path:
    """Turn an OpenStreetMap extract into a road network for cars in `folder`; return its base path."""
    copy = folder / extract.name
    shutil.copyfile(extract, copy)
    base = folder / extract.name.replace(".osm.pbf", ".osrm")
    profile = programs / "share" / "profiles" / "car.lua"
    _run([programs / "bin" / "osrm-extract", "--threads", "1", "--profile", profile, copy])
    _run([programs / "bin" / "osrm-partition", "--threads", "1", base])
    _run([programs / "bin" / "osrm-customize", "--threads", "1", base])
    return base


@contextlib.contextmanager
def osrm_server(programs: Path, base: Path) -> Iterator[str]:
    """Serve a road network on a free port of 127.0.0.1 for the length of a with block; yield the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [programs / "bin" / "osrm-routed", "--algorithm", "mld", "--max-table-size", "1000"]
    command += ["--ip", "127.0.0.1", "--port", str(port), "--threads", "1", base]
    with (base.parent / "osrm-routed.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_listening(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _download(folder: Path) -> None:
    """Download the wheel with pip and unpack it; skip the test when that fails."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--python-version", "3.12", "--only-binary", ":all:", "--no-deps", "--retries", "1", "--timeout", "15"]
    try:
        _run([*command, REQUIREMENT, "--dest", folder])
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        pytest.skip(f"{REQUIREMENT} cannot be downloaded: {said[-1] if said else error}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for program in (folder / "osrm" / "bin").iterdir():
        program.chmod(0o755)


def _run(command: list[str | Path]) -> None:
    """Run a program to its end; raise when it fails or takes longer than two minutes."""
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Poll the port; a program of another company gives no other sign that it is ready."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"osrm-routed ended with exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("osrm-routed did not listen within 30 s")
