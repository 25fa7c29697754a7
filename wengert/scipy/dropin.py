"""A namespace of SciPy in which functions answer traced values too."""

from __future__ import annotations

import functools
import re
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wengert.trace import dispatch
from wengert.trace.views import known_value

__all__ = ["drop_in", "holds_tracer", "in_order", "plain", "wrap"]


def drop_in(original: types.ModuleType, *ours: types.ModuleType) -> dict[str, Any]:
    """Wrap each public function of a module; classes and submodules stay.

    What a module of ours lists stands in the place of SciPy's.

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
    for module in ours:
        found.update({name: getattr(module, name) for name in module.__all__})
    return found


def in_order(names: Iterable[str]) -> list[str]:
    """Sort public names as the linter does: CONSTANTS, Classes, others; 2 before 10."""

    def key(name: str) -> tuple[int, list[tuple[bool, int, str]]]:
        kind = 0 if len(name) > 1 and name.isupper() else 1 if name[0].isupper() else 2
        parts = re.findall(r"\d+|\D+", name)
        return kind, [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts]

    return sorted(set(names), key=key)


def is_function(value: Any) -> bool:
    """Tell functions from classes and modules."""
    return callable(value) and not isinstance(value, type)


def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that asks first whether an argument is traced."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        # Not `function` itself: a second run puts stand-ins into the cells of closures.
        if holds_tracer(args) or holds_tracer(kwargs):
            return dispatch.function(call.__wrapped__, args, kwargs)
        return call.__wrapped__(*args, **kwargs)

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
    own = getattr(type(x), "__wengert_holds__", None)  # our classes know by themselves
    return own is not None and bool(own(x))


def plain(x: Any) -> Any:
    """Take the plain values out of traced ones, also inside of lists and tuples."""
    if isinstance(x, list | tuple):
        return type(x)(map(plain, x))
    return known_value(x)
