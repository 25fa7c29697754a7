"""Initial weights, drawn so that values and cotangents keep their size from layer to
layer: those of Glorot, He and LeCun, and orthogonal matrices.

The variance of a weight is scale/fan, where the *fan* is the number of weights that a
value is summed over (in), or that a cotangent is (out): of a shape (…, n, m) these are
n and m, times the area of the window, if there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ShapeError

__all__ = [
    "Initializer",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
]

# From a Generator and a shape to an array.
Initializer = Callable[[np.random.Generator, Sequence[int]], Any]


def glorot_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw uniformly, with variance 2/(fan in + fan out); for tanh and sigmoid.

    Parameters
    ----------
    rng : np.random.Generator
    shape : sequence of int
        (…, n, m): from n values to m; axes before these are a window's.

    Returns
    -------
    array of the shape, float64

    Raises
    ------
    ShapeError
        If the shape has less than two axes.

    References
    ----------
    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward
    neural networks.

    Examples
    --------
    >>> glorot_uniform(np.random.default_rng(0), (4, 3)).shape
    (4, 3)
    """
    return _uniform(rng, shape, 2 / sum(_fans(shape)))


def glorot_normal(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw normally, with variance 2/(fan in + fan out); see `glorot_uniform`."""
    return _normal(rng, shape, 2 / sum(_fans(shape)))


def he_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw uniformly, with variance 2/fan in: for relu, of which half is zero.

    Parameters and errors are those of `glorot_uniform`.

    References
    ----------
    He, Zhang, Ren & Sun (2015), Delving deep into rectifiers.
    """
    return _uniform(rng, shape, 2 / _fans(shape)[0])


def he_normal(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw normally, with variance 2/fan in; see `he_uniform`."""
    return _normal(rng, shape, 2 / _fans(shape)[0])


def lecun_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw uniformly, with variance 1/fan in; see `glorot_uniform`."""
    return _uniform(rng, shape, 1 / _fans(shape)[0])


def lecun_normal(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw normally, with variance 1/fan in; see `glorot_uniform`."""
    return _normal(rng, shape, 1 / _fans(shape)[0])


def orthogonal(rng: np.random.Generator, shape: Sequence[int]) -> Any:
    """Draw a matrix whose rows or columns, whichever are fewer, are orthonormal.

    Parameters and errors are those of `glorot_uniform`; axes of a window count as rows.

    References
    ----------
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks.

    Examples
    --------
    >>> q = orthogonal(np.random.default_rng(0), (5, 3))
    >>> bool(np.allclose(q.T @ q, np.eye(3)))
    True
    """
    _fans(shape)
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = rng.normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    # With positive diagonals of r, all orthogonal matrices are equally likely.
    q = q * np.sign(np.diagonal(r))
    return np.reshape(q if rows >= columns else q.T, shape)


def _fans(shape: Sequence[int]) -> tuple[int, int]:
    if len(shape) < 2:
        raise ShapeError(
            f"initial weights of shape {tuple(shape)}: two axes at least are needed. "
            "Biases begin as np.zeros."
        )
    area = math.prod(shape[:-2])
    return area * shape[-2], area * shape[-1]


def _uniform(rng: np.random.Generator, shape: Sequence[int], variance: float) -> Any:
    bound = math.sqrt(3 * variance)
    return rng.uniform(-bound, bound, size=tuple(shape))


def _normal(rng: np.random.Generator, shape: Sequence[int], variance: float) -> Any:
    return math.sqrt(variance) * rng.normal(size=tuple(shape))
