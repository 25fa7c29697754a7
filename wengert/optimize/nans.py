"""Where a nan came from: the first bad operation, named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import NanError
from wengert.operators.debugging import debug_nans
from wengert.operators.products import vjp

__all__ = ["nan_error"]


def nan_error(where: str, f: Callable[..., Any], *args: Any) -> NanError:
    """Make the error that names the first operation of f to give a nan.

    Parameters
    ----------
    where : str
        "minimize: the value is nan at x0".
    f : callable
    *args : pytrees
        At which f or its derivative is nan; it is differentiated in the first.
    """
    cause = _cause(f, args)
    error = NanError(f"{where}. {cause or _FROM_OUTSIDE}")
    if cause is not None:
        error.primitive, error.sweep = cause.primitive, cause.sweep
        error.kind, error.source = cause.kind, cause.source
    return error


_FROM_OUTSIDE = (
    "No operation of f made it of numbers: it is among the parameters, the data or "
    "the numbers that f captures, or the infinities that they hold."
)


def _cause(f: Callable[..., Any], args: tuple[Any, ...]) -> NanError | None:
    for infs in (False, True):  # an inf only where no nan is to be named
        try:
            with debug_nans(infs=infs), np.errstate(all="ignore"):
                y, pullback = vjp(lambda x: f(x, *args[1:]), args[0])
                values = tree.flatten(y)[0]
                if any(np.isnan(v).any() for v in values):
                    return None  # what sweeps back is nan for that reason alone
                pullback(tree.map_leaves(_ones, y))
        except NanError as error:
            return error
    return None


def _ones(y: Any) -> Any:
    return np.ones(np.shape(y), getattr(y, "dtype", float))[()]
