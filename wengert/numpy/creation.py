"""Functions that make arrays: while a run is traced, arrays that traced values can be
written into; of lists that hold traced values, traced arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, MissingRuleError, user_source
from wengert.graph.types import is_inexact
from wengert.primitives.axes import as_array, holds_tracer
from wengert.trace.levels import running
from wengert.trace.mutable import Mutable
from wengert.trace.views import known_value

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "copy",
    "empty",
    "empty_like",
    "eye",
    "fromfunction",
    "fromiter",
    "full",
    "full_like",
    "geomspace",
    "identity",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "tri",
    "zeros",
    "zeros_like",
]


def writable(y: Any) -> Any:
    """Let traced values be written into a new plain array, while a run is traced."""
    if running.depth and type(y) is np.ndarray and is_inexact(y.dtype):
        return Mutable.of(y)
    return y


def _making(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    @functools.wraps(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        return writable(original(*args, **kwargs))

    return make


copy = _making("copy")
empty = _making("empty")
empty_like = _making("empty_like")
eye = _making("eye")
geomspace = _making("geomspace")
identity = _making("identity")
linspace = _making("linspace")
logspace = _making("logspace")
ones = _making("ones")
ones_like = _making("ones_like")
tri = _making("tri")
zeros = _making("zeros")
zeros_like = _making("zeros_like")


@functools.wraps(np.arange)
def arange(*args: Any, **kwargs: Any) -> Any:
    """Make a vector of evenly spaced values; their number is constant."""
    bounds = (*args, *(kwargs.get(name) for name in ("start", "stop", "step")))
    if not holds_tracer(bounds):
        return writable(np.arange(*args, **kwargs))
    if kwargs.keys() - {"dtype"} or not 1 <= len(args) <= 3:
        raise MissingRuleError(
            f"np.arange of traced values takes start, stop, step (at {user_source()})"
        )
    start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1)[:3]
    plain = np.arange(*(known_value(x) for x in (start, stop, step)), **kwargs)
    y = (start + step * np.arange(plain.size)).astype(plain.dtype)
    return writable(y)


def _traced(x: Any, dtype: Any, ndmin: int = 0) -> Any:
    try:
        y = as_array(x)
    except ValueError as error:
        raise ArgumentError(
            f"an array of traced values would be ragged (at {user_source()}): {error}. "
            "All rows must have one shape."
        ) from None
    if dtype is not None and y.dtype != np.dtype(dtype):
        y = y.astype(dtype)
    return y if y.ndim >= ndmin else y[(None,) * (ndmin - y.ndim)]


def _keeping(name: str) -> Callable[..., Any]:
    """Make asarray and its like, which hand an array on as it is."""
    original = getattr(np, name)

    @functools.wraps(original)
    def keep(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if holds_tracer(a):
            y = _traced(a, dtype, 1 if "contiguous" in name or "fortran" in name else 0)
            return y if not kwargs.get("copy") or y is not a else np.copy(y)
        y = original(a, dtype, *args, **kwargs)
        return y if isinstance(a, np.ndarray) else writable(y)

    return keep


asanyarray = _keeping("asanyarray")
asarray = _keeping("asarray")
ascontiguousarray = _keeping("ascontiguousarray")
asfortranarray = _keeping("asfortranarray")


@functools.wraps(np.array)
def array(
    object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **kwargs: Any
) -> Any:
    """Make an array; of traced values, a traced one."""
    if holds_tracer(object):
        y = _traced(object, dtype, ndmin)
        return np.copy(y) if copy and y is object else y
    return writable(np.array(object, dtype, copy=copy, ndmin=ndmin, **kwargs))


@functools.wraps(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Make an array of one value, or of the values of an array that is broadcast."""
    if not holds_tracer(fill_value):
        return writable(np.full(shape, fill_value, dtype, **kwargs))
    value = _traced(fill_value, dtype)
    return np.copy(np.broadcast_to(value, shape))


@functools.wraps(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Make an array of one value, with the shape and dtype of another."""
    if not holds_tracer(fill_value):
        return writable(np.full_like(a, fill_value, dtype, **kwargs))
    shape = kwargs.get("shape")
    a = as_array(a)
    return full(a.shape if shape is None else shape, fill_value, dtype or a.dtype)


@functools.wraps(np.fromiter)
def fromiter(iter: Any, dtype: Any, count: int = -1, **kwargs: Any) -> Any:
    """Make a vector of what an iterator gives."""
    values: list[Any] = []
    for value in iter:
        if len(values) == count:
            break
        values.append(value)
    if holds_tracer(values):
        return _traced(values, dtype)
    return writable(np.fromiter(values, dtype, count, **kwargs))


@functools.wraps(np.fromfunction)
def fromfunction(
    function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any
) -> Any:
    """Call a function with the arrays of indices."""
    return function(*np.indices(shape, dtype=dtype), **kwargs)
