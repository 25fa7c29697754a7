"""What rules and faces share: axes, broadcasting undone, dtypes kept, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import PRIMITIVES

__all__ = [
    "as_array",
    "expand_like",
    "given",
    "holds_tracer",
    "indicator",
    "normalize_axes",
    "plain_value",
    "reduced_shape",
    "refuse",
    "result_dtype",
    "typed",
    "unbroadcast",
]

_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "casting": ("same_kind",),
    "copy": (True,),
    "kind": ("introselect", "quicksort", "stable"),
    "like": (),
    "order": ("K", "C"),
    "overwrite_input": (False,),
    "subok": (True,),
    "where": (True,),
    "writeable": (False,),
}
_REPAIRS = {
    "out": "take what the function returns",
    "dtype": "convert the argument first, by x.astype(dtype)",
    "where": "use np.where on the argument or the result",
}


def given(value: Any) -> bool:
    """Tell whether a keyword was given: neither None nor NumPy's mark for no value."""
    return value is not None and value is not np._NoValue


def refuse(function_name: str, **keywords: Any) -> None:
    """Raise if a keyword that has no rule was given; NumPy's defaults are fine.

    Raises
    ------
    MissingRuleError
        Names the function, the keyword, the user's line and a repair.
    """
    for keyword, value in keywords.items():
        if not given(value) or any(
            type(value) is type(default) and value == default
            for default in _DEFAULTS.get(keyword, ())
        ):
            continue
        shown = repr(value) if isinstance(value, str | bool | int | float) else "…"
        source = user_source(2)
        raise MissingRuleError(
            f"{_qualified(function_name)}({keyword}={shown}) cannot be traced"
            + (f" (at {source})" if source else "")
            + f". Instead, {_REPAIRS.get(keyword, f'leave {keyword} out')}."
        )


def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Give axes as a sorted tuple of non-negative ints; None means all of them.

    Examples
    --------
    >>> normalize_axes((-1, 0), 3)
    (0, 2)
    """
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    return tuple(sorted(normalize_axis_tuple(axis, ndim)))


def reduced_shape(
    shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool
) -> tuple[int, ...]:
    """Give the shape that a reduction over axes leaves."""
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def expand_like(
    reduced: Any, x_shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool
) -> Any:
    """Repeat what a reduction over axes gave to the shape that was reduced."""
    # Leading axes come back by broadcasting alone. The rows rather than NumPy's
    # functions, which take ten times as long on small arrays.
    if not keepdims and axes != tuple(range(len(axes))):
        shape = reduced_shape(x_shape, axes, True)
        reduced = PRIMITIVES["reshape"](reduced, shape=shape)
    return PRIMITIVES["broadcast_to"](reduced, shape=x_shape)


def unbroadcast(x_bar: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which an array of this shape was broadcast.

    The adjoint of broadcasting: what was copied to several places collects from them.
    """
    if x_bar.shape == shape:
        return x_bar
    extra = x_bar.ndim - len(shape)
    axes = tuple(
        i for i, n in enumerate(x_bar.shape) if i < extra or n != shape[i - extra]
    )
    x_bar = np.sum(x_bar, axis=axes)
    return x_bar if x_bar.shape == shape else np.reshape(x_bar, shape)


def result_dtype(*operands: Any) -> np.dtype[Any]:
    """Give the dtype that arrays, Tracers and Python numbers promote to."""
    return np.result_type(*(getattr(x, "dtype", x) for x in operands))


def indicator(condition: Any, *operands: Any) -> Any:
    """Give 1 where a condition holds and 0 elsewhere, in the dtype of operands."""
    return condition.astype(result_dtype(*operands))


def typed(x: Any, dtype: np.dtype[Any]) -> Any:
    """Give a Python number the dtype of what it meets; leave all else as it is.

    NumPy would turn it into float64 where it stands alone, as in `np.log(2.0)`.
    """
    return dtype.type(x) if isinstance(x, int | float) and not _has_dtype(x) else x


def as_array(x: Any) -> Any:
    """Make an array of a Python number or of nested lists, which may hold Tracers."""
    if _has_dtype(x):
        return x
    if isinstance(x, list | tuple) and holds_tracer(x):
        return np.stack([as_array(element) for element in x])
    return np.asarray(x)


def _has_dtype(x: Any) -> bool:
    return hasattr(x, "dtype")


def plain_value(x: Any) -> Any:
    """Take the value out of Tracers, for a shape or an order. One that differs between
    the members of a batch is refused."""
    while hasattr(type(x), "__wengert_bind__"):
        if x.level.has_examples:
            x = x.level.agreed(x, "a function looks at a value")
        else:
            x = x.settled().value
    return x


def holds_tracer(x: Any) -> bool:
    """Tell whether x is traced, or a list or tuple that holds what is."""
    if hasattr(type(x), "__wengert_bind__"):
        return True
    return isinstance(x, list | tuple) and any(map(holds_tracer, x))


def _qualified(function_name: str) -> str:
    return (
        function_name if function_name.startswith("scipy.") else f"np.{function_name}"
    )
