"""NumPy's functions that write into an argument: put, copyto, fill_diagonal.

Each is said in terms of `x[key] = v`, which a Tracer follows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, normalize_axes
from wengert.primitives.indexing import along_axis, flatnonzero

__all__: list[str] = []


@answers(np.copyto)
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Write src into dst, where a condition holds."""
    src = as_array(src)
    if not np.can_cast(src.dtype, dst.dtype, casting):  # type: ignore[arg-type]
        raise TypeError(
            f"np.copyto: cannot cast from {src.dtype} to {dst.dtype} "
            f"by the rule {casting!r}"
        )
    dst[...] = src if where is True else np.where(where, src, dst)


@answers(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write onto the main diagonal; a vector of values is repeated as needed."""
    val = as_array(val)
    marks = np.zeros(a.shape, bool)
    np.fill_diagonal(marks, True, wrap=wrap)
    places = np.nonzero(marks)
    a[places] = val if val.shape == () else np.resize(val, places[0].size)


@answers(np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Write at places of the flattened array; the values are repeated as needed."""
    places, v = np.ravel(np.asarray(ind)), as_array(v)
    if places.size == 0:
        return
    if mode == "clip":
        places = np.clip(places, 0, a.size - 1)
    elif mode == "wrap":
        places = places % a.size
    else:
        places = np.where(places < 0, places + a.size, places)
    key = np.unravel_index(places, a.shape)
    a[key] = np.resize(v, places.shape) if v.shape != () else v


@answers(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """Write the values, one after the other and again, where a mask holds."""
    put(arr, flatnonzero(mask), np.ravel(as_array(vals)))


@answers(np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """Write, where a mask holds, the value that stands at the same place."""
    values = as_array(values)
    if values.shape != np.shape(a):
        values = np.resize(values, np.shape(a))
    a[...] = np.where(mask, values, a)


@answers(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """Write where argsort, argmax (keepdims) and the like point at."""
    indices = np.asarray(indices)
    if axis is None:
        put(arr, indices, values)
        return
    (axis,) = normalize_axes(axis, arr.ndim)
    arr[along_axis(arr.shape, indices, axis)] = values
