"""Comparison, logic, rounding, bits: functions that are constant between their steps.

Their derivative is zero wherever it exists; the trace drops it from their inputs.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import Sample, answers
from wengert.graph.types import ArrayType, broadcast
from wengert.primitives.axes import (
    as_array,
    given,
    normalize_axes,
    reduced_shape,
    refuse,
)
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import constant, ufunc_type
from wengert.primitives.refusal import Refusal
from wengert.primitives.samplers import reals

__all__: list[str] = []

_one = reals(-2, 2)
_two = reals((-2, 2), (-2, 2))


def _integers(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    yield Sample((np.array([12, 5, 3]), np.array([4, 6, 1])))
    yield Sample((np.array([[12], [5]]), np.int64(2)))


def _integer(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    yield Sample((np.array([[12, 5, 3]]),))


# ----- ufuncs: a name and a symbol say all there is to say -----

_Row = tuple[Any, Any, str]
_STEPS: tuple[_Row, ...] = (
    (np.less, operator.lt, "<"),
    (np.less_equal, operator.le, "≤"),
    (np.greater, operator.gt, ">"),
    (np.greater_equal, operator.ge, "≥"),
    (np.equal, operator.eq, "="),
    (np.not_equal, operator.ne, "≠"),
    (np.floor_divide, operator.floordiv, "//"),
    (np.logical_and, None, "∧"),
    (np.logical_or, None, "∨"),
    (np.logical_xor, None, "⊻"),
    (np.logical_not, None, "¬"),
    (np.isfinite, None, ""),
    (np.isinf, None, ""),
    (np.isnan, None, ""),
    (np.signbit, None, ""),
    (np.floor, None, ""),
    (np.ceil, None, ""),
    (np.rint, None, ""),
    (np.trunc, None, ""),
    (np.spacing, None, ""),
)
_BITS: tuple[_Row, ...] = (
    (np.bitwise_and, operator.and_, "&"),
    (np.bitwise_or, operator.or_, "|"),
    (np.bitwise_xor, operator.xor, "^"),
    (np.left_shift, operator.lshift, "<<"),
    (np.right_shift, operator.rshift, ">>"),
    (np.invert, operator.invert, "~"),
    (np.bitwise_count, None, ""),
    (np.gcd, None, ""),
    (np.lcm, None, ""),
)

for _ufunc, _impl, _symbol in _STEPS:
    constant(
        _ufunc.__name__, _ufunc, impl=_impl, type=ufunc_type(_ufunc), symbol=_symbol,
        sample=_one if _ufunc.nin == 1 else _two,
    )  # fmt: skip

for _ufunc, _impl, _symbol in _BITS:
    constant(
        _ufunc.__name__, _ufunc, impl=_impl, type=ufunc_type(_ufunc), symbol=_symbol,
        sample=_integer if _ufunc.nin == 1 else _integers, why="of integers",
    )  # fmt: skip

# The ufuncs of these are answered by faces in arithmetic.py: the sign of a complex
# number is not constant, and frexp has a mantissa too.
sign = constant("sign", (), impl=np.sign, type=ufunc_type(np.sign), sample=_one)
binary_exponent = constant(
    "binary_exponent", (),
    impl=lambda x: np.frexp(x)[1],
    type=lambda x: ArrayType(x.shape, np.dtype(np.intc)),
    sample=_one,
)  # fmt: skip

# ----- rounding -----


def _rounded(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    for decimals in (0, 2, -1):
        for inputs, _ in _one(rng, dtype):
            yield Sample(inputs, {"decimals": decimals})


round_ = constant(
    "round", (),
    impl=lambda x, decimals: np.round(x, decimals),
    type=lambda x, decimals: x,
    sample=_rounded,
)  # fmt: skip


@answers(np.round, np.around)
def round_face(a: Any, decimals: Any = 0, out: Any = None) -> Any:
    """Round to decimals, half to even."""
    refuse("round", out=out)
    return round_(as_array(a), decimals=operator.index(decimals))


@answers(np.fix)
def fix_face(x: Any, out: Any = None) -> Any:
    """Round towards zero."""
    refuse("fix", out=out)
    return np.trunc(x)


# ----- tests of elements -----


@answers(np.isposinf)
def isposinf_face(x: Any, out: Any = None) -> Any:
    """Tell where an element is +inf."""
    refuse("isposinf", out=out)
    return np.equal(x, np.inf)


@answers(np.isneginf)
def isneginf_face(x: Any, out: Any = None) -> Any:
    """Tell where an element is −inf."""
    refuse("isneginf", out=out)
    return np.equal(x, -np.inf)


@answers(np.isreal)
def isreal_face(x: Any) -> Any:
    """Tell where the imaginary part is zero."""
    return np.equal(np.imag(x), 0)


@answers(np.iscomplex)
def iscomplex_face(x: Any) -> Any:
    """Tell where the imaginary part is not zero."""
    return np.not_equal(np.imag(x), 0)


isclose = constant(
    "isclose", (),
    impl=lambda a, b, rtol, atol, equal_nan: np.isclose(a, b, rtol, atol, equal_nan),
    type=lambda a, b, rtol, atol, equal_nan: ArrayType(
        broadcast(a, b, rtol, atol), np.dtype(bool)
    ),
    sample=lambda rng, dtype: (
        Sample((*inputs, 1e-5, 1e-8), {"equal_nan": False})
        for inputs, _ in _two(rng, dtype)
    ),
)  # fmt: skip


@answers(np.isclose)
def isclose_face(
    a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False
) -> Any:
    """Tell where |a − b| ≤ atol + rtol·|b|."""
    return isclose(as_array(a), as_array(b), rtol, atol, equal_nan=bool(equal_nan))


@answers(np.allclose)
def allclose_face(
    a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False
) -> Any:
    """Tell whether all elements are close."""
    return np.all(isclose_face(a, b, rtol, atol, equal_nan))


@answers(np.array_equal)
def array_equal_face(a1: Any, a2: Any, equal_nan: Any = False) -> Any:
    """Tell whether shapes and all elements are equal."""
    a1, a2 = as_array(a1), as_array(a2)
    if a1.shape != a2.shape:
        return False
    equal = a1 == a2
    return np.all(equal | (np.isnan(a1) & np.isnan(a2)) if equal_nan else equal)


answers(np.isnat)(Refusal("numpy", "isnat", "it asks of dates, which are no numbers"))


@answers(np.array_equiv)
def array_equiv_face(a1: Any, a2: Any) -> Any:
    """Tell whether shapes broadcast and all elements are equal."""
    a1, a2 = as_array(a1), as_array(a2)
    try:
        np.broadcast_shapes(a1.shape, a2.shape)
    except ValueError:
        return False
    return np.all(a1 == a2)


# ----- reductions to truth values and counts -----


def _reduced(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    for shape, axes in (((), ()), ((3,), (0,)), ((2, 3), (0, 1)), ((0, 2), (0,))):
        for keepdims in (False, True):
            x = rng.integers(0, 2, shape).astype(dtype)[()]
            yield Sample((x,), {"axes": axes, "keepdims": keepdims})


def _reduced_type(dtype: Any) -> Any:
    return lambda x, axes, keepdims: ArrayType(
        reduced_shape(x.shape, axes, keepdims), np.dtype(dtype)
    )


any_ = constant(
    "any", (),
    impl=lambda x, axes, keepdims: np.any(x, axis=axes, keepdims=keepdims),
    batch=along_axes,
    type=_reduced_type(bool), sample=_reduced,
)  # fmt: skip
all_ = constant(
    "all", (),
    impl=lambda x, axes, keepdims: np.all(x, axis=axes, keepdims=keepdims),
    batch=along_axes,
    type=_reduced_type(bool), sample=_reduced,
)  # fmt: skip
count_nonzero = constant(
    "count_nonzero", (),
    impl=lambda x, axes, keepdims: np.sum(x != 0, axis=axes, keepdims=keepdims),
    batch=along_axes,
    type=_reduced_type(np.intp), sample=_reduced,
)  # fmt: skip


@answers(np.any)
def any_face(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Any:
    """Tell whether any element is true."""
    refuse("any", out=out)
    return _truth(any_, a, axis, keepdims, where, False)


@answers(np.all)
def all_face(
    a: Any,
    axis: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Any:
    """Tell whether all elements are true."""
    refuse("all", out=out)
    return _truth(all_, a, axis, keepdims, where, True)


def _truth(row: Any, a: Any, axis: Any, keepdims: Any, where: Any, fill: bool) -> Any:
    a = as_array(a)
    if given(where) and where is not True:
        a = np.where(where, a, fill)
    axes = normalize_axes(axis, a.ndim)
    return row(a, axes=axes, keepdims=given(keepdims) and bool(keepdims))


@answers(np.count_nonzero)
def count_nonzero_face(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """Count the elements that are not zero."""
    a = as_array(a)
    return count_nonzero(a, axes=normalize_axes(axis, a.ndim), keepdims=bool(keepdims))
