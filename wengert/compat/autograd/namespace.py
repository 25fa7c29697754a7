"""`autograd.numpy`: every public name of NumPy, whose functions take boxes.

A function goes, in this order, by the rules that a client has stated for it
(`defvjp(anp.sum, …)`), by wengert's rows, or, without boxes, to NumPy.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wengert.compat.autograd.boxes import as_numbers, getval
from wengert.compat.autograd.errors import NotDefinedError
from wengert.compat.autograd.primitives import (
    has_rule,
    run_by_rules,
    trace_primitives_map,
)
from wengert.compat.autograd.wrapping import wraps
from wengert.errors import MissingRuleError
from wengert.numpy import creation, tricks
from wengert.numpy.namespace import lifted
from wengert.primitives.axes import as_array, holds_tracer
from wengert.trace.tracer import Tracer

__all__ = [
    "array",
    "linspace",
    "make_diagonal",
    "metadata",
    "numpy_names",
    "where",
    "wrap_namespace",
    "wrapped",
]

# Made anew in each run of an index expression: what NumPy's own objects cannot do.
_OBJECTS = {"r_": tricks.r_, "c_": tricks.c_, "vectorize": tricks.vectorize}
# Copies of the argument, or nothing: the value is what they are asked about.
_PLAIN: frozenset[Any] = frozenset(
    {np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj}
)


def wrapped(function: Callable[..., Any], lift: Any = None) -> Any:
    """Wrap a function of NumPy or SciPy as autograd's namespaces hold it.

    Parameters
    ----------
    function : callable
        The original, which is called where nothing is boxed.
    lift : callable, optional
        What is called otherwise, if not what `wengert.numpy` has.
    """
    if lift is None:
        lift = lifted(function)

    joins = getattr(function, "__name__", "") in _JOINING

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if joins and args and not isinstance(args[0], list | tuple | np.ndarray):
            args = (list(args[0]), *args[1:])
        for x in (*args, *kwargs.values()):
            if type(x) not in _SURE and _holds(x):
                break
        else:
            return function(*args, **kwargs)
        if has_rule(call):
            return run_by_rules(call, args, kwargs)
        args = tuple(map(_unwrapped, args))
        try:
            return lift(*args, **{k: _unwrapped(v) for k, v in kwargs.items()})
        except NotDefinedError:
            raise
        except MissingRuleError as error:
            raise NotDefinedError(str(error)) from error

    call.fun = function
    call._is_autograd_primitive = True
    trace_primitives_map[function] = call
    return call


# These take an iterator of arrays too, as NumPy does not.
_JOINING = frozenset(
    {"column_stack", "concatenate", "dstack", "hstack", "stack", "vstack"}
)
_SURE = frozenset({int, float, bool, str, type(None), np.float64})


def _holds(x: Any) -> bool:
    if isinstance(x, Tracer):
        return True
    if isinstance(x, list | tuple):
        return any(map(_holds, x))
    return (
        isinstance(x, np.ndarray)
        and x.dtype == object
        and any(isinstance(v, Tracer) for v in x.flat)
    )


def _unwrapped(x: Any) -> Any:
    if isinstance(x, list | tuple) and any(isinstance(v, np.ndarray) for v in x):
        return type(x)(map(_unwrapped, x)) if type(x) in (list, tuple) else x
    return as_numbers(x)


def wrap_namespace(old: Mapping[str, Any], new: dict[str, Any]) -> None:
    """Put the names of one namespace into another, with functions wrapped.

    Names of one function get one wrapper. Modules and private names are left out.
    """
    made: dict[int, Any] = {}
    for name, value in old.items():
        if isinstance(value, types.ModuleType) or name.startswith("_"):
            continue
        if not callable(value) or isinstance(value, type):
            new[name] = value
            continue
        if id(value) not in made:
            made[id(value)] = wrapped(value)
        new[name] = made[id(value)]


def numpy_names() -> dict[str, Any]:
    """Make the names of `autograd.numpy`."""
    names: dict[str, Any] = {}
    wrap_namespace({name: getattr(np, name) for name in _public(np)}, names)
    # np.array and its like of lists that hold boxes: an array that is boxed.
    for name in ("array", "asarray", "asanyarray", "ascontiguousarray",
                 "asfortranarray", "full", "full_like", "fromiter"):  # fmt: skip
        names[name] = wrapped(getattr(np, name), getattr(creation, name))
    names["linspace"] = wrapped(np.linspace, linspace)
    names |= _OBJECTS
    names |= {
        "array": array, "where": where, "metadata": metadata,
        "concatenate_args": lambda axis, *args: names["concatenate"](args, axis),
        "array_from_args": lambda args, kwargs, *parts: array(parts, *args, **kwargs),
        "make_diagonal": make_diagonal, "wrap_if_boxes_inside": as_numbers,
        "wrap_namespace": wrap_namespace, "numpy_version": np.__version__,
        "__version__": np.__version__, "_astype": names["astype"],
    }  # fmt: skip
    for function in _PLAIN:
        names[function.__name__] = _of_value(function)
    return names


def _public(module: types.ModuleType) -> list[str]:
    return [name for name in dir(module) if not name.startswith("_")]


def _of_value(function: Callable[..., Any]) -> Any:
    @wraps(function)
    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, list | tuple) and holds_tracer(a):
            a = as_array(a)
        return function(getval(a), *args, **kwargs)

    call.fun = function
    return call


def array(A: Any, *args: Any, **kwargs: Any) -> Any:
    """Make an array; of boxes, however deep in lists, a boxed one."""
    if not _holds(A):
        return np.array(A, *args, **kwargs)
    if isinstance(A, Tracer) and not args and not kwargs:
        return np.copy(A)
    return creation.array(_stacked(A), *args, **kwargs)


def _stacked(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return [_stacked(part) for part in x]
    return as_numbers(x)


def where(condition: Any, *args: Any, **kwargs: Any) -> Any:
    """Be np.where; of Python's own numbers and lists, give Python's own."""
    if not args and not kwargs:
        return np.where(getval(condition))
    x, y = (*args, *(kwargs[name] for name in ("x", "y")[len(args) :]))
    if _holds((condition, x, y)):
        return _traced_where(condition, x, y)
    chosen = np.where(condition, x, y)
    return chosen if _has_array((condition, x, y)) else chosen.tolist()


_traced_where = wrapped(np.where)


def _has_array(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return any(map(_has_array, x))
    return isinstance(x, np.ndarray | np.generic)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Be np.linspace, between boxes."""
    start, stop = as_array(start), as_array(stop)
    intervals = num - 1 if endpoint else num
    step = (stop - start) / intervals if intervals > 0 else np.nan * (stop - start)
    weights = np.arange(num) / max(intervals, 1)
    weights = weights.reshape((num,) + (1,) * np.ndim(stop - start))
    y = start * (1 - weights) + stop * weights
    y = np.moveaxis(y if dtype is None else y.astype(dtype), 0, axis)
    return (y, step) if retstep else y


def metadata(A: Any) -> tuple[Any, ...]:
    """Give shape, number of axes, dtype, and whether it is complex."""
    A = as_array(getval(A))
    return A.shape, A.ndim, np.result_type(A), np.iscomplexobj(A)


def make_diagonal(D: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Make matrices with the last axis of D on their diagonals."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise NotImplementedError(
            "make_diagonal only supports offset=0, axis1=-1, axis2=-2"
        )
    return D[..., None] * np.eye(D.shape[-1])
