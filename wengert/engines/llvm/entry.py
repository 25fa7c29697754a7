"""The call from Python: a builtin function that reads NumPy arrays itself.

    x[10] float64  →  checks  →  run(inputs, outputs, arena)  →  np.float64

What `make_entry` returns is a builtin of CPython, native code all the way; on
interpreters with another layout of objects it is a Python function of the same meaning.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.engines.llvm.compiler import Module, compile_module
from wengert.engines.llvm.ctypes_entry import ctypes_entry
from wengert.engines.llvm.entry_code import ENTRY, entry_code
from wengert.engines.llvm.entry_table import make_table
from wengert.engines.llvm.layout import unusual_layout
from wengert.engines.signature import (
    Argument,
    Array,
    Dict,
    List,
    NumpyScalar,
    Result,
    Tuple,
)
from wengert.errors import EngineError

__all__ = ["make_entry"]

_FASTCALL = 0x0080
_KEYWORDS = 0x0002


class _MethodDef(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class Compiled(tuple[Any, ...]):
    """What a native entry holds: its table first, then what must live as long."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<compiled, {self[0].nbytes} bytes of table>"


def make_entry(
    run_address: int,
    arena_bytes: int,
    arguments: Sequence[Argument],
    results: Result,
    captures: Sequence[np.ndarray[Any, Any]],
    slow: Callable[..., Any],
    *,
    release_gil: bool = False,
    keep: object = None,
    name: str = "compiled",
    native: bool = True,
) -> Callable[..., Any]:
    """Make the Python callable of a compiled function.

    Parameters
    ----------
    run_address : int
        Of `int64_t run(void **inputs, void **outputs, void *arena)`. `inputs[i]` is the
        address of the data of input i of the Graph, then of each captured array:
        C-contiguous, aligned, native; `outputs[j]` of fresh memory for output j. It
        returns 0, or another code if what it put out means nothing.
    arena_bytes : int
        Size of `arena`, scratch memory that starts at a multiple of 64 bytes.
    arguments : sequence of Argument
        One for each positional argument.
    results : Result
    captures : sequence of arrays
        Their data are read at each call, as they are then. Those that are not
        C-contiguous, or not aligned, are copied for it.
    slow : callable
        Takes the arguments as they were given, wherever they are not as described: in
        number, type, dtype, shape or layout, by keyword; or where run returned a code.
    release_gil : bool
        Whether other threads of Python run meanwhile. Arrays are then read while others
        may write to them, as by NumPy's own functions.
    keep : object
        What must live as long as the code at `run_address`: its module.
    name : str
        `__name__` of the callable.
    native : bool
        False: go by ctypes, as where Python's objects are laid out in an unusual way.

    Returns
    -------
    callable
        It calls no Python code but `slow`. It can be weakly referenced, and keeps all
        of the above alive; cycles through `slow` are found by the garbage collector.

    Raises
    ------
    EngineError
        If an array or scalar is of a dtype that native code cannot read, or a captured
        array is of a subclass of ndarray.

    Notes
    -----
    Cost: see docs/decisions.md for a call; to make it, 0.1 ms, nothing is compiled.
    Scratch memory that does not fit on the stack is kept; a call that finds it in use,
    by another thread or further out, gets its own.
    """
    for leaf in _leaves([*arguments, results]):
        _check_dtype(leaf)
    for array in captures:
        _check_capture(array)
    description = (run_address, arena_bytes, tuple(arguments), results, tuple(captures))
    if not native or unusual_layout():
        entry = ctypes_entry(*description, slow, release_gil=release_gil, keep=keep)
        entry.__name__ = entry.__qualname__ = name
        return entry
    table = make_table(*description, slow, release_gil)
    module = _module()
    method = _MethodDef(
        name.encode("utf-8", "replace").replace(b"\0", b""),
        module.address(ENTRY),
        _FASTCALL | _KEYWORDS,
        None,
    )
    # CPython lets go of a builtin's self after its method, so that self may hold it.
    self = Compiled((table.words, table.kept, module, method, keep))
    return _new_builtin(ctypes.addressof(method), self, "wengert")


@functools.cache
def _module() -> Module:
    # It is written as it should run: passes triple the time and gain nothing.
    return compile_module(entry_code(), optimize=1)


def _new_builtin(method: int, self: Compiled, module: str) -> Callable[..., Any]:
    kind = ctypes.PYFUNCTYPE(
        ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    )
    new = kind(("PyCFunction_NewEx", ctypes.pythonapi))
    builtin: Callable[..., Any] = new(method, self, module)
    return builtin


def _leaves(trees: Sequence[Any]) -> Iterator[Any]:
    for tree in trees:
        if isinstance(tree, Tuple | List | Dict):
            yield from _leaves(tree.items)
        else:
            yield tree


def _check_dtype(leaf: Any) -> None:
    if not isinstance(leaf, Array | NumpyScalar):
        return
    dtype = leaf.dtype
    long = isinstance(leaf, NumpyScalar) and dtype.char in "gG"
    # NumPy has one object for each native dtype; another has fields, units, metadata.
    if dtype.kind not in "biufc" or dtype is not np.dtype(dtype.char) or long:
        raise EngineError(
            f"native code cannot read {leaf}: it takes booleans, integers, floating "
            'and complex numbers in native byte order. Use engine "numpy"'
        )


def _check_capture(array: Any) -> None:
    if type(array) is not np.ndarray:
        raise EngineError(
            f"native code cannot read a captured {type(array).__name__} of shape "
            f"{array.shape}: capture np.asarray(…) of it, or its parts"
        )
    _check_dtype(Array(array.shape, array.dtype))
