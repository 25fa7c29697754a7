"""Gradients, Jacobians and Hessians of any shape by any shape."""

import numpy as np
import pytest

from wengert.errors import ArgumentError, NotScalarError, ShapeError
from wengert.numeric import (
    SCHEMES,
    gradient,
    hessian,
    hessian_of_gradient,
    jacobian,
)

rng = np.random.default_rng(0)


def test_gradients_of_the_lectures():
    def t1(x):
        return np.log(x[0]) + x[0] * x[1] - np.sin(x[1])

    def t2(x):
        a, b = x[0] / x[1], np.exp(x[1])
        return (np.sin(a) + a - b) * (a - b)

    assert gradient(t1, np.array([2.0, 5.0])) == pytest.approx(
        [5.5, 2 - np.cos(5.0)], rel=1e-8
    )
    assert gradient(t2, np.array([1.5, 0.5]), "complex") == pytest.approx(
        [3.0118, -13.7239], abs=1e-3
    )
    assert gradient(lambda x: (x**2 + 1) ** 2, 1.0) == pytest.approx(8.0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradient_schemes_agree(scheme):
    x = rng.normal(size=(2, 3))
    found = gradient(lambda x: np.sum(np.sin(x) * x), x, scheme)
    assert found.shape == x.shape
    assert found == pytest.approx(np.cos(x) * x + np.sin(x), abs=1e-6)


@pytest.mark.parametrize("step", [None, 1e-4, "automatic"])
def test_gradient_steps(step):
    x = rng.normal(size=4)
    assert gradient(lambda x: np.sum(x**3), x, step=step) == pytest.approx(
        3 * x**2, rel=1e-5, abs=1e-6
    )


def test_gradient_has_the_form_of_the_argument():
    assert type(gradient(lambda x: x * x, 3.0)) is float
    assert gradient(np.sin, np.float32(1.0)).dtype == np.float32
    x = {"a": np.ones(2, np.float32), "b": (2.0, np.ones((1, 2)))}

    def f(x):
        return np.sum(x["a"]) * x["b"][0] + np.sum(x["b"][1]) ** 2

    found = gradient(f, x)
    assert found["a"].dtype == np.float32
    assert found["a"] == pytest.approx([2.0, 2.0], rel=1e-3)
    assert type(found["b"][0]) is float
    assert found["b"][0] == pytest.approx(2.0, rel=1e-3)
    assert found["b"][1] == pytest.approx(np.full((1, 2), 4.0), rel=1e-3)


SHAPES = [(), (3,), (2, 3), (1, 2, 2), (0,)]


@pytest.mark.parametrize("m", SHAPES)
@pytest.mark.parametrize("n", SHAPES)
def test_any_shape_by_any_shape(m, n):
    A, x = rng.normal(size=m + n), rng.normal(size=n)

    def f(x):
        return np.sum(A * np.sin(x), axis=tuple(range(len(m), len(m) + len(n))))

    found = jacobian(f, x)
    assert found.shape == m + n
    assert found == pytest.approx(A * np.cos(x), abs=1e-8)


def test_jacobian_of_trees():
    def f(x):
        return x["a"] ** 2 * x["b"], [np.sum(x["a"])]

    a, b = rng.normal(size=3), 2.0
    found = jacobian(f, {"a": a, "b": b})
    assert found[0]["a"] == pytest.approx(np.diag(2 * a * b), abs=1e-7)
    assert found[0]["b"] == pytest.approx(a**2, abs=1e-7)
    assert found[1][0]["a"] == pytest.approx(np.ones(3))
    assert found[1][0]["b"] == pytest.approx(0.0)


def test_jacobian_of_a_layer():
    # f = tanh(Ax + b): ∂f/∂b = diag(1 − tanh² z), ∂f/∂A has rows of xᵀ.
    A, b, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    by_A, by_b = jacobian(lambda p: np.tanh(p[0] @ x + p[1]), (A, b))
    slope = 1 - np.tanh(A @ x + b) ** 2
    assert by_b == pytest.approx(np.diag(slope), abs=1e-8)
    expected = np.einsum("i,ij,k->ijk", slope, np.eye(2), x)
    assert by_A.shape == (2, 2, 3)
    assert by_A == pytest.approx(expected, abs=1e-8)


def test_jacobian_in_single_precision():
    x = rng.normal(size=3).astype(np.float32)
    found = jacobian(np.sin, x)
    assert found.dtype == np.float32
    assert found == pytest.approx(np.diag(np.cos(x)), abs=1e-3)


def test_complex_gradient_of_a_real_function():
    z = rng.normal(size=3) + 1j * rng.normal(size=3)
    found = gradient(lambda z: np.sum(np.abs(z) ** 2), z)
    # ∂f/∂x − i ∂f/∂y of x² + y².
    assert found == pytest.approx(2 * np.conj(z), rel=1e-7)
    assert gradient(lambda z: z.imag, 1 + 2j) == pytest.approx(-1j)


def test_holomorphic_derivatives():
    z = rng.normal(size=3) + 1j * rng.normal(size=3)
    found = jacobian(np.exp, z, holomorphic=True)
    assert found == pytest.approx(np.diag(np.exp(z)), rel=1e-7)
    found = gradient(lambda z: np.sum(z**3), z, "ridders", holomorphic=True)
    assert found == pytest.approx(3 * z**2, rel=1e-10)


def test_real_argument_complex_output():
    found = jacobian(lambda x: np.exp(1j * x), np.array([0.5, 1.0]))
    assert found == pytest.approx(np.diag(1j * np.exp(1j * np.array([0.5, 1.0]))))


def test_mixed_real_and_complex_leaves():
    def f(p):
        return p["x"] * np.abs(p["z"]) ** 2

    found = gradient(f, {"x": 3.0, "z": 1 + 2j})
    assert type(found["x"]) is float and found["x"] == pytest.approx(5.0)
    assert found["z"] == pytest.approx(3.0 * 2 * (1 - 2j))


def test_complex_refusals():
    z = np.array([1 + 1j, 2 - 1j])
    with pytest.raises(ArgumentError, match="holomorphic=True if it is"):
        jacobian(np.exp, z)
    with pytest.raises(ArgumentError, match="not holomorphic in x"):
        jacobian(np.conj, z, holomorphic=True)
    with pytest.raises(ArgumentError, match="not holomorphic in x"):
        jacobian(np.abs, z, holomorphic=True)
    with pytest.raises(ArgumentError, match="needs complex x"):
        jacobian(np.exp, z.real, holomorphic=True)
    with pytest.raises(ArgumentError, match="needs real x"):
        jacobian(np.abs, z, "complex")
    with pytest.raises(ArgumentError, match="complex number for real x"):
        gradient(lambda x: x * 1j, 1.0)
    with pytest.raises(ArgumentError, match="needs real x"):
        hessian(lambda z: np.sum(np.abs(z)), z)


def test_gradient_needs_a_scalar():
    with pytest.raises(NotScalarError, match=r"shape \(3,\).*jacobian"):
        gradient(np.sin, np.ones(3))
    with pytest.raises(NotScalarError):
        gradient(lambda x: (x, x), 1.0)


def test_integers_are_refused():
    for derivative in (gradient, jacobian, hessian):
        with pytest.raises(ArgumentError, match="floating"):
            derivative(np.sum, np.arange(3))


# ----- second derivatives -----


def quadratic(n):
    A = rng.normal(size=(n, n))
    return A, lambda x: x @ A @ x


@pytest.mark.parametrize(
    ("scheme", "accuracy"),
    [
        ("forward", 1e-3),
        ("backward2", 1e-3),
        ("central", 1e-5),
        ("central4", 1e-7),
        ("complex", 1e-8),
        ("ridders", 1e-8),
        ("ridders_forward", 1e-6),
    ],
)
def test_hessian_schemes(scheme, accuracy):
    x = np.array([0.3, -0.7, 1.1])

    def f(x):
        return np.exp(x[0] * x[1]) + np.sin(x[2]) * x[0]

    e = np.exp(x[0] * x[1])
    expected = np.array(
        [
            [x[1] ** 2 * e, (1 + x[0] * x[1]) * e, np.cos(x[2])],
            [(1 + x[0] * x[1]) * e, x[0] ** 2 * e, 0.0],
            [np.cos(x[2]), 0.0, -x[0] * np.sin(x[2])],
        ]
    )
    found = hessian(f, x, scheme)
    assert found == pytest.approx(expected, abs=accuracy)
    assert np.array_equal(found, found.T)


def test_hessian_of_a_quadratic_form():
    A, f = quadratic(4)
    assert hessian(f, rng.normal(size=4)) == pytest.approx(A + A.T, abs=1e-5)


def test_hessian_of_any_shape():
    x = rng.normal(size=(2, 2))
    found = hessian(lambda x: x**3, x)
    assert found.shape == (2, 2, 2, 2, 2, 2)
    flat = found.reshape(4, 4, 4)
    expected = np.zeros((4, 4, 4))
    expected[range(4), range(4), range(4)] = 6 * x.reshape(-1)
    assert flat == pytest.approx(expected, abs=1e-4)
    assert float(hessian(np.sin, 1.0, "ridders")) == pytest.approx(-np.sin(1.0))


def test_hessian_of_trees():
    def f(p):
        return p["a"] @ p["a"] * p["b"]

    p = {"a": np.array([1.0, 2.0]), "b": 3.0}
    found = hessian(f, p, "central4")
    assert found["a"]["a"] == pytest.approx(6 * np.eye(2), abs=1e-6)
    assert found["a"]["b"] == pytest.approx(2 * p["a"], abs=1e-6)
    assert found["b"]["a"] == pytest.approx(2 * p["a"], abs=1e-6)
    assert found["b"]["b"] == pytest.approx(0.0, abs=1e-6)


def test_hessian_of_large_arguments():
    x = np.array([1e5, 2e5])
    found = hessian(lambda x: x[0] ** 2 * x[1], x)
    expected = np.array([[2 * x[1], 2 * x[0]], [2 * x[0], 0.0]])
    assert found == pytest.approx(expected, rel=1e-5, abs=1.0)


def test_hessian_of_gradient_is_symmetric_and_better():
    A, _ = quadratic(3)
    x = rng.normal(size=3)

    def f_gradient(x):
        return (A + A.T) @ x + np.cos(x)

    found = hessian_of_gradient(f_gradient, x)
    assert np.array_equal(found, found.T)
    assert found == pytest.approx(A + A.T - np.diag(np.sin(x)), abs=1e-8)


def test_hessian_of_gradient_of_trees():
    def f_gradient(p):
        return {"a": 2 * p["a"] * p["b"], "b": p["a"] @ p["a"]}

    p = {"a": np.array([1.0, 2.0]), "b": np.array(3.0)}
    found = hessian_of_gradient(f_gradient, p)
    assert found["a"]["a"] == pytest.approx(6 * np.eye(2), abs=1e-7)
    assert found["a"]["b"] == pytest.approx(2 * p["a"], abs=1e-7)
    assert found["b"]["b"] == pytest.approx(0.0, abs=1e-7)


def test_hessian_refusals():
    with pytest.raises(ShapeError, match="f_gradient returned shape"):
        hessian_of_gradient(np.sum, np.ones(3))
    with pytest.raises(ArgumentError, match="real x"):
        hessian_of_gradient(np.conj, np.ones(3) + 0j)
    with pytest.raises(ArgumentError, match="no automatic step"):
        hessian(np.sum, np.ones(2), step="automatic")
    with pytest.raises(ArgumentError, match="step must be"):
        hessian(np.sum, np.ones(2), step=0.0)


def test_complex_step_where_an_output_depends_on_one_leaf_only():
    f = lambda p: (p[0] * 2, p[1] * 3)
    assert jacobian(f, (1.0, 2.0), "complex") == ((2.0, 0.0), (0.0, 3.0))
