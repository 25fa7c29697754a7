"""Linear systems: dense, sparse and by products; derivatives, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator

from tests.implicit.solving import check, laplacian
from wengert import grad, hessian, implicit, jit, scan
from wengert.errors import ArgumentError, ConvergenceError, ShapeError, SingularError
from wengert.scipy import sparse

solve = implicit.linear_solve
rng = np.random.default_rng(5)
A = rng.normal(size=(4, 4)) + 4 * np.eye(4)
b = rng.normal(size=4)
METHODS = (None, "direct", "gmres", "bicgstab", "lsqr")


@pytest.mark.parametrize("method", METHODS)
def test_dense(method):
    np.testing.assert_allclose(solve(A, b, method=method), np.linalg.solve(A, b))
    check(lambda A, b: solve(A, b, method=method), A, b)


def test_many_right_hand_sides():
    B = rng.normal(size=(4, 2))
    check(lambda A, B: solve(A, B), A, B)
    np.testing.assert_allclose(solve(A, B, method="gmres"), np.linalg.solve(A, B))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_as_numpy_does(seed, complex_):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    A, b = rng.normal(size=(n, n)) + 3 * n * np.eye(n), rng.normal(size=n)
    if complex_:
        A = A + 1j * rng.normal(size=(n, n))
    for f in (lambda A, b: np.abs(solve(A, b)).sum(),):
        got = grad(f, (0, 1))(A, b)
        expected = grad(lambda A, b: np.abs(np.linalg.solve(A, b)).sum(), (0, 1))(A, b)
        for x, y in zip(got, expected, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", [None, "cg", "minres"])
def test_symmetric(method):
    def f(L, b):
        return solve(L @ L.T + np.eye(4), b, method=method, positive_definite=True)

    check(f, A, b)
    check(lambda L, b: solve(lambda v: L @ (L.T @ v) + v, b, method=method,
                             positive_definite=True), A, b)  # fmt: skip


def test_hermitian():
    L = A + 1j * rng.normal(size=(4, 4))
    f = lambda L, b: solve(L @ L.conj().T, b, positive_definite=True)
    np.testing.assert_allclose(f(L, b), np.linalg.solve(L @ L.conj().T, b))
    check(f, L, b, order=1)


def test_callables_of_containers():
    def apply(v, A, s):
        return {"u": A @ v["u"] + s * v["w"], "w": v["w"] - v["u"].sum()}

    f = lambda A, s, b: solve(apply, {"u": b, "w": 1.0}, A, s)
    check(f, A, 0.5, b)
    check(lambda A: solve(lambda v: A @ v, b), A)  # captured


def test_operators_are_constant():
    op = LinearOperator((4, 4), matvec=lambda v: A @ v, rmatvec=lambda v: A.T @ v)
    check(lambda b: solve(op, b), b)
    blind = LinearOperator((4, 4), matvec=lambda v: A @ v)
    np.testing.assert_allclose(solve(blind, b), np.linalg.solve(A, b))
    f = lambda b, **how: solve(blind, b, **how).sum()
    np.testing.assert_allclose(grad(f)(b), np.linalg.solve(A.T, np.ones(4)))
    with pytest.raises(ArgumentError, match="rmatvec"):
        grad(lambda b: f(b, method="gmres"))(b)


def test_sparse_two_dimensional_laplacian():
    n = 100
    data, rows, cols = laplacian(n)
    h = np.sin(np.arange(n * n))

    def energy(data, b):
        K = sparse.csr_array((data, (rows, cols)), shape=(n * n, n * n))
        return h @ solve(K, b)

    f = np.ones(n * n)
    data_bar, b_bar = grad(energy, (0, 1))(data, f)
    K = scipy.sparse.csr_array((data, (rows, cols)))
    x, w = scipy.sparse.linalg.spsolve(K, f), scipy.sparse.linalg.spsolve(K.T, h)
    np.testing.assert_allclose(b_bar, w, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(data_bar, -w[rows] * x[cols], rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("method", [None, "cg", "gmres"])
def test_sparse_to_second_order(method):
    data, rows, cols = laplacian(3)
    make = lambda d: sparse.csr_array((d, (rows, cols)), shape=(9, 9))
    check(lambda d, b: solve(make(d), b, method=method), data, np.arange(9.0))
    plain = scipy.sparse.csr_array((data, (rows, cols)))
    check(lambda b: solve(plain, b, method=method), np.arange(9.0))


def test_least_squares():
    T, c = rng.normal(size=(6, 4)), rng.normal(size=6)
    f = lambda T, c: solve(T, c, method="lsqr")
    np.testing.assert_allclose(f(T, c), np.linalg.lstsq(T, c)[0])
    check(f, T, c)
    S = scipy.sparse.csr_array(T)
    np.testing.assert_allclose(solve(S, c, method="lsqr"), f(T, c))


def test_compiled_and_in_loops():
    f = lambda A, b: solve(A, b).sum()
    compiled = jit(grad(f, (0, 1)))
    for _ in range(3):
        for x, y in zip(compiled(A, b), grad(f, (0, 1))(A, b), strict=True):
            np.testing.assert_allclose(x, y)

    def loop(b):
        return scan(lambda c, _: (solve(A + c[0] * np.eye(4), c), None), b,
                    np.arange(3.0))[0].sum()  # fmt: skip

    for g in (jit(grad(loop)), grad(jit(loop))):
        for _ in range(2):
            np.testing.assert_allclose(g(b), grad(loop)(b), rtol=1e-10)
    np.testing.assert_allclose(jit(hessian(loop))(b), hessian(loop)(b), rtol=1e-9)


def test_the_factors_follow_a_matrix_that_is_written_to():
    M = A.copy()
    f = lambda b: solve(M, b).sum()
    before = grad(f)(b)
    M[0] *= 2
    np.testing.assert_allclose(grad(f)(b), np.linalg.solve(M.T, np.ones(4)))
    assert not np.allclose(before, grad(f)(b))


@pytest.mark.parametrize(
    ("error", "f"),
    [
        (SingularError, lambda: solve(np.ones((2, 2)), b[:2])),
        (SingularError, lambda: solve(np.diag([1.0, 1e-17]), b[:2])),
        (SingularError, lambda: solve(np.full((2, 2), np.nan), b[:2])),
        (SingularError, lambda: solve(scipy.sparse.csr_array(np.ones((2, 2))), b[:2])),
        (SingularError,
         lambda: solve(scipy.sparse.csr_array(np.diag([1.0, 1e-17])), b[:2])),
        (SingularError, lambda: solve(-np.eye(2), b[:2], positive_definite=True)),
        (SingularError, lambda: solve(lambda v: 0 * v, b)),
        (ConvergenceError, lambda: solve(np.ones((2, 2)), b[:2], method="gmres")),
        (ConvergenceError, lambda: solve(A, b, method=lambda matvec, b: 0 * b)),
        (ShapeError, lambda: solve(np.ones((2, 3)), b[:2])),
        (ShapeError, lambda: solve(np.ones((3, 2)), b[:3])),
        (ShapeError, lambda: solve(np.ones((2, 3)), b[:2], method="lsqr")),
        (ShapeError, lambda: solve(np.eye(3), b)),
        (ShapeError, lambda: solve(np.ones(4), b)),
        (ShapeError, lambda: solve(lambda v: v[:2], b)),
        (ArgumentError, lambda: solve(lambda v: v**3, b)),
        (ArgumentError, lambda: solve(lambda v: v + 1, b)),
        (ArgumentError, lambda: solve(A, b, method="foo")),
        (ArgumentError, lambda: solve(A, b, A)),
    ],
)  # fmt: skip
def test_refused(error, f):
    with pytest.raises(error):
        f()


def test_a_singular_matrix_is_named_with_its_condition():
    with pytest.raises(SingularError, match="A, 2 by 2, is singular: its condition"):
        grad(lambda A: solve(A, np.ones(2)).sum())(np.ones((2, 2)))
