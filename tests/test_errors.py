"""The tree of exceptions: one base, Python's own kinds, and the user's line."""

from __future__ import annotations

import inspect

import pytest

from wengert import errors
from wengert.errors import Source, WengertError, user_source

CLASSES = [
    value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, WengertError)
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_class_is_public_and_says_what_fails_and_how_to_repair_it(cls):
    assert cls.__name__ in errors.__all__
    assert cls.__doc__
    if cls is not WengertError:
        assert cls.__name__ in errors.__doc__


@pytest.mark.parametrize("cls", CLASSES[1:], ids=lambda cls: cls.__name__)
def test_a_class_is_one_of_pythons_kinds_too(cls):
    kinds = (
        TypeError,
        ValueError,
        RuntimeError,
        LookupError,
        MemoryError,
        ArithmeticError,
    )
    assert issubclass(cls, kinds)


def test_one_except_clause_catches_all():
    for cls in CLASSES:
        with pytest.raises(WengertError):
            raise cls("message")


def test_the_source_is_the_callers_line():
    source = user_source()
    assert source.function == "test_the_source_is_the_callers_line"
    assert source.file == __file__
    line = inspect.currentframe().f_lineno
    assert source.line == line - 3


def test_a_source_prints_as_an_editor_reads_it():
    assert str(Source("a.py", 12, "f")) == "a.py:12 in f"


def test_code_without_a_file_has_a_source_too():
    found = {}
    exec("from wengert.errors import user_source\ns = user_source()", found)
    assert found["s"].file == "<string>" and found["s"].line == 2
