"""Check derivatives against finite differences, which share no code with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wengert.numeric import Report, check_derivatives
from wengert.operators.products import jvp, vjp

__all__ = ["check_grads"]


def check_grads(
    f: Callable[..., Any],
    *args: Any,
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> Report:
    """Check forward and reverse derivatives of f at a point, to some order.

    Parameters
    ----------
    f : callable
    *args
        The point: pytrees of floats and arrays, real or complex.
    modes : sequence of "fwd", "rev"
        Which modes to check; for order 2 also all their mixtures.
    order : int
        How often to differentiate, 1 or more.
    rtol, atol : float
        Tolerances; from dtype, order and the differences' own error if None.
    seed : int
        Of the random directions.

    Returns
    -------
    Report
        True if all agree. Its text names the worst entry, the direction and both
        values;
        `raise_if_failed()` raises it.

    Examples
    --------
    >>> import numpy as np
    >>> bool(check_grads(lambda x: (x**3).sum(), np.array([1.0, 2.0])))
    True
    """
    return check_derivatives(
        f, args, jvp=jvp, vjp=vjp, modes=modes, order=order, rtol=rtol, atol=atol,
        seed=seed,
    )  # fmt: skip
