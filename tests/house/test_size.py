"""A file is read in one sitting, and a line without scrolling."""

import unicodedata

import pytest

from tests.house.files import PACKAGE, ROOT, files, relative

MAX_LINES = 500
MAX_WIDTH = 88

# No drawers for everything: a file is named after its concept.
DRAWERS = {"common", "core", "helpers", "misc", "utils"}

SOURCES = files(ROOT, (".py",))


def width(line: str) -> int:
    """Count what takes room: not the bar of v̄, a character of its own."""
    return sum(not unicodedata.combining(character) for character in line)


def too_large(text: str) -> list[str]:
    """Say where a source file is too long or too wide."""
    lines = text.splitlines()
    wrong = [
        f"line {number} has {width(line)} characters"
        for number, line in enumerate(lines, 1)
        if width(line) > MAX_WIDTH
    ]
    if len(lines) > MAX_LINES:
        wrong.append(f"{len(lines)} lines; at most {MAX_LINES}")
    return wrong


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_files_stay_small(path):
    assert too_large(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", files(PACKAGE, (".py",)), ids=relative)
def test_files_are_named_after_their_concept(path):
    name = path.stem
    assert name not in DRAWERS and not name[-1:].isdigit()
    assert name.startswith("__") or not name.startswith("_")


def test_a_file_that_is_too_large_is_seen():
    assert too_large("x\n" * MAX_LINES) == []
    assert len(too_large("x\n" * (MAX_LINES + 1))) == 1
    assert too_large("x" * MAX_WIDTH) == []
    assert too_large("\n" + "x" * (MAX_WIDTH + 1)) == ["line 2 has 89 characters"]
