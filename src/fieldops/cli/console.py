"""Where output goes and how it looks; nothing that comes from a file can steer the terminal."""

import os
import sys

from rich.console import Console
from rich.text import Text

from fieldops.errors import FieldopsError, InvalidInput

#: Columns for output that is not read on a terminal: enough for every table.
_FILE_WIDTH = 200


def out() -> Console:
    """Return the console for results."""
    return Console(width=_width(sys.stdout.isatty()), highlight=False)


def err() -> Console:
    """Return the console for progress and errors."""
    return Console(stderr=True, width=_width(sys.stderr.isatty()), highlight=False)


def _width(is_terminal: bool) -> int | None:
    """Return the columns of a stream; None lets the terminal say."""
    return None if is_terminal or "COLUMNS" in os.environ else _FILE_WIDTH


def plain(text: str, style: str = "") -> Text:
    """Make text of something that was read: no markup, and control characters as one would write them in Python."""
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return Text(safe, style=style)


def show_faults(error: InvalidInput) -> None:
    """List every fault, one a line, however many there are."""
    console = err()
    count = len(error.faults)
    console.print(Text(f"{count} fault{'' if count == 1 else 's'} in the input:", style="bold red"))
    for fault in error.faults:
        line = Text.assemble(
            "  ",
            plain(fault.path, "cyan"),
            ": found ",
            plain(fault.found, "red"),
            ", expected ",
            plain(fault.expected, "green"),
        )
        console.print(line, soft_wrap=True)


def show_error(error: FieldopsError | str) -> None:
    """Say what went wrong, with its code where it has one."""
    label = f"error {error.code}: " if isinstance(error, FieldopsError) else ""
    lines = str(error).splitlines() or [""]
    console = err()
    console.print(Text.assemble((label, "bold red"), plain(lines[0])), soft_wrap=True)
    for line in lines[1:]:
        console.print(plain(line), soft_wrap=True)
