"""The page docs/api.md and the scripted client, run as they stand against a real service."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from live_service import LiveService, live_service

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "api.md"
#: Ids, dates and instants are different each time, and what is left out stands as an ellipsis.
VARIES: Final = re.compile(r"…|[a-z]{2}_[0-9a-z]{16}|\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?")
#: So are these.
VARYING_FIELDS: Final = frozenset({"cost_cents", "kept_permille", "seconds_left", "slack_s", "technician_nearby"})


@dataclass(frozen=True, slots=True)
class Step:
    """Commands of the page, and the answer shown under them: kind (``json``, ``text`` or nothing) and content."""

    commands: str
    kind: str
    answer: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """Run one service for both walks."""
    with live_service(tmp_path_factory.mktemp("live")) as running:
        yield running


def steps_of(page: str) -> list[Step]:
    """Read the commands of a page, each block with the answer that follows it."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    steps = []
    for (kind, content), (next_kind, next_content) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "sh":
            shown = next_kind in {"json", "text"}
            steps.append(Step(content, next_kind if shown else "", next_content if shown else ""))
    return steps


def differences(shown: Any, actual: Any, path: str = "answer") -> list[str]:
    """List where an answer is not as it was shown; what is shown may leave fields and items out."""
    if isinstance(shown, dict):
        if not isinstance(actual, dict):
            return [f"{path}: an object was shown, found {actual!r}"]
        found = []
        for name, value in shown.items():
            if name not in actual:
                found.append(f"{path}.{name}: was shown, is not there")
            elif name in VARYING_FIELDS:
                same = type(value) is type(actual[name])
                found += [] if same else [f"{path}.{name}: shown {value!r}, found {actual[name]!r}"]
            else:
                found += differences(value, actual[name], f"{path}.{name}")
        return found
    if isinstance(shown, list):
        items = [item for item in shown if item != "…"]
        if not isinstance(actual, list) or len(actual) < len(items) or (not shown and actual):
            return [f"{path}: shown {shown!r}, found {actual!r}"]
        return [line for n, item in enumerate(items) for line in differences(item, actual[n], f"{path}[{n}]")]
    if isinstance(shown, str) and VARIES.fullmatch(shown):
        pattern = VARIES if shown != "…" else re.compile(r".+", re.DOTALL)
        same = isinstance(actual, str) and bool(pattern.fullmatch(actual))
    else:
        same = bool(shown == actual)
    return [] if same else [f"{path}: shown {shown!r}, found {actual!r}"]


def test_every_command_of_the_page_gives_the_answer_shown(service: LiveService, tmp_path: Path) -> None:
    """Documentation that is not run is wrong sooner or later; here by real curl, in order, in one shell."""
    steps = steps_of(PAGE.read_text(encoding="utf-8"))
    assert len(steps) > 15
    blocks = [f"{{\n{step.commands}}} > {number}.out" for number, step in enumerate(steps)]
    environ = {**os.environ, "API": f"{service.url}/v1", "PASSWORD": service.password, "NO_PROXY": "*"}
    ran = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    outputs = [path.read_text() for number in range(len(steps)) if (path := tmp_path / f"{number}.out").exists()]
    assert ran.returncode == 0, f"{ran.stderr}\n{steps[len(outputs) - 1].commands}\n{outputs[-1]}"

    wrong = []
    for step, output in zip(steps, outputs, strict=True):
        if step.kind == "json":
            # The last answer of a block is the one shown.
            answer = json.loads(output[_start_of_last_document(output) :])
            wrong += [f"{step.commands}{line}" for line in differences(json.loads(step.answer), answer)]
        elif step.kind == "text":
            lines = [VARIES.sub("…", line.strip()) for line in output.splitlines()]
            shown = [VARIES.sub("…", line.strip()) for line in step.answer.splitlines()]
            wrong += [] if sorted(shown) == sorted(lines) else [f"{step.commands}shown {shown}, found {lines}"]
    assert wrong == []


def _start_of_last_document(output: str) -> int:
    """Return where the last JSON document of an output begins."""
    decoder, end, start = json.JSONDecoder(), 0, 0
    while output[end:].strip():
        start = end + len(output[end:]) - len(output[end:].lstrip())
        _, end = decoder.raw_decode(output, start)
    return start


def test_answer_that_is_not_as_shown_is_found() -> None:
    """The test above would pass just as well if it compared nothing."""
    shown = {"id": "bk_j1dk41f728v5vy0e", "state": "booked", "offers": [{"rank": 1}], "faults": []}
    actual = {"id": "bk_0000000000000000", "state": "open", "offers": [], "faults": ["x"], "more": 1}

    assert differences(shown, {**actual, "state": "booked", "offers": [{"rank": 1, "x": 2}], "faults": []}) == []
    assert [line.partition(":")[0] for line in differences(shown, actual)] == [
        "answer.state",
        "answer.offers",
        "answer.faults",
    ]
    assert differences({"at": "2026-03-17T14:00:00Z"}, {"at": "soon"}) != []
    assert steps_of("```sh\nls\n```\ntext\n```json\n{}\n```\n") == [Step("ls\n", "json", "{}\n")]


def test_scripted_client_books_moves_and_cancels(service: LiveService) -> None:
    """The example is what people copy: twice, since the second time the customer is known."""
    command = [sys.executable, str(ROOT / "examples" / "book_a_visit.py"), "--url", service.url]
    runs = [
        subprocess.run(
            [*command, "--password", service.password], capture_output=True, text=True, timeout=60, check=False
        )
        for _ in range(2)
    ]

    for run, known in zip(runs, ("nobody we know", "a customer we know"), strict=True):
        assert run.returncode == 0, run.stderr
        for told in (known, "windows can be had", "for 600 seconds", "Booked ", "version 2", "is canceled"):
            assert told in run.stdout
    refused = subprocess.run([*command, "--password", "x"], capture_output=True, text=True, timeout=60, check=False)
    assert (refused.returncode, refused.stderr.startswith("refused: E4001")) == (1, True)
