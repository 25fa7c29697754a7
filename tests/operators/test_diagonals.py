"""Diagonals and traces equal those of the full matrices, also nested and compiled."""

import numpy as np
import pytest
from hypothesis import given

from tests.operators.random_fields import examples, fields, points
from wengert import (
    curl,
    divergence,
    grad,
    hessian,
    hessian_diagonal,
    jacobian,
    jit,
    laplacian,
)
from wengert.errors import NotScalarError, ShapeError


def energy(x):
    return np.sum(np.sin(x) * np.cumsum(x)) + x[0] * np.exp(x[1]) * x[2]


@examples(25)
@given(fields(3, 2), points(3))
def test_diagonal_and_laplacian_are_those_of_the_hessian(f, x):
    full = hessian(f)(x)
    diagonal = np.diagonal(full, axis1=-2, axis2=-1)
    assert np.allclose(hessian_diagonal(f)(x), diagonal)
    assert np.allclose(laplacian(f)(x), diagonal.sum(-1))


@examples(25)
@given(fields(3, 3), points(3))
def test_divergence_is_the_trace_of_the_jacobian(f, x):
    assert np.allclose(divergence(f)(x), np.trace(jacobian(f)(x)))


@examples(20)
@given(points(3))
def test_of_a_scalar(x):
    full = hessian(energy)(x)
    assert np.allclose(hessian_diagonal(energy)(x), np.diag(full))
    assert np.allclose(laplacian(energy)(x), np.trace(full))


@examples(20)
@given(points(3))
def test_the_divergence_of_the_gradient_is_the_laplacian(x):
    assert np.allclose(divergence(grad(energy))(x), laplacian(energy)(x))


@examples(20)
@given(points(3))
def test_a_gradient_has_no_curl_and_a_curl_no_divergence(x):
    def potential(x):
        return np.stack([x[1] ** 2 * x[2], np.sin(x[0] * x[2]), x[0] * x[1]])

    assert np.allclose(curl(grad(energy))(x), 0)
    assert np.allclose(divergence(curl(potential))(x), 0)


def test_curl_in_the_plane_is_a_scalar():
    assert curl(lambda x: np.stack([-x[1], x[0]]))(np.ones(2)) == 2


@pytest.mark.parametrize(
    "operator", [hessian_diagonal, laplacian, lambda f: divergence(grad(f))]
)
def test_under_jit_and_under_another_derivative(operator):
    x = np.array([0.3, -0.7, 1.1])
    derived = operator(energy)
    assert np.allclose(jit(derived)(x), derived(x))
    step = 1e-6 * np.array([1.0, 0, 0])
    slope = (derived(x + step) - derived(x - step)) / 2e-6
    assert np.allclose(jacobian(derived)(x)[..., 0], slope, rtol=1e-5)
    assert np.allclose(jit(jacobian(derived))(x), jacobian(derived)(x))


def test_pytrees_and_argnums():
    def f(scale, p):
        return scale * (np.sum(p["a"] ** 3) + p["b"] ** 2 * p["a"][0])

    p = {"a": np.array([1.0, 2.0]), "b": 3.0}
    diagonal = hessian_diagonal(f, argnums=1)(2.0, p)
    assert np.allclose(diagonal["a"], [12, 24])
    assert diagonal["b"] == 4.0 and type(diagonal["b"]) is float
    assert laplacian(f, argnums=1)(2.0, p) == 40.0
    assert hessian_diagonal(f)(2.0, p) == 0.0


def test_several_outputs_keep_their_structure():
    x = np.array([1.0, 2.0])
    f = lambda x: {"sum": np.sum(x**3), "each": x**2}  # noqa: E731
    assert np.allclose(laplacian(f)(x)["each"], [2, 2])
    assert laplacian(f)(x)["sum"] == 18
    assert np.allclose(hessian_diagonal(f)(x)["each"], [[2, 0], [0, 2]])


def test_numbers_in_numbers_out():
    assert laplacian(lambda x: x**3)(2.0) == 12.0
    assert type(laplacian(lambda x: x**3)(2.0)) is float
    assert type(divergence(lambda x: x**3)(2.0)) is float


def test_a_linear_function_and_no_elements():
    x = np.array([1.0, 2.0])
    assert np.array_equal(hessian_diagonal(lambda x: 3 * x)(x), np.zeros((2, 2)))
    assert laplacian(lambda x: np.sum(x) + 1)(np.zeros(0)) == 0
    assert hessian_diagonal(lambda x: np.sum(x))(np.zeros(0)).shape == (0,)


def test_what_is_no_float_is_constant():
    x = np.ones(2)
    assert laplacian(lambda x: np.argmax(x))(x) == 0
    assert laplacian(lambda x: [])(x) == [] and hessian_diagonal(lambda x: [])(x) == []


def test_refusals_say_what_to_do():
    with pytest.raises(ShapeError, match="as many components"):
        divergence(lambda x: x[0])(np.ones(2))
    with pytest.raises(ShapeError, match="curl needs a field"):
        curl(lambda x: x)(np.ones(4))
    with pytest.raises(NotScalarError, match="is complex"):
        laplacian(lambda x: np.sum(x**2))(np.ones(2) * 1j)
    with pytest.raises(NotScalarError, match="is complex"):
        hessian_diagonal(lambda x: 1j * x)(np.ones(2))
