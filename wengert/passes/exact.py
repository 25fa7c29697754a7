"""Keys that are equal only for what is equal in every bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph import is_scalar

__all__ = ["exact_key"]


def exact_key(value: Any) -> Any:
    """Make a dictionary key that is equal only for the same type and the same bits.

    Python's own equality takes 1, 1.0 and True for one, and so 0.0 and -0.0; a slice
    has no hash before Python 3.12.

    Examples
    --------
    >>> exact_key((0, slice(1, None))) == exact_key((0, slice(1, None)))
    True
    >>> exact_key(0.0) == exact_key(-0.0), exact_key(1) == exact_key(True)
    (False, False)
    """
    if isinstance(value, tuple):
        return type(value), tuple(map(exact_key, value))
    if isinstance(value, slice):
        return slice, exact_key((value.start, value.stop, value.step))
    if is_scalar(value) and not isinstance(value, int):
        return type(value), np.asarray(value).tobytes()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return np.ndarray, value.dtype, value.shape, value.tobytes()
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value
