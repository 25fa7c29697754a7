"""Sparse matrices and arrays: SciPy's classes, which multiply traced arrays too.

A constructor with traced entries gives `Entries` instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from wengert.primitives.axes import as_array
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer
from wengert.scipy.sparse.entries import Entries, entries_of

__all__ = [
    "bsr_array",
    "bsr_matrix",
    "coo_array",
    "coo_matrix",
    "csc_array",
    "csc_matrix",
    "csr_array",
    "csr_matrix",
    "dia_array",
    "dia_matrix",
    "dok_array",
    "dok_matrix",
    "lil_array",
    "lil_matrix",
]

_BINARY = (
    "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __matmul__ __rmatmul__ "
    "__truediv__ __pow__ dot multiply"
).split()


def made(original: Any) -> Any:
    """Make the subclass of one of SciPy's classes."""

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if holds_tracer(args) or holds_tracer(kwargs):
            return traced_entries(original, *args, **kwargs)
        return original.__new__(cls)

    def operation(name: str) -> Any:
        theirs = getattr(original, name)

        def call(self: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
            if holds_tracer(other):
                return getattr(entries_of(self), name)(other, *args, **kwargs)
            return ours(theirs(self, other, *args, **kwargs))

        call.__name__, call.__doc__ = name, theirs.__doc__
        return call

    def container(name: str) -> Any:
        return property(lambda _: globals()[name])

    kind = original.__name__.split("_")[1]
    body = {
        "__doc__": f"SciPy's `{original.__name__}`, which answers traced arrays too.",
        "__module__": "wengert.scipy.sparse",
        "__new__": new,
        # Results of SciPy's own methods are of these classes too.
        **{f"_{f}_container": container(f"{f}_{kind}") for f in _FORMATS},
        **{name: operation(name) for name in _BINARY if hasattr(original, name)},
    }
    return type(original)(original.__name__, (original,), body)


_FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
bsr_array = made(scipy.sparse.bsr_array)
bsr_matrix = made(scipy.sparse.bsr_matrix)
coo_array = made(scipy.sparse.coo_array)
coo_matrix = made(scipy.sparse.coo_matrix)
csc_array = made(scipy.sparse.csc_array)
csc_matrix = made(scipy.sparse.csc_matrix)
csr_array = made(scipy.sparse.csr_array)
csr_matrix = made(scipy.sparse.csr_matrix)
dia_array = made(scipy.sparse.dia_array)
dia_matrix = made(scipy.sparse.dia_matrix)
dok_array = made(scipy.sparse.dok_array)
dok_matrix = made(scipy.sparse.dok_matrix)
lil_array = made(scipy.sparse.lil_array)
lil_matrix = made(scipy.sparse.lil_matrix)


def ours(x: Any) -> Any:
    """Turn SciPy's sparse matrices into those of here; leave all else."""
    if not scipy.sparse.issparse(x) or type(x).__module__ == "wengert.scipy.sparse":
        return x
    return globals()[type(x).__name__](x)


def traced_entries(
    original: type, arg1: Any, shape: Any = None, dtype: Any = None, copy: Any = False,
    **_: Any,
) -> Any:  # fmt: skip
    """Read what a constructor was given, as SciPy does."""
    format, kind = original.__name__.split("_")
    if format not in ("coo", "csc", "csr"):
        raise undefined(
            f"scipy.sparse.{original.__name__} of traced entries", "none is written",
            "make a coo, csr or csc array",
        )  # fmt: skip
    if isinstance(arg1, tuple) and len(arg1) == 3:
        found: Any
        data, indices, indptr = arg1
        indices, indptr = np.asarray(indices), np.asarray(indptr)
        outer = np.repeat(np.arange(indptr.shape[0] - 1), np.diff(indptr))
        rows, cols = (outer, indices) if format == "csr" else (indices, outer)
        counts = indptr.shape[0] - 1, int(indices.max(initial=-1)) + 1
        found = counts if format == "csr" else counts[::-1]
    elif isinstance(arg1, tuple) and len(arg1) == 2:
        data, (rows, cols) = arg1
        rows, cols = np.asarray(rows), np.asarray(cols)
        found = tuple(int(i.max(initial=-1)) + 1 for i in (rows, cols))
    else:
        matrix = entries_of(arg1)
        data, rows, cols = matrix.data, matrix.rows, matrix.cols
        found = matrix.shape
    data = as_array(data)
    if dtype is not None:
        data = data.astype(dtype)
    return Entries(data, rows, cols, shape or found, format, kind == "array")
