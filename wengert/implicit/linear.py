"""Linear systems: dense, sparse, or known by their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse.linalg
from scipy.sparse.linalg import LinearOperator

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.implicit.answers import answer
from wengert.implicit.captures import Captures
from wengert.implicit.linear_solvers import solver_of
from wengert.implicit.solvers import METHODS, Dense, Map, Solver, SparseFactors
from wengert.implicit.systems import System, solve
from wengert.implicit.vectors import Form
from wengert.operators.jacobian import jacobian
from wengert.operators.primitive import primitive
from wengert.operators.products import vjp
from wengert.primitives.scipy_sparse.products import assembled, sparse_matmul
from wengert.scipy.sparse.entries import entries_of, is_sparse
from wengert.trace.tracer import Tracer

__all__ = ["linear_solve"]

_NAME = "linear_solve"


def linear_solve(
    A: Any,
    b: Any,
    *theta: Any,
    method: str | Callable[..., Any] | None = None,
    symmetric: bool = False,
    positive_definite: bool = False,
    tol: float | None = None,
) -> Any:
    """Solve A x = b for x, differentiable in A and b.

    Parameters
    ----------
    A : array (n, n), sparse matrix, callable or LinearOperator
        A sparse matrix of `wengert.scipy.sparse` may have traced entries, and the
        derivative is in these. A callable `(v, *theta) → A v` is linear in the pytree
        v; the derivative is in theta and in what it captures. A LinearOperator of SciPy
        is constant.
    b : array (n,) or (n, k); for a callable, a pytree
        The right-hand side.
    *theta
        Parameters of a callable.
    method : str or callable, optional
        "direct", an iteration "cg", "minres", "gmres", "bicgstab" or "lsqr", or a
        function `(matvec, b) → x`. Default: "direct" for arrays and sparse matrices and
        up to 200 unknowns; beyond, "cg", "minres" or "gmres" by what is known of A.
        "lsqr" solves m equations for n ≤ m unknowns in the sense of least squares.
    symmetric, positive_definite : bool
        What is known of A (positive definite: symmetric, or Hermitian, too).
    tol : float, optional
        The residual that an iteration may leave, relative to b: 1e-6.

    Returns
    -------
    array, or pytree like b

    Raises
    ------
    SingularError
        If A is singular, or nearly so; by name and condition number.
    ConvergenceError
        If an iteration does not converge.
    ShapeError
        If A is not square, or b does not fit.

    Notes
    -----
    Cost: of a derivative, one more system with A or its transpose, which uses the same
    factors. A itself is never inverted, nor is its derivative made: only products.

    References
    ----------
    M. Giles (2008), "Collected matrix derivative results for forward and reverse mode
    algorithmic differentiation".

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad, implicit
    >>> A = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> grad(lambda b: implicit.linear_solve(A, b).sum())(np.ones(2))
    array([0.4, 0.2])
    """
    known = _Known(method, symmetric or positive_definite, positive_definite, tol)
    if isinstance(A, LinearOperator):
        A = _of_operator(A, known.symmetric)
    if callable(A) and not isinstance(A, Tracer | np.ndarray) and not is_sparse(A):
        return _by_products(A, b, theta, known)
    if theta:
        raise ArgumentError(
            f"{_NAME}: theta are the parameters of a callable A (at {user_source()})."
        )
    matrix: _Matrix = _Sparse(A) if is_sparse(A) else _Array(A)
    return _by_entries(matrix, b, known)


class _Known:
    """How to solve, and what is known of the matrix."""

    def __init__(
        self, method: Any, symmetric: bool, positive: bool, tol: float | None
    ) -> None:
        if not (method in (None, "direct", *METHODS) or callable(method)):
            listed = ", ".join(f'"{m}"' for m in ("direct", *METHODS))
            raise ArgumentError(
                f"{_NAME}: method={method!r}; it is one of {listed}, or a function "
                "(matvec, b) → x."
            )
        self.method = method
        self.symmetric, self.positive, self.tol = symmetric, positive, tol

    def solver(self, map: Map, matrix: Callable[[], Any]) -> Solver:
        """Make the solver of a matrix that is known by its products."""
        choice = "dense" if self.method == "direct" else self.method
        return solver_of(
            choice, "A", map, matrix, self.symmetric, self.positive, self.tol
        )


# ----- by entries -----


class _Matrix:
    """A matrix whose entries are known: parameters, shape, products and factors."""

    p: list[Any]
    shape: tuple[int, ...]
    dtype: Any

    def plain(self, p: Sequence[Any]) -> Any:
        """Make SciPy's or NumPy's matrix of plain parameters."""
        raise NotImplementedError

    def apply(self, p: Sequence[Any], v: Any) -> Any:
        """Multiply, differentiably."""
        raise NotImplementedError

    def transposed(self, p: Sequence[Any], v: Any) -> Any:
        """Multiply by the transpose, differentiably."""
        raise NotImplementedError

    def factors(self, p: Sequence[Any], positive: bool) -> Solver:
        """Make the direct solver."""
        raise NotImplementedError

    def convert(self, dtype: Any) -> None:
        """Take another dtype."""
        if self.dtype != dtype:
            self.p[0], self.dtype = self.p[0].astype(dtype), dtype


class _Array(_Matrix):
    def __init__(self, a: Any) -> None:
        a = a if isinstance(a, Tracer) else np.asarray(a)
        if a.ndim != 2:
            raise ShapeError(
                f"{_NAME}: A has the shape {a.shape} and is no matrix (at "
                f"{user_source()})."
            )
        self.p, self.shape, self.dtype = [a], a.shape, a.dtype

    def plain(self, p: Sequence[Any]) -> Any:
        return p[0]

    def apply(self, p: Sequence[Any], v: Any) -> Any:
        return p[0] @ v

    def transposed(self, p: Sequence[Any], v: Any) -> Any:
        return p[0].T @ v

    def factors(self, p: Sequence[Any], positive: bool) -> Solver:
        return Dense("A", p[0], positive)


class _Sparse(_Matrix):
    def __init__(self, a: Any) -> None:
        entries = entries_of(a)
        self.p = [entries.data, entries.rows, entries.cols]
        self.shape, self.dtype = entries.shape, entries.dtype

    def plain(self, p: Sequence[Any]) -> Any:
        return assembled(p[0], p[1], p[2], self.shape)

    def apply(self, p: Sequence[Any], v: Any) -> Any:
        return _columns(p[0], p[1], p[2], v, self.shape)

    def transposed(self, p: Sequence[Any], v: Any) -> Any:
        return _columns(p[0], p[2], p[1], v, self.shape[::-1])

    def factors(self, p: Sequence[Any], positive: bool) -> Solver:  # noqa: ARG002
        return SparseFactors("A", self.plain(p))


def _columns(data: Any, rows: Any, cols: Any, v: Any, shape: tuple[int, ...]) -> Any:
    if v.ndim == 2:
        return sparse_matmul(data, rows, cols, v, shape=shape)
    return sparse_matmul(data, rows, cols, v[:, None], shape=shape)[:, 0]


def _by_entries(matrix: _Matrix, b: Any, known: _Known) -> Any:
    b = b if isinstance(b, Tracer) else np.asarray(b)
    m, n = matrix.shape
    if m != n and not (known.method == "lsqr" and m > n):
        raise ShapeError(
            f"{_NAME}: A is {m} by {n}, and a square one is needed (at "
            f"{user_source()})."
            + (' For least squares, say method="lsqr".' if m > n else "")
        )
    if b.ndim not in (1, 2) or b.shape[0] != m:
        raise ShapeError(
            f"{_NAME}: A is {m} by {n}, but b has the shape {b.shape} (at "
            f"{user_source()}). b needs {m} rows."
        )
    dtype = np.result_type(matrix.dtype, b.dtype, np.float32)
    matrix.convert(dtype)
    b = b if b.dtype == dtype else b.astype(dtype)
    if m != n:
        return _least_squares(matrix, b, known)

    def solver(p: Sequence[Any]) -> Solver:
        if known.method in (None, "direct"):
            return matrix.factors(p, known.positive)
        plain = matrix.plain(p)
        map = Map(n, dtype, lambda v: plain @ v, lambda v: plain.T @ v)
        return known.solver(map, lambda: plain)

    return solve(System(_NAME, matrix.apply, matrix.transposed, solver), matrix.p, b)


def _least_squares(matrix: _Matrix, b: Any, known: _Known) -> Any:
    """Minimise ‖A x − b‖: then Aᵀ(A x − b) = 0, of which the theorem takes care."""
    if b.ndim != 1 or b.dtype.kind == "c":
        raise ShapeError(
            f'{_NAME}: method="lsqr" needs one real right-hand side, not '
            f"{b.dtype} {b.shape} (at {user_source()}). Take the columns one by one."
        )

    def residual(_: Any, x: Any, inputs: Any) -> Any:
        p, b = inputs
        return matrix.transposed(p, matrix.apply(p, x) - b)

    def find(_: Any, x: Any, inputs: Any, __: Any) -> Any:
        p, b = inputs
        return scipy.sparse.linalg.lsqr(
            matrix.plain(p), b, atol=1e-15, btol=1e-15, iter_lim=50 * x.size
        )[0].astype(x.dtype)

    x0 = np.zeros(matrix.shape[1], b.dtype)
    return answer(_NAME, (), residual, find, x0, (matrix.p, b), None, known.tol, True)


# ----- by products -----


def _by_products(A: Callable[..., Any], b: Any, theta: Any, known: _Known) -> Any:
    form = Form(_NAME, "b", b)
    captures = Captures((A,))
    p, structure = tree.flatten((theta, captures.release()))

    def apply(p: Sequence[Any], v: Any) -> Any:
        theta, captured = tree.unflatten(structure, p)
        (product,) = captures.bind(captured)
        return form.vector(product(form.tree(v), *theta), "the output of A")

    def transposed(p: Sequence[Any], v: Any) -> Any:
        if known.symmetric:
            return apply(p, v)
        zeros = np.zeros(form.size, form.dtype)
        return vjp(lambda u: apply(p, u), zeros)[1](v)[0]

    def solver(p: Sequence[Any]) -> Solver:
        zeros = np.zeros(form.size, form.dtype)
        if np.any(apply(p, zeros)):
            raise _nonlinear()
        map = Map(
            form.size, form.dtype, lambda v: apply(p, v), lambda v: transposed(p, v)
        )
        return known.solver(map, lambda: _written_out(map))

    system = System(_NAME, apply, transposed, solver)
    return form.result(solve(system, p, form.vector(b)))


def _written_out(map: Map) -> Any:
    """Write a matrix out by its products, and see that they are linear."""
    # Forward: the transpose of an operator may be unknown.
    matrix = jacobian(map.apply, mode="forward")(np.zeros(map.size, map.dtype))
    v = np.random.default_rng(16).normal(size=map.size).astype(map.dtype)
    product = map.apply(v)
    error, size = (np.abs(x).max(initial=0) for x in (matrix @ v - product, product))
    if not error <= 1e-4 * size:
        raise _nonlinear()
    return matrix


def _nonlinear() -> ArgumentError:
    return ArgumentError(
        f"{_NAME}: A(v) is not linear in v (at {user_source()}). For equations that "
        "are not linear, use implicit.root."
    )


def _of_operator(A: LinearOperator, symmetric: bool) -> Callable[..., Any]:
    """Make a function of an operator of SciPy's, which is constant."""

    def product(v: Any) -> Any:
        return A.matvec(v)

    def turned(v: Any) -> Any:
        try:
            return A.matvec(v) if symmetric else np.conj(A.rmatvec(np.conj(v)))
        except NotImplementedError:
            raise ArgumentError(
                f"{_NAME}: the operator has no rmatvec, which the derivative needs. "
                "Define it, or say symmetric=True."
            ) from None

    if A.shape[0] != A.shape[1]:
        raise ShapeError(
            f"{_NAME}: A is {A.shape[0]} by {A.shape[1]}, and a square one is needed "
            f"(at {user_source()})."
        )
    forward = primitive(product, linear_in=(0,), like=lambda v: v)
    back = primitive(turned, linear_in=(0,), like=lambda v: v)
    for row, other in ((forward, back), (back, forward)):
        row.jvp(lambda y, x, x_dot, row=row: row(x_dot[0]))
        row.vjp(lambda y, x, y_bar, other=other: (other(y_bar),))
    return lambda v: forward(v)
