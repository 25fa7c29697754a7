"""Run the command line within the test's own process, in a folder of its own."""

from typing import NamedTuple

import pytest

from wengert.cli import main


class Ran(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Give a function that runs `wengert` with some words."""

    def run(*words):
        capsys.readouterr()
        status = main(words)
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def good(run):
    """Give a function that runs what must succeed, and returns its output."""

    def good(*words):
        ran = run(*words)
        assert ran.status == 0, ran.err
        assert ran.err == ""
        return ran.out

    return good


@pytest.fixture
def refused(run):
    """Give a function that runs what must be refused, and returns the reason."""

    def refused(*words):
        ran = run(*words)
        assert ran.status == 2, ran
        assert ran.out == ""
        assert ran.err.startswith("wengert: error: ") and ran.err.endswith("\n")
        assert "Traceback" not in ran.err
        return ran.err.removeprefix("wengert: error: ").removesuffix("\n")

    return refused
