"""Solvers of others, differentiated by what their solutions satisfy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize as so

from tests.implicit.solving import check
from wengert import grad, implicit, jit
from wengert.errors import ArgumentError, ConvergenceError, ShapeError


def cubic(x, a):
    return x**3 - a * x - 1


def pair(x, a):
    return np.stack([x[0] ** 2 + x[1] - a, x[0] - x[1] ** 3])


t = np.linspace(0, 1, 12)
data = np.exp(-2 * t) + 0.01 * np.cos(40 * t)


def misfit(p, y):
    return p[0] * np.exp(-p[1] * t) - y


def slope(p, y):
    return grad(lambda p: np.sum(misfit(p, y) ** 2))(p)


def least_squares(x0, y):
    return so.least_squares(misfit, x0, args=(y,), xtol=1e-14, ftol=1e-14, gtol=1e-14)


def minimize(x0, y):
    return so.minimize(lambda p: np.sum(misfit(p, y) ** 2), x0, tol=1e-12)


CASES = [
    (lambda x0, a: so.brentq(cubic, 0, 10, args=(a,)), cubic, 1.0, 2.0, 2),
    (lambda x0, a: so.newton(cubic, x0, args=(a,), tol=1e-14), cubic, 2.0, 2.0, 2),
    (lambda x0, a: so.root_scalar(cubic, x0=x0, args=(a,), bracket=(0, 10)),
     cubic, 1.0, 2.0, 2),
    (lambda x0, a: so.fsolve(pair, x0, args=(a,)), pair, np.ones(2), 2.0, 2),
    (lambda x0, a: so.root(pair, x0, args=(a,)), pair, np.ones(2), 2.0, 2),
    (least_squares, slope, np.ones(2), data, 1),
    (minimize, slope, np.ones(2), data, 1),
]  # fmt: skip


@pytest.mark.parametrize(("solver", "F", "x0", "theta", "order"), CASES)
def test_solvers_of_scipy(solver, F, x0, theta, order):
    solve = implicit.differentiate(solver, F)
    check(lambda theta: solve(x0, theta), theta, order=order)


def test_a_solver_sees_plain_numbers_only():
    seen = []

    @implicit.root_of(cubic)
    def solver(x0, a):
        seen.append((type(x0), type(a)))
        return so.brentq(cubic, 0, 10, args=(float(a),))

    expected = grad(lambda a: implicit.root(cubic, 2.0, a))(2.0)
    assert grad(grad(solver, 1), 1)(1.0, 2.0) != 0
    assert grad(solver, 1)(1.0, 2.0) == pytest.approx(expected)
    compiled = jit(grad(solver, 1))
    for _ in range(3):
        assert compiled(1.0, 2.0) == pytest.approx(expected)
    assert {kind for kinds in seen for kind in kinds} <= {float, np.float64}
    assert solver.__name__ == "solver"


def test_what_both_functions_capture():
    def f(a, b):
        F = lambda x: x**3 - a * x - b
        return implicit.differentiate(lambda x0: so.brentq(F, 0, 10 * b), F)(1.0)

    check(f, 2.0, 1.0)


def test_a_solver_may_write_to_what_it_is_given():
    def solver(x0, a):
        x0[:] = 7.0
        x0[:] = so.fsolve(pair, np.ones(2), args=(a,))
        return x0

    def F(x, a):
        y = pair(x, a)
        if type(x) is np.ndarray:
            x[:] = 0.0
        return y

    x0 = np.full(2, 3.0)
    f = lambda a: implicit.differentiate(solver, F)(x0, a).sum()
    expected = grad(lambda a: implicit.root(pair, np.ones(2), a).sum())(2.0)
    assert grad(f)(2.0) == pytest.approx(expected)
    assert (x0 == 3.0).all()


def test_failures_are_errors():
    stuck = implicit.differentiate(lambda x0, a: x0, cubic)
    with pytest.raises(ConvergenceError, match="<lambda> did not converge"):
        stuck(1.0, 2.0)
    wrong = implicit.differentiate(lambda x0, a: np.ones(2), cubic)
    with pytest.raises(ShapeError, match="what the solver returned"):
        wrong(1.0, 2.0)
    text = implicit.differentiate(lambda x0, a: "x", cubic)
    with pytest.raises(ArgumentError, match="what the solver returned"):
        text(1.0, 2.0)
