"""Windows that move along axes: sliding_window_view, a face of slices or gathers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, refuse

__all__: list[str] = []

# Up to this length of a window its places are slices, which native code reads where
# they are; of longer ones an index array, which is one equation.
_FEW = 8


@answers(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any,
    window_shape: Any,
    axis: Any = None,
    *,
    subok: bool = False,
    writeable: bool = False,
) -> Any:
    """Give what a moving window sees at each place, in new axes at the end."""
    refuse("lib.stride_tricks.sliding_window_view", writeable=writeable)
    x = as_array(x)
    shape = (window_shape,) if np.ndim(window_shape) == 0 else tuple(window_shape)
    given = range(x.ndim) if axis is None else axis
    axes = normalize_axis_tuple(given, x.ndim, allow_duplicate=True)
    if len(shape) != len(axes):
        raise ShapeError(
            f"sliding_window_view: a window {shape} for {len(axes)} axes of {x.shape}"
        )
    for n, i in zip(shape, axes, strict=True):
        if not 0 <= n <= x.shape[i]:
            raise ShapeError(f"sliding_window_view: a window {shape} for x {x.shape}")
        x = _along(x, int(n), i)
    return x


def _along(x: Any, n: int, axis: int) -> Any:
    count = x.shape[axis] - n + 1
    if 0 < n <= _FEW:
        before = (slice(None),) * axis
        return np.stack([x[(*before, slice(k, k + count))] for k in range(n)], -1)
    places = np.arange(count)[:, None] + np.arange(n)
    return np.moveaxis(np.take(x, places, axis), axis + 1, -1)
