"""Functions and types of CPython and NumPy, as addresses for native code.

Native code calls them through a table instead of by name: so it is the same in every
process, and needs no linker to find symbols of an interpreter that exports none.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np

__all__ = ["FUNCTIONS", "addresses", "numpy_function"]

# Name → index in NumPy's table of functions: part of its ABI, the same in all of 2.x.
_NUMPY = {"PyArray_Scalar": 60, "PyArray_NewCopy": 85, "PyArray_NewFromDescr": 94}
_PYTHON = (
    "PyObject_Vectorcall",
    "PyObject_RichCompareBool",
    "PyDict_Next",
    "PyDict_New",
    "PyDict_SetItem",
    "PyTuple_New",
    "PyList_New",
    "PyFloat_FromDouble",
    "PyComplex_FromDoubles",
    "PyLong_FromLongLong",
    "PyBool_FromLong",
    "PyErr_NoMemory",
    "PyEval_SaveThread",
    "PyEval_RestoreThread",
    "PyMem_RawMalloc",
    "PyMem_RawFree",
    "Py_IncRef",
    "Py_DecRef",
)
FUNCTIONS = (*_PYTHON, *_NUMPY)

_Pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)


@functools.cache
def addresses() -> dict[str, int]:
    """Give the address of each function in `FUNCTIONS`."""
    found = {name: _address(getattr(ctypes.pythonapi, name)) for name in _PYTHON}
    return found | {name: numpy_function(index) for name, index in _NUMPY.items()}


def numpy_function(index: int) -> int:
    """Give an entry of NumPy's table of functions and types."""
    capsule = np._core._multiarray_umath._ARRAY_API  # type: ignore[attr-defined]
    get_pointer = _Pointer(("PyCapsule_GetPointer", ctypes.pythonapi))
    table = ctypes.cast(get_pointer(capsule, None), ctypes.POINTER(ctypes.c_void_p))
    return int(table[index] or 0)


def _address(function: Any) -> int:
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)
