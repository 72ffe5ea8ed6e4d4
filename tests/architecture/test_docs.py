"""What the documents name exists: files, headings, make targets, commands, options, tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from fieldops.cli import app

ROOT = Path(__file__).parents[2]
#: Folders of others, or of nobody.
SKIPPED = {".venv", ".git", "build", "dist", "demo-out", "node_modules"}


def _pages() -> list[Path]:
    """List the Markdown files of the repository."""
    return [
        page
        for page in sorted(ROOT.rglob("*.md"))
        if SKIPPED.isdisjoint(page.relative_to(ROOT).parts) and not page.relative_to(ROOT).parts[0].startswith(".")
    ]


def _anchor(heading: str) -> str:
    """Return the name under which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    """List the names of the headings of a page."""
    return {
        _anchor(line.lstrip("#")) for line in page.read_text(encoding="utf-8").splitlines() if re.match("#+ ", line)
    }


def _broken_links(page: Path) -> Iterator[str]:
    """List the links of a page, pictures included, that lead nowhere in this repository."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            yield f"{page.relative_to(ROOT)}: {target}"


def _commands(text: str) -> Iterator[list[str]]:
    """List the calls of ``fieldops`` in a page: in code, or lines of code blocks; continued lines are one."""
    fenced = False
    for line in text.replace("\\\n", " ").splitlines():
        fenced ^= line.startswith("```")
        if fenced or line.startswith("    "):
            calls = re.findall(r"^\s*(?:\$ )?(fieldops .+)$", line)
        else:
            calls = re.findall(r"`(fieldops [^`]+)`", line)
        yield from (call.split()[1:] for call in calls)


def _faults(words: list[str]) -> Iterator[str]:
    """List what a call of ``fieldops`` names that does not exist."""
    command = get_command(app)
    context = typer.Context(command)
    while isinstance(command, typer.core.TyperGroup) and words and not words[0].startswith("-"):
        name, *words = words
        if name.isupper():  # stands for any command
            return
        found = command.get_command(context, name)
        if found is None:
            yield f"command {name}"
            return
        command = found
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for word in words:
        if word.startswith("-") and word.partition("=")[0] not in known:
            yield f"option {word} of {command.name}"


def test_every_link_leads_somewhere() -> None:
    """A page that has moved takes its readers along, or they think it never existed."""
    pages = _pages()

    assert ROOT / "README.md" in pages
    assert [link for page in pages for link in _broken_links(page)] == []


def test_every_source_file_named_exists() -> None:
    """Who follows a document into the code should find the door it points to."""
    files = [
        f"/{path.relative_to(ROOT)}"
        for folder in ("src", "tests", "data", "benchmarks", "examples")
        for path in (ROOT / folder).rglob("*.*")
    ]
    named = {
        (page.relative_to(ROOT).as_posix(), name)
        for page in _pages()
        for name in re.findall(r"`([\w./-]+\.(?:py|pyi|h|cpp))`", page.read_text(encoding="utf-8"))
    }

    assert ("docs/solver.md", "checker.py") in named
    assert sorted(f"{page}: {name}" for page, name in named if not any(f.endswith(f"/{name}") for f in files)) == []


def test_every_make_target_named_exists() -> None:
    """The two commands of the first screen are all that many will ever try."""
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {
        target
        for page in _pages()
        for target in re.findall(r"(?:`|^ {4})make ([a-z][\w-]*)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }

    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_every_command_and_option_named_exists() -> None:
    """What was renamed in the program has to be renamed in its documents."""
    calls = [(page, words) for page in _pages() for words in _commands(page.read_text(encoding="utf-8"))]

    assert len([words for page, words in calls if page == ROOT / "README.md"]) >= 5
    assert [f"{page.relative_to(ROOT)}: {fault}" for page, words in calls for fault in _faults(words)] == []


def test_every_operation_named_exists() -> None:
    """A request of the documents that is answered with 404 makes its reader doubt the rest."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    known = {(method.upper(), _shape(path)) for path, methods in paths.items() for method in methods}
    # A page for people, and what a browser's button sends: not for programs.
    known |= {(method, "/v1/unsubscribe") for method in ("GET", "POST")}
    missing = [
        f"{page.relative_to(ROOT)}: {method} {path}"
        for page in _pages()
        for method, path in re.findall(
            r"`(GET|POST|PUT|PATCH|DELETE)\s(/v1/[^\s`?]+)", page.read_text(encoding="utf-8")
        )
        if (method, _shape(path)) not in known
    ]

    assert missing == []


def _shape(path: str) -> str:
    """Leave out how the parameters of a path are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_every_decision_names_what_enforces_it() -> None:
    """A decision nothing enforces is a wish; a test that is gone enforces nothing."""
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for page in decisions:
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Enforced by",
        ], page.name
        enforced = text.partition("## Enforced by")[2]
        modules = [ROOT / path for path in re.findall(r"`(tests/[\w/]+\.py)`", enforced)]
        assert modules, page.name
        assert [module for module in modules if not module.is_file()] == []
        source = "".join(module.read_text(encoding="utf-8") for module in modules)
        assert [name for name in re.findall(r"`(test_\w+)`", enforced) if f"def {name}(" not in source] == []


def test_every_page_is_in_the_index() -> None:
    """Nobody finds what nothing links to."""
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(docs).as_posix() for page in docs.rglob("*.md") if page != docs / "README.md"]

    assert [page for page in pages if f"({page})" not in index] == []


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        pytest.param("    fieldops plan day.json --seconds 5 --out=x.json", [], id="right"),
        pytest.param("Try `fieldops travel fit day.json --osrm URL`.", [], id="command in a group"),
        pytest.param("fieldops plans days. `fieldops COMMAND --help`", [], id="no call"),
        pytest.param("    $ fieldops guess day.json", ["command guess"], id="no such command"),
        pytest.param("```\nfieldops guess\n```\nfieldops guess", ["command guess"], id="fenced"),
        pytest.param("    fieldops plan day.json \\\n        --secs 5", ["option --secs of plan"], id="no such option"),
        pytest.param("Try `fieldops travel guess`.", ["command guess"], id="no such command in a group"),
    ],
)
def test_a_wrong_call_is_found(line: str, faults: list[str]) -> None:
    """The tests above would pass just as well if they found nothing ever."""
    assert [fault for words in _commands(line) for fault in _faults(words)] == faults


def test_a_link_to_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for links: into the page, to files, to headings of other pages."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# A heading, of `code`\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#a-heading-of-code) [c](https://example.com/x) ![d](gone.png)\n"
        "[e](#nowhere) [f](other.md#gone)\n```\n[g](in-code.md)\n```\n",
        encoding="utf-8",
    )

    assert list(_broken_links(page)) == ["page.md: gone.png", "page.md: #nowhere", "page.md: other.md#gone"]
