"""Whether a solver has solved its equations: judged by these, not by what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ConvergenceError, user_source

__all__ = ["check_converged"]


def check_converged(
    name: str,
    v: Any,
    equations: Callable[[Any], Any],
    scale: Callable[[], Any],
    tol: float,
) -> None:
    """Raise ConvergenceError unless the residual is small beside its terms.

    Parameters
    ----------
    name : str
        Of the operator.
    v : array (n,)
        What was found.
    equations : callable
        From v to the residual.
    scale : callable
        Gives how far the residual moves where x and θ move by about their own size.
    tol : float
    """
    if not np.isfinite(v).all():
        raise ConvergenceError(
            f"{name}: the solver gave {_count(v)} that are nan or inf (at "
            f"{user_source()}). Start elsewhere, or with another solver."
        )
    with np.errstate(all="ignore"):
        residual = np.abs(equations(v)).max(initial=0.0)
        # A residual of zero needs no scale, which may be nan.
        size = np.abs(scale()).max(initial=0.0) if residual else 1.0
    tol = max(tol, 1e3 * float(np.finfo(v.dtype).eps))
    if not np.isfinite(size):
        size = 1.0
    if not residual <= tol * size:
        raise ConvergenceError(
            f"{name} did not converge (at {user_source()}): the residual is "
            f"{residual:.2e}, its terms are of size {size:.2e}, and at most {tol:.1e} "
            "of that is allowed. A point that does not solve the equations has no "
            "derivative. Start elsewhere, use another solver, run it longer, or give "
            "tol= if it is exact enough."
        )


def _count(v: Any) -> str:
    return f"{np.count_nonzero(~np.isfinite(v))} of {v.size} unknowns"
