"""Arithmetic: sums, products, remainders, absolute values, extrema, powers."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import Kink, Sample, answers
from wengert.primitives.axes import as_array, given, indicator, refuse, typed
from wengert.primitives.comparison import binary_exponent, sign
from wengert.primitives.forms import elementwise, ufunc_type
from wengert.primitives.nans import may_have_nan
from wengert.primitives.power_series import (
    divide_taylor,
    multiply_taylor,
    power_taylor,
)
from wengert.primitives.samplers import arrays, away, reals

__all__: list[str] = []

_BASIC = "Griewank & Walther (2008), ch. 2"
_KINKS = "Griewank & Walther (2008), ch. 14"

# Operators rather than ufuncs as implementations: equal on arrays, and ten times as
# fast on NumPy scalars.

# ----- sums -----

add = elementwise(
    "add", np.add, impl=operator.add, symbol="+",
    partials=[1, 1],
    sample=reals((-2, 2), (-2, 2)), ref=_BASIC,
)  # fmt: skip
subtract = elementwise(
    "subtract", np.subtract, impl=operator.sub, symbol="-",
    partials=[1, -1],
    sample=reals((-2, 2), (-2, 2)), ref=_BASIC,
)  # fmt: skip
negative = elementwise(
    "negative", np.negative, impl=operator.neg, symbol="-",
    partials=[-1],
    sample=reals(-2, 2), ref=_BASIC,
)  # fmt: skip
positive = elementwise(
    "positive", np.positive, impl=operator.pos, symbol="+",
    partials=[1],
    sample=reals(-2, 2), ref=_BASIC,
)  # fmt: skip
nextafter = elementwise(
    # x and the least step there is: a shift.
    "nextafter", np.nextafter, dtypes="f",
    partials=[1, None],
    sample=reals((-2, 2), (-2, 2)), ref="",
)  # fmt: skip

# ----- products -----

multiply = elementwise(
    "multiply", np.multiply, impl=operator.mul, symbol="·",
    partials=[lambda _, _x, y: y,
              lambda _, x, _y: x],
    taylor=multiply_taylor,
    sample=reals((-2, 2), (-2, 2)), ref=_BASIC,
)  # fmt: skip


def _reciprocal(_: Any, _x: Any, y: Any) -> Any:
    if type(y) in (int, float) and y == 0:
        return math.copysign(math.inf, y)  # for Python an error, for NumPy infinite
    return 1 / y


divide = elementwise(
    "divide", np.divide, impl=operator.truediv, symbol="/",
    partials=[_reciprocal,
              lambda z, _, y: -z / y],
    taylor=divide_taylor,
    sample=reals((-2, 2), (0.5, 2)), ref=_BASIC,
)  # fmt: skip
reciprocal = elementwise(
    "reciprocal", np.reciprocal,
    partials=[lambda y, _: -y * y],
    sample=reals(0.5, 2), ref=_BASIC,
)  # fmt: skip
square = elementwise(
    "square", np.square,
    partials=[lambda _, x: 2 * x],
    sample=reals(-2, 2), ref=_BASIC,
)  # fmt: skip


def scale_impl(s: Any, p: Any) -> Any:
    """Multiply, where a zero of either factor wins over an inf or nan of the other."""
    with np.errstate(all="ignore"):
        r = s * p
        if type(r) is complex:  # of 1j * np.float64(1): Python's operator came first
            r = np.complex128(r)
        if not (may_have_nan(r) if r.ndim else r != r):
            return r
        return np.where((r != r) & ((s == 0) | (p == 0)), 0, r)[()]


scale = elementwise(
    # The product of a seed and a partial derivative, zero where either is: what does
    # not matter (the branch that `where` did not take) cannot spoil what does.
    "scale", (), impl=scale_impl, type=ufunc_type(np.multiply), symbol="·",
    partials=[lambda _, _s, p: p,
              lambda _, s, _p: s],
    taylor=multiply_taylor,
    kinks=[Kink((0.0, np.inf), (np.inf, 0.0))],
    sample=reals((-2, 2), (-2, 2)), ref=_BASIC,
)  # fmt: skip


def _with_exponents(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    yield Sample((arrays(rng, dtype, ()), 3))
    yield Sample((arrays(rng, dtype, (2, 3)), np.array([-1, 0, 2])))


ldexp = elementwise(
    "ldexp", np.ldexp, dtypes="f",
    partials=[lambda _, _x, i: np.ldexp(_x.dtype.type(1), i),
              None],
    sample=_with_exponents, ref="",
)  # fmt: skip

# ----- remainders: floor_divide stands with the constant functions -----

remainder = elementwise(
    "remainder", np.remainder, impl=operator.mod, symbol="mod", dtypes="f",
    partials=[1,
              lambda _, x, y: -np.floor_divide(x, y)],
    sample=reals((2.1, 2.4), (-1, -0.9)), ref="",
)  # fmt: skip
fmod = elementwise(
    "fmod", np.fmod, dtypes="f",
    partials=[1,
              lambda _, x, y: -np.trunc(x / y)],
    sample=reals((2.1, 2.4), (-1, -0.9)), ref="",
)  # fmt: skip


@answers(np.divmod)
def divmod_face(x: Any, y: Any) -> tuple[Any, Any]:
    """Give floor quotient and remainder."""
    return np.floor_divide(x, y), np.remainder(x, y)


@answers(np.modf)
def modf_face(x: Any) -> tuple[Any, Any]:
    """Split into fractional and integral part, both with the sign of x."""
    fraction = np.where(np.isinf(x), 0.0, np.fmod(x, 1.0))
    return np.copysign(fraction, x), np.trunc(x)


@answers(np.frexp)
def frexp_face(x: Any) -> tuple[Any, Any]:
    """Split into mantissa and binary exponent: x = mantissa · 2**exponent."""
    exponent = binary_exponent(x)
    return np.ldexp(x, -exponent), exponent


# ----- absolute values and signs -----


def absolute_partial(_: Any, x: Any) -> Any:
    """Give ∂|x|: the sign; for complex x the gradient ∂/∂x − i ∂/∂y = conj(x)/|x|."""
    return np.conjugate(np.sign(x)) if x.dtype.kind == "c" else np.sign(x)


absolute = elementwise(
    "absolute", np.absolute, impl=operator.abs, symbol="abs",
    partials=[absolute_partial],
    kinks=[Kink((0.0,), (0.0,))],
    sample=reals(0.2, 2), ref=_KINKS,
)  # fmt: skip
fabs = elementwise(
    "fabs", np.fabs, dtypes="f",
    partials=[lambda _, x: np.sign(x)],
    kinks=[Kink((0.0,), (0.0,))],
    sample=reals(0.2, 2), ref=_KINKS,
)  # fmt: skip
copysign = elementwise(
    "copysign", np.copysign, dtypes="f",
    partials=[lambda _, x, y: np.sign(x) * np.sign(np.copysign(x, y)),
              None],
    kinks=[Kink((0.0, 1.0), (0.0, None))],
    sample=reals((0.2, 2), (-2, -0.2)), ref=_KINKS,
)  # fmt: skip
heaviside = elementwise(
    # The step itself is constant; its value at 0 is an argument.
    "heaviside", np.heaviside, dtypes="f",
    partials=[None,
              lambda z, x, _: indicator(np.equal(x, 0), z)],
    kinks=[Kink((0.0, 0.3), (None, 1.0))],
    sample=reals((0.2, 2), (0, 1)), ref=_KINKS,
)  # fmt: skip


@answers(np.sign)
def sign_face(x: Any) -> Any:
    """Give the sign; of a complex number x/|x|, which is not constant."""
    if getattr(x, "dtype", None) is None or x.dtype.kind != "c":
        return sign(x)
    return unit(x, np.absolute(x))


# ----- extrema: a tie shares the derivative evenly -----


def share(x: Any, y: Any) -> Any:
    """Give 1 where x is greater than y, 1/2 where they tie, and 0 elsewhere."""
    return np.where(x == y, 0.5, indicator(x > y, x, y))


maximum = elementwise(
    "maximum", np.maximum, symbol="max", dtypes="f",
    partials=[lambda _, x, y: share(x, y),
              lambda _, x, y: share(y, x)],
    kinks=[Kink((1.0, 1.0), (0.5, 0.5))],
    sample=away(reals((-2, 2), (-2, 2))), ref=_KINKS,
)  # fmt: skip
minimum = elementwise(
    "minimum", np.minimum, symbol="min", dtypes="f",
    partials=[lambda _, x, y: share(y, x),
              lambda _, x, y: share(x, y)],
    kinks=[Kink((1.0, 1.0), (0.5, 0.5))],
    sample=away(reals((-2, 2), (-2, 2))), ref=_KINKS,
)  # fmt: skip
fmax = elementwise(
    # A number wins over a NaN.
    "fmax", np.fmax, dtypes="f",
    partials=[lambda _, x, y: np.where(np.isnan(y), 1.0, share(x, y)),
              lambda _, x, y: np.where(np.isnan(x), 1.0, share(y, x))],
    kinks=[Kink((1.0, 1.0), (0.5, 0.5)), Kink((1.0, np.nan), (1.0, 0.0))],
    sample=away(reals((-2, 2), (-2, 2))), ref=_KINKS,
)  # fmt: skip
fmin = elementwise(
    "fmin", np.fmin, dtypes="f",
    partials=[lambda _, x, y: np.where(np.isnan(y), 1.0, share(y, x)),
              lambda _, x, y: np.where(np.isnan(x), 1.0, share(x, y))],
    kinks=[Kink((1.0, 1.0), (0.5, 0.5)), Kink((1.0, np.nan), (1.0, 0.0))],
    sample=away(reals((-2, 2), (-2, 2))), ref=_KINKS,
)  # fmt: skip


# ndarray.clip calls a ufunc that NumPy does not export.
@answers(np.clip, np._core.umath.clip)  # type: ignore[attr-defined]
def clip_face(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
    **ufunc_keywords: Any,
) -> Any:
    """Bound from below and above; the derivative at a bound is shared with it."""
    refuse("clip", out=out, **ufunc_keywords)
    low, high = (a_min if given(a_min) else min), (a_max if given(a_max) else max)
    a = np.maximum(a, low) if given(low) else as_array(a)
    return np.minimum(a, high) if given(high) else a


@answers(np.nan_to_num)
def nan_to_num_face(
    x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Replace NaN and infinities by numbers, whose derivative is zero."""
    refuse("nan_to_num", copy=copy)
    x = as_array(x)
    if x.dtype.kind not in "fc":
        return x
    if x.dtype.kind == "c":
        real, imag = (
            nan_to_num_face(part, copy, nan, posinf, neginf)
            for part in (np.real(x), np.imag(x))
        )
        return real + 1j * imag
    limits = np.finfo(x.dtype)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, posinf if given(posinf) else limits.max, x)
    return np.where(x == -np.inf, neginf if given(neginf) else limits.min, x)


# ----- lengths and powers -----


def unit(x: Any, length: Any) -> Any:
    """Give x / length, and 0 where that is 0, in every further derivative too."""
    zero = length == 0
    return np.where(zero, 0, x / np.where(zero, 1, length))


hypot = elementwise(
    # At the origin: the subgradient of least norm.
    "hypot", np.hypot, dtypes="f",
    partials=[lambda z, x, _: unit(x, z),
              lambda z, _, y: unit(y, z)],
    kinks=[Kink((0.0, 0.0), (0.0, 0.0))],
    sample=reals((0.2, 2), (-2, 2)), ref="DLMF 1.9(i)",
)  # fmt: skip


def power_base_partial(_: Any, x: Any, y: Any) -> Any:
    """Give ∂(x**y)/∂x = y·x**(y−1), right at x = 0 for y = 0, 1, 2, … too.

    A Python number is a constant of the program, so that it may decide. Otherwise
    0**(−1), which y = 0 would call for at x = 0, gives way to 0**0: 0·inf to 0·1.
    """
    if type(y) in (int, float):
        return 2 * x if y == 2 else y * x ** (y - 1 if y else 0)
    return y * x ** np.where((x == 0) & (y == 0), 0, y - 1)


def power_exponent_partial(z: Any, x: Any, y: Any) -> Any:
    """Give ∂(x**y)/∂y = x**y·ln x, and 0 at x = 0, where 0**y is constant."""
    x = typed(x, z.dtype)
    return z * np.log(np.where(x == 0, 1, x))


power = elementwise(
    "power", np.power, impl=operator.pow, symbol="**",
    partials=[power_base_partial,
              power_exponent_partial],
    taylor=power_taylor,
    kinks=[Kink((0.0, 0.0), (0.0, 0.0)),
           Kink((0.0, 1.0), (1.0, 0.0)),
           Kink((0.0, 2.0), (0.0, 0.0))],
    sample=reals((0.2, 2), (-2, 2)), ref=_BASIC,
)  # fmt: skip


@answers(np.float_power)
def float_power_face(x: Any, y: Any) -> Any:
    """Raise to a power in double precision at least."""
    return np.power(_in_double(x), _in_double(y))


def _in_double(x: Any) -> Any:
    x = as_array(x)
    return x.astype(np.result_type(x.dtype, np.float64))
