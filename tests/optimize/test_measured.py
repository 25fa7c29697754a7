import numpy as np
import pytest

from wengert.errors import ArgumentError
from wengert.optimize import Report, measured
from wengert.optimize.measured import Measured


def test_counts_and_table():
    report = Report("run")
    with report:
        f = Measured(report, "value", lambda x: x * 2, False)
        assert [f(i) for i in range(4)] == [0, 2, 4, 6]
    assert report.calls("value") == 4 and report.calls("gradient") == 0
    assert 0 <= report.counts["value"].seconds <= report.seconds
    assert "value" in str(report) and "solver" in str(report)


def test_failing_calls_count_too():
    report = Report("run")
    f = Measured(report, "value", lambda x: 1 / x, False)
    with pytest.raises(ZeroDivisionError):
        f(0)
    assert report.calls("value") == 1


def test_compiled_when_plain_calls_have_taken_long(monkeypatch):
    report = Report("run")
    f = Measured(report, "value", lambda x: np.sum(np.sin(x)), "auto")
    x = np.linspace(0, 1, 5)
    for _ in range(5):
        f(x)
    assert report.counts["value"].compiled_at is None
    monkeypatch.setattr(measured, "_PLAIN_SECONDS", 0.0)
    np.testing.assert_allclose(f(x), np.sin(x).sum())
    np.testing.assert_allclose(f(2 * x), np.sin(2 * x).sum())
    assert report.counts["value"].compiled_at == 6


def test_what_cannot_be_compiled_runs_all_the_same(monkeypatch):
    monkeypatch.setattr(measured, "_PLAIN_SECONDS", 0.0)
    seen = []

    def f(x):
        seen.append(float(np.sum(x)))  # no function of its arguments alone
        return np.sum(x) * np.random.default_rng(0).normal()

    g = Measured(Report("run"), "value", f, "auto")
    values = {float(g(np.ones(2))) for _ in range(6)}
    assert len(values) == 1


def test_no_choice_is_refused():
    with pytest.raises(ArgumentError):
        Measured(Report("run"), "value", np.sum, "sometimes")
