"""Banded matrices, in LAPACK's storage: `ab[u + i − j, j]` holds entry i, j.

Systems take O(n) in time and memory for a fixed bandwidth, and so do their derivatives.
The Cholesky factor is differentiated as that of the full matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import unbroadcast
from wengert.primitives.batches import systems
from wengert.primitives.forms import general
from wengert.primitives.linalg import adjoint, matrix_shape, real
from wengert.primitives.power_series import of_equation
from wengert.primitives.products import conjugate
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_linalg.arguments import by_columns, finite, symmetric

__all__ = ["dense", "full_band"]

# ----- bands -----


def _shifted(x: Any, by: int, axis: int) -> Any:
    """Give x[i + by] at i, and 0 where there is no such place."""
    n = x.shape[axis]
    if by == 0:
        return x
    by = max(min(by, n), -n)
    x = np.moveaxis(x, axis, -1)
    zeros = np.zeros((*x.shape[:-1], abs(by)), x.dtype)
    parts = [x[..., by:], zeros] if by > 0 else [zeros, x[..., :by]]
    return np.moveaxis(np.concatenate(parts, -1), -1, axis)


def _product(ab: Any, y: Any, upper: int) -> Any:
    """Multiply a banded matrix with the columns of Y."""
    total: Any = 0
    for r in range(ab.shape[-2]):
        total = total + _shifted(ab[..., r, :, None] * y, upper - r, -2)
    return total


def _turned(ab: Any, lower: int, upper: int) -> Any:
    """Give the bands of the transposed matrix."""
    count = lower + upper + 1
    rows = [_shifted(ab[..., count - 1 - r, :], r - lower, -1) for r in range(count)]
    return np.stack(rows, -2)


def _bands_of_outer(z: Any, y: Any, lower: int, upper: int) -> Any:
    """Give the bands of Z Yᵀ."""
    rows = [
        np.sum(_shifted(z, r - upper, -2) * y, axis=-1)
        for r in range(lower + upper + 1)
    ]
    return np.stack(rows, -2)


def full_band(ab: Any, lower: bool) -> Any:
    """Complete the bands of one triangle to those of the Hermitian matrix."""
    width = ab.shape[-2] - 1
    other = [conjugate(ab[..., k if lower else width - k, :]) for k in range(width + 1)]
    signs = -1 if lower else 1
    mirrored = [_shifted(row, signs * k, -1) for k, row in enumerate(other)]
    diagonal = [real(other[0]).astype(ab.dtype)]
    if lower:
        given = [ab[..., k, :] for k in range(1, width + 1)]
        return np.stack(mirrored[:0:-1] + diagonal + given, -2)
    given = [ab[..., k, :] for k in range(width)]
    return np.stack(given + diagonal + mirrored[1:], -2)


def dense(ab: Any, upper: int) -> Any:
    """Give the matrix that bands stand for."""
    n = ab.shape[-1]
    i, j = np.indices((n, n))
    row = upper + i - j
    inside = (row >= 0) & (row < ab.shape[-2])
    return np.where(inside, ab[..., np.where(inside, row, 0), j], 0)


def _bands(a: Any, lower: bool, ab: Any) -> Any:
    """Take the bands of one triangle out of a matrix; places outside are as in ab."""
    n, width = a.shape[-1], ab.shape[-2] - 1
    row, j = np.indices((width + 1, n))
    i = j + (row if lower else row - width)
    inside = (i >= 0) & (i < n)
    return np.where(inside, a[..., np.where(inside, i, 0), j], ab)


# ----- rows -----


def _type(name: str, ab: Any, b: Any) -> ArrayType:
    _, n = matrix_shape(name, ab)
    if matrix_shape(name, b)[0] != n:
        raise ShapeError(f"{name}: {ab.shape} and {b.shape} do not fit")
    stack = np.broadcast_shapes(ab.shape[:-2], b.shape[:-2])
    return ArrayType(stack + b.shape[-2:], promote(ab, b))


def _solve_banded(ab: Any, b: Any, *, lower: int, upper: int) -> Any:
    return scipy.linalg.solve_banded((lower, upper), ab, b, check_finite=False)


def banded_jvp(y: Any, x: Any, x_dot: Any, *, lower: int, upper: int) -> Any:
    """Differentiate A Y = B: A Ẏ = Ḃ − Ȧ Y."""
    ab_dot, b_dot = x_dot
    if ab_dot is not None:
        change = _product(ab_dot, y, upper)
        b_dot = -change if b_dot is None else b_dot - change
    return solve_banded_(x[0], b_dot, lower=lower, upper=upper)


def banded_vjp(y: Any, x: Any, y_bar: Any, *, lower: int, upper: int) -> Any:
    """Solve with Aᵀ: B̄ = A⁻ᵀ Ȳ, and Ā = −B̄ Yᵀ in the bands."""
    ab, b = x
    turned = _turned(ab, lower, upper)
    b_bar = solve_banded_(turned, y_bar, lower=upper, upper=lower)
    ab_bar = -_bands_of_outer(b_bar, y, lower, upper)
    return unbroadcast(ab_bar, ab.shape), unbroadcast(b_bar, b.shape)


def _banded_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for stack, n, lower, upper, b in (
        ((), 4, 1, 1, (4, 2)),
        ((), 5, 2, 1, (5, 1)),
        ((), 3, 0, 2, (3, 2)),
        ((2,), 4, 1, 2, (4, 1)),
        ((), 1, 0, 0, (1, 1)),
    ):
        ab = arrays(rng, dtype, (*stack, lower + upper + 1, n), -1, 1)
        ab[..., upper, :] += 4
        params = {"lower": lower, "upper": upper}
        yield Sample((ab, arrays(rng, dtype, b)), params)


def _flops(types: Any, y: Any, **_: Any) -> int:
    return 2 * int(types[0].shape[-2]) * (int(types[0].size) + int(y.size))


solve_banded_: General = general(
    "solve_banded", (), active=(0, 1),
    impl=_solve_banded,
    type=lambda ab, b, **_: _type("solve_banded", ab, b),
    jvp=banded_jvp, vjp=banded_vjp, taylor=of_equation("solve_banded"),
    cost=_flops,
    batch=systems(2, 2),
    sample=_banded_samples, ref="a system, in the places of the bands",
)  # fmt: skip


def _solveh_banded(ab: Any, b: Any, *, lower: bool) -> Any:
    return scipy.linalg.solveh_banded(ab, b, lower=lower, check_finite=False)


def hermitian_jvp(y: Any, x: Any, x_dot: Any, *, lower: bool) -> Any:
    """Differentiate A Y = B for the matrix that its triangle stands for."""
    ab_dot, b_dot = x_dot
    if ab_dot is not None:
        change = _product(full_band(ab_dot, lower), y, ab_dot.shape[-2] - 1)
        b_dot = -change if b_dot is None else b_dot - change
    return solveh_banded_(x[0], b_dot, lower=lower)


def hermitian_vjp(y: Any, x: Any, y_bar: Any, *, lower: bool) -> Any:
    """Solve with Aᵀ = conj A; each place of the triangle collects its mirror's part."""
    ab, b = x
    width = ab.shape[-2] - 1
    b_bar = solveh_banded_(conjugate(ab), y_bar, lower=lower)
    bands = -_bands_of_outer(b_bar, y, width, width)
    mirrored = conjugate(_turned(bands, width, width))
    diagonal = real(bands[..., width : width + 1, :]).astype(bands.dtype)
    both = bands + mirrored
    parts = [both[..., :width, :], diagonal]
    if lower:
        parts = [diagonal, both[..., width + 1 :, :]]
    ab_bar = np.concatenate(parts, -2)
    return unbroadcast(ab_bar, ab.shape), unbroadcast(b_bar, b.shape)


def _hermitian_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for stack, n, width, lower, b in (
        ((), 4, 1, True, (4, 2)),
        ((), 5, 2, False, (5, 1)),
        ((), 3, 1, False, (3, 2)),
        ((2,), 4, 2, True, (4, 1)),
        ((), 2, 0, True, (2, 1)),
    ):
        ab = arrays(rng, dtype, (*stack, width + 1, n), -1, 1)
        row = 0 if lower else width
        ab[..., row, :] = ab[..., row, :].real + 5
        yield Sample((ab, arrays(rng, dtype, b)), {"lower": lower})


solveh_banded_: General = general(
    "solveh_banded", (), active=(0, 1),
    impl=_solveh_banded,
    type=lambda ab, b, **_: _type("solveh_banded", ab, b),
    jvp=hermitian_jvp, vjp=hermitian_vjp, taylor=of_equation("solveh_banded"),
    cost=_flops,
    batch=systems(2, 2),
    sample=_hermitian_samples, ref="a system, in the places of the bands",
)  # fmt: skip

# ----- faces -----


@answers(scipy.linalg.solve_banded)
def solve_banded(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve A y = b for a banded matrix, by O(n) operations."""
    lower, upper = map(int, l_and_u)
    ab, b = finite(ab, check_finite), finite(b, check_finite)
    rows, n = matrix_shape("solve_banded", ab)
    if rows != lower + upper + 1:
        raise ShapeError(
            f"solve_banded: {lower} + {upper} + 1 bands are needed, not {rows}"
        )
    return by_columns(
        "solve_banded", n, b, lambda v: solve_banded_(ab, v, lower=lower, upper=upper)
    )


@answers(scipy.linalg.solveh_banded)
def solveh_banded(
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    lower: bool = False,
    check_finite: bool = True,
) -> Any:
    """Solve A y = b for a positive definite banded matrix, given by one triangle."""
    ab, b = finite(ab, check_finite), finite(b, check_finite)
    _, n = matrix_shape("solveh_banded", ab)
    return by_columns(
        "solveh_banded", n, b, lambda v: solveh_banded_(ab, v, lower=bool(lower))
    )


@answers(scipy.linalg.cholesky_banded)
def cholesky_banded(
    ab: Any, overwrite_ab: bool = False, lower: bool = False, check_finite: bool = True
) -> Any:
    """Give the bands of the Cholesky factor.

    By the full matrix: it takes O(n²) in memory and O(n³) in time.
    """
    ab = finite(ab, check_finite)
    width = matrix_shape("cholesky_banded", ab)[0] - 1
    a = dense(ab, 0 if lower else width)
    factor = np.linalg.cholesky(symmetric(a, lower=lower))
    return _bands(factor if lower else adjoint(factor), lower, ab)


@answers(scipy.linalg.cho_solve_banded)
def cho_solve_banded(
    cb_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """Solve A y = b, given the bands of the Cholesky factor of A."""
    cb, lower = cb_and_lower
    cb, b = finite(cb, check_finite), finite(b, check_finite)
    rows, n = matrix_shape("cho_solve_banded", cb)
    width = rows - 1
    if lower:
        low, up = cb, conjugate(_turned(cb, width, 0))
    else:
        low, up = conjugate(_turned(cb, 0, width)), cb

    def solve(columns: Any) -> Any:
        half = solve_banded_(low, columns, lower=width, upper=0)
        return solve_banded_(up, half, lower=0, upper=width)

    return by_columns("cho_solve_banded", n, b, solve)
