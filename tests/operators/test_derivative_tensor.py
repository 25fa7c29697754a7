"""derivative_tensor: all derivatives of one order, against nested Jacobians."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import derivative_tensor, grad, hessian, jacobian, jit
from wengert.errors import ArgumentError


def rational(x):
    return np.sin(x[0] * x[1]) / (2 + x[-1] ** 2)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_nested_jacobians_agree(order):
    x = np.array([0.3, -0.7, 1.1])
    nested = rational
    for _ in range(order):
        nested = jacobian(nested)
    tensor = derivative_tensor(rational, x, order)
    np.testing.assert_allclose(tensor, nested(x), rtol=1e-9, atol=1e-11)
    for axes in itertools.permutations(range(order)):
        np.testing.assert_array_equal(tensor, tensor.transpose(axes))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 10**6))
def test_monomials_are_exact(n, order, seed):
    """Of a polynomial of that degree, the tensor is its coefficients."""
    rng = np.random.default_rng(seed)
    t = rng.integers(-3, 4, (n,) * order).astype(float)
    symmetric = sum(t.transpose(p) for p in itertools.permutations(range(order)))

    def f(x):
        y = t
        for _ in range(order):
            y = y @ x
        return y

    tensor = derivative_tensor(f, rng.uniform(-1, 1, n), order)
    np.testing.assert_allclose(tensor, symmetric, rtol=1e-9, atol=1e-9)


def test_shapes():
    x = np.arange(4.0).reshape(2, 2) / 7

    def f(x):
        return np.stack([np.sum(np.exp(x)), x[0, 0] * x[1, 1], 0 * x[0, 0]])

    tensor = derivative_tensor(f, x, 2)
    assert tensor.shape == (3, 2, 2, 2, 2)
    np.testing.assert_allclose(tensor, jacobian(jacobian(f))(x), atol=1e-12)


def test_containers():
    x = {"a": 2.0, "b": np.array([1.0, 3.0])}

    def f(p):
        return p["a"] ** 2 * p["b"][0] * p["b"][1]

    ours, theirs = derivative_tensor(f, x, 2), hessian(f)(x)
    for row, column in itertools.product("ab", "ab"):
        np.testing.assert_allclose(ours[row][column], theirs[row][column])


def test_low_orders_and_no_elements():
    assert derivative_tensor(lambda x: x**3, 2.0, 0) == 8.0
    third = derivative_tensor(lambda x: x**3, 2.0, 3)
    assert third == 6.0
    assert type(third) is float
    assert derivative_tensor(lambda x: x, np.zeros(0), 2).shape == (0, 0, 0)
    assert derivative_tensor(lambda x, a: a * x, 2.0, 1, 5.0) == 5.0


def test_compositions():
    x = np.array([0.4, 0.9])
    compiled = jit(lambda x: derivative_tensor(rational, x, 3))
    compiled.compile(x)
    tensor = derivative_tensor(rational, x, 3)
    np.testing.assert_allclose(compiled(x), tensor, rtol=1e-12)
    slope = grad(lambda x: derivative_tensor(rational, x, 2)[0, 1])(x)
    np.testing.assert_allclose(slope, tensor[0, 1], rtol=1e-9)


def test_refusals():
    with pytest.raises(ArgumentError, match="whole number"):
        derivative_tensor(rational, np.ones(2), -1)
    with pytest.raises(ArgumentError, match="astype"):
        derivative_tensor(rational, np.ones(2, int), 1)
