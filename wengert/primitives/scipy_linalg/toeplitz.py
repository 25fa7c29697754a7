"""Toeplitz and circulant matrices: built, multiplied with, and solved.

Entry i, j of a Toeplitz matrix is c[i − j] below the diagonal and r[j − i] above.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, unbroadcast
from wengert.primitives.batches import systems
from wengert.primitives.forms import general
from wengert.primitives.linalg import inexact, transposed
from wengert.primitives.power_series import of_equation
from wengert.primitives.products import conjugate
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_linalg.arguments import by_columns, double, finite

__all__: list[str] = []


def _matrix(c: Any, r: Any) -> Any:
    m, n = c.shape[-1], r.shape[-1]
    stack = np.broadcast_shapes(c.shape[:-1], r.shape[:-1])
    c, r = np.broadcast_to(c, (*stack, m)), np.broadcast_to(r, (*stack, n))
    values = np.concatenate([np.flip(c, -1), r[..., 1:]], -1)
    return values[..., np.arange(n) - np.arange(m)[:, None] + m - 1]


def _at_least_vector(x: Any) -> Any:
    x = as_array(x)
    return np.reshape(x, (1,)) if x.ndim == 0 else x


def _column_and_row(c_or_cr: Any) -> tuple[Any, Any]:
    """Read a column, or a tuple of column and row; the row of a Hermitian matrix."""
    if isinstance(c_or_cr, tuple):
        c, r = map(inexact, c_or_cr)
        return c, r
    c = inexact(c_or_cr)
    return c, conjugate(c)


# ----- the row of systems -----


def _solve(c: Any, r: Any, b: Any) -> Any:
    dtype = np.result_type(c, r, b)
    y = scipy.linalg.solve_toeplitz((c, r), b, check_finite=False)
    return y.astype(dtype, copy=False)


def toeplitz_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate T Y = B: T Ẏ = Ḃ − Ṫ Y."""
    c, r, _ = x
    c_dot, r_dot, change = x_dot
    change = np.zeros_like(y) if change is None else change
    if c_dot is not None or r_dot is not None:
        c_dot = np.zeros_like(c) if c_dot is None else c_dot
        r_dot = np.zeros_like(r) if r_dot is None else r_dot
        change = change - _matrix(c_dot, r_dot) @ y
    return toeplitz_solve(c, r, change)


def toeplitz_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Solve with Tᵀ, and collect −B̄ Yᵀ along the diagonals."""
    c, r, b = x
    stack = np.broadcast_shapes(c.shape[:-1], r.shape[:-1])
    first = np.broadcast_to(c[..., :1], (*stack, 1))
    rest = np.broadcast_to(r[..., 1:], (*stack, r.shape[-1] - 1))
    b_bar = toeplitz_solve(np.concatenate([first, rest], -1), c, y_bar)
    c_bar, r_bar = _diagonal_sums(-(b_bar @ transposed(y)))
    bars = c_bar, r_bar, b_bar
    return tuple(unbroadcast(bar, v.shape) for bar, v in zip(bars, x, strict=True))


def _diagonal_sums(a: Any) -> tuple[Any, Any]:
    """Sum along diagonals: those from the diagonal down, and those above it."""
    n = a.shape[-1]
    # Rows of 2n entries, cut anew into rows of 2n + 1: each starts one place earlier,
    # and what was a diagonal is a column.
    rows = np.concatenate([a, np.zeros_like(a)], -1)
    flat = np.reshape(rows, (*a.shape[:-2], 2 * n * n))
    flat = np.concatenate([flat, np.zeros_like(a[..., 0])], -1)
    sums = np.sum(np.reshape(flat, (*a.shape[:-2], n, 2 * n + 1)), axis=-2)
    below = np.flip(sums[..., n + 2 :], -1)
    above = np.concatenate([np.zeros_like(sums[..., :1]), sums[..., 1:n]], -1)
    return np.concatenate([sums[..., :1], below], -1), above


def _type(c: Any, r: Any, b: Any) -> ArrayType:
    if c.shape[-1:] != r.shape[-1:] or b.ndim < 2 or b.shape[-2:-1] != c.shape[-1:]:
        raise ShapeError(
            f"solve_toeplitz: {c.shape}, {r.shape} and {b.shape} do not fit"
        )
    stack = np.broadcast_shapes(c.shape[:-1], r.shape[:-1], b.shape[:-2])
    return ArrayType(stack + b.shape[-2:], promote(c, r, b))


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for stack, n, b in (((), 3, (3, 2)), ((), 1, (1, 1)), ((2,), 3, (3, 1))):
        c = arrays(rng, dtype, (*stack, n), -1, 1)
        c[..., 0] += 4
        yield Sample((c, arrays(rng, dtype, (n,), -1, 1), arrays(rng, dtype, b)))


toeplitz_solve: General = general(
    "solve_toeplitz", (), active=(0, 1, 2),
    impl=_solve,
    type=_type,
    jvp=toeplitz_jvp, vjp=toeplitz_vjp, taylor=of_equation("solve_toeplitz"),
    cost=lambda types, y: 4 * y.size * y.shape[-2],
    batch=systems(1, 1, 2),
    sample=_samples, ref="a system, in the places of the diagonals",
)  # fmt: skip

# ----- faces -----


@answers(scipy.linalg.toeplitz)
def toeplitz(c: Any, r: Any = None) -> Any:
    """Build the matrix with this first column and row."""
    c = _at_least_vector(c)
    return _matrix(c, conjugate(c) if r is None else _at_least_vector(r))


@answers(scipy.linalg.circulant)
def circulant(c: Any) -> Any:
    """Build the matrix whose columns are this one, turned on and on."""
    c = _at_least_vector(c)
    n = c.shape[-1]
    return c[..., (np.arange(n)[:, None] - np.arange(n)) % n]


@answers(scipy.linalg.convolution_matrix)
def convolution_matrix(a: Any, n: int, mode: str = "full") -> Any:
    """Build the matrix that convolves vectors of length n with a."""
    a = as_array(a)
    if n <= 0:
        raise ValueError("n must be a positive integer.")
    if a.size == 0:
        raise ValueError("len(a) must be at least 1.")
    if mode not in ("full", "valid", "same"):
        raise ValueError("'mode' argument must be one of ('full', 'valid', 'same')")
    m = a.shape[-1]
    whole = m + n - 1
    trim = 0 if mode == "full" else min(n, m) - 1
    first = trim // 2 if mode == "same" else trim
    last = whole - (trim - trim // 2 if mode == "same" else trim)
    i = np.arange(first, last)[:, None] - np.arange(n)
    inside = (i >= 0) & (i < m)
    return np.where(inside, a[..., np.where(inside, i, 0)], 0).astype(a.dtype)


@answers(scipy.linalg.matmul_toeplitz)
def matmul_toeplitz(
    c_or_cr: Any, x: Any, check_finite: bool = False, workers: Any = None
) -> Any:
    """Multiply a Toeplitz matrix with a vector or a matrix, by Fourier transforms."""
    c, r = (double(finite(v, check_finite)) for v in _column_and_row(c_or_cr))
    x = double(finite(x, check_finite))

    def product(v: Any) -> Any:
        m, n = c.shape[-1], r.shape[-1]
        length = m + n - 1
        stack = np.broadcast_shapes(c.shape[:-1], r.shape[:-1])
        column, row = np.broadcast_to(c, (*stack, m)), np.broadcast_to(r, (*stack, n))
        around = np.concatenate([column, np.flip(row[..., 1:], -1)], -1)
        dtype = np.result_type(c.dtype, r.dtype, v.dtype)
        turned = np.fft.fft(around)[..., None] * np.fft.fft(v, length, axis=-2)
        y = np.fft.ifft(turned, axis=-2)[..., :m, :]
        return y if dtype.kind == "c" else y.real

    return by_columns("matmul_toeplitz", r.shape[-1], x, product)


@answers(scipy.linalg.solve_toeplitz)
def solve_toeplitz(c_or_cr: Any, b: Any, check_finite: bool = True) -> Any:
    """Solve T y = b, by Levinson's recursion."""
    c, r = (double(finite(v, check_finite)) for v in _column_and_row(c_or_cr))
    b = double(finite(b, check_finite))
    return by_columns(
        "solve_toeplitz", c.shape[-1], b, lambda v: toeplitz_solve(c, r, v)
    )


@answers(scipy.linalg.solve_circulant)
def solve_circulant(
    c: Any,
    b: Any,
    singular: str = "raise",
    tol: Any = None,
    caxis: int = -1,
    baxis: int = 0,
    outaxis: int = 0,
) -> Any:
    """Solve C y = b for a circulant matrix, by Fourier transforms."""
    c = np.moveaxis(_at_least_vector(c), caxis, -1)
    b = np.moveaxis(_at_least_vector(b), baxis, -1)
    n = c.shape[-1]
    if b.shape[-1] != n:
        raise ShapeError(f"solve_circulant: {c.shape} and {b.shape} do not fit")
    turned = np.fft.fft(c)
    size = np.abs(turned)
    if tol is None:
        tol = np.max(size, axis=-1, keepdims=True) * n * np.finfo(np.float64).eps
    near = size <= tol
    if singular == "raise" and np.any(near):
        raise np.linalg.LinAlgError("near singular circulant matrix.")
    y = np.where(near, 0, np.fft.fft(b) / np.where(near, 1, turned))
    y = np.fft.ifft(y)
    if c.dtype.kind != "c" and b.dtype.kind != "c":
        y = y.real
    return np.moveaxis(y, -1, outaxis)
