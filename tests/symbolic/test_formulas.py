"""Formulas of programs: on the path taken, with its conditions, in lines."""

import numpy as np
import pytest
import sympy

from wengert import grad, hessian, scan
from wengert.errors import ArgumentError, ControlFlowError, EngineError
from wengert.symbolic import diff, evaluate, formula, symbols


def loop(x, k=3):
    z = 1.0
    for _ in range(k):
        z = x + 1 / z
    return z


def branch(x):
    return x**3 if x > 0 else x**2


def test_a_branch_states_its_condition():
    assert str(formula(grad(branch), x=2.0)) == "y = 3*x**2\nwhere x > 0"
    assert str(formula(grad(branch), x=-2.0)) == "y = 2*x\nwhere x <= 0"


@pytest.mark.parametrize("k", [2, 3, 7, 25])
def test_a_loop_has_the_values_of_its_derivative(k):
    found = formula(grad(loop), 2.0, k=k)
    known = {sympy.Symbol("x", real=True): sympy.Float(2.0)}
    for name, e in found.lines:
        known[sympy.Symbol(name, real=True)] = e.subs(known)
    value = float(found.outputs[0][1][()].subs(known))
    assert value == pytest.approx(grad(loop)(2.0, k), rel=1e-12)
    assert found.operations <= found.written_out
    assert found.operations < 15 * k and found.depth >= k


def test_swell_is_tamed():
    def f(x):
        for _ in range(60):
            x = x * np.sin(x)
        return x

    found = formula(f, 0.1)
    assert found.operations == 120 and len(found.lines) == 59
    assert found.written_out == 2 * (2**60 - 1)  # a(n+1) = 2·a(n) + 2
    assert "written out" in str(found)
    with pytest.raises(ArgumentError, match="written out"):
        _ = found.expression


def test_a_network():
    def loss(W, x):
        return np.sum(np.tanh(W @ x) ** 2)

    W, x = np.arange(4.0).reshape(2, 2) / 5, np.array([0.3, 0.4])
    found = formula(grad(loss), W=W, x=x)
    assert [name for name, _ in found.lines] == [f"v{k}" for k in range(1, 5)]
    value = evaluate(found.expression, W=W, x=x)
    np.testing.assert_allclose(value, grad(loss)(W, x), rtol=1e-13)


def test_newtons_method_states_every_comparison():
    def root(a):
        x = a
        while abs(x * x - a) > 1e-3:
            x = (x + a / x) / 2
        return x

    found = formula(grad(root), a=2.0)
    assert len(found.conditions) == 4
    point = {sympy.Symbol("a", real=True): 2}
    assert all(c.subs(point) == sympy.true for c in found.conditions)
    assert evaluate(found.expression, a=2.0) == pytest.approx(grad(root)(2.0))


def test_containers_names_and_scans():
    found = formula(lambda p: {"s": p["a"] * np.exp(p["b"][0])}, {"a": 1.0, "b": [2.0]})
    assert str(found) == "y['s'] = p_a*exp(p_b_0)"
    step = lambda c, t: (c * 2 + t, None)
    assert (
        str(formula(lambda x: scan(step, x, np.arange(3.0))[0], 1.0)) == "y = 8*x + 4"
    )
    assert str(formula(lambda v1: v1**2 * np.sin(v1), 2)).startswith("y = v1**2")


def test_a_place_that_decides():
    found = formula(lambda x: x[x.argmax()] ** 2, np.array([1.0, 3.0, 2.0]))
    assert str(found) == "y = x[1]**2\nwhere argmax(x[0], x[1], x[2]) == 1"


def test_symbols_as_arguments():
    t = symbols("t")
    assert str(formula(grad(loop), "t", k=2)) == str(formula(grad(loop), t, k=2))
    assert str(formula(hessian(lambda x: x**3), x=t)) == "y = 6*t"
    with pytest.raises(ControlFlowError, match="x > 0"):
        formula(branch, "x")


def test_lines_of_an_expression():
    x = symbols("x")
    found = formula(diff(np.sin(x**2) * np.exp(x), x, 5))
    assert len(found.lines) > 3 and found.operations < found.written_out
    assert found.latex().startswith("\\begin{aligned}\nv_{1} &= x^{2} \\\\")
    assert evaluate(found.expression, x=0.5) == pytest.approx(
        evaluate(diff(np.sin(x**2) * np.exp(x), x, 5), x=0.5)
    )


def test_refusals():
    with pytest.raises(ArgumentError, match="nothing to make a symbol of"):
        formula(lambda: 1.0)
    with pytest.raises(ArgumentError, match="no number"):
        formula(lambda x: None, 1.0)
    with pytest.raises(EngineError, match="sort has no formula"):
        formula(np.sort, np.ones(2))
    with pytest.raises(ArgumentError, match="several outputs"):
        _ = formula(lambda x: (x, x), 1.0).expression
