"""Fixed points: as if the iteration were unrolled, and deep equilibria."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.implicit.solving import check, iterated
from wengert import grad, hessian, implicit, jacfwd, jacrev, jit
from wengert.errors import ConvergenceError, ShapeError


@pytest.mark.parametrize("solver", [None, "iteration", "newton", "anderson"])
def test_cosine(solver):
    f = lambda a: implicit.fixed_point(
        lambda x, a: np.cos(a * x), 1.0, a, solver=solver,
        tol=1e-4 if solver == "anderson" else None,
    )  # fmt: skip
    assert f(1.0) == pytest.approx(0.7390851332151607, rel=1e-5)
    check(f, 1.0) if solver != "anderson" else grad(f)(1.0)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_as_if_unrolled(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    W, x = rng.normal(size=(n, n)) * (0.3 / n), rng.normal(size=n)
    g = lambda z, W, x: np.tanh(W @ z + x)
    found = lambda x: implicit.fixed_point(g, np.zeros(n), W, x)
    unrolled = lambda x: iterated(g, np.zeros(n), W, x, steps=50)
    for derivative in (jacfwd, jacrev):
        np.testing.assert_allclose(
            derivative(found)(x), derivative(unrolled)(x), rtol=1e-9, atol=1e-11
        )
    u = rng.normal(size=n)
    np.testing.assert_allclose(
        hessian(lambda x: u @ found(x))(x), hessian(lambda x: u @ unrolled(x))(x),
        rtol=1e-8, atol=1e-10,
    )  # fmt: skip


def test_a_deep_equilibrium_by_products_alone():
    n = 1000
    rng = np.random.default_rng(0)
    W, x, u = rng.normal(size=(n, n)) * 0.3 / n**0.5, rng.normal(size=n), np.ones(n)
    z = lambda W, x: implicit.fixed_point(lambda z: np.tanh(W @ z + x), np.zeros(n))
    at = z(W, x)
    W_bar, x_bar = grad(lambda W, x: u @ z(W, x), (0, 1))(W, x)
    slope = 1 - at**2
    w = np.linalg.solve(np.eye(n) - (slope[:, None] * W).T, u)
    np.testing.assert_allclose(x_bar, slope * w, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(W_bar, np.outer(slope * w, at), rtol=1e-6, atol=1e-8)


def test_newton_finds_what_iteration_does_not():
    f = lambda a: implicit.fixed_point(lambda x, a: 3 * x - a, 1.0, a)
    assert f(2.0) == pytest.approx(1) and jit(grad(f))(2.0) == pytest.approx(0.5)


def test_refused():
    with pytest.raises(ConvergenceError, match="fixed_point did not converge"):
        implicit.fixed_point(lambda x: x + 1, 1.0)
    with pytest.raises(ConvergenceError):
        implicit.fixed_point(lambda x: 3 * x - 1, 1.0, solver="iteration")
    with pytest.raises(ShapeError, match="output of g"):
        implicit.fixed_point(lambda x: x[0], np.ones(2))
