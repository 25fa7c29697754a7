"""`autograd.numpy.numpy_vjps`: helpers that clients' own rules are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.compat.autograd.namespace import metadata
from wengert.primitives import axes

__all__ = [
    "balanced_eq",
    "match_complex",
    "repeat_to_match_shape",
    "replace_zero",
    "unbroadcast",
    "unbroadcast_f",
]


def unbroadcast(x: Any, target_meta: Any, broadcast_idx: int = 0) -> Any:
    """Sum x over the axes along which a target was broadcast to it.

    Parameters
    ----------
    x : array
    target_meta : tuple
        What `metadata` gives of the target.
    broadcast_idx : int
        0 where new axes come first, -1 where they come last.
    """
    shape, ndim, _, is_complex = target_meta
    while broadcast_idx and np.ndim(x) > ndim:
        x = np.sum(x, axis=broadcast_idx)
    x = axes.unbroadcast(axes.as_array(x), shape)
    return np.real(x) if np.iscomplexobj(x) and not is_complex else x


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make the pullback f of an operation that may have broadcast a target fit it."""
    target_meta = metadata(target)
    return lambda g: unbroadcast(f(g), target_meta)


def repeat_to_match_shape(
    g: Any, shape: Any, dtype: Any, axis: Any, keepdims: bool
) -> tuple[Any, int]:
    """Repeat what a reduction over axes gave; give how many places each came from."""
    if shape == ():
        return g, 1
    reduced = axes.normalize_axes(axis, len(shape))
    if not keepdims:
        g = np.reshape(g, axes.reduced_shape(shape, reduced, True))
    count = int(np.prod([shape[i] for i in reduced]))
    return np.broadcast_to(g, shape) + np.zeros(shape, dtype), count


def replace_zero(x: Any, val: Any) -> Any:
    """Put a value for zeros."""
    return np.where(x, x, val)


def balanced_eq(x: Any, z: Any, y: Any) -> Any:
    """Give 1 where x is z, and ½ where y is too."""
    return (x == z) / (1.0 + (x == y))


def match_complex(target: Any, x: Any) -> Any:
    """Make x complex where the target is, real where it is not."""
    wanted, found = np.iscomplexobj(target), np.iscomplexobj(x)
    if wanted == found:
        return x
    return x + 0j if wanted else np.real(x)
