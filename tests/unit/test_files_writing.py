"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from fieldops.errors import InvalidInput
from fieldops.files.writing import document_text, write_text


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The part file beside it must not pile up in people's folders."""
    target = tmp_path / "plan.json"
    write_text(target, "old")
    write_text(target, "néw\n")
    assert target.read_text(encoding="utf-8") == "néw\n"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_the_old_file_survives_when_the_new_one_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash half-way through must not cost the last good plan."""
    target = tmp_path / "plan.json"
    write_text(target, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InvalidInput, match="No space left"):
        write_text(target, "new")
    assert target.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_place_that_cannot_be_written_to_is_a_fault(tmp_path: Path) -> None:
    """A folder that is missing is the caller's mistake, told without a traceback."""
    with pytest.raises(InvalidInput) as caught:
        write_text(tmp_path / "missing" / "plan.json", "x")
    assert [fault.expected for fault in caught.value.faults] == ["a place that can be written to"]


def test_a_link_keeps_pointing_where_it_did(tmp_path: Path) -> None:
    """Replacing the link by a file would silently detach it from what it stands for."""
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


def test_a_pipe_is_written_to_and_not_replaced() -> None:
    """Standard output is a legal target, as /dev/stdout; the null device stands for it here."""
    write_text(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_a_document_has_a_line_per_field_and_per_entry() -> None:
    """The layout is what makes files small and diffs readable."""
    text = document_text(
        {"name": "a", "list": [{"id": 1, "skills": ["x", "y"]}, {"id": 2}], "numbers": [1, 2], "no": []}
    )
    assert text == (
        "{\n"
        ' "name": "a",\n'
        ' "list": [\n'
        '  {"id": 1,"skills": ["x","y"]},\n'
        '  {"id": 2}\n'
        " ],\n"
        ' "numbers": [1,2],\n'
        ' "no": []\n'
        "}\n"
    )
