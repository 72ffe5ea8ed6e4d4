"""Writing files whole or not at all, and JSON that people can read and compare line by line."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from fieldops.files.reading import unusable


def write_text(path: Path, text: str) -> None:
    """
    Write a text file in UTF-8; whoever reads it sees the old content or the new, never a part.

    Raises
    ------
    InvalidInput
        When the place cannot be written to.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """
    Write a file; whoever reads it sees the old content or the new, never a part.

    Raises
    ------
    InvalidInput
        When the place cannot be written to.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        # A pipe or a terminal must not be replaced by a file.
        _write(target, target, "wb", content)
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _write(path, part, "xb", content)
        try:
            os.replace(part, target)
        except OSError as error:
            raise unusable(path, f"no way to write it ({error.strerror})", "a place that can be written to") from error
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, target: Path, mode: str, content: bytes) -> None:
    try:
        with target.open(mode) as stream:
            stream.write(content)
            stream.flush()
            if target.is_file():
                os.fsync(stream.fileno())
    except OSError as error:
        raise unusable(path, f"no way to write it ({error.strerror})", "a place that can be written to") from error


def document_text(document: Mapping[str, object]) -> str:
    """
    Lay out a JSON document: a line per field, and in lists of objects a line per entry.

    Such a file is small, and a change of one visit is a change of one line.
    """
    fields = ",\n".join(f" {_compact(name)}: {_laid_out(value)}" for name, value in document.items())
    return f"{{\n{fields}\n}}\n"


def _laid_out(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"  {_compact(entry)}" for entry in value) + "\n ]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ": "))
