"""Covariance and correlation of variables.

Faces only, made of means and products.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, given, result_dtype
from wengert.primitives.control import stop_gradient
from wengert.primitives.products import conjugate

__all__: list[str] = []


def _as_rows(m: Any, dtype: Any, rowvar: bool) -> Any:
    """Put one variable into each row."""
    if m.ndim > 2:
        raise ShapeError(f"cov: a vector or a matrix is needed, not shape {m.shape}")
    rows = np.atleast_2d(m.astype(dtype))
    return rows if rowvar or m.ndim < 2 else rows.T


def _weights(name: str, weights: Any, count: int) -> Any:
    weights = as_array(weights)
    if weights.shape != (count,):
        raise ShapeError(f"cov: {name} of shape {weights.shape} for {count} samples")
    if np.any(weights < 0):
        raise ValueError(f"{name} cannot be negative")
    if name == "fweights" and np.any(weights != np.round(weights)):
        raise TypeError("fweights must be integer")
    return weights.astype(np.float64)


@answers(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
    fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """Give the covariances of variables.

    Parameters
    ----------
    m, y : array (k, n) or (n,)
        n samples of each of k variables, one in each row unless `rowvar` is false.

    Returns
    -------
    array (k, k), with the variables of y after those of m; () for one variable
    """
    m = as_array(m)
    y = as_array(y) if given(y) else None
    if dtype is None:
        dtype = np.result_type(result_dtype(*(m, y)[: 1 + given(y)]), np.float64)
    x = _as_rows(m, dtype, rowvar)
    if x.shape[0] == 0:
        return np.zeros((0, 0))
    if y is not None:
        x = np.concatenate([x, _as_rows(y, dtype, rowvar)], axis=0)
    count = x.shape[1]
    ddof = ddof if given(ddof) else int(not bias)
    w: Any = None
    freedom: Any = count - ddof
    if given(fweights):
        w = _weights("fweights", fweights, count)
        freedom = np.sum(w) - ddof
    if given(aweights):
        a = _weights("aweights", aweights, count)
        w = a if w is None else w * a
        total = np.sum(w)
        freedom = total - ddof * np.sum(w * a) / total if ddof else total
    if freedom <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
        freedom = 0.0
    x = x - np.average(x, axis=1, weights=w)[:, None]
    weighted = x if w is None else x * w
    total = x @ conjugate(weighted.T) * np.true_divide(1, freedom)
    return np.squeeze(total.astype(x.dtype))


@answers(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Give the correlation coefficients of variables: covariances, normalised."""
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diag(c)))
    c = c / deviation[:, None] / deviation[None, :]
    # Rounding may lead beyond 1, which is put right: that has no part in a derivative.
    within = np.clip(np.real(c), -1, 1)
    if c.dtype.kind == "c":
        within = within + 1j * np.clip(np.imag(c), -1, 1)
    return c + stop_gradient(within - c)
