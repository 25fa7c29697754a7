"""Hold results against those by hand, before anything is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["TOLERANCE", "WrongResult", "verify"]

TOLERANCE = 1e-10


class WrongResult(Exception):
    """A library's result is not the derivative: its time would mean nothing."""


def verify(who: str, found: Any, expected: Any) -> None:
    """Check that results agree, each to 1e-10 of the largest entry.

    Parameters
    ----------
    who : str
        For the message.
    found, expected : array, float, or tuple of them

    Raises
    ------
    WrongResult
        If one is wrong, of another shape, or not in double precision.
    """
    if not isinstance(expected, tuple):
        found, expected = (found,), (expected,)
    for ours, right in zip(found, expected, strict=True):
        ours, right = np.asarray(ours), np.asarray(right)
        if ours.shape != right.shape or ours.dtype != right.dtype:
            raise WrongResult(
                f"{who}: {ours.dtype}{ours.shape}, not {right.dtype}{right.shape}"
            )
        error = np.max(np.abs(ours - right)) / np.max(np.abs(right))
        if not error <= TOLERANCE:
            raise WrongResult(f"{who}: relative error {error:.1e} > {TOLERANCE}")
