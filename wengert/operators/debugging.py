"""debug_nans: stop at the first operation that makes a nan or inf."""

from __future__ import annotations

from typing import Any

from wengert.operators.compilation.dispatching import take_back
from wengert.transforms.watching import watch, watching

__all__ = ["debug_nans"]


class debug_nans:
    """Raise at the first operation that makes a nan or inf; known by this name in JAX.

    It is on from the call: `debug_nans()` for good, `with debug_nans():` for a block,
    `debug_nans(False)` turns it off.

    Parameters
    ----------
    on : bool
    infs : bool
        Whether an inf counts too.

    Raises
    ------
    NanError
        By the run of a derivative or of a jitted function, in this thread: with the
        primitive, its operands, the sweep ("primal", "tangent" or "adjoint") and the
        user's line. Of a nan or inf that an operation was given already, nothing is
        said; nor of cotangents in a branch that `np.where` did not take.

    Notes
    -----
    Jitted functions run as plain Python meanwhile, so that an error has its line. Code
    that is not differentiated nor jitted is not looked at. Cost: tens of microseconds
    for an operation, and all intermediate values are kept.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> with debug_nans():
    ...     grad(lambda x: np.sqrt(x) * 2)(0.0)
    Traceback (most recent call last):
    ...
    wengert.errors.NanError: sqrt made an inf in the adjoint sweep, of numbers ...
    """

    def __init__(self, on: bool = True, infs: bool = True) -> None:
        self._before = watching.on, watching.infs
        watch(on, infs)
        if on:
            take_back()

    def __enter__(self) -> debug_nans:
        return self

    def __exit__(self, *_: Any) -> None:
        watch(*self._before)
