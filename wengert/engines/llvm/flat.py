"""Calls of native code on flat arrays, as the contract of an engine has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.engines.engine import Compiled
from wengert.engines.llvm.ctypes_entry import NativeRun
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import Array, NumpyScalar, Tuple
from wengert.errors import GuardError, ShapeError
from wengert.graph import ArrayType, is_scalar

__all__ = ["call_flat"]


def call_flat(
    run_address: int,
    arena_bytes: int,
    input_types: Sequence[ArrayType],
    output_types: Sequence[ArrayType],
    captures: Sequence[np.ndarray[Any, Any]] = (),
    *,
    failed: Callable[[int], Exception] | None = None,
    release_gil: bool = False,
    keep: object = None,
) -> Compiled:
    """Make a callable on flat arrays of native code.

    Parameters
    ----------
    run_address, arena_bytes, release_gil, keep
        As `make_entry` takes them.
    input_types, output_types : sequence of ArrayType
    captures : sequence of arrays
        Read at each call, in whatever layout they have.
    failed : callable, optional
        Makes the exception for a code that run returns, GuardError by default.

    Returns
    -------
    callable
        Takes an array, NumPy scalar or Python number for each input, returns a tuple of
        arrays; what has shape `()` is a NumPy scalar.

        It raises ShapeError where inputs are not of these types, and GuardError, or
        what `failed` makes, where the code does not fit them.

    Notes
    -----
    Cost: that of an entry; some 10 µs where arrays are not C-contiguous, or numbers are
    Python's, or other checks are needed. Arrays that are not C-contiguous are copied.
    """
    run = NativeRun(run_address, arena_bytes, release_gil=release_gil, keep=keep)
    captured = [(array, ArrayType.of(array)) for array in captures]

    def slow(*arrays: Any) -> tuple[Any, ...]:
        if len(arrays) != len(input_types):
            raise ShapeError(
                f"the Graph has {len(input_types)} inputs, but was given {len(arrays)}"
            )
        pairs = enumerate(zip(arrays, input_types, strict=True))
        inputs = [_input(f"input {i}", x, type) for i, (x, type) in pairs]
        inputs += [_input("a captured array", x, type) for x, type in captured]
        outputs = [np.empty(shape, dtype) for shape, dtype in output_types]
        code = run(inputs, outputs)
        if code:
            raise _guard(code) if failed is None else failed(code)
        return tuple(y if y.ndim else y[()] for y in outputs)

    arguments = tuple(map(_leaf, input_types))
    result = Tuple(tuple(map(_leaf, output_types)))
    return make_entry(
        *(run_address, arena_bytes, arguments, result, captures, slow),
        release_gil=release_gil,
        keep=keep,
    )


def _leaf(type: ArrayType) -> Array | NumpyScalar:
    return Array(*type) if type.shape else NumpyScalar(type.dtype)


def _input(name: str, x: Any, type: ArrayType) -> np.ndarray[Any, Any]:
    """Give an input of this type as a plain array."""
    if not hasattr(x, "dtype") and is_scalar(x) and type.shape == ():
        # A Python number takes the dtype of what it meets, as everywhere in NumPy.
        if np.result_type(x, type.dtype) == type.dtype:
            x = type.dtype.type(x)
    if not _is_of(x, type):
        found = ArrayType.of(x) if hasattr(x, "dtype") else repr(x)
        raise ShapeError(
            f"{name} of the Graph is {type}, but was given {found} ({_kind(x)}): trace "
            "the function with arguments like these"
        )
    return np.require(x, type.dtype, ["C", "A"])


def _is_of(x: Any, expected: ArrayType) -> bool:
    """Tell whether x is plain NumPy of this type; a mask would be lost in silence."""
    plain = type(x) is np.ndarray or isinstance(x, np.generic)
    return plain and ArrayType.of(x) == expected


def _kind(x: Any) -> str:
    return f"{type(x).__module__}.{type(x).__name__}"


def _guard(code: int) -> GuardError:
    return GuardError(
        f"guard {code} does not hold: another branch is taken than when the function "
        "was traced. Trace it again with these inputs"
    )
