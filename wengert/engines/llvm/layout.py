"""Where fields stand in CPython's and NumPy's objects, and a test that they do.

The offsets are those of 64-bit CPython with a global lock. They are read back from
objects of known content before they are relied on; where one is not as expected,
`unusual_layout` says so, and calls go by ctypes instead.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import sysconfig
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.engines.llvm.python_api import addresses, numpy_function

__all__ = ["OFFSETS", "unusual_layout"]

# In bytes from the start of the object.
OFFSETS = {
    "object_type": 8,
    "container_size": 16,
    # CPython 3.14 keeps a hash before the items.
    "tuple_items": getattr(tuple, "__basicsize__", 24),
    "list_items": 24,
    "scalar_value": 16,
    "array_data": 16,
    "array_ndim": 24,
    "array_shape": 32,
    "array_dtype": 56,
    "array_flags": 64,
}

_NUMBERS = "?bhilqBHILQefdFD"


@functools.cache
def unusual_layout() -> str:
    """Say why native code must not read objects here; empty if it may.

    Cost: under a millisecond, once in a process.
    """
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} is not CPython"
    if sys.maxsize != 2**63 - 1 or ctypes.sizeof(ctypes.c_void_p) != 8:
        return "not a 64-bit process"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "Python without a global lock"
    if hasattr(sys, "gettotalrefcount"):
        return "a debug build of Python"
    try:
        return next(_differences(), "")
    except (AttributeError, ValueError) as error:
        return f"Python or NumPy lacks what is needed: {error}"


def _differences() -> Iterator[str]:
    """Name each field that is not where it should be."""
    if numpy_function(2) != id(np.ndarray):
        yield "NumPy's table of functions"
    for array in _arrays():
        yield from _array_differences(array)
    for value in _scalars():
        if _type(value) != id(type(value)):
            yield f"type of {type(value).__name__}"
        elif _bytes(value, "scalar_value", _size(value)) != np.array(value).tobytes():
            yield f"value of {type(value).__name__}"
    for items in ((), (None, "b", 3.0), [], [None, "b", 3.0]):
        yield from _container_differences(items)
    yield from _function_differences()


def _arrays() -> Iterator[Any]:
    for code in _NUMBERS:
        yield np.ones((2, 3), code)
    for ndim in range(5):
        yield np.zeros(tuple(range(2, 2 + ndim)))
    matrix = np.arange(12.0).reshape(3, 4)
    yield from (matrix.T, matrix[::-1], matrix[:, ::2], matrix[1:2])
    yield np.zeros(17, "i1")[1:].view("f8")
    yield np.zeros((3, 0))
    read_only = np.zeros(3)
    read_only.setflags(write=False)
    yield read_only


def _scalars() -> Iterator[Any]:
    yield from (1.5, -0.0, 1.5 - 2.5j)
    for code in _NUMBERS:
        yield np.dtype(code).type(1)


def _array_differences(array: Any) -> Iterator[str]:
    if _type(array) != id(np.ndarray):
        yield "type of an array"
    elif _word(array, "array_data") != array.__array_interface__["data"][0]:
        yield "data of an array"
    elif _int(array, "array_ndim") != array.ndim:
        yield "ndim of an array"
    elif _word(array, "array_dtype") != id(array.dtype):
        yield "dtype of an array"
    elif _int(array, "array_flags") != array.flags.num:
        yield "flags of an array"
    elif array.ndim:
        if _words(_word(array, "array_shape"), array.ndim) != list(array.shape):
            yield "shape of an array"


def _container_differences(container: Any) -> Iterator[str]:
    name = type(container).__name__
    if _word(container, "container_size") != len(container):
        yield f"length of a {name}"
    elif len(container):
        first = id(container) + OFFSETS["tuple_items"]
        if name == "list":
            first = _word(container, "list_items")
        if _words(first, len(container)) != list(map(id, container)):
            yield f"items of a {name}"


def _function_differences() -> Iterator[str]:
    """Call the functions of NumPy, to see that they are what they should be."""
    pointer, c_int = ctypes.c_void_p, ctypes.c_int
    functions, dtype = addresses(), np.dtype("f8")
    scalar_of = ctypes.PYFUNCTYPE(ctypes.py_object, pointer, pointer, pointer)
    value = ctypes.c_double(2.5)
    scalar = scalar_of(functions["PyArray_Scalar"])
    if scalar(ctypes.addressof(value), id(dtype), None) != np.float64(2.5):
        yield "PyArray_Scalar"
    array_of = ctypes.PYFUNCTYPE(
        ctypes.py_object, *(pointer, ctypes.py_object, c_int, pointer, pointer),
        *(pointer, c_int, pointer),
    )  # fmt: skip
    dims = (ctypes.c_int64 * 2)(2, 3)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(dtype))  # it takes this reference
    array = array_of(functions["PyArray_NewFromDescr"])(
        id(np.ndarray), dtype, 2, ctypes.addressof(dims), None, None, 0, None
    )
    if array.shape != (2, 3) or array.dtype is not dtype or not array.flags.owndata:
        yield "PyArray_NewFromDescr"
    array = np.arange(6.0)[::2]
    copy_of = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, c_int)
    copy = copy_of(functions["PyArray_NewCopy"])(array, 0)
    if copy.tolist() != array.tolist() or not copy.flags.carray:
        yield "PyArray_NewCopy"


def _type(x: Any) -> int:
    return _word(x, "object_type")


def _word(x: Any, field: str) -> int:
    return ctypes.c_uint64.from_address(id(x) + OFFSETS[field]).value


def _words(start: int, count: int) -> list[int]:
    """Read words, or nothing where the address is more likely a number of something."""
    if start < 2**16 or start % 8:
        return []
    return list((ctypes.c_uint64 * count).from_address(start))


def _int(x: Any, field: str) -> int:
    return ctypes.c_int.from_address(id(x) + OFFSETS[field]).value


def _bytes(x: Any, field: str, size: int) -> bytes:
    return ctypes.string_at(id(x) + OFFSETS[field], size)


def _size(value: Any) -> int:
    return np.asarray(value).itemsize
