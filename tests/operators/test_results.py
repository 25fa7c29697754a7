"""Results are the caller's own: of the argument's kind, contiguous and unshared."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.cases import CASES
from wengert import tree
from wengert.operators import (
    derivative,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)

X = np.array([0.7, 1.3, 0.4])


# ----- kinds -----

SCALARS = {
    "float": 3.0,
    "int": 3,
    "np.float64": np.float64(3),
    "np.float32": np.float32(3),
    "np.float16": np.float16(3),
    "np.longdouble": np.longdouble(3),
    "0-d array": np.array(3.0),
    "0-d array f4": np.array(3.0, np.float32),
}


def kind(x):
    return type(x), getattr(x, "dtype", None), getattr(x, "shape", None)


@pytest.mark.parametrize("name", SCALARS)
def test_a_gradient_is_of_the_kind_of_its_argument(name):
    x = SCALARS[name]
    expected = kind(1.0) if name == "int" else kind(x)
    square = lambda x: x**2
    assert kind(grad(square)(x)) == expected
    assert kind(value_and_grad(square)(x)[1]) == expected
    assert kind(elementwise_grad(square)(x)) == expected
    assert kind(vjp(square, x)[1](1.0)[0]) == expected
    assert grad(square)(x) == 6


@pytest.mark.parametrize(
    "f",
    [lambda x: x[()] ** 2, lambda x: x[None][0] ** 2, lambda x: x.reshape(1)[0] ** 2],
)
def test_a_gradient_by_way_of_indices_is_of_the_kind_of_its_argument(f):
    assert type(grad(f)(np.float64(3.0))) is np.float64


@pytest.mark.parametrize("name", ["float", "int"])
def test_of_python_numbers_every_result_is_a_float(name):
    x = SCALARS[name]
    square = lambda x: x**2
    results = [
        grad(square)(x),
        *value_and_grad(square)(x),
        *jvp(square, (x,), (1,)),
        vjp(square, x)[0],
        jacfwd(square)(x),
        jacrev(square)(x),
        hessian(square)(x),
        hvp(square)(x, 1.0),
        derivative(square, 2)(x),
    ]
    assert {type(r) for r in results} == {float}


def test_of_python_numbers_every_result_is_a_float_after_where():
    f = lambda x: np.where(x > 0, x**2, 0.0)
    results = [*value_and_grad(f)(3.0), *jvp(f, (3.0,), (1.0,)), derivative(f)(3.0)]
    assert {type(r) for r in results} == {float}


def test_a_float_in_a_tree_gives_a_float_in_a_jacobian():
    p = {"a": 2.0, "b": X}
    f = lambda p: p["a"] * p["b"].sum()
    assert type(jacrev(f)(p)["a"]) is type(grad(f)(p)["a"]) is float


def test_a_jacobian_by_a_numpy_scalar_is_one():
    assert type(jacfwd(lambda x: x**2)(np.float64(3.0))) is np.float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtypes_are_numpys_own(dtype):
    x = X.astype(dtype)
    f = lambda x: (np.sin(x) * 2 + x.mean() ** 2 / 3).sum()
    assert grad(f)(x).dtype == dtype
    assert value_and_grad(f)(x)[0].dtype == dtype
    assert [part.dtype for part in jvp(f, (x,), (x,))] == [dtype, dtype]
    assert jacfwd(f)(x).dtype == jacrev(f)(x).dtype == hessian(f)(x).dtype == dtype


def test_mixed_dtypes_come_back_as_they_went_in():
    single, double = X.astype(np.float32), X * 2
    f = lambda a, b: (a * b).sum() + a[0] ** 2
    a_bar, b_bar = grad(f, (0, 1))(single, double)
    assert (a_bar.dtype, b_bar.dtype) == (np.float32, np.float64)
    assert jvp(f, (single, double), (single, double))[1].dtype == np.float64


def test_integer_outputs_have_zero_tangents_of_their_dtype():
    y, y_dot = jvp(lambda x: (x * 2, np.argmax(x)), (X,), (X,))
    assert y[1] == 1 and y_dot[1] == 0
    (x_bar,) = vjp(lambda x: (x * 2, np.argmax(x)), X)[1]((np.ones(3), 0))
    np.testing.assert_array_equal(x_bar, [2, 2, 2])


# ----- layouts -----

INPUTS = {
    "Fortran order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "transposed": np.arange(6.0).reshape(3, 2).T,
    "negative strides": np.arange(6.0).reshape(2, 3)[::-1, ::-1],
    "every second": np.arange(12.0).reshape(2, 6)[:, ::2],
    "read-only": np.broadcast_to(np.arange(3.0), (2, 3)),
    "empty": np.zeros((0, 3)),
    "0-d": np.array(2.0),
    "one element": np.ones((1, 1)),
    "big-endian": np.arange(3, dtype=">f8"),
}
FUNCTIONS = {
    "identity": lambda x: x,
    "transpose": lambda x: x.T,
    "ravel": lambda x: np.ravel(x),
    "a view": lambda x: x[..., ::-1] if x.ndim else x,
    "twice": lambda x: (x, x),
    "sum with itself": lambda x: x + x.T.T,
    "times a constant": lambda x: x * 3.0,
    "exp": lambda x: np.exp(x),
    "constant": lambda x: np.ones(2),
    "broadcast": lambda x: np.broadcast_to(x, (2, *x.shape)),
}


def owned(results, others):
    """Say why results are not the caller's own."""
    arrays = [r for r in tree.flatten(results)[0] if isinstance(r, np.ndarray)]
    for r in arrays:
        if not r.flags.c_contiguous or not r.flags.writeable:
            yield f"flags {r.flags}"
        if any(np.shares_memory(r, other) for other in others):
            yield "shares memory with what the caller holds"
    for r, s in itertools.combinations(arrays, 2):
        if np.shares_memory(r, s):
            yield "shares memory with another result"


@pytest.mark.parametrize("layout", INPUTS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_the_callers_own(layout, name):
    x, f = INPUTS[layout], FUNCTIONS[name]
    before = x.copy()
    scalar = lambda x: sum(np.sum(y**2) for y in tree.flatten(f(x))[0])
    y, pullback = vjp(f, x)
    seeds = tree.map_leaves(np.ones_like, y)
    x_bars = pullback(seeds)
    held = [x, *tree.flatten(seeds)[0]]
    assert list(owned([grad(scalar)(x), hessian(scalar)(x)], held)) == []
    assert list(owned([x_bars, pullback(seeds)], held)) == []
    tangent = np.ones(x.shape)
    assert list(owned(jvp(f, (x,), (tangent,))[1], [x, tangent])) == []
    assert list(owned([jacfwd(f)(x), jacrev(f)(x)], held)) == []
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", ["identity", "transpose", "a view", "twice"])
def test_values_are_the_callers_own(name):
    x = np.arange(6.0).reshape(2, 3)
    y, _ = jvp(FUNCTIONS[name], (x,), (x.copy(),))
    z, _ = vjp(FUNCTIONS[name], x)
    assert not list(owned(y, [x])) and not list(owned(z, [x]))


def is_floating(arg):
    leaves = tree.flatten(arg)[0]
    return all(np.asarray(leaf).dtype.kind == "f" for leaf in leaves)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gradients_of_the_corpus_are_the_callers_own(case):
    leaves, _ = tree.flatten(case.args)
    inputs = [leaf for leaf in leaves if isinstance(leaf, np.ndarray)]
    before = [leaf.copy() for leaf in inputs]
    floating = [i for i, arg in enumerate(case.args) if is_floating(arg)]
    f = lambda *args: sum(np.sum(y) for y in tree.flatten(case.f(*args))[0])
    gradient = grad(f, floating)(*case.args)
    assert list(owned(gradient, inputs)) == []
    for i, part in zip(floating, gradient, strict=True):
        likes, structure = tree.flatten(case.args[i])
        parts, found = tree.flatten(part)
        assert found == structure
        assert [np.shape(p) for p in parts] == [np.shape(v) for v in likes]
        for p in parts:
            np.asarray(p)[...] = np.nan
    for leaf, was in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(leaf, was)


@pytest.mark.parametrize("n", [0, 1])
def test_empty_arrays(n):
    x = np.zeros((n, 3))
    assert grad(lambda x: (x**2).sum())(x).shape == (n, 3)
    assert grad(lambda x: 1.0)(x).shape == (n, 3)
    assert hessian(lambda x: (x**2).sum())(x).shape == (n, 3, n, 3)
    assert jacfwd(lambda x: x.sum(0))(x).shape == (3, n, 3)
    assert jacrev(lambda x: np.zeros(0))(x).shape == (0, n, 3)
    assert jvp(lambda x: x[:0], (x,), (x,))[1].shape == (0, 3)
    assert grad(lambda t: 1.0)({}) == {}
