"""A namespace of SciPy in which functions answer traced values too."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.trace import dispatch

__all__ = ["drop_in"]


def drop_in(original: types.ModuleType) -> dict[str, Any]:
    """Wrap each public function of a module; classes and submodules stay.

    A call without traced values is SciPy's own. With one, even inside lists, tuples or
    dictionaries, it is answered by a face or a row, and refused if there is neither.

    Raises
    ------
    MissingRuleError
        When called: names the function and the user's line.
    """
    found = {}
    for name in dir(original):
        value = getattr(original, name)
        if not name.startswith("_"):
            found[name] = wrap(value) if is_function(value) else value
    return found


def is_function(value: Any) -> bool:
    """Tell functions from classes and modules."""
    return callable(value) and not isinstance(value, type)


def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that asks first whether an argument is traced."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if holds_tracer(args) or holds_tracer(kwargs):
            return dispatch.function(function, args, kwargs)
        return function(*args, **kwargs)

    return call


def holds_tracer(x: Any) -> bool:
    """Tell whether an argument is traced, or holds what is."""
    if isinstance(x, list | tuple):
        return any(map(holds_tracer, x))
    if isinstance(x, dict):
        return any(map(holds_tracer, x.values()))
    if hasattr(type(x), "__wengert_bind__"):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype == object and any(map(holds_tracer, x.flat))
    return False
