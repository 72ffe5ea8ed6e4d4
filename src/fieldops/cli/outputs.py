"""Finding out before a search whether its result can be written."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from fieldops.errors import Fault


def output_faults(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path]) -> Iterator[Fault]:
    """
    Report files that cannot be written, and such as would replace what is read or each other.

    Parameters
    ----------
    outputs
        Option to file; None = not asked for.
    inputs
        Argument to file.
    """
    taken = {path.resolve(): name for name, path in inputs.items()}
    for option, path in outputs.items():
        if path is None:
            continue
        if path.is_dir():
            yield Fault(path=option, found=f"{path}, a folder", expected="the name of a file")
        else:
            yield from _folder_faults(option, path)
        other = taken.setdefault(path.resolve(), option)
        if other != option:
            yield Fault(path=option, found=f"{path}, which is {other}", expected="a file of its own")


def _folder_faults(option: str, path: Path) -> Iterator[Fault]:
    folder = path.resolve().parent
    if not folder.is_dir():
        yield Fault(path=option, found=f"{path}", expected=f"a file in a folder that exists, unlike {folder}")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Fault(
            path=option, found=f"{path}", expected=f"a file in a folder that can be written to, unlike {folder}"
        )


def new_folder_faults(option: str, folder: Path) -> Iterator[Fault]:
    """Report a folder that neither can be written to nor made."""
    nearest = next((path for path in (folder, *folder.resolve().parents) if path.exists()), folder)
    if not nearest.is_dir():
        yield Fault(path=option, found=f"{folder}", expected=f"a folder; {nearest} is a file")
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield Fault(path=option, found=f"{folder}", expected=f"a folder that can be written to, unlike {nearest}")
