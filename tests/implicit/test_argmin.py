"""Minima: free, with bounds, with equations; and the ridge's hyper-gradient."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize

from tests.implicit.solving import check
from wengert import grad, hessian, implicit, jacobian, jit
from wengert.errors import (
    ArgumentError,
    ConvergenceError,
    NotScalarError,
    SingularError,
)

a = np.array([1.0, 2.0, -1.0])
u = np.array([0.3, -0.5, 0.8])


def f(x, a):
    return np.sum((x - a) ** 4) + np.sum((x - 1) ** 2) + x[0] * x[1]


def test_free():
    x = lambda a: implicit.argmin(f, np.zeros(3), a)
    np.testing.assert_allclose(grad(f)(x(a), a), 0, atol=1e-10)
    check(lambda t: x(a + t * u), 0.0, order=1)


@pytest.mark.parametrize(
    "solver",
    ["BFGS", "L-BFGS-B", "Newton-CG", "trust-krylov", "Nelder-Mead",
     lambda h, x0: scipy.optimize.minimize(h, x0, tol=1e-10)],
)  # fmt: skip
def test_every_solver(solver):
    tol = 1e-4 if callable(solver) else None
    x = implicit.argmin(f, np.zeros(3), a, solver=solver, tol=tol)
    np.testing.assert_allclose(x, implicit.argmin(f, np.zeros(3), a), atol=1e-5)


def test_bounds_and_the_solution_varies_with_them():
    x = lambda a, low: implicit.argmin(f, np.zeros(3), a, bounds=(low, None))
    assert x(a, 0.5)[2] == 0.5
    check(lambda t: x(a + t * u, 0.5 + t), 0.0, order=1)
    slope = jacobian(x, argnums=(0, 1))(a, 0.5)
    np.testing.assert_allclose(slope[0][2], 0, atol=1e-12)
    assert slope[1][2] == pytest.approx(1)


def test_equations():
    def x(a, s):
        return implicit.argmin(
            f, np.zeros(3), a, constraints=lambda x, a: {"sum": x.sum() - s}
        )

    assert x(a, 0.5).sum() == pytest.approx(0.5)
    check(lambda t: x(a + t * u, 0.5 + t), 0.0, order=1)


def test_equations_and_bounds():
    def x(a, s):
        return implicit.argmin(f, np.zeros(3), a, bounds=(0.0, None),
                               constraints=lambda x, _: x.sum() - s)  # fmt: skip

    np.testing.assert_allclose(x(a, 1.5).sum(), 1.5)
    assert x(a, 1.5).min() == 0
    check(lambda t: x(a + t * u, 1.5 - t), 0.0, order=1)


@pytest.mark.slow
@pytest.mark.parametrize("bounds", [None, (0.5, None)])
@pytest.mark.parametrize("constraints", [None, lambda x, _: x[0] + x[1] - 1.5])
def test_to_second_order(bounds, constraints):
    check(lambda a: implicit.argmin(f, np.zeros(3), a, bounds=bounds,
                                    constraints=constraints), a)  # fmt: skip


def test_hyper_gradient_of_a_ridge_regression():
    rng = np.random.default_rng(0)
    X, V = rng.normal(size=(20, 3)), rng.normal(size=(10, 3))
    w = rng.normal(size=3)
    y, v = X @ w + rng.normal(size=20), V @ w

    def loss(w, penalty):
        return ((X @ w - y) ** 2).sum() + np.exp(penalty) * (w**2).sum()

    def validation(penalty):
        return ((V @ implicit.argmin(loss, np.zeros(3), penalty) - v) ** 2).sum()

    def exact(p):
        w = np.linalg.solve(X.T @ X + np.exp(p) * np.eye(3), X.T @ y)
        return ((V @ w - v) ** 2).sum()

    for operator in (grad, hessian, lambda f: jit(grad(f))):
        got, expected = operator(validation)(0.3), operator(exact)(0.3)
        assert got == pytest.approx(expected, rel=1e-9)


def test_containers_and_complex_numbers():
    def g(x, t):
        return np.abs(x["z"] - t) ** 2 + (x["r"] - x["z"].real) ** 2 + x["r"] ** 4

    x0 = {"z": 0j, "r": 1.0}
    check(lambda t: implicit.argmin(g, x0, t * (1 + 2j)), 1.0, order=1)


def test_large_by_products_alone():
    n = 300
    t = np.linspace(0, 1, n)

    def g(x, t):
        return np.sum((x - t) ** 2) + np.sum(np.diff(x) ** 2) + 0.1 * np.sum(x**4)

    x = lambda t: implicit.argmin(g, np.zeros(n), t)
    h = np.cos(5 * t)
    H = hessian(g)(x(t), t)
    expected = np.linalg.solve(H, 2 * h)
    np.testing.assert_allclose(grad(lambda t: h @ x(t))(t), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("error", "run"),
    [
        (ConvergenceError, lambda: implicit.argmin(lambda x: -x, 1.0)),
        (ConvergenceError, lambda: implicit.argmin(lambda x: x**2 - x**4, 10.0)),
        (ConvergenceError,
         lambda: implicit.argmin(lambda x: x[0] ** 2 - x[1] ** 2, np.array([1.0, 0]))),
        (NotScalarError, lambda: implicit.argmin(lambda x: x, np.ones(2))),
        (ArgumentError, lambda: implicit.argmin(lambda x: x**2, 1.0, bounds=(3, 1))),
        (ArgumentError, lambda: implicit.argmin(lambda x: x**2, 1.0, bounds=3)),
        (ArgumentError, lambda: implicit.argmin(lambda x: x**2, 1.0, solver="foo")),
        (SingularError,
         lambda: grad(lambda a: implicit.argmin(
             lambda x, a: (x[0] + x[1] - a) ** 2, np.zeros(2), a)[0])(1.0)),
    ],
)  # fmt: skip
def test_refused(error, run):
    with pytest.raises(error):
        run()
