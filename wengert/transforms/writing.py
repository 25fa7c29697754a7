"""The pullback of `x[key] = v`.

The cotangent of what was written goes to v, and that of what it replaced is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.trace.mutable import Mutable
from wengert.trace.tracer import Tracer
from wengert.transforms.buffer import Buffer
from wengert.transforms.rules import fit

__all__ = ["pull_write"]


def pull_write(
    bars: list[Any],
    y_bar: Any,
    entry: tuple[Any, ...],
    product: Callable[[Any, Any], Any],
) -> None:
    """Pull through a write, in place: n writes of single elements cost O(n).

    The entry is `(pull_write, parent, v's index or None, key, v's type, lasting)`;
    where a key names places twice, `lasting` marks the writes that stay.
    """
    _, i, j, key, like, lasting = entry
    buffer = y_bar if type(y_bar) is Buffer else Buffer.copied(y_bar)
    if isinstance(key, tuple) and any(isinstance(part, Tracer) for part in key):
        buffer.trace()
    array = buffer.array
    if j is not None:
        v_bar = array[key]
        if type(v_bar) is np.ndarray or isinstance(v_bar, Mutable):
            v_bar = v_bar.copy()
        if lasting is not None:
            v_bar = np.where(lasting, v_bar, 0)
        if like is not None:
            v_bar = fit(v_bar, like)
        bar = bars[j]
        bars[j] = v_bar if bar is None else bar + v_bar
    array[key] = 0
    bar = bars[i]
    bars[i] = buffer if bar is None else bar + buffer.finished()
