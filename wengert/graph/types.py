"""The type of a value in a Graph: its shape and its dtype.

There is one type, `ArrayType`. A Python number has none of its own: it is *weak*, as in
NumPy, and takes the dtype of the arrays it meets. Type rules therefore accept an
ArrayType or a Python number for each input.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

__all__ = ["ArrayType", "broadcast", "dtype_name", "is_inexact", "promote"]

_SHORT = {"float": "f", "complex": "c", "int": "i", "uint": "u"}


class ArrayType(NamedTuple):
    """Describe an array by its shape and dtype.

    Printed as `f64[3,4]`; a scalar is `f64[]`.

    Examples
    --------
    >>> ArrayType.of(np.ones((3, 4)))
    f64[3,4]
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, value: Any) -> ArrayType:
        """Give the type of an array, a NumPy scalar, a Python number or a Tracer."""
        dtype = getattr(value, "dtype", None)
        if dtype is None:
            value = np.asarray(value)
            dtype = value.dtype
        return cls(tuple(value.shape), dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The number of bytes that the elements take."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"{dtype_name(self.dtype)}[{','.join(map(str, self.shape))}]"


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Abbreviate a dtype: `f64`, `c128`, `i32`, `bool`; others by NumPy's name."""
    kind = dtype.name.rstrip("0123456789")
    short = _SHORT.get(kind)
    return f"{short}{8 * dtype.itemsize}" if short else dtype.name


def is_inexact(dtype: np.dtype[Any]) -> bool:
    """Tell whether values of this dtype can be differentiated: floating or complex."""
    return dtype.kind in "fc"


def broadcast(*types: Any) -> tuple[int, ...]:
    """Broadcast the shapes of ArrayTypes and Python numbers, as NumPy does."""
    return np.broadcast_shapes(*(getattr(t, "shape", ()) for t in types))


def promote(*types: Any) -> np.dtype[Any]:
    """Promote the dtypes of ArrayTypes and weak Python numbers, as NumPy does."""
    return np.result_type(*(t.dtype if isinstance(t, ArrayType) else t for t in types))
