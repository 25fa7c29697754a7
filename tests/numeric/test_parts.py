"""Columns, entries, Hessian times vector; and scalars that are NaN."""

import numpy as np
import pytest

from wengert.errors import ArgumentError, NanError, NotScalarError, ShapeError
from wengert.numeric import (
    column,
    entry,
    gradient,
    hessian,
    hessian_of_gradient,
    hvp,
    hvp_of_gradient,
    jacobian,
)

X = np.array([[0.3, -1.2], [2.0, 0.7]])


def f(x):
    return {"y": np.sin(x) @ np.array([1.0, 2.0]), "s": np.sum(x**2)}


def test_columns_and_entries_are_those_of_the_jacobian():
    whole = jacobian(f, X, "ridders")
    for j in np.ndindex(2, 2):
        found = column(f, X, j, "ridders")
        assert found["y"] == pytest.approx(whole["y"][(slice(None), *j)], abs=1e-10)
        assert found["s"] == pytest.approx(whole["s"][j], abs=1e-10)
        number = int(np.ravel_multi_index(j, (2, 2)))
        assert column(f, X, number, "ridders")["s"] == found["s"]
        # Outputs are counted through the tree, its keys sorted: s, y[0], y[1].
        assert entry(f, X, 0, j, "ridders") == pytest.approx(found["s"])
    matrix = entry(lambda x: x**2, X, (1, 0), (1, 0))
    assert matrix == pytest.approx(4.0) and np.ndim(matrix) == 0


def test_a_column_costs_one_direction():
    calls = []
    column(lambda x: calls.append(1) or x, X, 0)
    assert len(calls) == 3


@pytest.mark.parametrize("j", [4, -5, (2, 0), (0,), 1.0, True, "a", None])
def test_no_such_coordinate(j):
    with pytest.raises(ArgumentError, match="has no coordinate"):
        column(f, X, j)
    with pytest.raises(ArgumentError, match="no coordinate"):
        entry(lambda x: x, X, j, 0)


def test_columns_of_complex_numbers_are_refused():
    with pytest.raises(ArgumentError, match="real x"):
        column(np.exp, X + 0j, 0)


# ----- Hessian times vector -----

POINT = {"a": np.array([3.0, 2.0]), "b": 0.5}
DIRECTION = {"a": np.array([1.0, -1.0]), "b": 2.0}


def bowl(p):
    return p["a"][0] ** 2 * p["a"][1] + np.exp(p["b"]) * p["a"][0]


def bowl_gradient(p):
    (x, y), z = p["a"], p["b"]
    return {"a": np.array([2 * x * y + np.exp(z), x**2]), "b": np.exp(z) * x}


E5 = np.exp(0.5)
PRODUCT = {"a": np.array([4 - 6 + 2 * E5, 6.0]), "b": E5 * (1 + 2 * 3.0)}


@pytest.mark.parametrize(("scheme", "accuracy"), [("central", 1e-5), ("ridders", 1e-8)])
def test_hessian_times_vector_of_trees(scheme, accuracy):
    for found in (
        hvp(bowl, POINT, DIRECTION, scheme),
        hvp_of_gradient(bowl_gradient, POINT, DIRECTION, scheme),
    ):
        np.testing.assert_allclose(found["a"], PRODUCT["a"], atol=accuracy)
        assert type(found["b"]) in (float, np.float64)
        assert found["b"] == pytest.approx(PRODUCT["b"], abs=accuracy)


def test_a_direction_may_be_long_or_zero():
    def f(x):
        return np.sum(np.sin(x))

    x = np.array([0.3, 1.0])
    for size in (0.0, 1e-6, 1e6):
        v = size * np.array([1.0, 2.0])
        found = hvp(f, x, v, "ridders")
        np.testing.assert_allclose(found, -np.sin(x) * v, rtol=1e-7, atol=1e-12)


def test_hessian_times_vector_refusals():
    with pytest.raises(NotScalarError, match="hvp needs a scalar"):
        hvp(lambda x: x, X, X)
    with pytest.raises(ShapeError):
        hvp(np.sum, X, X[0])
    with pytest.raises(ShapeError, match="f_gradient returned"):
        hvp_of_gradient(np.sum, X, X)
    with pytest.raises(ArgumentError, match="no automatic step"):
        hvp(np.sum, X, X, step="automatic")
    with pytest.raises(ArgumentError, match="needs real x"):
        hvp_of_gradient(lambda z: z, X + 0j, X)


# ----- NaN is said, not returned -----


@pytest.mark.parametrize("derived", [gradient, hessian])
def test_a_scalar_that_is_nan_is_refused(derived):
    with pytest.raises(NanError, match=r"f\(x\) is NaN"):
        derived(lambda x: np.log(x).sum(), np.array([-1.0, 2.0]))
    with pytest.raises(NanError, match="edge of .* domain.*ridders_forward"):
        derived(lambda x: np.sqrt(x).sum(), np.array([0.0, 2.0]))


def test_beside_an_output_that_is_nan_others_have_derivatives():
    found = jacobian(lambda x: np.log(x), np.array([-1.0, 2.0]))
    assert np.isnan(found[0, 0]) and found[1, 1] == pytest.approx(0.5)
    with pytest.raises(NanError):
        hvp(lambda x: np.log(x).sum(), np.array([-1.0, 2.0]), np.ones(2))


def test_hessian_of_a_gradient_has_no_nan_to_hide():
    found = hessian_of_gradient(np.log, np.array([-1.0, 2.0]))
    assert np.isnan(found[0, 0]) and found[1, 1] == pytest.approx(0.5)
