"""Hold results against those by hand, before anything is timed."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse

__all__ = ["EACH", "TOLERANCE", "WrongResult", "verify"]

TOLERANCE = 1e-10
EACH, NOISE = 1e-6, 1e-12


class WrongResult(Exception):
    """A library's result is not the derivative: its time would mean nothing."""


def verify(who: str, found: Any, expected: Any) -> None:
    """Check that results agree: in the norm, and each to 1e-10 of the largest entry.

    And each entry to 1e-6 of itself, unless it is below 1e-12 of the largest: so that
    no part of a gradient is left out because another is larger.

    Parameters
    ----------
    who : str
        For the message.
    found, expected : array, sparse array of one pattern, float, or tuple of them

    Raises
    ------
    WrongResult
        If one is wrong, of another shape, or not in double precision.
    """
    if not isinstance(expected, tuple):
        found, expected = (found,), (expected,)
    for ours, right in zip(found, expected, strict=True):
        ours, right = _values(ours), _values(right)
        if ours.shape != right.shape or ours.dtype != right.dtype:
            raise WrongResult(
                f"{who}: {ours.dtype}{ours.shape}, not {right.dtype}{right.shape}"
            )
        error = _error(ours, right)
        if not error <= TOLERANCE:
            raise WrongResult(f"{who}: relative error {error:.1e} > {TOLERANCE}")


def _values(x: Any) -> Any:
    return x.data if issparse(x) else np.asarray(x)


def _error(ours: Any, right: Any) -> float:
    """Give the worst of the relative errors."""
    away, size = np.abs(ours - right), np.abs(right)
    norm = np.linalg.norm(away.ravel()) / np.linalg.norm(size.ravel())
    largest = np.max(size)
    if not np.all(away <= EACH * size + NOISE * largest):
        return float(np.max(away / np.maximum(size, NOISE * largest)))
    return float(np.maximum(norm, np.max(away) / largest))
