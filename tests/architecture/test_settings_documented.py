"""docs/settings.md tells of every setting, its default and every figure: no more, no less."""

import re
from html import unescape
from pathlib import Path

from pydantic import SecretStr

from fieldops.api.metrics import Metrics
from fieldops.settings import DEFAULT_SECRET, PREFIX, Settings
from fieldops.store.database import Database
from worlds import make_context

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
#: Defaults that the page names in words.
IN_WORDS = {None: "none", "": "empty", DEFAULT_SECRET: "one for trying out", (): "none"}


def _rows() -> dict[str, str]:
    """List the variables of the table with their defaults, without the marks of code."""
    return dict(re.findall(r"^\| `(FIELDOPS_\w+)` \| `?([^|`]*?)`? \|", unescape(PAGE), flags=re.MULTILINE))


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(plain, bool):
        return str(plain).lower()
    return str(plain) if isinstance(plain, dict) or plain not in IN_WORDS else IN_WORDS[plain]


def test_every_setting_is_documented_with_its_default() -> None:
    """A setting nobody can find might as well not exist; a wrong default is a trap."""
    assert _rows() == {f"{PREFIX}{name}".upper(): _default(name) for name in Settings.model_fields}


def test_every_figure_is_documented(sqlite_database: Database) -> None:
    """An alert is written by reading this table."""
    metrics = Metrics(make_context(sqlite_database))
    metrics.observe("GET", "/healthz", 200, 0.01)
    served = set(re.findall(r"^# TYPE (\w+) (?:gauge|histogram)$", metrics.text().decode(), flags=re.MULTILINE))
    documented = set(re.findall(r"^\| `(fieldops_\w+)` \|", PAGE, flags=re.MULTILINE))

    # Without workers there is no age of their last sign of life.
    assert documented - served == {"fieldops_worker_heartbeat_age_seconds"}
    assert {name for name in served if not name.endswith("_created")} <= documented
