"""Engines are found by name, and a wrong name says which there are."""

import pytest

from wengert.engines import engine, engine_names, open_engine, register_engine
from wengert.errors import EngineError


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """Leave the registry as it was."""
    monkeypatch.setattr(engine, "_OPENERS", dict(engine._OPENERS))
    monkeypatch.setattr(engine, "_OPENED", dict(engine._OPENED))


def test_numpy_is_there():
    assert "numpy" in engine_names()
    assert open_engine("numpy") is open_engine("numpy")
    assert open_engine("numpy").name == "numpy"


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(EngineError, match="no engine 'numpi'; there are: .*numpy"):
        open_engine("numpi")


def test_an_engine_is_opened_once_and_only_when_asked_for():
    opened = []
    register_engine("new", lambda: opened.append("new") or opened)
    assert "new" in engine_names() and opened == []
    assert open_engine("new") is open_engine("new")
    assert opened == ["new"]


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="'numpy' is registered already"):
        register_engine("numpy", dict)


def test_a_missing_library_is_named():
    def opener():
        import wengert_has_no_such_library  # noqa: F401

    register_engine("foreign", opener)
    with pytest.raises(EngineError, match="needs the library 'wengert_has_no_such_lib"):
        open_engine("foreign")
