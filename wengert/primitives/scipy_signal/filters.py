"""Recursive filters: rational transfer functions, in series, forward and backward.

One row, `recursion`, solves Σₖ aₖ yₙ₋ₖ = uₙ along the last axis; what stands in the
numerator is a convolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.signal

from wengert.errors import ShapeError
from wengert.graph.primitive import General, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.batches import looped
from wengert.primitives.forms import general
from wengert.primitives.power_series import of_equation
from wengert.primitives.refusal import undefined
from wengert.primitives.samplers import arrays
from wengert.primitives.scipy_signal.convolution import convolve_full, floats

__all__ = ["filtered"]


def _late(x: Any, k: int) -> Any:
    """Give x[n − k] at n, along the last axis, and 0 before the start."""
    if k == 0:
        return x
    zeros = np.zeros((*x.shape[:-1], min(k, x.shape[-1])), x.dtype)
    return np.concatenate([zeros, x[..., : max(x.shape[-1] - k, 0)]], axis=-1)


def _recursion(a: Any, u: Any) -> Any:
    dtype = np.result_type(a, u)
    if u.size == 0:
        return np.zeros(u.shape, dtype)
    y = scipy.signal.lfilter(np.ones(1, dtype), a.astype(dtype), u.astype(dtype))
    return y.astype(dtype, copy=False)


def recursion_jvp(y: Any, x: Any, x_dot: Any) -> Any:
    """Differentiate: Σ aₖ ẏₙ₋ₖ = u̇ₙ − Σ ȧₖ yₙ₋ₖ."""
    a_dot, change = x_dot
    if a_dot is not None:
        moved = sum(a_dot[k] * _late(y, k) for k in range(a_dot.shape[0]))
        change = -moved if change is None else change - moved
    return recursion(x[0], change)


def recursion_vjp(y: Any, x: Any, y_bar: Any) -> Any:
    """Run the recursion backward: ū; then āₖ = −Σ ūₙ yₙ₋ₖ."""
    a, _ = x
    u_bar = recursion(a, y_bar[..., ::-1])[..., ::-1]
    return np.stack([-np.sum(u_bar * _late(y, k)) for k in range(a.shape[0])]), u_bar


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for order, shape in ((1, (5,)), (2, (2, 4)), (3, (2,)), (0, (3,)), (1, (0,))):
        a = 0.3 * arrays(rng, dtype, (order + 1,))
        a[0] += 2
        yield Sample((a, arrays(rng, dtype, shape)))


recursion: General = general(
    "recursion", (), active=(0, 1),
    impl=_recursion,
    type=lambda a, u: ArrayType(u.shape, promote(a, u)),
    jvp=recursion_jvp, vjp=recursion_vjp, taylor=of_equation("recursion"),
    cost=lambda types, y: 2 * int(types[0].size) * y.size,
    batch=looped,
    sample=_samples, ref="Σ aₖ yₙ₋ₖ = uₙ, a triangular Toeplitz system",
)  # fmt: skip

# ----- with a numerator, and a state -----


def _coefficients(b: Any, a: Any) -> tuple[Any, Any]:
    b, a = np.atleast_1d(floats(b)), np.atleast_1d(floats(a))
    if b.ndim != 1 or a.ndim != 1:
        raise ShapeError(f"lfilter: {b.shape} and {a.shape} are no two vectors")
    return b, a


def _scaled(x: Any, factor: Any, length: int) -> Any:
    """Divide coefficients by a number, and fill them up with zeros."""
    zeros = np.zeros(max(length - x.shape[0], 0), x.dtype)
    return np.concatenate([x / factor, zeros])


def filtered(b: Any, a: Any, x: Any, state: Any = None) -> tuple[Any, Any]:
    """Filter along the last axis; give what comes out, and the state at the end."""
    n = x.shape[-1]
    line = np.reshape(b, (1,) * (x.ndim - 1) + b.shape)
    u = convolve_full(x, line, method="direct")[..., :n]
    if state is None and a.shape[0] == 1:
        return u / a[0], None
    if state is None:
        return recursion(a, u), None
    # A state is what past values will add to the next outputs, scaled by a₀.
    count = max(a.shape[0], b.shape[0])
    if state.shape[-1] != count - 1:
        raise ShapeError(f"lfilter: {count - 1} states are needed, not {state.shape}")
    if count == 1:
        return u / a[0], state
    b, a = _scaled(b, a[0], count), _scaled(a, a[0], count)
    line = np.reshape(b, (1,) * (x.ndim - 1) + b.shape)
    # Run on into silence: what comes then, without recursion, is the state.
    u = convolve_full(x, line, method="direct")
    shape = (*u.shape[:-1], count - 1)
    state = np.broadcast_to(state, shape)
    u = u + np.concatenate([state, np.zeros((*u.shape[:-1], n), u.dtype)], -1)
    y = recursion(a, u[..., :n])
    line = np.reshape(a, (1,) * (x.ndim - 1) + a.shape)
    tail = convolve_full(y, line, method="direct")[..., n:]
    return y, u[..., n:] - tail


@answers(scipy.signal.lfilter)
def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """Filter along an axis by a rational transfer function."""
    b, a = _coefficients(b, a)
    x = np.moveaxis(floats(x), axis, -1)
    if zi is None:
        return np.moveaxis(filtered(b, a, x)[0], -1, axis)
    y, state = filtered(b, a, x, np.moveaxis(floats(zi), axis, -1))
    return np.moveaxis(y, -1, axis), np.moveaxis(state, -1, axis)


@answers(scipy.signal.lfilter_zi)
def lfilter_zi(b: Any, a: Any) -> Any:
    """Give the state in which a constant input 1 gives a constant output."""
    b, a = _coefficients(b, a)
    b, a = (_scaled(v, a[0], max(a.shape[0], b.shape[0])) for v in (b, a))
    # zₖ = zₖ₊₁ + bₖ₊₁ − aₖ₊₁ y, and y = Σb/Σa.
    terms = b[1:] - a[1:] * (np.sum(b) / np.sum(a))
    return np.cumsum(terms[::-1])[::-1]


@answers(scipy.signal.sosfilt)
def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """Filter along an axis by second-order sections, one after the other."""
    sos = _sections(sos)
    x = np.moveaxis(floats(x), axis, -1)
    ends = []
    if zi is not None:
        zi = floats(zi)
        zi = np.moveaxis(zi, axis if axis < 0 else axis + 1, -1)
    for k in range(sos.shape[0]):
        state = None if zi is None else zi[k]
        x, end = filtered(sos[k, :3], sos[k, 3:], x, state)
        ends.append(end)
    y = np.moveaxis(x, -1, axis)
    if zi is None:
        return y
    return y, np.moveaxis(np.stack(ends), -1, axis if axis < 0 else axis + 1)


def _sections(sos: Any) -> Any:
    sos = np.atleast_2d(floats(sos))
    if sos.ndim != 2 or sos.shape[1] != 6:
        raise ValueError("sos array must be shape (n_sections, 6)")
    if np.any(sos[:, 3] != 1):
        raise ValueError("sos[:, 3] should be all ones")
    return sos


@answers(scipy.signal.sosfilt_zi)
def sosfilt_zi(sos: Any) -> Any:
    """Give the states in which a constant input gives a constant output."""
    sos = _sections(sos)
    states, scale = [], 1.0
    for k in range(sos.shape[0]):
        states.append(scale * lfilter_zi(sos[k, :3], sos[k, 3:]))
        scale = scale * (np.sum(sos[k, :3]) / np.sum(sos[k, 3:]))
    return np.stack(states)


# ----- forward and backward -----


def _extended(x: Any, padtype: Any, count: int) -> Any:
    """Continue a signal over both ends: turned over, mirrored, or by its last value."""
    if padtype is None or count == 0:
        return x
    if count >= x.shape[-1]:
        raise ValueError(
            "The length of the input vector x must be greater than padlen, "
            f"which is {count}."
        )
    first, last = x[..., :1], x[..., -1:]
    before, after = x[..., count:0:-1], x[..., -2 : -count - 2 : -1]
    if padtype == "odd":
        before, after = 2 * first - before, 2 * last - after
    elif padtype == "constant":
        before = np.broadcast_to(first, before.shape)
        after = np.broadcast_to(last, after.shape)
    elif padtype != "even":
        raise ValueError(
            f"Unknown value '{padtype}' given to padtype. padtype must be 'even', "
            "'odd', 'constant', or None."
        )
    return np.concatenate([before, x, after], axis=-1)


def _both_ways(x: Any, axis: int, padtype: Any, count: int, run: Any) -> Any:
    x = np.moveaxis(x, axis, -1)
    if padtype is None:
        count = 0
    y = run(_extended(x, padtype, count))
    y = run(y[..., ::-1])[..., ::-1]
    return np.moveaxis(y[..., count : y.shape[-1] - count], -1, axis)


@answers(scipy.signal.filtfilt)
def filtfilt(
    b: Any, a: Any, x: Any, axis: int = -1, padtype: Any = "odd", padlen: Any = None,
    method: str = "pad", irlen: Any = None,
) -> Any:  # fmt: skip
    """Filter forward and backward: no delay, and the gain squared."""
    if method != "pad":
        raise undefined(
            f"scipy.signal.filtfilt(method={method!r})", "its ends have none",
            "take method='pad'",
        )  # fmt: skip
    b, a = _coefficients(b, a)
    if padlen is None:
        padlen = 3 * max(a.shape[0], b.shape[0])
    zi = lfilter_zi(b, a)

    def run(x: Any) -> Any:
        return filtered(b, a, x, zi * x[..., :1])[0]

    return _both_ways(floats(x), axis, padtype, padlen, run)


@answers(scipy.signal.sosfiltfilt)
def sosfiltfilt(
    sos: Any, x: Any, axis: int = -1, padtype: Any = "odd", padlen: Any = None
) -> Any:
    """Filter forward and backward by second-order sections."""
    sos = _sections(sos)
    if padlen is None:
        zeros = [int(np.sum(sos[:, k] == 0)) for k in (2, 5)]
        padlen = 3 * (2 * sos.shape[0] + 1 - min(zeros))
    zi = sosfilt_zi(sos)

    def run(x: Any) -> Any:
        first = x[..., :1]
        for k in range(sos.shape[0]):
            x = filtered(sos[k, :3], sos[k, 3:], x, zi[k] * first)[0]
        return x

    return _both_ways(floats(x), axis, padtype, padlen, run)
