"""Gauss–Newton products, and derivatives as linear operators of SciPy."""

import numpy as np
import pytest
from hypothesis import given
from scipy.sparse.linalg import cg, eigsh, gmres, lsmr, svds

from tests.operators.random_fields import examples, fields, points
from wengert import (
    ggn_operator,
    gnvp,
    grad,
    hessian,
    hessian_operator,
    hvp,
    jacobian,
    jacobian_operator,
    jit,
    jvp,
    scan,
)
from wengert.errors import ArgumentError, NotScalarError, ShapeError

V = np.array([0.5, -2.0, 1.0])


def loss(y):
    return np.sum(np.log1p(y**2)) + y[0] * y[1]


def energy(x):
    return np.sum(np.sin(x) * np.cumsum(x) ** 2) + np.sum(x**4) + np.sum(x**2)


@examples(25)
@given(fields(3, 4), points(3))
def test_gauss_newton_is_the_product_of_three_matrices(f, x):
    J = jacobian(f)(x)
    assert np.allclose(gnvp(f)(x, V), J.T @ (J @ V))
    H = hessian(loss)(f(x))
    assert np.allclose(gnvp(f, loss)(x, V), J.T @ (H @ (J @ V)))


@examples(20)
@given(points(3))
def test_gauss_newton_of_a_linear_model_is_the_hessian(x):
    A = np.arange(12.0).reshape(4, 3) / 10
    product = gnvp(lambda x: A @ x, loss)(x, V)
    assert np.allclose(product, hvp(lambda x: loss(A @ x))(x, V))


def test_gnvp_composes():
    f = lambda x, a: a * np.sin(x) * x[0]  # noqa: E731
    x, plain = np.array([0.3, 0.4, 0.5]), gnvp(f, loss)
    assert np.allclose(jit(plain)(x, V, 2.0), plain(x, V, 2.0))
    one = lambda t: plain(x + t * V, V, 2.0)[0]  # noqa: E731
    assert np.isclose(grad(one)(0.0), (one(1e-6) - one(-1e-6)) / 2e-6, rtol=1e-5)
    second = gnvp(lambda a, x: f(x, a), argnums=1)
    assert np.allclose(second(x, V, 2.0), gnvp(f)(x, V, 2.0))


def test_gnvp_takes_pytrees():
    model = lambda p: {"r": p["w"] * p["b"], "s": p["b"] ** 2}  # noqa: E731
    p = {"w": np.array([1.0, 2.0]), "b": 3.0}
    product = gnvp(model)(p, {"w": np.ones(2), "b": 1.0})
    assert np.allclose(product["w"], [12, 15])
    assert product["b"] == 1 * 4 + 2 * 5 + 6 * 6


def test_gnvp_refuses():
    with pytest.raises(ShapeError, match="tangent has shape"):
        gnvp(np.sin)(np.ones(2), np.ones(3))
    with pytest.raises(NotScalarError, match="complex"):
        gnvp(lambda x: 1j * x)(np.ones(2), np.ones(2))
    with pytest.raises(NotScalarError):
        gnvp(np.sin, np.sin)(np.ones(2), np.ones(2))


@examples(25)
@given(fields(3, 4), points(3))
def test_operators_are_the_matrices(f, x):
    J = jacobian(f)(x)
    A = jacobian_operator(f, x)
    assert A.shape == (4, 3)
    assert np.allclose(A @ np.eye(3), J) and np.allclose(A.H @ np.eye(4), J.T)
    G = ggn_operator(f, x, loss=loss)
    assert np.allclose(G @ np.eye(3), J.T @ hessian(loss)(f(x)) @ J)


@examples(20)
@given(points(3))
def test_the_hessian_operator_is_symmetric(x):
    A, H = hessian_operator(energy, x), hessian(energy)(x)
    assert np.allclose(A @ np.eye(3), H) and np.allclose(A.rmatmat(np.eye(3)), H)


def test_scipys_solvers_take_them():
    x, b = np.linspace(0.1, 1, 30), np.ones(30)
    H = hessian_operator(energy, x)
    dense = hessian(energy)(x)
    assert np.allclose(dense @ gmres(H, b, rtol=1e-10)[0], b)
    assert np.allclose(eigsh(H, k=2, which="LA")[0], np.linalg.eigvalsh(dense)[-2:])
    f = lambda x: np.tanh(np.cumsum(x) / 10) + x  # noqa: E731
    J = jacobian(f)(x)
    assert np.allclose(J @ lsmr(jacobian_operator(f, x), b, atol=1e-12)[0], b)
    largest = svds(jacobian_operator(f, x), k=1)[1]
    assert np.allclose(largest, np.linalg.norm(J, 2))
    step, info = cg(ggn_operator(f, x), J.T @ b, rtol=1e-12)
    assert info == 0 and np.allclose(J @ step, b, atol=1e-6)


def test_f_runs_once():
    runs = []

    def f(x):
        runs.append(1)
        return np.sin(x) * x[0]

    A = jacobian_operator(f, np.ones(3))
    A @ V, A @ V
    A.rmatvec(V), A.rmatvec(V)
    assert len(runs) == 1
    runs.clear()
    G = ggn_operator(f, np.ones(3))
    G @ np.eye(3)
    assert len(runs) == 1


def test_pytrees_are_laid_flat_leaf_by_leaf():
    p = {"a": np.ones((2, 2)), "b": 3.0}
    f = lambda p: [np.sum(p["a"]) * p["b"], p["a"][0]]  # noqa: E731
    A = jacobian_operator(f, p)
    expected = [[3, 3, 3, 3, 4], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]
    assert np.array_equal(A @ np.eye(5), expected)
    assert np.array_equal(A.rmatmat(np.eye(3)), np.transpose(expected))


def test_loops_and_later_writes_leave_the_operator_alone():
    def f(x):
        return scan(lambda c, _: (np.sin(c) * x, None), x, None, length=3)[0]

    x = np.array([0.2, 0.5])
    J, A = jacobian(f)(x), jacobian_operator(f, x)
    x[:] = 7
    assert np.allclose(A @ np.eye(2), J) and np.allclose(A.rmatmat(np.eye(2)), J.T)


def test_branches_not_taken_and_whole_numbers_do_not_matter():
    f = lambda x: [np.where(x > 0, np.sqrt(x), 0.0), np.argmax(x), 2.0]  # noqa: E731
    A = jacobian_operator(f, np.array([0.0, 4.0]))
    expected = [[0, 0], [0, 0.25], [0, 0], [0, 0]]
    assert np.array_equal(A @ np.eye(2), expected)
    assert np.array_equal(A.rmatmat(np.eye(4)), np.transpose(expected))


def test_dtype_follows_the_point():
    A = jacobian_operator(np.sin, np.ones(2, np.float32))
    assert A.dtype == np.float32 and (A @ np.ones(2)).dtype == np.float32


def test_operators_refuse():
    with pytest.raises(NotScalarError, match="complex"):
        jacobian_operator(np.sin, np.ones(2) * 1j)
    with pytest.raises(ArgumentError, match="made of numbers"):
        jvp(lambda x: jacobian_operator(np.sin, x) @ V, (V,), (V,))
    with pytest.raises(NotScalarError):
        hessian_operator(np.sin, np.ones(2))
    with pytest.raises(NotScalarError, match="vector is complex"):
        jacobian_operator(np.sin, np.ones(2)) @ np.array([1j, 1])
