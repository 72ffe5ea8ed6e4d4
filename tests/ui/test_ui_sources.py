"""What the pages are made from: the client that belongs to the API, and logic that is tested without a browser."""

import subprocess
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).parents[2] / "web"
#: Where the Node is that was installed because the machine has none.
NODE: Final = WEB.parent / ".venv" / ".node" / "bin"


def _npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of the web front end."""
    command = ["npm", "--silent", "--prefix", str(WEB), *arguments]
    path = f"{NODE}:/usr/local/bin:/usr/bin:/bin" if NODE.exists() else None
    environ = None if path is None else {"PATH": path, "HOME": str(WEB)}
    return subprocess.run(command, cwd=WEB, env=environ, capture_output=True, text=True, timeout=150, check=False)


def test_the_client_is_the_one_of_the_api(tmp_path: Path) -> None:
    """Whoever changes the API makes the client anew: `npm run api` in web/."""
    made = tmp_path / "schema.d.ts"
    answer = _npm("exec", "--", "openapi-typescript", "../docs/openapi.json", "--output", str(made))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    known = (WEB / "src" / "lib" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert known == made.read_text(encoding="utf-8"), "the API has changed: npm run api"


def test_the_logic_of_the_pages_does_what_its_tests_say() -> None:
    """They run in Node, without a browser."""
    answer = _npm("test")
    assert answer.returncode == 0, answer.stdout + answer.stderr
