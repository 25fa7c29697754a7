"""Along a sampled curve: interpolation, its slope by differences, angles unwrapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Kink, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, given, normalize_axes
from wengert.primitives.batches import over_first
from wengert.primitives.control import stop_gradient
from wengert.primitives.forms import general
from wengert.primitives.indexing import ARRAY, Index, gather_, scatter_add_
from wengert.primitives.ordering import searchsorted
from wengert.primitives.samplers import arrays

__all__: list[str] = []

# ----- interp: y = (1 − t)·f₀ + t·f₁ between two knots, constant beyond all -----

_ONE = Index((ARRAY,))


def _read(v: Any, i: Any) -> Any:
    return gather_(v, i, index=_ONE, unique=False)


def _written(v: Any, i: Any, n: int) -> Any:
    return scatter_add_(v, i, index=_ONE, shape=(n,), unique=False)


def _between(x: Any, xp: Any, fp: Any) -> tuple[Any, Any, Any, Any]:
    """Give the knots on both sides of each x, the part t of the way, and the slope.

    At a knot it is the slope to its right; from the last knot on it is 0.
    """
    n = xp.shape[0]
    i = np.clip(searchsorted(xp, x, right=True) - 1, 0, max(n - 2, 0))
    j = np.minimum(i + 1, n - 1)
    inside = (x >= xp[0]) & (x < xp[n - 1])
    start = _read(xp, i)
    width = np.where(inside, _read(xp, j) - start, 1)
    beyond = (x >= xp[n - 1]).astype(xp.dtype)
    t = np.where(inside, (x - start) / width, beyond)
    slope = np.where(inside, (_read(fp, j) - _read(fp, i)) / width, 0)
    return i, j, t, slope


def interp_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Push tangents forward: slope·(ẋ − ẋp between the knots) + ḟp between them."""
    i, j, t, slope = _between(*x)
    y_dot = None
    for k, v in enumerate(x_dot):
        if v is None:
            continue
        moved = v if k == 0 else (1 - t) * _read(v, i) + t * _read(v, j)
        term = (slope, -slope, 1)[k] * moved
        y_dot = term if y_dot is None else y_dot + term
    return y_dot


def interp_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Pull a cotangent back, to x and to the two knots beside it."""
    i, j, t, slope = _between(*x)
    n = x[1].shape[0]
    x_bar = np.real(y_bar * slope)
    return (
        x_bar,
        -_written((1 - t) * x_bar, i, n) - _written(t * x_bar, j, n),
        _written((1 - t) * y_bar, i, n) + _written(t * y_bar, j, n),
    )


def _interp_impl(x: Any, xp: Any, fp: Any) -> Any:
    return np.interp(x, xp, fp).astype(np.result_type(x, xp, fp))


def _interp_type(x: Any, xp: Any, fp: Any) -> ArrayType:
    if len(xp.shape) != 1 or xp.shape != fp.shape or not xp.size:
        raise ShapeError(
            f"interp: {xp.shape} and {fp.shape} must be vectors of one length"
        )
    return ArrayType(x.shape, promote(x, xp, fp))


def _interp_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    real = np.zeros((), dtype).real.dtype
    for shape, n in (((), 3), ((4,), 5), ((2, 3), 2), ((2,), 1), ((0,), 3)):
        xp = np.arange(n) + rng.uniform(-0.3, 0.3, n)
        # Between the knots, and beyond them, but never next to one.
        x = rng.integers(-1, n, shape) + rng.uniform(0.4, 0.6, shape)
        inputs = np.asarray(x, real)[()], xp.astype(real), arrays(rng, dtype, (n,))
        yield Sample(inputs)


_knots = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 3.0])
interp_: General = general(
    "interp", (), active=(0, 1, 2), linear_in=(2,),
    impl=_interp_impl,
    type=_interp_type,
    jvp=interp_jvp, vjp=interp_vjp,
    kinks=[
        Kink((np.float64(1), *_knots), (2.0, np.array([0, -2, 0]), np.eye(3)[1])),
        Kink((np.float64(2), *_knots), (0.0, np.zeros(3), np.eye(3)[2])),
    ],
    cost=lambda types, y: y.size * (6 + int(types[1].size).bit_length()),
    batch=over_first,
    sample=_interp_samples, ref="NumPy, interp",
)  # fmt: skip


@answers(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Interpolate linearly between the points of a curve, as float64 or complex128.

    Parameters
    ----------
    x : array, any shape, real
    xp : array (n,), real, increasing unless there is a period
    fp : array (n,), real or complex
    left, right : numbers that stand beyond the ends, fp[0] and fp[-1] by default
    period : number, of which x and xp are taken the remainder
    """
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    x, xp = x.astype(np.float64), xp.astype(np.float64)
    fp = fp.astype(np.complex128 if fp.dtype.kind == "c" else np.float64)
    if given(period):
        if period == 0:
            raise ValueError("period must be a non-zero value")
        period = abs(period)
        x, xp = x % period, xp % period
        order = np.argsort(xp)
        xp, fp = np.take(xp, order), np.take(fp, order)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        return interp_(x, xp, fp)
    y = interp_(x, xp, fp)
    if given(left):
        y = np.where(x < xp[0], left, y)
    return np.where(x > xp[-1], right, y) if given(right) else y


# ----- unwrap -----


def _cut(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    return x[(slice(None),) * axis + (slice(start, stop),)]


@answers(np.unwrap)
def unwrap(
    p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi
) -> Any:
    """Take jumps by whole periods out of a sequence of angles.

    The derivative is that of p: the correction is constant, in steps of a period.
    """
    p = as_array(p)
    (axis,) = normalize_axes(axis, p.ndim)
    steps = stop_gradient(np.diff(p, axis=axis))
    whole = np.result_type(steps.dtype, period).kind in "iu"
    high, odd = divmod(period, 2) if whole else (period / 2, 0)
    wrapped = (steps + high) % period - high
    if odd == 0:
        wrapped = np.where((wrapped == -high) & (steps > 0), high, wrapped)
    least = period / 2 if discont is None else discont
    correction = np.where(np.abs(steps) < least, 0, wrapped - steps)
    rest = _cut(p, axis, 1, None) + np.cumsum(correction, axis=axis)
    return np.concatenate([_cut(p, axis, 0, 1).astype(rest.dtype), rest], axis=axis)


# ----- gradient -----


@answers(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Differentiate a sampled function by differences, central between the ends.

    Parameters
    ----------
    f : array, any shape
    *varargs : one spacing, or for each axis a spacing or an array of coordinates
    axis : int or tuple of ints, all by default
    edge_order : 1 or 2, of the one-sided differences at the ends

    Returns
    -------
    array like f, or a tuple with one for each of several axes
    """
    f = as_array(f)
    f = f if f.dtype.kind in "fc" else f.astype(np.float64)
    if axis is None:
        axes = tuple(range(f.ndim))
    else:
        listed = axis if isinstance(axis, tuple | list) else (axis,)
        axes = tuple(normalize_axes(i, f.ndim)[0] for i in listed)
    spacings: tuple[Any, ...] = tuple(map(_spacing, varargs)) or (1.0,)
    if len(spacings) == 1 and not getattr(spacings[0], "shape", ()):
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    if edge_order not in (1, 2):
        raise ValueError("'edge_order' must be 1 or 2")
    slopes = [
        _slope(f, *pair, edge_order).astype(f.dtype)
        for pair in zip(axes, spacings, strict=True)
    ]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


def _spacing(distances: Any) -> Any:
    if isinstance(distances, int | float):
        return distances
    distances = as_array(distances)
    return distances.astype(np.float64) if distances.dtype.kind in "iu" else distances


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ShapeError(
            f"gradient: {edge_order + 1} elements are needed along axis {axis}, {n} "
            "are there"
        )
    widths = spacing
    if getattr(spacing, "ndim", 0):
        if spacing.shape != (n,):
            raise ShapeError(f"gradient: {n} coordinates needed, not {spacing.shape}")
        widths = np.diff(spacing)
        # Plain coordinates at equal distances are one distance, as NumPy has it; from
        # traced ones a derivative in each is wanted.
        if type(widths) is np.ndarray and np.all(widths == widths[0]):
            widths = widths[0]

    def at(k: int) -> Any:
        return _cut(f, axis, k, k + 1 or None)

    before, after = _cut(f, axis, None, -2), _cut(f, axis, 2, None)
    if not getattr(widths, "ndim", 0):
        first = last = near = far = widths
        inner = (after - before) / (2.0 * widths)
    else:
        column = (-1,) + (1,) * (f.ndim - axis - 1)
        left, right = (np.reshape(w, column) for w in (widths[:-1], widths[1:]))
        a, b, c = _central(left, right)
        inner = a * before + b * _cut(f, axis, 1, -1) + c * after
        first, last = widths[0], widths[-1]
        near, far = widths[min(1, n - 2)], widths[-min(2, n - 1)]
    if edge_order == 1:
        start, end = (at(1) - at(0)) / first, (at(-1) - at(-2)) / last
    else:
        a, b, c = _one_sided(first, near)
        start = a * at(0) + b * at(1) + c * at(2)
        a, b, c = _one_sided(last, far)
        end = -(a * at(-1) + b * at(-2) + c * at(-3))
    return np.concatenate([start, inner, end], axis=axis)


def _central(left: Any, right: Any) -> tuple[Any, Any, Any]:
    """Give the weights of three points for the slope at the middle one."""
    both = left + right
    weight = (right - left) / (left * right)
    return -right / (left * both), weight, left / (right * both)


def _one_sided(near: Any, far: Any) -> tuple[Any, Any, Any]:
    """Give the weights of three points for the slope at the first one."""
    both = near + far
    return -(near + both) / (near * both), both / (near * far), -near / (far * both)
