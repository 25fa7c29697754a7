import sys

import pytest

from wengert.optimize import progress
from wengert.optimize.progress import Progress


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.0)


def test_nothing_without_a_terminal(capsys):
    with Progress("descent", 3) as bar:
        bar.show(1, 2.0)
    assert capsys.readouterr().err == ""
    assert bar._bar is None


@pytest.mark.parametrize("total", [3, None])
def test_a_bar_in_a_terminal(terminal, total):
    with Progress("descent", total) as bar:
        bar.show(1, 2.0)
        bar.show(2, 1.5)
        task = bar._bar.tasks[0]
        assert (task.completed, task.total) == (2, total)
        assert task.description == "descent  1.5"


def test_it_can_be_turned_off(terminal):
    with Progress("descent", 3, on=False) as bar:
        bar.show(1, 2.0)
    assert bar._bar is None
