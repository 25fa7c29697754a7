"""A zero cotangent stays zero: a branch that `where` did not take cannot spoil one.

At x = 0 each of these has an infinite or undefined slope in a branch not taken; the
derivative of what is taken is 0, at every order and in every mode.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wengert.operators import derivative, grad, hessian, jacfwd, jacrev, jvp, vjp

E2 = np.ones(2)


BRANCHES = {
    "sqrt": lambda x: np.sqrt(x),
    "log": lambda x: np.log(x),
    "power": lambda x: x**0.5,
    "negative power": lambda x: x**-1.5,
    "quotient": lambda x: 1 / x,
    "x log x": lambda x: x * np.log(x),
    "sin x over x": lambda x: np.sin(x) / x,
    "arctan2": lambda x: np.arctan2(x, x),
    "hypot": lambda x: np.hypot(x, x),
    "exp of 1/x": lambda x: np.exp(1 / x),
    "nested": lambda x: np.where(x > 1, np.sqrt(x), np.log(x)),
    "norm": lambda x: np.linalg.norm(x * E2),
    "root of a sum": lambda x: np.sqrt(((x * E2) ** 2).sum()),
    "mean": lambda x: np.mean(np.log(x * E2)),
    "std": lambda x: np.std(x * E2),
    "max": lambda x: np.max(1 / (x * E2)),
    "sort": lambda x: np.sort(1 / (x * E2))[0],
    "cumsum": lambda x: np.cumsum(1 / (x * E2)).sum(),
    "outer": lambda x: np.outer(np.log(x), x).sum(),
    "solve": lambda x: np.linalg.solve(np.eye(2), np.log(x) * E2).sum(),
    "dot": lambda x: np.dot(np.log(x) * E2, x * E2),
    "matmul": lambda x: (np.log(x) * E2) @ (x * E2),
    "einsum": lambda x: np.einsum("i,i", np.log(x) * E2, x * E2),
    "prod": lambda x: np.prod(np.log(x) * E2),
    "cumprod": lambda x: np.cumprod(1 / (x * E2)).sum(),
}

SECOND = {
    f"{a.__name__} of {b.__name__}": (a, b)
    for a, b in itertools.product((jacfwd, jacrev), repeat=2)
}


def untaken(name):
    return lambda x: np.where(x > 0, BRANCHES[name](x), 0.0)


pytestmark = pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")  # of f itself


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_not_taken_has_tangent_zero(name):
    for order in (1, 2, 3):
        assert derivative(untaken(name), order)(0.0) == 0.0


@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_not_taken_has_cotangent_zero(name):
    f = untaken(name)
    assert grad(f)(0.0) == 0.0
    assert vjp(f, 0.0)[1](3.0) == (0.0,)


MIXTURES = {
    f"{name}, {modes}": (name, modes)
    for name, modes in itertools.product(BRANCHES, SECOND)
}


@pytest.mark.parametrize("mixture", MIXTURES)
def test_and_second_derivatives_zero(mixture):
    name, modes = MIXTURES[mixture]
    outer, inner = SECOND[modes]
    assert outer(inner(untaken(name)))(0.0) == 0.0


@pytest.mark.parametrize("name", ["sqrt", "log", "quotient", "nested"])
def test_and_in_arrays_beside_elements_that_are_taken(name):
    f = lambda x: np.sum(untaken(name)(x))
    x = np.array([0.0, 0.49, -1.0])
    alone = grad(untaken(name))(0.49)
    np.testing.assert_allclose(grad(f)(x), [0, alone, 0], rtol=1e-14)
    np.testing.assert_allclose(np.diag(hessian(f)(x))[[0, 2]], 0)


def test_a_nan_that_is_sorted_out_leaves_no_trace():
    f = lambda x: np.sum(np.where(np.isnan(x), 0.0, x**2))
    x = np.array([np.nan, 3.0])
    np.testing.assert_array_equal(grad(f)(x), [0, 6])
    np.testing.assert_array_equal(hessian(f)(x), [[0, 0], [0, 2]])
    np.testing.assert_array_equal(jacfwd(f)(x), [0, 6])


def test_a_factor_of_zero_after_a_mask():
    f = lambda x: np.sum(np.sqrt(x) * (x > 0.5))
    np.testing.assert_array_equal(grad(f)(np.array([0.0, 1.0])), [0, 0.5])


def test_elements_that_are_not_read_do_not_count():
    f = lambda x: np.sum(np.sqrt(x)[x > 0])
    np.testing.assert_array_equal(grad(f)(np.array([0.0, 1.0])), [0, 0.5])


def test_a_true_infinity_is_not_hidden():
    assert grad(np.sqrt)(0.0) == np.inf
    assert jvp(np.sqrt, (0.0,), (1.0,))[1] == np.inf
    assert np.isnan(grad(lambda x: np.sqrt(x) - np.sqrt(x))(0.0))
    assert np.isnan(grad(lambda x: x * np.nan)(0.0))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 0.0, 1.0, 2.0, 3.0, np.int64(2)])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_whole_powers_at_zero(n, order):
    f = lambda x: x**n
    exact = np.prod([float(n) - k for k in range(order)]) if order == n else 0.0
    nested = f
    for _ in range(order):
        nested = grad(nested)
    assert derivative(f, order)(0.0) == exact
    assert nested(0.0) == exact
