"""Products under NumPy's other names: dot, outer, tensordot, kron, cross, powers.

None has a row of its own: each is written in products that have one.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, refuse
from wengert.primitives.contraction import einsum, matmul

__all__ = ["conjugate", "tensordot"]


def conjugate(x: Any) -> Any:
    """Conjugate a complex array; leave a real one as it is."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


# ----- of vectors and matrices -----


@answers(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """Sum products over the last axis of a and the last but one of b."""
    refuse("dot", out=out)
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    if a.ndim == 1 or b.ndim <= 2:
        return matmul(a, b)
    return tensordot(a, b, (-1, -2))


@answers(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """Sum products of all elements, those of a conjugated."""
    return matmul(conjugate(np.ravel(as_array(a))), np.ravel(as_array(b)))


@answers(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """Sum products over the last axes."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    return matmul(a, b) if b.ndim == 1 else tensordot(a, b, (-1, -1))


@answers(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """Multiply each element of a with each of b."""
    refuse("outer", out=out)
    return np.ravel(as_array(a))[:, None] * np.ravel(as_array(b))


@answers(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """Multiply each element of a vector with each of another."""
    x1, x2 = as_array(x1), as_array(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"outer: vectors are needed, not {x1.shape} and {x2.shape}")
    return outer(x1, x2)


@answers(np.vecdot, np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Sum products over an axis of stacked vectors, the first ones conjugated."""
    x1, x2 = as_array(x1), as_array(x2)
    if axis != -1:
        x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    return einsum("...i,...i->...", conjugate(x1), x2)


def matvec(x1: Any, x2: Any, /) -> Any:
    """Multiply stacked matrices with stacked vectors."""
    return einsum("...ij,...j->...i", as_array(x1), as_array(x2))


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Multiply stacked vectors, conjugated, with stacked matrices."""
    return einsum("...i,...ij->...j", conjugate(as_array(x1)), as_array(x2))


if hasattr(np, "matvec"):  # since NumPy 2.2
    answers(np.matvec)(matvec)
    answers(np.vecmat)(vecmat)


# ----- of tensors -----


@answers(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum products over pairs of axes, or the last of a with the first of b."""
    a, b = as_array(a), as_array(b)
    if hasattr(axes, "__len__"):
        left, right = axes
    else:
        left, right = range(-axes, 0), range(axes)
    left = normalize_axis_tuple(left, a.ndim)
    right = normalize_axis_tuple(right, b.ndim)
    if [a.shape[i] for i in left] != [b.shape[i] for i in right]:
        raise ShapeError(
            f"tensordot: axes {left} of {a.shape} and {right} of {b.shape} do not fit"
        )
    rows = tuple(i for i in range(a.ndim) if i not in left)
    columns = tuple(i for i in range(b.ndim) if i not in right)
    summed = math.prod(a.shape[i] for i in left)
    shape = [a.shape[i] for i in rows], [b.shape[i] for i in columns]
    x = _rearranged(a, rows + left, (math.prod(shape[0]), summed))
    y = _rearranged(b, right + columns, (summed, math.prod(shape[1])))
    product, shape = matmul(x, y), (*shape[0], *shape[1])
    return product if product.shape == shape else np.reshape(product, shape)


@answers(np.linalg.tensordot)
def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sum products over pairs of axes."""
    return tensordot(x1, x2, axes)


def _rearranged(x: Any, axes: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    if axes != tuple(range(x.ndim)):
        x = np.transpose(x, axes)
    return x if x.shape == shape else np.reshape(x, shape)


@answers(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Put a copy of b, times the element, in place of each element of a."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    outer_shape = (1,) * (ndim - a.ndim) + a.shape
    inner_shape = (1,) * (ndim - b.ndim) + b.shape
    pairs = list(zip(outer_shape, inner_shape, strict=True))
    product = np.reshape(a, [k for m, _ in pairs for k in (m, 1)]) * np.reshape(
        b, [k for _, n in pairs for k in (1, n)]
    )
    return np.reshape(product, [m * n for m, n in pairs])


@answers(np.cross)
def cross(
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    """Multiply vectors of three components, at right angles to both."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a = np.moveaxis(as_array(a), axisa, -1)
    b = np.moveaxis(as_array(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise MissingRuleError(
            f"cross of vectors with {a.shape[-1]} and {b.shape[-1]} components has no "
            f"rule (at {user_source()}). Instead, append a zero as third component."
        )
    # Component i is a[i+1]·b[i+2] − a[i+2]·b[i+1], indices modulo 3.
    product = np.roll(a, -1, -1) * np.roll(b, -2, -1)
    product = product - np.roll(a, -2, -1) * np.roll(b, -1, -1)
    return np.moveaxis(product, -1, axisc)


@answers(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Multiply vectors of three components, at right angles to both."""
    return cross(x1, x2, axis=axis)


# ----- of many matrices -----


@answers(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """Multiply a chain of matrices in the cheapest order; vectors may end it."""
    refuse("multi_dot", out=out)
    chain = [as_array(a) for a in arrays]
    first, last = chain[0].ndim, chain[-1].ndim
    if first == 1:
        chain[0] = chain[0][None, :]
    if last == 1:
        chain[-1] = chain[-1][:, None]
    product = _chained(chain, _cheapest([len(chain[0]), *(a.shape[1] for a in chain)]))
    shape = product.shape[first == 1 : 2 - (last == 1)]
    return product if product.shape == shape else np.reshape(product, shape)


def _cheapest(lengths: list[int]) -> dict[tuple[int, int], int]:
    """Give where to split each part i…j of a chain of matrices of these lengths."""
    count = len(lengths) - 1
    cost = {(i, i): 0 for i in range(count)}
    split = {}
    for span in range(1, count):
        for i in range(count - span):
            j = i + span
            costs = {
                k: cost[i, k] + cost[k + 1, j]
                + lengths[i] * lengths[k + 1] * lengths[j + 1]
                for k in range(i, j)
            }  # fmt: skip
            split[i, j] = min(costs, key=costs.__getitem__)
            cost[i, j] = costs[split[i, j]]
    return split


def _chained(chain: list[Any], split: dict[tuple[int, int], int]) -> Any:
    def part(i: int, j: int) -> Any:
        if i == j:
            return chain[i]
        k = split[i, j]
        return matmul(part(i, k), part(k + 1, j))

    return part(0, len(chain) - 1)


@answers(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """Multiply a matrix with itself, by repeated squaring; its inverse, where n < 0."""
    a, n = as_array(a), operator.index(n)
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:  # in the order that NumPy takes
        return matmul(matmul(a, a), a)
    power = None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            power = a if power is None else matmul(power, a)
        if n == 0:
            return power
        a = matmul(a, a)


@answers(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Make the matrix of the powers of a vector's elements."""
    x = as_array(x)
    powers = np.arange(x.size if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1])
