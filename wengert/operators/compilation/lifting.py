"""A copy of f in which the arrays that it captures are traced too.

Without it, what f computes from captured arrays alone, `x @ (W * mask)`, would be
computed once, when f is traced, and stay as it was when W is written to. In the copy
the names of floating-point arrays stand for Tracers that are captured by reference: in
globals, closures and defaults of f and of the user's functions that it names, in
attributes of the user's objects there, and in lists, tuples and dicts.

Nothing outside is changed: the copy has dictionaries, cells and objects of its own.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wengert.errors import is_ours
from wengert.operators.compilation.calls import is_plain_dtype

__all__ = ["Lifting", "captures_arrays"]

_MOST = 4096  # things looked at; data in lists is not searched for ever
_LIBRARIES = frozenset({"numpy", "scipy", "wengert"}) | sys.stdlib_module_names


class Lifting:
    """What stands for captured objects in one traced run.

    Parameters
    ----------
    lift : callable
        From an array to a Tracer.
    is_lifted : callable, optional
        Tells what is lifted. Default: floating-point arrays.
    """

    def __init__(
        self,
        lift: Callable[[Any], Any],
        is_lifted: Callable[[Any], bool] | None = None,
    ) -> None:
        self._lift = lift
        self._is_lifted = is_lifted or _is_array
        self._done: dict[int, Any] = {}
        self._keep: list[Any] = []  # so that ids stay theirs
        self._globals: dict[int, dict[str, Any]] = {}

    def value(self, x: Any) -> Any:
        """Give what stands for an object: itself, where it captures no array."""
        if id(x) in self._done:
            return self._done[id(x)]
        if not _captures([x], self._is_lifted):
            return x
        if self._is_lifted(x):
            return self._note(x, self._lift(x))
        if isinstance(x, types.FunctionType):
            return self._function(x)
        if isinstance(x, types.MethodType):
            method = types.MethodType(self.value(x.__func__), self.value(x.__self__))
            return self._note(x, method)
        if isinstance(x, functools.partial):
            args, keywords = self.value(x.args), self.value(x.keywords)
            partial = functools.partial(self.value(x.func), *args, **keywords)
            return self._note(x, partial)
        if type(x) is tuple:
            return self._note(x, tuple(map(self.value, x)))
        if type(x) is list:
            copied: list[Any] = self._note(x, [])
            copied += map(self.value, x)
            return copied
        if type(x) is dict:
            named: dict[Any, Any] = self._note(x, {})
            named.update((key, self.value(v)) for key, v in x.items())
            return named
        twin = self._note(x, object.__new__(type(x)))
        twin.__dict__.update((key, self.value(v)) for key, v in vars(x).items())
        return twin

    def _note(self, x: Any, made: Any) -> Any:
        self._done[id(x)] = made
        self._keep.append(x)
        return made

    def _function(self, f: types.FunctionType) -> Any:
        cells = tuple(types.CellType() for _ in f.__closure__ or ())
        namespace = self._namespace(f)
        made = types.FunctionType(
            f.__code__, namespace, f.__name__, self.value(f.__defaults__), cells
        )
        made.__kwdefaults__ = self.value(f.__kwdefaults__)
        made.__dict__.update(f.__dict__)
        made.__qualname__, made.__module__ = f.__qualname__, f.__module__
        self._note(f, made)
        for cell, original in zip(cells, f.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.value(original.cell_contents)
            except ValueError:  # not bound yet
                continue
        for name in _global_names(f):
            namespace[name] = self.value(f.__globals__[name])
        return made

    def _namespace(self, f: types.FunctionType) -> dict[str, Any]:
        """Give the copy of f's globals, one for all functions of a module."""
        original = f.__globals__
        if is_ours(f.__code__.co_filename):
            return original
        if id(original) not in self._globals:
            self._globals[id(original)] = dict(original)
        return self._globals[id(original)]


def captures_arrays(roots: Iterable[Any]) -> bool:
    """Tell whether there is, or some function names, an array that would be lifted."""
    return _captures(roots, _is_array)


def _captures(roots: Iterable[Any], is_lifted: Callable[[Any], bool]) -> bool:
    pending, seen = list(roots), set[int]()
    while pending and len(seen) < _MOST:
        x = pending.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if is_lifted(x):
            return True
        pending += _within(x)
    return False


def _is_array(x: Any) -> bool:
    # Integers stay as they are: they are indices, keys and counts.
    return type(x) is np.ndarray and x.dtype.kind in "fc" and is_plain_dtype(x.dtype)


def _within(x: Any) -> Iterable[Any]:
    if type(x) in (list, tuple):
        return x  # type: ignore[no-any-return]
    if type(x) is dict:
        return x.values()
    if isinstance(x, types.FunctionType):
        return _captured(x)
    if isinstance(x, types.MethodType):
        return x.__func__, x.__self__
    if isinstance(x, functools.partial):
        return x.func, x.args, x.keywords
    return vars(x).values() if _is_users(x) else ()


def _is_users(x: Any) -> bool:
    """Tell an object of a class of the user's that is its attributes."""
    kind: Any = type(x)
    return (
        kind.__module__.partition(".")[0] not in _LIBRARIES
        and kind.__new__ is object.__new__
        and hasattr(x, "__dict__")
    )


def _captured(f: types.FunctionType) -> list[Any]:
    found = [f.__globals__[name] for name in _global_names(f)]
    found += [*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()]
    for cell in f.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not bound yet
            continue
    return found


def _global_names(f: types.FunctionType) -> list[str]:
    """Name the globals that a function's code uses; none of wengert's own."""
    if is_ours(f.__code__.co_filename):
        return []
    names: dict[str, None] = {}
    codes = [f.__code__]
    while codes:
        code = codes.pop()
        codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        names.update(dict.fromkeys(code.co_names))
    return [name for name in names if name in f.__globals__]
