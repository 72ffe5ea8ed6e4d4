"""The container files: lint-clean, and in step with the program they run."""

import re
import shlex
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from fieldops.cli import app
from fieldops.settings import Settings
from fieldops.wiring import worker_connections

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
#: The services that run the program.
OURS = ("migrate", "api", "worker")


def _compose() -> dict[str, Any]:
    """Read the compose file."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return content


def _commands() -> list[list[str]]:
    """List the calls of the program in both files."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    started = re.findall(r'^CMD \["(fieldops.*)"\]$', dockerfile, flags=re.MULTILINE)
    calls = [re.split(r'", "', call) for call in started]
    return calls + [service["command"] for name, service in _compose()["services"].items() if name in OURS]


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


def test_the_database_of_the_containers_has_connections_for_as_many_workers_as_the_documentation_starts() -> None:
    """What runs out of connections fails at the busiest hour, and not on the machine it was tried on."""
    (most,) = re.findall(r"max_connections=(\d+)", " ".join(_compose()["services"]["database"]["command"]))
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (workers,) = re.findall(r"--scale worker=(\d+)", operations)
    (api, fixed, each) = re.findall(r"(\d+) x APIs \+ \((\d+) \+ (\d+) x FIELDOPS_WORKER_CONCURRENCY\)", operations)[0]
    engine_of_jobs, listens = 5, 1

    assert int(api) == 40 + listens
    for concurrency in (1, 4):
        settings = Settings(worker_concurrency=concurrency)
        held = worker_connections(settings) + engine_of_jobs
        assert held == int(fixed) + int(each) * concurrency
    assert int(api) + int(workers) * (int(fixed) + int(each)) < int(most) - 50


def test_the_proxy_that_the_documentation_trusts_is_the_gateway_of_the_containers() -> None:
    """Behind an address that is not believed all customers share one limit, and the twenty-first booking is refused."""
    (network,) = _compose()["networks"]["default"]["ipam"]["config"]
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert re.findall(r"FIELDOPS_TRUSTED_PROXIES=(\S+)", operations) == [network["gateway"]]
    assert f"trust {network['subnet']}" in operations
    assert Settings(trusted_proxies=network["subnet"]).trusted_proxies == (network["subnet"],)
    assert ip_address(network["gateway"]) in ip_network(network["subnet"])


def test_every_variable_of_the_containers_is_a_setting() -> None:
    """A misspelled variable sets nothing."""
    named = set(re.findall(r"\bFIELDOPS_([A-Z_]+)", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    named |= set(re.findall(r"\bFIELDOPS_([A-Z_]+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))

    assert {"MODE", "DATABASE_URL", "SECRET"} <= named
    assert sorted(named - {name.upper() for name in Settings.model_fields}) == []


def test_the_containers_run_in_production_mode_and_bring_no_secret() -> None:
    """A secret that is written here is everybody's."""
    services = _compose()["services"]
    for name in OURS:
        environment = services[name]["environment"]

        assert environment["FIELDOPS_MODE"] == "production"
        assert environment["FIELDOPS_SECRET"].startswith("${FIELDOPS_SECRET:?")
        assert "${POSTGRES_PASSWORD:?" in environment["FIELDOPS_DATABASE_URL"]
