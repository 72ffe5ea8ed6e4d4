"""Finding out before a search whether its result can be written."""

import tempfile
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
        yield from file_faults(option, path, makes_folders=False)
        other = taken.setdefault(path.resolve(), option)
        if other != option:
            yield Fault(path=option, found=f"{path}, which is {other}", expected="a file of its own")


def file_faults(option: str, path: Path, *, makes_folders: bool) -> Iterator[Fault]:
    """
    Report a file that cannot be written.

    Parameters
    ----------
    makes_folders
        Whether folders that do not exist will be made.
    """
    if path.is_dir():
        yield Fault(path=option, found=f"{path}, a folder", expected="the name of a file")
    elif makes_folders or path.parent.is_dir():
        # What is there and no file, such as a pipe, is written to as it is.
        if not path.exists() or path.is_file():
            yield from folder_faults(option, path.parent)
    else:
        yield Fault(path=option, found=str(path), expected="a file in a folder that exists")


def folder_faults(option: str, folder: Path) -> Iterator[Fault]:
    """Report a folder that can neither be written to nor made."""
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        yield Fault(path=option, found=f"{nearest}, a file", expected="a folder")
    elif not _takes_files(nearest):
        yield Fault(path=option, found=str(nearest), expected="a folder that can be written to")


def _takes_files(folder: Path) -> bool:
    """Try it: permissions alone do not tell about read-only and special file systems."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
