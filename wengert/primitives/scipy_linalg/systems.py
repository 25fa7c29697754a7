"""Systems of any structure, inverses, determinants, least squares, norms.

Faces only: a matrix is completed to what SciPy reads in it, and NumPy's rows serve.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import refuse
from wengert.primitives.linalg import (
    inexact,
    matrix_shape,
    transposed,
)
from wengert.primitives.scipy_linalg.arguments import (
    by_columns,
    double,
    finite,
    square,
    symmetric,
)
from wengert.primitives.scipy_linalg.triangular import cholesky_solve
from wengert.primitives.triangular import triangular_solve

__all__: list[str] = []

# What SciPy calls them, and what they are.
_KINDS = {
    None: "general",
    "gen": "general",
    "sym": "symmetric",
    "her": "hermitian",
    "pos": "positive definite",
}
_LIKE_GENERAL = ("general", "banded", "diagonal", "tridiagonal")
_TRIANGULAR = ("upper triangular", "lower triangular")


def _kind(assume_a: str | None) -> str:
    kind = _KINDS.get(assume_a, assume_a) or "general"
    if kind not in (*_KINDS.values(), *_LIKE_GENERAL, *_TRIANGULAR):
        raise ValueError(f"{assume_a} is not a recognized matrix structure")
    return kind


def _as_read(a: Any, kind: str, lower: bool) -> Any:
    """Give the matrix that SciPy reads, where it is told the structure."""
    n = a.shape[-1]
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    if kind == "diagonal":
        return np.where(apart == 0, a, 0)
    if kind == "tridiagonal":
        return np.where(apart <= 1, a, 0)
    if kind in _TRIANGULAR:
        return np.tril(a) if kind.startswith("lower") else np.triu(a)
    if kind in ("symmetric", "hermitian", "positive definite"):
        return symmetric(a, lower, conjugated=kind != "symmetric")
    return a


@answers(scipy.linalg.solve)
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Any:
    """Solve A y = b, or Aᵀ y = b, for a vector or for matrices.

    Raises
    ------
    LinAlgError
        For a singular matrix, and for one that is said to be positive definite and is
        not.
    """
    kind = _kind(assume_a)
    a, b = finite(a, check_finite), finite(b, check_finite)
    a = square("solve", np.reshape(a, (1, 1)) if a.ndim == 0 else a, False)
    if transposed and a.dtype.kind == "c":
        raise NotImplementedError(
            "scipy.linalg.solve can currently not solve a^T x = b or a^H x = b for "
            "complex matrices."
        )
    if kind == "positive definite":
        factor = np.linalg.cholesky(_as_read(a, kind, lower))
        return cholesky_solve(factor, b)
    a = _as_read(a, kind, lower)
    is_lower = kind.startswith("lower")
    if transposed:
        a, is_lower = np.swapaxes(a, -1, -2), not is_lower

    def columns(v: Any) -> Any:
        if kind in _TRIANGULAR:
            return triangular_solve(a, v, lower=is_lower, unit=False)
        return np.linalg.solve(a, v)

    return by_columns("solve", a.shape[-1], b, columns)


@answers(scipy.linalg.inv)
def inv(
    a: Any,
    overwrite_a: bool = False,
    check_finite: bool = True,
    *,
    assume_a: str | None = None,
    lower: bool = False,
) -> Any:
    """Invert matrices."""
    a, kind = square("inv", a, check_finite), _kind(assume_a)
    a = _as_read(a, kind, lower)
    if kind == "positive definite":
        return cholesky_solve(np.linalg.cholesky(a), np.eye(a.shape[-1], dtype=a.dtype))
    return np.linalg.inv(a)


@answers(scipy.linalg.det)
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Give determinants, in double precision."""
    return double(np.linalg.det(square("det", a, check_finite)))


@answers(scipy.linalg.pinv)
def pinv(
    a: Any,
    *,
    atol: Any = None,
    rtol: Any = None,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Any:
    """Give pseudoinverses; differentiable where the rank does not change."""
    refuse("scipy.linalg.pinv", atol=atol or None)
    a = finite(a, check_finite)
    if rtol is None:
        rtol = max(matrix_shape("pinv", a)) * float(np.finfo(a.dtype).eps)
    y = np.linalg.pinv(a, float(rtol))
    if not return_rank:
        return y
    s = np.linalg.svdvals(a)
    return y, np.sum(s > np.max(s, axis=-1, keepdims=True) * rtol, axis=-1)


@answers(scipy.linalg.pinvh)
def pinvh(
    a: Any,
    atol: Any = None,
    rtol: Any = None,
    lower: bool = True,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Any:
    """Give pseudoinverses of Hermitian matrices, of which one triangle is read."""
    refuse("scipy.linalg.pinvh", atol=atol or None)
    a = symmetric(square("pinvh", a, check_finite), lower)
    return pinv(a, rtol=rtol, return_rank=return_rank, check_finite=False)


@answers(scipy.linalg.lstsq)
def lstsq(
    a: Any,
    b: Any,
    cond: Any = None,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    lapack_driver: str | None = None,
) -> tuple[Any, Any, Any, Any]:
    """Give the least-squares solution, its squared residuals, rank, singular values."""
    a, b = finite(a, check_finite), finite(b, check_finite)
    m, n = matrix_shape("lstsq", a)
    if a.ndim != 2 or b.ndim not in (1, 2) or b.shape[0] != m:
        raise ShapeError(f"lstsq: {a.shape} and {b.shape} do not fit")
    if lapack_driver not in (None, "gelsd", "gelsy", "gelss"):
        raise ValueError(f'LAPACK driver "{lapack_driver}" is not found')
    if cond is None:
        cond = float(np.finfo(np.result_type(a.dtype, b.dtype)).eps)
    s = np.linalg.svdvals(a)
    rank = operator.index(np.sum(s > cond * np.max(s)))
    y = np.linalg.pinv(a, float(cond)) @ b
    squares = np.zeros(0, y.dtype)
    if lapack_driver == "gelsy":
        return y, squares, rank, None
    if m > n == rank:
        squares = np.sum(np.abs(b - a @ y) ** 2, axis=0)
    return y, squares, rank, s


@answers(scipy.linalg.norm)
def norm(
    a: Any,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    check_finite: bool = True,
) -> Any:
    """Give the norm of vectors, of matrices, or of all elements."""
    a = finite(a, check_finite)
    y = np.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)
    by_blas = (a.ndim, ord) in ((1, None), (1, 2), (2, 1), (2, np.inf))
    return double(y) if by_blas and axis is None and not keepdims else y


# ----- questions -----


@answers(scipy.linalg.issymmetric)
def issymmetric(a: Any, atol: Any = None, rtol: Any = None) -> bool:
    """Tell whether a matrix is symmetric: a guard, where a Graph is kept."""
    return _is_equal("issymmetric", inexact(a), False, atol, rtol)


@answers(scipy.linalg.ishermitian)
def ishermitian(a: Any, atol: Any = None, rtol: Any = None) -> bool:
    """Tell whether a matrix is Hermitian: a guard, where a Graph is kept."""
    return _is_equal("ishermitian", inexact(a), True, atol, rtol)


def _is_equal(name: str, a: Any, conjugated: bool, atol: Any, rtol: Any) -> bool:
    matrix_shape(name, a, square=True)
    other = np.conjugate(transposed(a)) if conjugated else transposed(a)
    if atol is None and rtol is None:
        return bool(np.all(a == other))
    rtol, atol = rtol or 0.0, atol or 0.0
    return bool(np.all(np.abs(a - other) <= atol + rtol * np.abs(other)))


@answers(scipy.linalg.bandwidth)
def bandwidth(a: Any) -> tuple[int, int]:
    """Count the bands below and above the diagonal: guards, where a Graph is kept."""
    a = inexact(a)
    m, n = matrix_shape("bandwidth", a)

    def widest(last: int, sign: int) -> int:
        return next(
            (k for k in range(last, 0, -1) if np.any(np.diagonal(a, sign * k) != 0)), 0
        )

    return widest(m - 1, -1), widest(n - 1, 1)
