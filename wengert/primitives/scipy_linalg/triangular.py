"""The factors that lead to triangular systems: LU and Cholesky.

Cotangents pair by Σ ȳ·ẏ without a conjugate; see `primitives/linalg.py`.

References
----------
Giles (2008), "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", in Advances in Automatic Differentiation, Springer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from wengert.graph.primitive import General, Missing, answers
from wengert.graph.types import ArrayType
from wengert.primitives.batches import stacked
from wengert.primitives.forms import general
from wengert.primitives.linalg import (
    adjoint,
    cubic,
    matrices,
    matrix_shape,
    transposed,
)
from wengert.primitives.products import conjugate
from wengert.primitives.scipy_linalg.arguments import by_columns, finite, square
from wengert.primitives.triangular import triangular_solve

__all__ = ["cholesky_solve"]

# ----- the row of LU -----


def _lu(x: Any) -> tuple[Any, Any, Any]:
    """Give the packed factors, LAPACK's exchanges, and the order of rows they make."""
    *stack, m, n = x.shape
    packed = np.empty(x.shape, x.dtype)
    exchanges = np.empty((*stack, min(m, n)), np.int32)
    order = np.empty((*stack, m), np.int64)
    getrf = scipy.linalg.get_lapack_funcs("getrf", (x,))
    for k in np.ndindex(*stack):
        packed[k], exchanges[k], _ = getrf(x[k])
        rows = np.arange(m)
        for i, j in enumerate(exchanges[k]):
            rows[[i, j]] = rows[[j, i]]
        order[k] = rows
    return packed, exchanges, order


def lu_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate P A = L U: with X = L⁻¹ PȦ U⁻¹, L̇ = L·low(X) and U̇ = up(X)·U.

    Rows below the square part, or columns beyond it, follow from the factors.
    """
    packed, exchanges, order = y
    m, n = packed.shape[-2:]
    k = min(m, n)
    moved = np.take_along_axis(x_dot[0], order[..., None], axis=-2)
    corner = packed[..., :k, :k]
    half = triangular_solve(corner, moved[..., :k, :k], lower=True, unit=True)
    inside = _divided(half, corner)
    low = np.tril(inside, -1)
    unit = np.tril(corner, -1) + np.eye(k, dtype=packed.dtype)
    l_dot, u_dot = unit @ low, np.triu(inside) @ np.triu(corner)
    packed_dot = l_dot + u_dot
    if m > n:
        below = moved[..., k:, :] - packed[..., k:, :] @ u_dot
        packed_dot = np.concatenate([packed_dot, _divided(below, corner)], -2)
    if m < n:
        beyond = moved[..., k:] - l_dot @ packed[..., k:]
        beyond = triangular_solve(corner, beyond, lower=True, unit=True)
        packed_dot = np.concatenate([packed_dot, beyond], -1)
    return packed_dot, np.zeros_like(exchanges), np.zeros_like(order)


def _divided(x: Any, upper: Any) -> Any:
    """Give X U⁻¹."""
    y = triangular_solve(transposed(upper), transposed(x), lower=True, unit=False)
    return transposed(y)


def _lu_type(x: Any) -> tuple[ArrayType, ArrayType, ArrayType]:
    m, n = matrix_shape("lu", x)
    stack = x.shape[:-2]
    return (
        ArrayType(x.shape, x.dtype),
        ArrayType((*stack, min(m, n)), np.dtype(np.int32)),
        ArrayType((*stack, m), np.dtype(np.int64)),
    )


lu_: General = general(
    "lu", (), outputs=3,
    impl=_lu,
    type=_lu_type,
    jvp=lu_jvp, vjp=Missing("the pushforward, transposed, costs as much"),
    cost=cubic(2 / 3),
    batch=stacked(),
    sample=matrices((3, 3), (4, 2), (2, 4), (2, 3, 3), (1, 1)),
    ref="L is unit lower triangular and U upper, differentiated",
)  # fmt: skip

# ----- faces -----


@answers(scipy.linalg.solve_triangular)
def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve A y = b, Aᵀ y = b or Aᴴ y = b, reading one triangle of A."""
    name = "solve_triangular"
    a, b = square(name, a, check_finite), finite(b, check_finite)
    trans = {"N": 0, "T": 1, "C": 2}.get(trans, trans)
    if trans:
        a, lower = (transposed if trans == 1 else adjoint)(a), not lower

    def solve(columns: Any) -> Any:
        return triangular_solve(a, columns, lower=bool(lower), unit=bool(unit_diagonal))

    return by_columns(name, a.shape[-1], b, solve)


@answers(scipy.linalg.cholesky)
def cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    """Give upper triangular U with Uᴴ U = A, or lower L with L Lᴴ = A."""
    return np.linalg.cholesky(square("cholesky", a, check_finite), upper=not lower)


@answers(scipy.linalg.cho_factor)
def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Any, bool]:
    """Give the factor; the other triangle is that of A, as LAPACK leaves it."""
    a = square("cho_factor", a, check_finite)
    factor = np.linalg.cholesky(a, upper=not lower)
    return factor + (np.triu(a, 1) if lower else np.tril(a, -1)), lower


@answers(scipy.linalg.cho_solve)
def cho_solve(
    c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """Solve A y = b, given the Cholesky factor of A."""
    c, lower = c_and_lower
    c, b = square("cho_solve", c, check_finite), finite(b, check_finite)
    return cholesky_solve(c if lower else adjoint(c), b)


def cholesky_solve(factor: Any, b: Any) -> Any:
    """Solve L Lᴴ y = b by two triangular systems."""

    def solve(columns: Any) -> Any:
        half = triangular_solve(factor, columns, lower=True, unit=False)
        return triangular_solve(adjoint(factor), half, lower=False, unit=False)

    return by_columns("cho_solve", factor.shape[-1], b, solve)


def _factored(name: str, a: Any, check_finite: bool) -> tuple[Any, Any, Any]:
    a = finite(a, check_finite)
    matrix_shape(name, a)
    return lu_(a)  # type: ignore[no-any-return]


@answers(scipy.linalg.lu)
def lu(
    a: Any,
    permute_l: bool = False,
    overwrite_a: bool = False,
    check_finite: bool = True,
    p_indices: bool = False,
) -> tuple[Any, ...]:
    """Give P, L, U with A = P L U; or P L and U; or P as indices."""
    packed, _, order = _factored("lu", a, check_finite)
    m, n = packed.shape[-2:]
    k = min(m, n)
    lower = np.tril(packed[..., :k], -1) + np.eye(m, k, dtype=packed.dtype)
    upper = np.triu(packed[..., :k, :])
    places = np.argsort(order, axis=-1)
    if permute_l:
        return np.take_along_axis(lower, places[..., None], axis=-2), upper
    if p_indices:
        return places.astype(np.int32), lower, upper
    plain = np.float32 if packed.dtype.char in "fF" else np.float64
    exchange = (places[..., :, None] == np.arange(m)).astype(plain)
    return exchange, lower, upper


@answers(scipy.linalg.lu_factor)
def lu_factor(
    a: Any, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Any, Any]:
    """Give L and U packed in one matrix, and the exchanges of rows."""
    return _factored("lu_factor", a, check_finite)[:2]


@answers(scipy.linalg.lu_solve)
def lu_solve(
    lu_and_piv: Any,
    b: Any,
    trans: int = 0,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve A y = b, Aᵀ y = b or Aᴴ y = b, given the packed factors of A."""
    packed, exchanges = lu_and_piv
    packed, b = square("lu_solve", packed, check_finite), finite(b, check_finite)
    n = packed.shape[-1]
    rows = _rows(exchanges, n)

    def solve(columns: Any) -> Any:
        stack = np.broadcast_shapes(packed.shape[:-2], columns.shape[:-2])
        columns = np.broadcast_to(columns, stack + columns.shape[-2:])
        if not trans:
            moved = np.take_along_axis(columns, rows[..., None], axis=-2)
            half = triangular_solve(packed, moved, lower=True, unit=True)
            return triangular_solve(packed, half, lower=False, unit=False)
        turned = transposed(packed) if trans == 1 else conjugate(transposed(packed))
        half = triangular_solve(turned, columns, lower=True, unit=False)
        half = triangular_solve(turned, half, lower=False, unit=True)
        back = np.argsort(rows, axis=-1)[..., None]
        return np.take_along_axis(half, back, axis=-2)

    return by_columns("lu_solve", n, b, solve)


def _rows(exchanges: Any, n: int) -> Any:
    """Turn exchanges, one after the other, into the order of rows that they make."""
    places = np.arange(n)
    rows = np.broadcast_to(places, (*exchanges.shape[:-1], n))
    for i in range(exchanges.shape[-1]):
        other = exchanges[..., i : i + 1]
        there = np.take_along_axis(rows, other, axis=-1)
        here = rows[..., i : i + 1]
        rows = np.where(places == other, here, np.where(places == i, there, rows))
    return rows
