"""Many points in one call of f; and the derivative of each element by itself."""

import numpy as np
import pytest

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric import (
    SCHEMES,
    derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
)

X = np.array([0.3, 100.0, 1e-3])
A = np.arange(6.0).reshape(2, 3)


def layer(x):
    return np.sin(x) @ A.T


def bowl(x):
    return (x[..., 0] ** 2 * x[..., 1]) * np.exp(x[..., 2])


@pytest.mark.parametrize("step", [None, 1e-3])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_as_one_point_at_a_time(scheme, step):
    for derived, f in ((jacobian, layer), (gradient, bowl), (hessian, bowl)):
        one = derived(f, X, scheme, step)
        many = derived(f, X, scheme, step, vectorized=True)
        assert many.shape == one.shape
        np.testing.assert_allclose(many, one, rtol=1e-9, atol=1e-9)
    v = np.array([1.0, -2.0, 0.5])
    one, many = (hvp(bowl, X, v, scheme, step, vectorized=k) for k in (False, True))
    np.testing.assert_allclose(many, one, rtol=1e-9, atol=1e-9)


def test_automatic_steps_are_chosen_by_component():
    found = gradient(lambda x: np.sum(x**3, axis=-1), X, step="automatic", vectorized=1)
    np.testing.assert_allclose(found, 3 * X**2, rtol=1e-5, atol=1e-5)


def test_calls_are_few_and_points_many():
    shapes = []

    def f(x):
        shapes.append(x.shape)
        return np.sum(x**2, axis=(-2, -1))

    gradient(f, np.ones((4, 5)), vectorized=True)
    # One point for the value, one for the test of independence.
    assert sorted(shapes) == [(1, 4, 5), (1, 4, 5), (20, 4, 5), (20, 4, 5)]


def test_points_may_be_written_into():
    def f(x):
        x *= x
        return x.sum(axis=-1)

    x = X.copy()
    np.testing.assert_allclose(gradient(f, x, "ridders", vectorized=True), 2 * X)
    assert np.array_equal(x, X)


def test_single_precision_stays_single():
    seen = set()

    def f(x):
        seen.add(x.dtype)
        return np.sum(x**2, axis=-1)

    found = gradient(f, X.astype(np.float32), vectorized=True)
    assert seen == {np.dtype(np.float32)} and found.dtype == np.float32


def test_functions_that_are_not_vectorised_are_refused():
    with pytest.raises(ShapeError, match="one for each point"):
        gradient(lambda x: (x**2).sum(), X, vectorized=True)
    with pytest.raises(ShapeError, match=r"points of shape \(3, 3\)"):
        jacobian(lambda x: x[:1], X, vectorized=True)
    with pytest.raises(ArgumentError, match="changes with the others"):
        jacobian(lambda x: x / x.sum(), X, vectorized=True)
    for x in ({"a": X}, {"a": X, "b": X}, X + 0j):
        with pytest.raises((ArgumentError, TypeError)):
            jacobian(lambda x: x, x, vectorized=True)


# ----- element by element -----


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_element_has_its_own_derivative(scheme):
    x = np.array([[1e-3, 0.5], [20.0, 3e3]])
    found = derivative(lambda x: x**2 + 1, x, scheme)
    assert found.value.shape == found.error.shape == x.shape
    np.testing.assert_allclose(found.value, 2 * x, rtol=1e-4, atol=1e-6)


def test_small_elements_stay_in_their_domain_beside_large_ones():
    x = np.array([1e-8, 1e-2, 4.0, 1e6])
    found = derivative(np.sqrt, x)
    np.testing.assert_allclose(found.value, 0.5 / np.sqrt(x), rtol=1e-10)


def test_trees_and_numbers():
    found = derivative(lambda t: {"a": t["a"] ** 2, "b": np.sin(t["b"])},
                       {"a": 3.0, "b": np.zeros(2)})  # fmt: skip
    assert found.value["a"] == pytest.approx(6.0)
    assert found.value["b"] == pytest.approx([1.0, 1.0])
    assert type(derivative(lambda x: x * x, 3.0).value) is float


def test_what_mixes_elements_is_refused():
    with pytest.raises(ArgumentError, match="by itself"):
        derivative(np.cumsum, X)
    with pytest.raises(ShapeError, match="one value for each number"):
        derivative(np.sum, X)
    with pytest.raises(ArgumentError, match="real x"):
        derivative(np.exp, X + 1j)
    with pytest.raises(ArgumentError, match="floating"):
        derivative(np.exp, 1)


def test_an_undefined_element_spoils_no_other():
    found = derivative(np.log, np.array([-1.0, 2.0]))
    assert np.isnan(found.value[0]) and found.error[0] == np.inf
    assert found.value[1] == pytest.approx(0.5) and found.error[1] < 1e-11
