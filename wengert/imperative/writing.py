"""What `x[i] = v` and `x += v` do to a tensor, and to the views of it.

A tensor is what a name stands for; its value never changes where a graph, a view or the
user still refers to it, but is copied then. So no sweep ever sees another value than
that of its own time.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, user_source
from wengert.graph.types import ArrayType
from wengert.imperative.recording import recording
from wengert.imperative.vertices import LEAF
from wengert.primitives.axes import as_array
from wengert.primitives.shaping import broadcast_to_, cast
from wengert.trace.tracer import Tracer
from wengert.trace.views import views_of
from wengert.trace.writing import after_write

__all__ = ["replace", "write"]


def write(x: Any, key: Any, value: Any) -> None:
    """Be `x[key] = value`.

    Raises
    ------
    ArgumentError
        If x is a leaf that requires a gradient, or a view of one, and is recorded.
    """
    value = _written(x, value)
    if x.shape == ():
        if not (key is Ellipsis or key == ()):
            raise IndexError(f"x[{key!r}] of a tensor of shape () (at {user_source()})")
        replace(x, value)
        return
    top = _top(x)
    _check_leaf(top)
    for member, now in after_write(x, key, value, _is_alone(top)):
        _rebind(member, now)


def replace(x: Any, value: Any) -> None:
    """Be `x[...] = value`, without a copy where x has no views."""
    value = _written(x, value)
    if value.shape != x.shape and np.broadcast_shapes(value.shape, x.shape) != x.shape:
        raise ValueError(
            f"a value {ArrayType.of(value)!r} does not fit into a tensor of shape "
            f"{x.shape} (at {user_source()})"
        )
    if not np.can_cast(value.dtype, x.dtype, "same_kind"):
        raise TypeError(
            f"cannot write {value.dtype} into a tensor of {x.dtype} "
            f"(at {user_source()}). Use y.astype({str(x.dtype)!r})."
        )
    top = _top(x)
    _check_leaf(top)
    if top is not x or next(views_of(x), None) is not None:
        write(x, Ellipsis, value)
        return
    if value.dtype != x.dtype:
        value = cast(value, dtype=x.dtype)
    if value.shape != x.shape:
        value = broadcast_to_(value, shape=x.shape)
    _rebind(x, value if x.level.holds(value) else x.level.constant(value))


def _written(x: Any, value: Any) -> Any:
    """Accept what may be written: numbers, arrays, lists, tensors, older Tracers."""
    value = as_array(value)
    if not isinstance(value, Tracer):
        return value.copy() if type(value) is np.ndarray else value
    if value.is_mutable:
        return _written(x, value.settled())
    if value.level.number > x.level.number:
        raise ArgumentError(
            "a value of a derivative that is running is written into a tensor from "
            f"outside (at {user_source()}), and would outlive it. Make the tensor of "
            "traced values: tensor(x) inside the function."
        )
    return value


def _top(x: Any) -> Any:
    while (origin := getattr(x, "origin", None)) is not None:
        x = origin[0]
    return x


def _check_leaf(top: Any) -> None:
    if recording.on and top.index is not None and top.index.entry is LEAF:
        raise ArgumentError(
            "a leaf tensor that requires a gradient (or a view of one) is written to "
            f"(at {user_source()}), and would be a leaf no more. To update it: with "
            "no_grad(): x -= rate * x.grad. To compute with it: x = x + v."
        )


class _Alone:
    value: Any = None


_alone = _Alone()
_alone.value = np.empty(1)
_ONE = sys.getrefcount(_alone.value)


def _is_alone(x: Any) -> bool:
    """Tell whether nothing but this tensor refers to its array."""
    return (
        type(x.value) is np.ndarray
        and sys.getrefcount(x.value) == _ONE
        and x.value.base is None
        and bool(x.value.flags.writeable)
    )


def _rebind(x: Any, now: Any) -> None:
    """Let a tensor be what it is now; where nothing is recorded, in value alone."""
    x.value = now.value
    if not recording.on:
        return
    before, after = x.index, now.index
    if before is not None and after is not None and before is not after:
        known = before.known
        if known.retains or known.label:
            after.noted.retains, after.noted.label = known.retains, known.label
    x.index = after
