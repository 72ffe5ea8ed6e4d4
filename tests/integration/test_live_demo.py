"""``fieldops demo --live`` as people run it: one command, a real process, a real server, the public API."""

import os
import re
import subprocess
from pathlib import Path

from live_service import FIELDOPS, LIMIT_S


def test_one_command_shows_a_day_under_way(tmp_path: Path) -> None:
    """The service comes up, people report to it over HTTP, customers are told, and the figures stand at the end."""
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith("FIELDOPS_")}
    # An hour and twenty minutes of the day, in eight seconds.
    ended = subprocess.run(
        [*FIELDOPS, "demo", "--live", "--speed", "600", "--minutes", "0.13", "--port", "0"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=3 * LIMIT_S,
        check=True,
    )

    assert re.search(r"^fieldops is up: http://127\.0\.0\.1:\d+$", ended.stdout, re.MULTILINE)
    # Whoever opens the pages can log in.
    assert re.search(r"^  dispatcher  dispatcher@example\.com +password \S{12,}$", ended.stdout, re.MULTILINE)
    assert re.search(r"^  technician  technician@example\.com +password \S{12,}$", ended.stdout, re.MULTILINE)
    # On the fast clock the first ones leave for their first visits at seven.
    assert re.search(r"^07:\d\d  \w+ \w+ leaves for V\d+ ", ended.stdout, re.MULTILINE)
    assert re.search(r"^\d\d:\d\d    message: on the way, V\d+ ", ended.stdout, re.MULTILINE)
    assert re.search(r"broken promises +[\d.]+ +[\d.]+ ", ended.stdout)
    assert "Traceback" not in ended.stderr
    # Nothing is left behind.
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_is_not_for_production(tmp_path: Path) -> None:
    """A service whose clock is made up must not be mistaken for the one that customers depend on."""
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith("FIELDOPS_")}
    production = {
        "FIELDOPS_MODE": "production",
        "FIELDOPS_SECRET": "x" * 40,
        "FIELDOPS_PUBLIC_URL": "https://fieldops.example.com",
    }
    ended = subprocess.run(
        [*FIELDOPS, "demo", "--live"],
        cwd=tmp_path,
        env={**environ, **production},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )

    assert ended.returncode == 2
    assert "FIELDOPS_MODE" in ended.stderr
