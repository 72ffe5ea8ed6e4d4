"""What docs/messages.md tells receivers of webhooks to do."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldops.messaging.signatures import sign

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    """Take the function out of the page."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    names["time"] = type("Clock", (), {"time": staticmethod(lambda: 1_773_662_400.0)})
    function: Callable[..., bool] = names["is_ours"]
    return function


@pytest.mark.parametrize(
    ("secret", "age_s", "body", "expected"),
    [
        ("whsec_1", 0, b'{"event":"x"}', True),
        ("whsec_1", 300, b'{"event":"x"}', True),
        ("whsec_1", 301, b'{"event":"x"}', False),
        ("whsec_2", 0, b'{"event":"x"}', False),
        ("whsec_1", 0, b'{"event":"y"}', False),
    ],
)
def test_the_example_tells_our_events_from_others(
    is_ours: Callable[..., bool], secret: str, age_s: int, body: bytes, expected: bool
) -> None:
    """Everybody copies it; where it is wrong, everybody is."""
    sent_at = 1_773_662_400 - age_s
    headers = {
        "Fieldops-Timestamp": str(sent_at),
        "Fieldops-Signature": sign("whsec_1", sent_at, b'{"event":"x"}'),
    }

    assert is_ours(secret, headers, body) is expected
