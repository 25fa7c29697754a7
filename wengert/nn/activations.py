"""Activations: elementwise functions between layers, and softmax along an axis.

All take and give arrays of any shape, real and floating, at the cost of a pass over
them. A nan stays a nan.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.scipy import special as sums

__all__ = [
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def relu(x: Any) -> Any:
    """Give max(x, 0). Its derivative at 0 is 0.

    Examples
    --------
    >>> from wengert import grad
    >>> [grad(relu)(x) for x in (-1.0, 0.0, 1.0)]
    [0.0, 0.0, 1.0]
    """
    # Not np.maximum, whose ties share evenly: ½ at 0.
    return np.where(x <= 0, 0.0, x)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Give x above 0, and slope·x elsewhere. Its derivative at 0 is the slope."""
    return np.where(x <= 0, slope * x, x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Give x above 0, and α·(exp(x) − 1) elsewhere."""
    # exp of the side not taken must not overflow.
    return np.where(x <= 0, alpha * np.expm1(np.where(x <= 0, x, 0.0)), x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """Give x·Φ(x), Φ the normal distribution function.

    Parameters
    ----------
    x : array
    approximate : bool
        Whether to take the form with tanh, as in GPT-2, off by up to 5·10⁻⁴.

    References
    ----------
    Hendrycks & Gimpel (2016), Gaussian error linear units.
    """
    if approximate:
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1 + np.tanh(inner))
    # erfc, not 1 + erf, which is 0 in the left tail.
    return 0.5 * x * special.erfc(x * -math.sqrt(0.5))


def silu(x: Any) -> Any:
    """Give x·σ(x); known elsewhere as swish."""
    return x * special.expit(x)


def softplus(x: Any) -> Any:
    """Give ln(1 + exp(x)), without overflow."""
    return np.logaddexp(x, 0.0)


def sigmoid(x: Any) -> Any:
    """Give σ(x) = 1/(1 + exp(−x)), without overflow."""
    return special.expit(x)


def tanh(x: Any) -> Any:
    """Give the hyperbolic tangent."""
    return np.tanh(x)


def softmax(x: Any, axis: int = -1) -> Any:
    """Give exp(x)/Σ exp(x) along an axis, without overflow.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return sums.softmax(x, axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """Give the logarithm of softmax along an axis, also where softmax underflows."""
    return sums.log_softmax(x, axis=axis)
