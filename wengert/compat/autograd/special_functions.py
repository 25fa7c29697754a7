"""Functions of `scipy.special` that are no ufuncs, as formulas of ufuncs that have
rows; `autograd.scipy.special` uses them on boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import as_array, plain_value

__all__ = [
    "FORMULAS",
    "log_softmax",
    "logsumexp",
    "multigammaln",
    "polygamma",
    "softmax",
]


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False,
    return_sign: bool = False,
) -> Any:  # fmt: skip
    """Compute log Σ b·exp(a), from the largest term on.

    Raises
    ------
    NotImplementedError
        With return_sign=True.
    """
    if return_sign:
        raise NotImplementedError("logsumexp(return_sign=True) of boxes")
    a = as_array(a)
    if b is not None:
        b = as_array(b)
        shape = np.broadcast_shapes(a.shape, b.shape)
        a, b = np.broadcast_to(a, shape), np.broadcast_to(b, shape)
        a = np.where(b == 0, -np.inf, a)
    top = np.max(a, axis=axis, keepdims=True)
    # Its derivative is none of the result's: any number serves, if it is finite.
    top = plain_value(np.where(np.isfinite(top), top, 0))
    terms = np.exp(a - top)
    total = np.sum(terms if b is None else b * terms, axis=axis, keepdims=True)
    y = np.log(total) + top
    if keepdims:
        return y
    return np.squeeze(y, axis=tuple(range(y.ndim)) if axis is None else axis)


def softmax(x: Any, axis: Any = None) -> Any:
    """Compute exp(x) / Σ exp(x)."""
    return np.exp(log_softmax(x, axis))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """Compute x − log Σ exp(x)."""
    return as_array(x) - logsumexp(x, axis, keepdims=True)


def polygamma(n: Any, x: Any) -> Any:
    """Compute the n-th derivative of ψ (DLMF 5.15.1 with Hurwitz' ζ)."""
    if np.ndim(n) == 0 and n == 0:
        return special.psi(x)
    order = np.asarray(n)
    sign = (-1.0) ** (order + 1)
    return sign * special.gamma(order + 1.0) * special.zeta(order + 1.0, as_array(x))


def multigammaln(a: Any, d: int) -> Any:
    """Compute the logarithm of the gamma function of d variables."""
    shifted = as_array(a)[..., None] - 0.5 * np.arange(d)
    return 0.25 * d * (d - 1) * np.log(np.pi) + np.sum(special.gammaln(shifted), -1)


FORMULAS: dict[Any, Callable[..., Any]] = {
    special.logsumexp: logsumexp,
    special.softmax: softmax,
    special.log_softmax: log_softmax,
    special.polygamma: polygamma,
    special.multigammaln: multigammaln,
}
