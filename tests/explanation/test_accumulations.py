"""The report of Jacobian accumulation says what is taken, and what that costs."""

import re

import numpy as np
import pytest

from wengert import accumulation, cost, jacobian, jit
from wengert.errors import ArgumentError, WengertError

N, P = 6, 3
WEIGHTS = np.random.default_rng(0).normal(size=(N, N, P))


def model(theta):
    distances = WEIGHTS @ theta
    kernel = np.exp(-(distances**2))
    return np.linalg.norm(kernel)


def waves(x):
    t = x[0] * x[1]
    return np.stack([np.sin(t) * t, np.exp(t + x[2]), x[2] * x[0]])


X = np.array([0.3, -0.7, 1.1])


def test_the_report_of_f_k_d():
    report = accumulation(model)(np.ones(P))
    text = report.text()
    assert report.chain.entries == N**2 + N**4 + N**2 * P
    for number in (N**4 * P + N**2 * P, N**4 + N**2 * P, N**2 + N**4 + N**2 * P):
        assert f"{number:,}" in text
    assert "reverse (best)" in text and "diagonal" in text
    # In reverse mode the gradient is a small multiple of L itself.
    sweep = cost(model)(np.ones(P))
    assert sweep.best == "reverse"
    assert sweep.multiple(sweep.cheapest.flops, sweep.cheapest.bytes) < 3
    assert report.best in ("reverse", "eliminate")


def test_orders_and_the_one_taken():
    report = accumulation(waves)(X)
    least = min(order.multiplications for order in report.orders)
    assert report.taken.multiplications == least
    assert report.order("forward").multiplications >= least
    assert f"{report.taken.name} (taken)" in report.text()
    assert report.best == "eliminate"
    mode = jit(jacobian(waves, mode=report.best))
    assert np.allclose(mode(X), jacobian(waves)(X))


def test_forms_of_the_report():
    report = accumulation(waves)(X)
    assert str(report) == report.text() and "waves(x)" in repr(report)
    assert report.markdown().count("| :-- |") == 2
    assert report.html().count("<table>") == 2 and report._repr_html_() == report.html()
    assert all(len(line) <= 88 for line in report.text().splitlines())


def test_pictures_show_partial_derivatives():
    report = accumulation(waves)(X)
    dot = report.graph("dot")
    assert "x[0]" in dot and "sin" in dot and "0.3" in dot
    assert report.graph("mermaid").startswith(("---", "graph", "flowchart"))
    svg = pytest.importorskip("fast_sugiyama") and report.graph()
    assert "partial derivative, forward" in svg
    with pytest.raises(ArgumentError, match="format='png'"):
        report.graph("png")


def test_large_and_complex_programs_are_read_by_blocks_alone():
    report = accumulation(lambda x: np.sum(np.sin(x)))(np.ones(30_000))
    assert report.taken is None and report.jacobian is None and report.orders == ()
    assert report.best == "reverse" and "Not element by element" in report.text()
    with pytest.raises(WengertError, match="no graph to draw"):
        report.graph()
    spectrum = accumulation(lambda x: np.sum(np.abs(np.fft.fft(x))))(np.ones(4))
    assert "complex" in spectrum.refusal


def test_pictures_have_a_limit():
    report = accumulation(lambda x: np.sin(np.cos(np.sin(np.cos(x)))))(np.ones(60))
    with pytest.raises(WengertError, match="vertices"):
        report.graph()


def test_argnums_and_integer_outputs():
    def f(scale, x):
        return np.argmax(x), scale * x

    report = accumulation(f, argnums=1)(2.0, X)
    assert report.cost.inputs == 3 and report.taken.multiplications == 0
    assert re.search(r"f\(x\): 3 inputs", report.text())
    with pytest.raises(ArgumentError):
        accumulation(lambda x: np.argmax(x))(X)
