"""The container files: lint-clean, and in step with the program they run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from fieldops.cli import app
from fieldops.settings import Settings

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


def _compose() -> dict[str, Any]:
    """Read the compose file."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return content


def _commands() -> list[list[str]]:
    """List the calls of the program in both files."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    started = re.findall(r'^CMD \["(fieldops.*)"\]$', dockerfile, flags=re.MULTILINE)
    calls = [re.split(r'", "', call) for call in started]
    return calls + [service["command"] for service in _compose()["services"].values() if "command" in service]


@pytest.mark.parametrize(
    "command", ["hadolint Dockerfile", "compose-lint check --fail-on high compose.yaml"], ids=["docker", "compose"]
)
def test_the_linters_have_nothing_to_say(command: str) -> None:
    """What is wrong in a container file shows first where it hurts: on somebody's server."""
    program, *arguments = shlex.split(command)
    done = subprocess.run([TOOLS / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.count("error")) == (0, 0), done.stdout


def test_every_command_of_the_containers_exists() -> None:
    """A renamed command must not be found out by a container that restarts for ever."""
    known = get_command(app)

    assert len(_commands()) >= 4
    for program, *words in _commands():
        command: Any = known
        for word in words:
            command = command.get_command(typer.Context(command), word)

        assert program == "fieldops"


def test_every_variable_of_the_containers_is_a_setting() -> None:
    """A misspelled variable sets nothing."""
    named = set(re.findall(r"\bFIELDOPS_([A-Z_]+)", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    named |= set(re.findall(r"\bFIELDOPS_([A-Z_]+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))

    assert {"MODE", "DATABASE_URL", "SECRET"} <= named
    assert sorted(named - {name.upper() for name in Settings.model_fields}) == []


def test_the_containers_run_in_production_mode_and_bring_no_secret() -> None:
    """A secret that is written here is everybody's."""
    services = _compose()["services"]
    for name in ("api", "worker", "migrate"):
        environment = services[name]["environment"]

        assert environment["FIELDOPS_MODE"] == "production"
        assert environment["FIELDOPS_SECRET"].startswith("${FIELDOPS_SECRET:?")
        assert "${POSTGRES_PASSWORD:?" in environment["FIELDOPS_DATABASE_URL"]
