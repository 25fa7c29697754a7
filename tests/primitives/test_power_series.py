"""Taylor rules that stand by hand, where their functions are singular or special."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert.scipy.linalg as sl
from wengert import jit, taylor
from wengert.primitives.linalg import cofactor_

# ----- determinants -----


def polynomial_det(a, v):
    """Give the coefficients of det(A + tV), through det at points around a circle."""
    n = len(a)
    points = np.exp(2j * np.pi * np.arange(n + 1) / (n + 1))
    values = [np.linalg.det(a + t * v) for t in points]
    return np.fft.fft(values).real / (n + 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(0, 5), st.booleans(), st.integers(0, 10**6))
def test_determinants_of_any_rank(n, rank, equal, seed):
    """Where singular values vanish, or are equal, too."""
    rng = np.random.default_rng(seed)
    u, _ = np.linalg.qr(rng.standard_normal((n, n)))
    s = np.where(np.arange(n) < rank, 1.0 if equal else 1.0 + np.arange(n), 0.0)
    a, v = (u * s) @ u.T, rng.standard_normal((n, n))
    expected = polynomial_det(a, v)
    found = taylor(np.linalg.det, a, v, n + 1)
    np.testing.assert_allclose(found, [*expected, 0], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("diagonal", [(1, 1, 1), (2, 1, 0), (1, 0, 0), (0, 0, 0)])
def test_cofactors_of_any_rank(diagonal):
    a = np.diag(np.array(diagonal, float))
    v = np.random.default_rng(3).standard_normal((3, 3))
    curve = taylor(cofactor_, a, v, 2)
    for t in (0.5, -1.3):
        right = np.linalg.det(a + t * v) * np.linalg.inv(a + t * v).T
        found = sum(c * t**k for k, c in enumerate(curve))
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-9)


def test_a_stack_of_determinants_and_compiled_ones():
    rng = np.random.default_rng(0)
    a, v = rng.standard_normal((2, 3, 3)), rng.standard_normal((2, 3, 3))
    a[0] = np.diag([1.0, 0, 0])
    found = taylor(np.linalg.det, a, v, 3)
    compiled = jit(lambda a: taylor(np.linalg.det, a, v, 3))
    compiled.compile(a)
    for k in range(2):
        expected = polynomial_det(a[k], v[k])
        np.testing.assert_allclose([c[k] for c in found], expected, atol=1e-12)
        np.testing.assert_allclose([c[k] for c in compiled(a)], expected, atol=1e-12)


# ----- linear systems and functions of matrices -----


def test_a_system_solves_its_equation():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((4, 4)) + 4 * np.eye(4), rng.standard_normal(4)
    da, db = rng.standard_normal((4, 4)), rng.standard_normal(4)
    y = taylor(lambda p: np.linalg.solve(p[0], p[1]), (a, b), (da, db), 8)
    residuals = [a @ y[k] + (da @ y[k - 1] if k else 0) for k in range(9)]
    np.testing.assert_allclose(residuals[0], b, rtol=1e-12)
    np.testing.assert_allclose(residuals[1], db, rtol=1e-11)
    np.testing.assert_allclose(residuals[2:], np.zeros((7, 4)), atol=1e-10)


@pytest.mark.parametrize(
    "factor", [np.linalg.cholesky, lambda a: np.linalg.qr(a)[1], sl.sqrtm]
)
def test_factors_multiply_to_the_curve(factor):
    rng = np.random.default_rng(2)
    b = rng.standard_normal((3, 3))
    a, v = b @ b.T + 3 * np.eye(3), b + b.T

    def whole(a):
        r = factor(a)
        return r @ r.T if factor is np.linalg.cholesky else r.T @ r

    expected = [a, v, *[np.zeros((3, 3))] * 6]
    if factor is not np.linalg.cholesky:
        expected = taylor(lambda a: a.T @ a, a, v, 7)
    if factor is sl.sqrtm:
        expected = [a, v, *[np.zeros((3, 3))] * 6]
    np.testing.assert_allclose(taylor(whole, a, v, 7), expected, atol=1e-9)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_the_exponential_of_a_matrix(size):
    """Along A + tA it is exp(A)·exp(tA), and a large direction loses no digits."""
    a = np.array([[0.1, 0.7], [-0.4, 0.3]])
    found = taylor(lambda t: sl.expm(a + t * size * a), 0.0, 1.0, 6)
    power = np.eye(2)
    for k, c in enumerate(found):
        expected = scipy.linalg.expm(a) @ power * size**k / math.factorial(k)
        np.testing.assert_allclose(c, expected, rtol=1e-11, atol=1e-14 * size**k)
        power = power @ a


def test_logarithm_and_exponential_undo_each_other():
    rng = np.random.default_rng(4)
    a, v = np.eye(3) + 0.2 * rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    found = taylor(lambda a: sl.logm(sl.expm(a)), a, v, 4)
    np.testing.assert_allclose(found[0], a, rtol=1e-10)
    np.testing.assert_allclose(found[1], v, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found[2:], np.zeros((3, 3, 3)), atol=1e-7)


# ----- powers and kinks -----


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 64])
def test_whole_powers_at_zero(n):
    expected = [float(k == n) for k in range(9)]
    assert taylor(lambda x: x**n, 0.0, 1.0, 8) == expected
    assert taylor(lambda x: x ** float(n), 0.0, 1.0, 8) == expected


@given(st.floats(0.2, 3), st.floats(-3, 3))
def test_powers_by_their_binomial_series(x, a):
    expected = [
        x ** (a - k) * math.prod((a - j) / (j + 1) for j in range(k)) for k in range(8)
    ]
    for f in (lambda x: x**a, lambda x: x ** np.array([a, a])):
        found = taylor(f, x, 1.0, 7)
        for c, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(c, right, rtol=1e-9, atol=1e-9)


def test_an_exponent_that_moves():
    assert taylor(lambda y: 2.0**y, 0.0, 1.0, 3) == pytest.approx(
        [1, math.log(2), math.log(2) ** 2 / 2, math.log(2) ** 3 / 6]
    )
    assert taylor(lambda y: 0.0**y, 2.0, 1.0, 2) == [0.0, 0.0, 0.0]


def test_conventions_at_kinks():
    assert taylor(np.sqrt, 0.0, 1.0, 2) == [0.0, math.inf, -math.inf]
    assert taylor(np.abs, 0.0, 1.0, 2) == [0.0, 0.0, 0.0]
    assert taylor(lambda x: np.maximum(x, 0.0), 0.0, 1.0, 2) == [0.0, 0.5, 0.0]
    zero = np.zeros(2)
    assert taylor(np.linalg.norm, zero, np.ones(2), 2) == [0.0, 0.0, 0.0]


def test_a_branch_not_taken_does_not_matter():
    def f(x):
        return np.where(x > 0, np.sqrt(x), 0.0) + x

    assert taylor(f, 0.0, 1.0, 3) == [0.0, 1.0, 0.0, 0.0]
