"""Nested derivatives must not confuse their perturbations."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from wengert.operators import derivative, grad, hessian, jacfwd, jacrev, jvp, vjp


def by_forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


def by_reverse(f):
    return lambda x: vjp(f, x)[1](1.0)[0]


MODES = {"fwd": by_forward, "rev": by_reverse, "grad": grad}


@pytest.mark.parametrize("outer,inner", list(itertools.product(MODES, repeat=2)))
def test_the_classical_confusion(outer, inner):
    # d/dx (x · d/dy (x + y)) = 1; a confused system says 2.
    D, d = MODES[outer], MODES[inner]
    assert D(lambda x: x * d(lambda y: x + y)(1.0))(2.0) == 1.0


@pytest.mark.parametrize("outer,inner", list(itertools.product(MODES, repeat=2)))
def test_the_inner_variable_may_be_the_outer_one(outer, inner):
    D, d = MODES[outer], MODES[inner]
    # d/dx (d/dy (x·y)|_{y=x}) = d/dx x = 1
    assert D(lambda x: d(lambda y: x * y)(x))(3.0) == 1.0
    # d/dx (x² · d/dy sin(x·y)|_{y=x}) with x²·x·cos x² = x³ cos x²
    got = D(lambda x: x**2 * d(lambda y: np.sin(x * y))(x))(0.7)
    expected = 3 * 0.7**2 * np.cos(0.49) - 0.7**3 * 2 * 0.7 * np.sin(0.49)
    assert got == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("modes", list(itertools.product(["fwd", "rev"], repeat=4)))
def test_any_nesting_to_order_four(modes):
    f = lambda x: np.exp(2 * x) * x
    nested = f
    for mode in modes:
        nested = MODES[mode](nested)
    x = 0.3
    # f⁽⁴⁾ = (16x + 32) e^{2x}
    assert nested(x) == pytest.approx((16 * x + 32) * np.exp(2 * x), rel=1e-13)


def test_three_variables_at_three_levels():
    got = grad(
        lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(2.0) * y)(3.0) * x
    )(5.0)
    # inner: 2xyz = 4xy; times y: 4xy²; d/dy: 8xy = 24x; times x: 24x²; d/dx: 48x
    assert got == 240.0


def test_a_pullback_of_an_outer_level_may_be_called_inside():
    y, pullback = vjp(lambda x: x**2, 3.0)
    assert grad(lambda c: pullback(c)[0] * c)(2.0) == 2 * 6.0 * 2.0


def test_hessians_by_all_mixtures():
    def f(x):
        return np.sum(x[:-1] ** 2 * x[1:]) + np.prod(x)

    x = np.array([1.0, 2.0, 3.0])
    expected = hessian(f)(x)
    for outer, inner in itertools.product([jacfwd, jacrev], repeat=2):
        np.testing.assert_allclose(outer(inner(f))(x), expected, rtol=1e-14)
    np.testing.assert_allclose(expected, expected.T)


def test_threads_differentiate_at_once():
    def f(k):
        def g(x):
            for _ in range(200):
                x = np.sin(x) * k
            return x.sum()

        return g

    x = np.linspace(0.1, 1, 5)
    expected = [grad(f(1 + 0.01 * k))(x) for k in range(8)]
    results = [None] * 8

    def work(k):
        for _ in range(5):
            results[k] = grad(f(1 + 0.01 * k))(x)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, exact in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, exact)


def test_high_order_of_a_loop():
    # f = x^5 by repeated multiplication; fifth derivative 120.
    def f(x):
        y = 1.0
        for _ in range(5):
            y = y * x
        return y

    assert derivative(f, 5)(1.7) == pytest.approx(120.0, rel=1e-13)
