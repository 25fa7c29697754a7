"""The self-test of the layout of objects sees what is not as expected."""

import sys
import sysconfig

import numpy as np
import pytest

from tests.engines.llvm.runs import copying, native_run, went_slow
from wengert.engines.llvm import entry, layout
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import Array

BUILTIN = type(len)


@pytest.fixture
def self_test(monkeypatch):
    """Give the test as it would run in a new process."""
    if layout.unusual_layout():
        pytest.skip(layout.unusual_layout())
    offsets = dict(layout.OFFSETS)
    monkeypatch.setattr(layout, "OFFSETS", offsets)
    return layout.unusual_layout.__wrapped__, offsets


def test_this_interpreter_passes(self_test):
    unusual_layout, _ = self_test
    assert unusual_layout() == ""


@pytest.mark.parametrize("field", layout.OFFSETS)
@pytest.mark.parametrize("shift", [-8, 8])
def test_each_offset_is_tested(self_test, field, shift):
    unusual_layout, offsets = self_test
    offsets[field] += shift
    assert unusual_layout() != ""


def test_numpys_functions_are_tested(self_test, monkeypatch):
    unusual_layout, _ = self_test
    monkeypatch.setattr(layout, "numpy_function", lambda index: 0)
    assert "NumPy" in unusual_layout()


def test_what_is_missing_is_reported(self_test, monkeypatch):
    unusual_layout, _ = self_test

    def missing():
        raise AttributeError("no PyObject_Vectorcall")

    monkeypatch.setattr(layout, "addresses", missing)
    assert "no PyObject_Vectorcall" in unusual_layout()


def test_builds_of_another_kind(self_test, monkeypatch):
    unusual_layout, _ = self_test
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: 1)
    assert "without a global lock" in unusual_layout()
    monkeypatch.undo()
    monkeypatch.setattr(sys, "gettotalrefcount", int, raising=False)
    assert "debug" in unusual_layout()
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert "64-bit" in unusual_layout()


def test_entries_go_by_ctypes_where_the_layout_is_unusual(monkeypatch):
    address, keep = native_run(copying((0, 0, 24)))
    vector = Array((3,), np.dtype("f8"))
    description = address, 0, (vector,), vector, (), went_slow
    usual = make_entry(*description, keep=keep)
    assert (type(usual) is BUILTIN) == (layout.unusual_layout() == "")
    monkeypatch.setattr(entry, "unusual_layout", lambda: "PyPy")
    other = make_entry(*description, keep=keep)
    assert type(other) is not BUILTIN
    x = np.arange(3.0)
    assert (other(x) == x).all() and (usual(x) == x).all()
