"""A namespace of NumPy whose functions take lists of traced values too.

NumPy asks its arguments whether they want to answer a call, but does not look into
lists: `np.sum([a, b])` it would turn into numbers by itself.
"""

from __future__ import annotations

import functools
import importlib
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, user_source
from wengert.graph.primitive import FACES
from wengert.numpy.creation import writable
from wengert.primitives.axes import as_array, holds_tracer
from wengert.trace import dispatch
from wengert.trace.views import SNAPSHOTS, VIEWING

__all__ = ["Namespace", "lifted"]

# These take several arrays in one list, whose shapes may differ.
_JOINING: frozenset[Any] = frozenset(
    {
        np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack,
        np.block, np.histogramdd, np.select,
        np.choose, np.lexsort, np.linalg.multi_dot, np.piecewise,
        getattr(np, "concat", np.concatenate), getattr(np, "row_stack", np.vstack),
    }
)  # fmt: skip


class Namespace:
    """A module of NumPy, with some of its names replaced."""

    def __init__(
        self,
        original: types.ModuleType,
        replaced: Mapping[str, Any],
        submodules: set[str],
    ) -> None:
        self._original, self._replaced = original, replaced
        self._submodules = submodules

    def find(self, module: str, name: str) -> Any:
        """Find what stands for a name; NumPy's own classes, constants and modules."""
        if name in self._submodules:
            return importlib.import_module(f"{module}.{name}")
        if name in self._replaced:
            return self._replaced[name]
        return lifted(getattr(self._original, name))


def lifted(value: Any) -> Any:
    """Let a function take lists of traced values; leave everything else as it is."""
    if isinstance(value, np.ufunc):
        return LiftedUfunc(value)
    if not callable(value) or isinstance(value, type) or value not in FACES:
        return value
    if value is np.trim_zeros:
        return value  # of a list it makes a list
    join = value in _JOINING

    @functools.wraps(value)
    def function(*args: Any, **kwargs: Any) -> Any:
        for x in (*args, *kwargs.values()):
            if type(x) in (list, tuple) and holds_tracer(x):
                break
        else:
            return fresh(value(*args, **kwargs), value, args, kwargs)
        if holds_tracer(kwargs.get("where")):
            raise ArgumentError(
                f"np.{value.__name__}: where= takes booleans, not a list of traced "
                f"values (at {user_source()}). Compare them: x > 0."
            )
        lift = _each if join else _array
        lifted_ = {k: lift(v) for k, v in kwargs.items()}
        return dispatch.function(value, tuple(map(lift, args)), lifted_)

    return function


def fresh(y: Any, called: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Let traced values be written into a plain result, if it is surely a new array."""
    if type(y) in (list, tuple):
        return type(y)(fresh(part, called, args, kwargs) for part in y)
    if type(y) is not np.ndarray or kwargs.get("out") is not None:
        return y
    if any(x is y for x in args):
        return y
    if not y.flags.owndata and (called in VIEWING or called in SNAPSHOTS):
        return y
    return writable(y)


def _array(x: Any) -> Any:
    return as_array(x) if type(x) in (list, tuple) and holds_tracer(x) else x


def _each(x: Any) -> Any:
    return [_each(part) for part in x] if type(x) in (list, tuple) else x


class LiftedUfunc:
    """A ufunc whose operands may be lists of traced values."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc = ufunc
        functools.update_wrapper(self, ufunc, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the ufunc."""
        y = self._ufunc(*map(_array, args), **kwargs)
        return fresh(y, self._ufunc, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        value: Callable[..., Any] = getattr(self._ufunc, name)
        if not callable(value):
            return value
        return lambda *args, **kwargs: value(*map(_array, args), **kwargs)

    def __repr__(self) -> str:
        return repr(self._ufunc)
