"""Whether an array holds a NaN: asked after each product of a sweep, so in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["may_have_nan"]

# Elements from which BLAS may share a dot product out among threads, and wait for them.
_THREADED = 10_000


def may_have_nan(x: Any) -> bool:
    """Tell whether there is a NaN in an array, with no temporary array.

    Parameters
    ----------
    x : array or NumPy number

    Returns
    -------
    bool
        True, if there is; it may be True also where infs stand beside each other.

    Examples
    --------
    >>> may_have_nan(np.array([1.0, np.nan])), may_have_nan(np.array([1.0, np.inf]))
    (True, False)
    """
    if type(x) is np.ndarray and x.size >= _THREADED:
        with np.errstate(all="ignore"):
            total = np.add.reduce(x, axis=None)
    else:
        total = np.vdot(x, x)
    return bool(total != total)
