"""Matrices made of a few numbers, or of blocks: each entry is read from its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, result_dtype
from wengert.primitives.linalg import matrix_shape
from wengert.primitives.scipy_linalg.arguments import undefined

__all__: list[str] = []


def _vector(name: str, x: Any, least: int = 1) -> Any:
    x = as_array(x)
    x = np.reshape(x, (1,)) if x.ndim == 0 else x
    if x.shape[-1] < least:
        raise ShapeError(f"{name}: {least} numbers are needed at least, not {x.shape}")
    return x


@answers(scipy.linalg.hankel)
def hankel(c: Any, r: Any = None) -> Any:
    """Build the matrix with this first column and last row, equal across."""
    c = as_array(c)
    r = np.zeros(c.shape, c.dtype) if r is None else as_array(r)
    if c.ndim != 1 or r.ndim != 1:
        raise undefined(
            f"hankel of shapes {c.shape} and {r.shape}",
            "SciPy is about to change what stacked columns mean",
            "give vectors",
        )
    values = np.concatenate([c, r[1:]])
    return values[np.arange(c.shape[0])[:, None] + np.arange(r.shape[0])]


@answers(scipy.linalg.companion)
def companion(a: Any) -> Any:
    """Build the matrix whose eigenvalues are the roots of a polynomial."""
    a = _vector("companion", a, least=2)
    if np.any(a[..., 0] == 0):
        raise ValueError(
            "The first coefficient(s) of `a` (i.e. elements of `a[..., 0]`) must not "
            "be zero."
        )
    n = a.shape[-1] - 1
    first = -a[..., 1:] / (1.0 * a[..., 0:1])
    rest = np.broadcast_to(np.eye(n, dtype=first.dtype)[:-1], (*a.shape[:-1], n - 1, n))
    return np.concatenate([first[..., None, :], rest], -2)


@answers(scipy.linalg.fiedler_companion)
def fiedler_companion(a: Any) -> Any:
    """Build Fiedler's pentadiagonal matrix of the roots of a polynomial."""
    a = as_array(a)
    if a.ndim != 1:
        raise undefined(
            f"fiedler_companion of shape {a.shape}",
            "it is written for vectors",
            "call it for each polynomial",
        )
    n = a.shape[0] - 1
    if n < 1:
        return np.zeros(0, a.dtype)
    if n > 1 and a[0] == 0:
        raise ValueError("Leading coefficient is zero.")
    values = a / a[0]
    if n == 1:
        return -values[1:, None]
    # Where each entry comes from: 0, 1, or a coefficient with its sign turned.
    source = np.zeros((n, n), np.intp)
    source[range(3, n, 2), range(1, n - 2, 2)] = 1
    source[range(2, n, 2), range(1, n - 1, 2)] = 1 + np.arange(3, n + 1, 2)
    source[range(0, n - 2, 2), range(2, n, 2)] = 1
    source[range(0, n - 1, 2), range(1, n, 2)] = 1 + np.arange(2, n + 1, 2)
    source[[0, 1], 0] = [2, 1]
    zero_one = np.array([0, 1], values.dtype)
    return np.concatenate([zero_one, -values[1:]])[source]


@answers(scipy.linalg.fiedler)
def fiedler(a: Any) -> Any:
    """Build the symmetric matrix of the distances between numbers."""
    a = as_array(a)
    if a.size == 0:
        return np.zeros(0)
    if a.size == 1:
        return np.zeros((1, 1))
    return np.abs(a[..., :, None] - a[..., None, :])


@answers(scipy.linalg.leslie)
def leslie(f: Any, s: Any) -> Any:
    """Build the matrix of a population, from fecundities and survival rates."""
    f, s = _vector("leslie", f), _vector("leslie", s)
    if f.shape[-1] != s.shape[-1] + 1:
        raise ShapeError(
            f"leslie: one rate less is needed, not {f.shape} and {s.shape}"
        )
    n = f.shape[-1]
    stack = np.broadcast_shapes(f.shape[:-1], s.shape[:-1])
    first = np.broadcast_to(f[..., None, :], (*stack, 1, n))
    rest = np.where(np.eye(n - 1, n, dtype=bool), s[..., :, None], 0)
    rest = np.broadcast_to(rest, (*stack, n - 1, n))
    return np.concatenate([first, rest], -2)


@answers(scipy.linalg.diagsvd)
def diagsvd(s: Any, M: int, N: int) -> Any:
    """Build the M × N matrix with singular values on its diagonal."""
    s = as_array(s)
    k = s.shape[-1]
    if k not in (M, N):
        raise ValueError("Length of s must be M or N.")
    square = np.where(np.eye(k, dtype=bool), s[..., :, None], 0)
    zeros = np.zeros((*s.shape[:-1], k, max(N - k, 0)), s.dtype)
    if k == M:
        return np.concatenate([square, zeros], -1)[..., :N]
    zeros = np.zeros((*s.shape[:-1], max(M - k, 0), k), s.dtype)
    return np.concatenate([square, zeros], -2)[..., :M, :]


@answers(scipy.linalg.block_diag)
def block_diag(*arrs: Any) -> Any:
    """Build the matrix with these blocks along its diagonal."""
    blocks = [as_array(a) for a in arrs]
    blocks = [np.reshape(a, (1,) * (2 - a.ndim) + a.shape) for a in blocks]
    dtype = result_dtype(*blocks)
    stack = np.broadcast_shapes(*(a.shape[:-2] for a in blocks))
    width = sum(a.shape[-1] for a in blocks)
    rows, before = [], 0
    for a in blocks:
        m, n = a.shape[-2:]
        a = np.broadcast_to(a.astype(dtype), (*stack, m, n))
        left = np.zeros((*stack, m, before), dtype)
        right = np.zeros((*stack, m, width - before - n), dtype)
        rows.append(np.concatenate([left, a, right], -1))
        before += n
    return np.concatenate(rows, -2)


@answers(scipy.linalg.khatri_rao)
def khatri_rao(a: Any, b: Any) -> Any:
    """Give the Kronecker product, column by column."""
    a, b = as_array(a), as_array(b)
    (m, n), (k, other) = matrix_shape("khatri_rao", a), matrix_shape("khatri_rao", b)
    if n != other:
        raise ShapeError(f"khatri_rao: {a.shape} and {b.shape} differ in columns")
    y = a[..., :, None, :] * b[..., None, :, :]
    return np.reshape(y, (*y.shape[:-3], m * k, n))


@answers(scipy.linalg.clarkson_woodruff_transform)
def clarkson_woodruff_transform(input_matrix: Any, *args: Any, **keywords: Any) -> Any:
    """Multiply with a random sketch, which is linear: SciPy draws it.

    To SciPy a seed means something else by position than by keyword.
    """
    a = as_array(input_matrix)
    n, _ = matrix_shape("clarkson_woodruff_transform", a)
    eye = np.eye(n, dtype=a.dtype)
    sketch = scipy.linalg.clarkson_woodruff_transform(eye, *args, **keywords)
    return sketch @ a
