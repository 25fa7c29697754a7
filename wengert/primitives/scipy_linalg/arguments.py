"""What the faces of scipy.linalg share: arguments as SciPy reads them, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.primitives.linalg import (
    adjoint,
    inexact,
    matrix_shape,
    real,
    transposed,
)

__all__ = [
    "by_columns",
    "double",
    "finite",
    "hermitian",
    "square",
    "symmetric",
    "undefined",
]


def finite(x: Any, check_finite: bool = True) -> Any:
    """Make an array of floats; raise where SciPy would, for nan and infinity.

    Raises
    ------
    ValueError
        In SciPy's words.
    """
    x = inexact(x)
    if check_finite and not np.all(np.isfinite(x)):
        raise ValueError("array must not contain infs or NaNs")
    return x


def square(name: str, x: Any, check_finite: bool = True) -> Any:
    """Make an array of floats, and see that it holds square matrices."""
    x = finite(x, check_finite)
    matrix_shape(name, x, square=True)
    return x


def double(x: Any) -> Any:
    """Convert to double precision, as the functions of SciPy do that know no other."""
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def hermitian(x: Any) -> Any:
    """Give the mean of a matrix and its adjoint."""
    return (x + adjoint(x)) * 0.5


def symmetric(a: Any, lower: bool, conjugated: bool = True) -> Any:
    """Give the matrix of which one triangle is read: Hermitian, or symmetric."""
    half = np.tril(a, -1) if lower else np.triu(a, 1)
    other = adjoint(half) if conjugated else transposed(half)
    eye = np.eye(a.shape[-1], dtype=bool)
    return half + other + np.where(eye, real(a) if conjugated else a, 0)


def by_columns(name: str, n: int, b: Any, solve: Callable[[Any], Any]) -> Any:
    """Solve for a vector, or for the columns of matrices with n rows.

    Raises
    ------
    ShapeError
        If b has another number of rows.
    """
    rows = b.shape[0] if b.ndim == 1 else b.shape[-2] if b.ndim else None
    if rows != n:
        raise ShapeError(f"{name}: {n} rows are needed, not shape {b.shape}")
    return solve(b[:, None])[..., 0] if b.ndim == 1 else solve(b)


def undefined(call: str, why: str, instead: str) -> MissingRuleError:
    """Make the error of a call that has no derivative: why, the line, a repair."""
    return MissingRuleError(
        f"scipy.linalg.{call} has no derivative here: {why} (at {user_source()}). "
        f"Instead, {instead}."
    )
