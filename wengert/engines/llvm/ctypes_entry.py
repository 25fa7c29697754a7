"""The call from Python without native code: slower, the same answers.

For interpreters whose objects are laid out in another way, and as what the native entry
is tested against.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.engines.signature import (
    Argument,
    Array,
    Bool,
    Complex,
    Constant,
    Dict,
    Float,
    Int,
    List,
    NumpyScalar,
    Result,
    Static,
    Tuple,
    leaf_type,
    same_static,
    traced_leaves,
)

__all__ = ["NativeRun", "ctypes_entry"]

_TYPES = {Tuple: tuple, List: list, Dict: dict}
_ALIGNMENT = 64


class _Odd(Exception):
    """An argument is not as described."""


class NativeRun:
    """Call `int64_t run(void **inputs, void **outputs, void *arena)` on arrays.

    Parameters
    ----------
    address : int
    arena_bytes : int
    release_gil : bool
        Whether other threads of Python run meanwhile.
    keep : object
        What must live as long as the code.
    """

    def __init__(
        self, address: int, arena_bytes: int, *, release_gil: bool, keep: object
    ) -> None:
        prototype = ctypes.CFUNCTYPE if release_gil else ctypes.PYFUNCTYPE
        pointers = ctypes.POINTER(ctypes.c_void_p)
        kind = prototype(ctypes.c_int64, pointers, pointers, ctypes.c_void_p)
        self._function = kind(address)
        self._arena_bytes = arena_bytes
        self._keep = keep

    def __call__(
        self, inputs: Sequence[np.ndarray[Any, Any]], outputs: Sequence[Any]
    ) -> int:
        """Run on plain arrays, C-contiguous and aligned; return its code."""
        arena = np.empty(self._arena_bytes + _ALIGNMENT - 1, np.uint8)
        start = (_data(arena) + _ALIGNMENT - 1) & -_ALIGNMENT
        return int(self._function(_pointers(inputs), _pointers(outputs), start))


def _is_plain(array: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Tell whether this is an ndarray that native code can read as it is."""
    return (
        type(array) is np.ndarray
        and array.dtype is dtype
        and array.shape == shape
        and array.flags.c_contiguous
        and array.flags.aligned
    )


def ctypes_entry(
    run_address: int,
    arena_bytes: int,
    arguments: Sequence[Argument],
    result: Result,
    captures: Sequence[np.ndarray[Any, Any]],
    slow: Callable[..., Any],
    *,
    release_gil: bool = False,
    keep: object = None,
) -> Callable[..., Any]:
    """Do as `make_entry` does, by way of ctypes.

    Cost: some microseconds for a call and for each argument.
    """
    run = NativeRun(run_address, arena_bytes, release_gil=release_gil, keep=keep)
    captured = [(array, array.shape, array.dtype) for array in captures]
    types = [leaf_type(leaf) for leaf in traced_leaves([result])]

    def entry(*args: Any, **kwargs: Any) -> Any:
        inputs: list[Any] = []
        try:
            if kwargs or len(args) != len(arguments):
                raise _Odd
            for argument, x in zip(arguments, args, strict=True):
                _take(argument, x, inputs)
            for array, shape, dtype in captured:
                _checked(array, array.shape == shape and array.dtype is dtype)
                inputs.append(np.require(array, requirements=["C", "A"]))
            outputs = [np.empty(shape, dtype) for shape, dtype in types]
            if run(inputs, outputs):
                raise _Odd
        except _Odd:
            pass
        else:
            return _make(result, iter(outputs))
        return slow(*args, **kwargs)

    return entry


def _pointers(arrays: Sequence[Any]) -> Any:
    return (ctypes.c_void_p * len(arrays))(*map(_data, arrays))


def _data(array: np.ndarray[Any, Any]) -> int:
    # Three times as fast as array.ctypes.data.
    return int(array.__array_interface__["data"][0])


def _checked(x: Any, right: bool) -> Any:
    if not right:
        raise _Odd
    return x


def _take(tree: Argument, x: Any, inputs: list[Any]) -> None:
    """Check an argument and add what native code reads of it."""
    match tree:
        case Array(shape, dtype):
            inputs.append(_checked(x, _is_plain(x, shape, dtype)))
        case NumpyScalar(dtype):
            inputs.append(np.array(_checked(x, type(x) is dtype.type), dtype))
        case Float():
            inputs.append(np.array(_checked(x, type(x) is float)))
        case Complex():
            inputs.append(np.array(_checked(x, type(x) is complex)))
        case Static(value):
            _checked(x, same_static(x, value))
        case Tuple(items) | List(items) | Dict(_, items):
            _checked(x, type(x) is _TYPES[type(tree)] and len(x) == len(items))
            found = _values(tree.keys, x) if isinstance(tree, Dict) else list(x)
            # A list may have lost items to another thread since.
            _checked(x, len(found) == len(items))
            for item, part in zip(items, found, strict=True):
                _take(item, part, inputs)


def _values(keys: Sequence[Any], x: dict[Any, Any]) -> list[Any]:
    """List the values of these keys, which stand in this order; none is looked up,
    since that may run code."""
    found = list(x.items())
    same = len(found) == len(keys) and all(
        same_static(k, key) for (k, _), key in zip(found, keys, strict=True)
    )
    return [v for _, v in _checked(found, same)]


def _make(tree: Result, outputs: Iterator[Any]) -> Any:
    """Make what is returned of the outputs."""
    match tree:
        case Constant(value):
            return value
        case Array():
            return next(outputs)
        case NumpyScalar():
            return next(outputs)[()]
        case Float() | Complex() | Int() | Bool():
            return next(outputs).item()
        case Dict(keys, items):
            values = [_make(item, outputs) for item in items]
            return dict(zip(keys, values, strict=True))
        case Tuple(items) | List(items):
            return _TYPES[type(tree)](_make(item, outputs) for item in items)
