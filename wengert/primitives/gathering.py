"""Elements of an array, plain or traced, in places that a Graph computes anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.primitives.indexing import take

__all__ = ["gathered"]


def gathered(x: Any, *places: Any) -> Any:
    """Give `x[places]`, of index arrays of one shape, for the first axes of x.

    A plain array would not take a traced index, nor does `np.take` ask whether one is.
    """
    if not any(hasattr(type(i), "__wengert_bind__") for i in (x, *places)):
        return x[places]
    flat = places[0]
    for i, n in zip(places[1:], x.shape[1:], strict=False):
        flat = flat * n + i
    rows = np.reshape(x, (-1, *x.shape[len(places) :])) if len(places) > 1 else x
    return take(rows, flat, axis=0)
