"""Norms of vectors and matrices.

At 0, where a norm has a kink, its gradient is 0: of all subgradients the smallest. None
of the rules makes a nan there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Kink, answers
from wengert.graph.types import ArrayType
from wengert.primitives.arithmetic import scale
from wengert.primitives.axes import (
    as_array,
    expand_like,
    normalize_axes,
    reduced_shape,
    refuse,
)
from wengert.primitives.batches import along_axes
from wengert.primitives.decompositions import singular_values
from wengert.primitives.forms import general
from wengert.primitives.linalg import inexact, real, real_dtype
from wengert.primitives.products import conjugate
from wengert.primitives.samplers import cases

__all__ = ["norm"]


# ----- the row -----


def _norm2(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    if len(axis) == x.ndim:  # as NumPy has it, to the bit, and by BLAS
        flat = x.ravel()
        parts = (flat.real, flat.imag) if x.dtype.kind == "c" else (flat,)
        y = np.sqrt(sum(part.dot(part) for part in parts))
        return y.reshape((1,) * x.ndim) if keepdims else y
    squares = x.real * x.real + x.imag * x.imag if x.dtype.kind == "c" else x * x
    return np.sqrt(np.sum(squares, axis=axis, keepdims=keepdims))


def _direction(y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Give x / ‖x‖, conjugated; 0 where the norm is 0."""
    length = expand_like(y, x.shape, axis, keepdims)
    zero = length == 0
    return np.where(zero, 0, conjugate(x) / np.where(zero, 1, length))


def norm2_jvp(y: Any, x: Any, x_dot: Any, *, axis: Any, keepdims: bool) -> Any:
    """Project the tangent on the direction of x."""
    along = real(_direction(y, x[0], axis, keepdims) * x_dot[0])
    return np.sum(along, axis=axis, keepdims=keepdims)


def norm2_vjp(y: Any, x: Any, y_bar: Any, *, axis: Any, keepdims: bool) -> Any:
    """Stretch the direction of x."""
    seed = expand_like(y_bar, x[0].shape, axis, keepdims)
    return (scale(seed, _direction(y, x[0], axis, keepdims)),)


def _norm2_type(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> ArrayType:
    return ArrayType(reduced_shape(x.shape, axis, keepdims), real_dtype(x.dtype))


_ALL = {"axis": (0,), "keepdims": False}

norm2_: General = general(
    "norm2", (),
    impl=_norm2,
    type=_norm2_type,
    jvp=norm2_jvp, vjp=norm2_vjp,
    cost=lambda types, y, **_: 2 * types[0].size,
    kinks=[Kink((np.zeros(2),), (np.zeros(2),), _ALL)],
    batch=along_axes,
    sample=cases(([(3,)], _ALL), ([(2, 3)], {"axis": (1,), "keepdims": True}),
                 ([(2, 3)], {"axis": (0, 1), "keepdims": False})),
    ref="the Euclidean norm",
)  # fmt: skip

# ----- faces -----


@answers(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Give the norm of vectors, of matrices, or of all elements."""
    x = inexact(x)
    if axis is None and (ord is None or (ord, x.ndim) in ((2, 1), ("fro", 2))):
        return norm2_(x, axis=tuple(range(x.ndim)), keepdims=keepdims)
    axes = range(x.ndim) if axis is None else axis
    axes = normalize_axis_tuple(axes, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ShapeError(
        f"norm: one axis or two are needed for shape {x.shape}, not {axes}"
    )


@answers(np.linalg.vector_norm)
def vector_norm(
    x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    """Give the norm over axes as if they were one."""
    x = inexact(x)
    return _vector_norm(x, ord, normalize_axes(axis, x.ndim), keepdims)


@answers(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Give the norms of stacked matrices."""
    x = inexact(x)
    return _matrix_norm(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


@answers(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """Give the condition number: the norm times the norm of the inverse."""
    x = inexact(x)
    if p in (None, 2, -2):
        s = singular_values(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    axes = (x.ndim - 2, x.ndim - 1)
    return _matrix_norm(x, p, axes, False) * _matrix_norm(
        np.linalg.inv(x), p, axes, False
    )


@answers(np.linalg.matrix_rank)
def matrix_rank(
    A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Any:
    """Count the singular values that are not 0 to rounding."""
    refuse("linalg.matrix_rank", hermitian=hermitian or None)
    A = inexact(A)
    if A.ndim < 2:
        return np.any(A != 0).astype(np.int64)
    s = singular_values(A)
    if tol is None:
        eps = float(np.finfo(s.dtype).eps)
        rtol = max(A.shape[-2:]) * eps if rtol is None else rtol
        tol = np.max(s, axis=-1) * rtol
    return np.sum(s > np.expand_dims(as_array(tol), -1), axis=-1)


def _vector_norm(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"invalid norm order {ord!r} for vectors")
    if ord == 2:
        return norm2_(x, axis=tuple(sorted(axis)), keepdims=keepdims)
    if ord == 0:
        nonzero = np.not_equal(x, 0).astype(real_dtype(x.dtype))
        return np.sum(nonzero, axis=axis, keepdims=keepdims)
    size = np.abs(x)
    if ord == math.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    return _root(np.sum(_power(size, ord), axis=axis, keepdims=keepdims), ord)


def _power(size: Any, p: float) -> Any:
    if p < 0:
        return size**p
    # Next to 0 a power below 1 is infinitely steep, and one below 2 infinitely curved.
    return np.where(size == 0, 0, np.where(size == 0, 1, size) ** p)


def _root(total: Any, p: float) -> Any:
    return _power(total, 1 / p)


def _matrix_norm(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    row, column = axis
    if row == column:
        raise ValueError("Duplicate axes given.")
    if ord in ("fro", "f"):
        return norm2_(x, axis=tuple(sorted(axis)), keepdims=keepdims)
    if ord in (1, -1, math.inf, -math.inf):
        along, over = (row, column) if abs(ord) == 1 else (column, row)
        sums = np.sum(np.abs(x), axis=along, keepdims=True)
        extreme = (np.max if ord > 0 else np.min)(sums, axis=over, keepdims=True)
    elif ord in (2, -2, "nuc"):
        s = singular_values(np.moveaxis(x, axis, (-2, -1)))
        if ord == -2:
            extreme = s[..., -1]
        else:
            # The vectors of a vanishing singular value are arbitrary: it stays out.
            m, n = x.shape[row], x.shape[column]
            bound = max(m, n) * float(np.finfo(s.dtype).eps) * s[..., :1]
            s = np.where(s > bound, s, 0)
            extreme = np.sum(s, axis=-1) if ord == "nuc" else np.max(s, axis=-1)
        extreme = np.expand_dims(extreme, axis)
    else:
        raise ValueError(f"invalid norm order {ord!r} for matrices")
    return extreme if keepdims else np.squeeze(extreme, axis)
