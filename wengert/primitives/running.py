"""Along an axis: running sums and products, recurrences, differences."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, given, normalize_axes, refuse
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import general, linear
from wengert.primitives.power_series import of_equation
from wengert.primitives.samplers import cases

__all__: list[str] = []

_one_axis = cases(
    ([(1,)], {"axis": 0}),
    ([(4,)], {"axis": 0}),
    ([(2, 3)], {"axis": 0}),
    ([(2, 3, 2)], {"axis": 1}),
    ([(2, 0)], {"axis": 1}),
)


def _running_zeros(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    yield from _one_axis(rng, dtype)
    for row in ([2, 0, 3, 1], [0, 2, 0, 1], [0, 0, 0, 1]):
        yield Sample((np.array([row, [1, 2, 3, 4]], dtype),), {"axis": 1})


def widened(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the dtype in which NumPy adds and multiplies: small integers are widened."""
    if dtype.kind in "bi":
        return np.result_type(dtype, np.int_)
    return np.result_type(dtype, np.uint) if dtype.kind == "u" else dtype


def _running_type(x: ArrayType, axis: int) -> ArrayType:
    return ArrayType(x.shape, widened(x.dtype))


def _flops(types: Any, y: ArrayType, **_: Any) -> int:
    return int(y.size)


# ----- sums -----


def cumsum_transpose(_: Any, y_bar: Any, axis: int) -> Any:
    """Transpose: each element collects from its own place and all later ones."""
    return np.flip(np.cumsum(np.flip(y_bar, axis), axis=axis), axis)


cumsum = linear(
    "cumsum", (),
    impl=lambda x, axis: np.cumsum(x, axis=axis),
    type=_running_type,
    transpose=cumsum_transpose,
    batch=along_axes,
    sample=_one_axis, ref="Griewank & Walther (2008), ch. 3", cost=_flops,
)  # fmt: skip


# ----- products, right where factors are zero: nothing is divided -----


def delayed(x: Any, axis: int, first: float, reverse: bool = False) -> Any:
    """Move by one place along an axis, with `first` (0 or 1) in the free place."""
    before = (slice(None),) * axis
    edge, rest = x[(*before, slice(0, 1))], slice(1, None) if reverse else slice(0, -1)
    edge = np.ones_like(edge) if first else np.zeros_like(edge)
    rest = x[(*before, rest)]
    return np.concatenate([rest, edge] if reverse else [edge, rest], axis=axis)


def recurrence_impl(a: Any, b: Any, axis: int, reverse: bool) -> Any:
    """Solve y[k] = a[k]·y[k−1] + b[k] in order, as no doubling scheme does: products of
    the a alone, which it would form, can overflow."""
    a, b = (np.moveaxis(z, axis, 0)[:: -1 if reverse else 1] for z in (a, b))
    y = np.empty(b.shape, np.result_type(a, b))
    last: Any = 0
    lines = (a, b) if a.ndim > 1 else (a.tolist(), b.tolist())
    for k, (a_k, b_k) in enumerate(zip(*lines, strict=True)):
        y[k] = last = a_k * last + b_k
    return np.moveaxis(y[:: -1 if reverse else 1], 0, axis)


def recurrence_jvp(y: Any, x: Any, x_dot: Any, axis: int, reverse: bool) -> Any:
    """Push tangents forward: ẏ[k] = a[k]·ẏ[k−1] + ȧ[k]·y[k−1] + ḃ[k]."""
    a_dot, b_dot = x_dot
    if a_dot is not None:
        from_a = a_dot * delayed(y, axis, 0, reverse)
        b_dot = from_a if b_dot is None else from_a + b_dot
    return recurrence(x[0], b_dot, axis=axis, reverse=reverse)


def recurrence_vjp(y: Any, x: Any, y_bar: Any, axis: int, reverse: bool) -> Any:
    """Pull cotangents back: b̄[k] = ȳ[k] + a[k+1]·b̄[k+1], ā[k] = b̄[k]·y[k−1]."""
    a_next = delayed(x[0], axis, 0, not reverse)
    b_bar = recurrence(a_next, y_bar, axis=axis, reverse=not reverse)
    return b_bar * delayed(y, axis, 0, reverse), b_bar


recurrence = general(
    # y[k] = a[k]·y[k−1] + b[k] from y[−1] = 0. It answers no NumPy function: the
    # derivatives of running products are such, and so are the derivatives of those.
    "recurrence", (),
    impl=recurrence_impl,
    type=lambda a, b, axis, reverse: ArrayType(b.shape, promote(a, b)),
    jvp=recurrence_jvp, vjp=recurrence_vjp, active=(0, 1), linear_in=(1,),
    batch=along_axes,
    taylor=of_equation("recurrence"),
    sample=cases(
        ([(1,), (1,)], {"axis": 0, "reverse": False}),
        ([(5,), (5,)], {"axis": 0, "reverse": True}),
        ([(2, 4), (2, 4)], {"axis": 1, "reverse": False}),
        ([(3, 2), (3, 2)], {"axis": 0, "reverse": True}),
        ([(2, 0), (2, 0)], {"axis": 1, "reverse": False}),
    ),
    ref="",
    cost=lambda types, y, **_: 2 * y.size,
)  # fmt: skip
cumprod = general(
    # ẏ[k] = x[k]·ẏ[k−1] + ẋ[k]·y[k−1], and the adjoint runs backwards.
    "cumprod", (),
    impl=lambda x, axis: np.cumprod(x, axis=axis),
    type=_running_type,
    jvp=lambda y, x, x_dot, axis: recurrence(
        x[0], delayed(y, axis, 1) * x_dot[0], axis=axis, reverse=False
    ),
    vjp=lambda y, x, y_bar, axis: (
        recurrence(delayed(x[0], axis, 0, True), y_bar, axis=axis, reverse=True)
        * delayed(y, axis, 1),
    ),
    batch=along_axes,
    sample=_running_zeros, ref="Griewank & Walther (2008), ch. 3", cost=_flops,
)  # fmt: skip


# ----- faces -----


def _along(row: Any, name: str, a: Any, axis: Any, dtype: Any, out: Any) -> Any:
    refuse(name, out=out)
    a = as_array(a)
    if given(dtype):
        a = a.astype(dtype)
    if axis is None or a.ndim == 0:
        a, axis = np.reshape(a, (-1,)), 0
    return row(a, axis=normalize_axes(operator.index(axis), a.ndim)[0])


@answers(np.cumsum)
def cumsum_face(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Give the running sums along an axis, or of the flattened array."""
    return _along(cumsum, "cumsum", a, axis, dtype, out)


@answers(np.cumprod)
def cumprod_face(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Give the running products along an axis, or of the flattened array."""
    return _along(cumprod, "cumprod", a, axis, dtype, out)


@answers(np.nancumsum)
def nancumsum_face(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Give the running sums, NaN counted as 0."""
    a = as_array(a)
    return cumsum_face(np.where(np.isnan(a), 0, a), axis, dtype, out)


@answers(np.nancumprod)
def nancumprod_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None
) -> Any:
    """Give the running products, NaN counted as 1."""
    a = as_array(a)
    return cumprod_face(np.where(np.isnan(a), 1, a), axis, dtype, out)


def cumulative_sum_face(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
    include_initial: Any = False,
) -> Any:  # fmt: skip
    """Give the running sums, those of nothing too if `include_initial`."""
    return _cumulative(cumsum_face, np.zeros_like, x, axis, dtype, out, include_initial)


def cumulative_prod_face(
    x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
    include_initial: Any = False,
) -> Any:  # fmt: skip
    """Give the running products, those of nothing too if `include_initial`."""
    return _cumulative(cumprod_face, np.ones_like, x, axis, dtype, out, include_initial)


def _cumulative(
    face: Any, neutral: Any, x: Any, axis: Any, dtype: Any, out: Any, initial: Any
) -> Any:
    x = as_array(x)
    if axis is None and x.ndim != 1:
        raise ValueError("axis is needed: the array is not one-dimensional")
    axis = normalize_axes(0 if axis is None else axis, x.ndim)[0]
    y = face(x, axis, dtype, out)
    if not initial:
        return y
    edge = (*y.shape[:axis], 1, *y.shape[axis + 1 :])
    return np.concatenate([neutral(y, shape=edge), y], axis=axis)


if hasattr(np, "cumulative_sum"):  # NumPy ≥ 2.1
    answers(np.cumulative_sum)(cumulative_sum_face)
    answers(np.cumulative_prod)(cumulative_prod_face)


# ----- differences -----


def _between(a: Any, axis: int, start: int | None, stop: int | None) -> Any:
    return a[(*(slice(None),) * axis, slice(start, stop))]


@answers(np.diff)
def diff_face(
    a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
) -> Any:
    """Give the n-th differences of neighbours along an axis."""
    n = operator.index(n)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    a = as_array(a)
    if n == 0:
        return a
    axis = normalize_axes(operator.index(axis), a.ndim)[0]
    if given(prepend) or given(append):
        edges = [_edge(a, e, axis) if given(e) else None for e in (prepend, append)]
        parts = (edges[0], a, edges[1])
        a = np.concatenate([part for part in parts if part is not None], axis=axis)
    for _ in range(n):
        later, earlier = _between(a, axis, 1, None), _between(a, axis, None, -1)
        a = later != earlier if a.dtype.kind == "b" else later - earlier
    return a


def _edge(a: Any, edge: Any, axis: int) -> Any:
    edge = as_array(edge)
    shape = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    return edge if edge.ndim else np.broadcast_to(edge, shape)


@answers(np.ediff1d)
def ediff1d_face(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Give the differences of neighbours in the flattened array."""
    y = diff_face(np.reshape(as_array(ary), (-1,)))
    first, last = (
        np.reshape(as_array(edge), (-1,)).astype(y.dtype) if given(edge) else y[:0]
        for edge in (to_begin, to_end)
    )
    return np.concatenate([first, y, last])


@answers(np.trapezoid)
def trapezoid_face(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """Integrate along an axis by the trapezoidal rule."""
    y = as_array(y)
    axis = normalize_axes(operator.index(axis), y.ndim)[0]
    if x is not None:
        x = as_array(x)
        dx = diff_face(x, axis=axis if x.ndim > 1 else -1)
        if x.ndim == 1:
            dx = np.reshape(dx, (-1,) + (1,) * (y.ndim - 1 - axis))
    heights = _between(y, axis, 1, None) + _between(y, axis, None, -1)
    return np.sum(dx * heights / 2.0, axis=axis)
