"""Solvers of linear systems on plain arrays, each for a matrix and its transpose.

A solver takes a right-hand side b (n,) or (n, k), and gives x with A x = b, or with
Aᵀ x = b. It is made once for a matrix, and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg

from wengert.errors import ConvergenceError, SingularError, user_source

__all__ = ["METHODS", "Dense", "Iterative", "Map", "Own", "Solver", "SparseFactors"]

Apply = Callable[[Any], Any]
Solver = Callable[[Any, bool], Any]  # (b, whether transposed) → x

METHODS = ("bicgstab", "cg", "gmres", "lsqr", "minres")
_DIGITS = 1e-11  # to which an iteration is run, relative to the right-hand side
_ENOUGH = 1e-6  # and with which it is content


class Map(NamedTuple):
    """A square matrix by its products with vectors, on plain arrays."""

    size: int
    dtype: Any
    apply: Apply
    transposed: Apply


class Dense:
    """Solve by the factors of a matrix: LU, or Cholesky's where it is positive.

    Parameters
    ----------
    what : str
        Names the matrix in a message.
    matrix : array (n, n)
    positive : bool
        Whether it is symmetric and positive definite.

    Raises
    ------
    SingularError
        If its condition number is beyond the dtype's precision, or if it is not
        positive definite though it was said to be.
    """

    def __init__(self, what: str, matrix: Any, positive: bool = False) -> None:
        self._positive = positive
        if not np.isfinite(matrix).all():
            raise SingularError(
                f"{what} holds a nan or inf (at {user_source()}): its point lies "
                "outside of where its function is differentiable."
            )
        if not matrix.size:
            return
        try:
            self._factors = scipy.linalg.cho_factor(matrix) if positive else _lu(matrix)
        except np.linalg.LinAlgError:
            raise SingularError(
                f"{what} is not positive definite (at {user_source()}), as was said. "
                "Leave positive_definite=True out."
            ) from None
        condition = self._condition(matrix)
        if not condition * np.finfo(matrix.dtype).eps < 1:
            raise _singular(what, matrix.shape[0], condition)

    def __call__(self, b: Any, transposed: bool) -> Any:
        """Solve for a right-hand side."""
        if not b.size:
            return b
        # Of a symmetric matrix, transposed it is the same; of a Hermitian one, not.
        if self._positive:
            turned = transposed and np.iscomplexobj(self._factors[0])
            x = scipy.linalg.cho_solve(self._factors, b.conj() if turned else b)
            return x.conj() if turned else x
        return scipy.linalg.lu_solve(self._factors, b, trans=int(transposed))

    def _condition(self, matrix: Any) -> float:
        name = "pocon" if self._positive else "gecon"
        (estimate,) = scipy.linalg.get_lapack_funcs((name,), (matrix,))
        norm = np.linalg.norm(matrix, 1)
        if self._positive:
            upper = int(not self._factors[1])
            rcond, _ = estimate(self._factors[0], norm, uplo="U" if upper else "L")
        else:
            rcond, _ = estimate(self._factors[0], norm)
        return float(np.inf if rcond == 0 else 1 / rcond)


class SparseFactors:
    """Solve by the LU factors of a sparse matrix.

    Raises
    ------
    SingularError
        If its condition number, as estimated, is beyond the dtype's precision.
    """

    def __init__(self, what: str, matrix: Any) -> None:
        try:
            self._factors = scipy.sparse.linalg.splu(matrix.tocsc())
        except RuntimeError:  # SuperLU: "Factor is exactly singular"
            raise _singular(what, matrix.shape[0], np.inf) from None
        inverse = scipy.sparse.linalg.LinearOperator(
            matrix.shape, self._factors.solve, lambda b: self._factors.solve(b, "H"),
            dtype=matrix.dtype,
        )  # fmt: skip
        norm = scipy.sparse.linalg.norm(matrix, 1)
        with np.errstate(all="ignore"):
            condition = norm * scipy.sparse.linalg.onenormest(inverse)
        if not condition * np.finfo(matrix.dtype).eps < 1:
            raise _singular(what, matrix.shape[0], condition)

    def __call__(self, b: Any, transposed: bool) -> Any:
        """Solve for a right-hand side."""
        return self._factors.solve(b, "T" if transposed else "N")


class Iterative:
    """Solve by an iteration of SciPy's that needs products with the matrix alone.

    Parameters
    ----------
    what : str
        Names the matrix in a message.
    map : Map
    method : str
        One of METHODS.
    tol : float or None
        The residual that is asked for, relative to the right-hand side.

    Raises
    ------
    ConvergenceError
        By a call, if the residual stays larger.
    """

    def __init__(
        self, what: str, map: Map, method: str, tol: float | None = None
    ) -> None:
        self._what, self._map, self._method, self._tol = what, map, method, tol

    def __call__(self, b: Any, transposed: bool) -> Any:
        """Solve for a right-hand side."""
        if b.ndim == 2:
            columns = [self(column, transposed) for column in b.T]
            return np.stack(columns, 1) if columns else b
        norm = np.linalg.norm(b)
        if norm == 0:
            return np.zeros_like(b)
        forward, back = self._map.apply, self._map.transposed
        if transposed:
            forward, back = back, forward
        x = self._run(forward, back, b / norm) * norm
        with np.errstate(all="ignore"):
            residual = np.linalg.norm(forward(x) - b) / norm
        if not residual <= (self._tol or _ENOUGH):
            raise ConvergenceError(
                f"{self._method} did not solve the system with {self._what}, "
                f"{self._map.size} unknowns (at {user_source()}): its residual is "
                f"{residual:.1e} of the right-hand side. The matrix may be singular, "
                "or need another method or a solver of your own."
            )
        return x

    def _run(self, forward: Apply, back: Apply, b: Any) -> Any:
        n = self._map.size
        matrix = scipy.sparse.linalg.LinearOperator(
            (n, n), forward, lambda v: np.conj(back(np.conj(v))), dtype=self._map.dtype
        )
        rtol = min(_DIGITS, self._tol or 1)
        if b.dtype == np.float32 or b.dtype == np.complex64:
            rtol = 1e-6
        if self._method == "lsqr":
            return scipy.sparse.linalg.lsqr(
                matrix, b, atol=rtol, btol=rtol, iter_lim=20 * n
            )[0]
        if self._method == "minres":  # which takes no atol
            return scipy.sparse.linalg.minres(matrix, b, rtol=rtol, maxiter=20 * n)[0]
        options = {"restart": min(n, 100), "maxiter": 20} if (
            self._method == "gmres") else {"maxiter": 20 * n}  # fmt: skip
        solve = getattr(scipy.sparse.linalg, self._method)
        with np.errstate(all="ignore"):
            return solve(matrix, b, rtol=rtol, atol=0.0, **options)[0]


class Own:
    """Solve by a function of the user's: `(matvec, b) → x`."""

    def __init__(self, what: str, map: Map, solve: Callable[..., Any]) -> None:
        self._what, self._map, self._solve = what, map, solve

    def __call__(self, b: Any, transposed: bool) -> Any:
        """Solve for a right-hand side, and look whether it is solved."""
        apply = self._map.transposed if transposed else self._map.apply
        x = np.asarray(self._solve(apply, b))
        residual = np.linalg.norm(apply(x) - b) if x.shape == b.shape else np.inf
        if not residual <= 1e-4 * np.linalg.norm(b):
            raise ConvergenceError(
                f"the given linear solver did not solve the system with {self._what}, "
                f"{self._map.size} unknowns (at {user_source()}): it returned shape "
                f"{x.shape}, residual {residual:.1e}."
            )
        return x.astype(b.dtype, copy=False)


def _lu(matrix: Any) -> Any:
    lu, pivots, _ = scipy.linalg.get_lapack_funcs(("getrf",), (matrix,))[0](matrix)
    return lu, pivots


def _singular(what: str, n: int, condition: float) -> SingularError:
    return SingularError(
        f"{what}, {n} by {n}, is singular: its condition number is {condition:.1e} (at "
        f"{user_source()}). Solution and derivative are not determined by it: "
        "take out equations that say the same, or regularise."
    )
