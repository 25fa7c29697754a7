"""Branches and loops as the tools for lectures see them."""

import numpy as np
import pytest

from wengert import cond, cost, explain, grad, scan, smoothness, trace, while_loop
from wengert.analysis import measure

X = np.array([0.3, 1.2, -0.7])


def recurrence(x):
    return scan(lambda c, v: (np.sin(c) * v, None), x[0], x)[0]


def everything(x):
    c = recurrence(x)
    c = while_loop(lambda p: p < 2.0, lambda p: p * p + 1.0, c)
    return cond(c > x[0], lambda a: a * x[1], np.sin, c)


@pytest.mark.parametrize("kind", ["markdown", "latex", "html"])
def test_an_explanation_can_be_written(kind):
    text = str(getattr(explain(everything)(X), kind)())
    assert "scan" in text and "switch" in text and "graph(" not in text


def test_the_sweeps_of_an_explanation_give_the_gradient():
    for f in (recurrence, everything):
        shown = str(explain(f)(X))
        for part in grad(f)(X):
            assert f"{abs(part):.3g}"[:4] in shown


def test_a_scan_costs_its_body_at_each_step():
    few, many = (measure(trace(recurrence, np.ones(n))) for n in (5, 50))
    assert many.flops == 10 * few.flops
    assert many.operations["scan"] == 1
    assert "scan" in str(cost(recurrence)(np.ones(5)))


def test_the_sweep_keeps_the_residuals_of_all_steps():
    few, many = (measure(trace(grad(recurrence), np.ones(n))) for n in (50, 500))
    assert 8 < many.peak / few.peak < 12


def test_kinks_are_found_inside_of_loops():
    def f(x):
        return scan(lambda c, v: (np.abs(v) + c, None), 0.0, x)[0]

    assert smoothness(f)(X)
    report = smoothness(f)(np.array([1.0, 0.0]))
    assert not report and "absolute" in str(report) or "abs" in str(report)
    assert not smoothness(lambda x: cond(x > 1.0, np.sin, np.cos, x))(1.0)
