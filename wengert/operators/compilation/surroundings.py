"""What a plain run of f changes around it, which no compiled function would change.

Arrays among its arguments are compared with copies. Arrays and random generators
outside are those that f can reach by name: globals and closures of f and of the
functions it names, attributes of its objects, and what stands in lists, tuples and
dicts there. This finds what people write, not what can be hidden.
"""

from __future__ import annotations

import functools
import pickle
import random
import sys
import types
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.errors import is_ours

__all__ = ["Surroundings", "same_bytes"]

_MOST = 4096  # things looked at; a namespace of data is not searched for ever
_COPIED = 2**17  # bytes up to which an array is kept as it was; beyond, its checksum
_LIBRARIES = ("builtins", "numpy", "scipy")


class Surroundings:
    """What is around f before a run, to be compared afterwards."""

    def __init__(self, f: Callable[..., Any], leaves: Sequence[Any]) -> None:
        self._before: list[tuple[str, Callable[[], Any], Any]] = []
        self._seen: set[int] = {id(x) for x in leaves if type(x) is np.ndarray}
        if "numpy.random" in sys.modules:
            self._note("np.random draws random numbers", np.random.get_state)
        self._note("random draws random numbers", random.getstate)
        objects = [x for x in leaves if not isinstance(x, np.ndarray | np.generic)]
        for name, value in _reachable([("f", f), *(("argument", x) for x in objects)]):
            self._look(name, value)

    def change(self) -> str | None:
        """Say what has changed, if anything."""
        for what, state, before in self._before:
            if pickle.dumps(state()) != before:
                return what
        return None

    def _look(self, name: str, value: Any) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, np.ndarray):
            if value.dtype.kind != "O":
                self._note(f"it writes to the array {name!r}", lambda: _print(value))
        elif "numpy.random" in sys.modules:
            if isinstance(value, np.random.Generator):
                self._note(
                    f"the generator {name!r} draws random numbers",
                    lambda: value.bit_generator.state,
                )
            elif isinstance(value, np.random.RandomState):
                what = f"the generator {name!r} draws random numbers"
                self._note(what, value.get_state)
        if isinstance(value, random.Random):
            what = f"the generator {name!r} draws random numbers"
            self._note(what, value.getstate)

    def _note(self, what: str, state: Callable[[], Any]) -> None:
        self._before.append((what, state, pickle.dumps(state())))


def same_bytes(x: Any, y: Any) -> bool:
    """Compare arrays or NumPy scalars of one type bit for bit."""
    return bool(_bytes(x) == _bytes(y))


def _bytes(x: Any) -> Any:
    if x.dtype.itemsize == 16 and x.dtype.kind == "f":
        return x.astype("f8").tobytes(), (x - x.astype("f8")).tobytes()  # padding
    return x.tobytes()


def _print(array: Any) -> Any:
    if array.nbytes <= _COPIED:
        return array.shape, array.dtype.str, array.tobytes()
    return array.shape, array.dtype.str, zlib.crc32(np.ascontiguousarray(array).data)


def _reachable(roots: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """List, with their names, the things that functions and objects can reach."""
    pending, seen = list(roots), set[int]()
    while pending and len(seen) < _MOST:
        name, x = pending.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        yield name, x
        pending += _within(name, x)


def _within(name: str, x: Any) -> list[tuple[str, Any]]:
    if isinstance(x, types.FunctionType):
        return list(_named(x))
    if isinstance(x, types.MethodType):
        return [(name, x.__func__), (name, x.__self__)]
    if type(x) in (list, tuple):
        return [(name, v) for v in x]
    if type(x) is dict:
        return [(name, v) for v in x.values()]
    if isinstance(x, types.ModuleType | type | np.ndarray | np.generic):
        return []
    if isinstance(x, functools.partial):  # what jit makes is one too
        return [(name, x.func), (name, x.args), (name, x.keywords)]
    if type(x).__module__.partition(".")[0] in _LIBRARIES:
        return []
    inner: dict[str, Any] = getattr(x, "__dict__", {})
    return [(f"{name}.{key}", v) for key, v in list(inner.items())]


def _named(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """List what a function's code, and code within it, names outside."""
    for cell_name, cell in zip(
        function.__code__.co_freevars, function.__closure__ or (), strict=True
    ):
        try:
            yield cell_name, cell.cell_contents
        except ValueError:  # not bound yet
            continue
    for default in (*(function.__defaults__ or ()), *_values(function.__kwdefaults__)):
        yield "default", default
    # Operators hold the user's functions in closures; their globals are none of his.
    codes = [] if is_ours(function.__code__.co_filename) else [function.__code__]
    while codes:
        code = codes.pop()
        codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in code.co_names:
            if name in function.__globals__:
                yield name, function.__globals__[name]


def _values(mapping: dict[str, Any] | None) -> Any:
    return (mapping or {}).values()
