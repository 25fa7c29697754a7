"""Polynomials, as vectors of coefficients: the highest power comes first.

Faces only. Where NumPy drops leading zeros, how many there are is a guard.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, given, refuse, result_dtype
from wengert.primitives.indexing import Index, scatter_

__all__: list[str] = []


def _coefficients(p: Any) -> Any:
    return np.atleast_1d(as_array(p))


def _ahead(p: Any, zeros: int) -> Any:
    """Put zeros in front."""
    return np.concatenate([np.zeros(zeros, p.dtype), p]) if zeros else p


def _without_zeros(p: Any) -> Any:
    """Drop leading zeros, but not the last coefficient."""
    if p.ndim != 1:
        raise ShapeError(f"a polynomial is a vector, not of shape {p.shape}")
    if not p.size:
        return np.zeros(1, p.dtype)
    full = np.not_equal(p, 0)
    return p[operator.index(np.argmax(full)) if np.any(full) else p.size - 1 :]


# ----- values -----


@answers(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Evaluate a polynomial, p : array (n,), at x : array of any shape."""
    if isinstance(x, np.poly1d):
        raise MissingRuleError(
            "np.polyval(p, poly1d) cannot be traced "
            f"(at {user_source()}): evaluate both polynomials one after the other."
        )
    p, x = as_array(p), as_array(x)
    y: Any = np.zeros(x.shape, x.dtype)
    for k in range(len(p)):
        y = y * x + p[k]
    return y


# ----- sums and products -----


@answers(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """Add two polynomials."""
    a1, a2 = _coefficients(a1), _coefficients(a2)
    n = max(len(a1), len(a2))
    return _ahead(a1, n - len(a1)) + _ahead(a2, n - len(a2))


@answers(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """Subtract one polynomial from another."""
    a1, a2 = _coefficients(a1), _coefficients(a2)
    n = max(len(a1), len(a2))
    return _ahead(a1, n - len(a1)) - _ahead(a2, n - len(a2))


@answers(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """Multiply two polynomials, without their leading zeros."""
    return np.convolve(
        _without_zeros(_coefficients(a1)), _without_zeros(_coefficients(a2))
    )


@answers(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Divide with a remainder: u = quotient·v + remainder.

    Leading coefficients of the remainder that are zero to rounding are dropped.
    """
    u, v = _coefficients(u) + 0.0, _coefficients(v) + 0.0
    dtype = result_dtype(u, v)
    m, n = len(u) - 1, len(v) - 1
    scale, rest = 1.0 / v[0], u.astype(dtype)
    quotient: list[Any] = []
    for k in range(m - n + 1):
        factor = scale * rest[k]
        quotient.append(factor)
        place = Index((slice(k, k + n + 1),))
        rest = rest - scatter_(factor * v, index=place, shape=(m + 1,))
    while len(rest) > 1 and np.allclose(rest[0], 0, rtol=1e-14):
        rest = rest[1:]
    q = np.stack(quotient).astype(dtype) if quotient else np.zeros(1, dtype)
    return q, rest


# ----- derivatives and integrals -----


@answers(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """Differentiate a polynomial m times."""
    m, p = operator.index(m), as_array(p)
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@answers(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Integrate a polynomial m times; k holds the constants, in that order."""
    m, p = operator.index(m), as_array(p)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    k = _coefficients(np.zeros(m) if k is None else k)
    if len(k) == 1 and m > 1:
        k = k[0] * np.ones(m)
    if len(k) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


# ----- from roots, from points -----


@answers(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """Give the polynomial with these roots, or with the eigenvalues of a matrix.

    Where complex roots come in conjugate pairs, the coefficients are real; whether they
    do is a guard.
    """
    roots = _coefficients(seq_of_zeros)
    if roots.ndim == 2 and roots.shape[0] == roots.shape[1] != 0:
        roots = np.linalg.eigvals(roots)
    elif roots.ndim != 1:
        raise ShapeError("input must be 1d or non-empty square 2d array.")
    roots = roots if roots.dtype.kind in "fc" else roots.astype(np.float64)
    if not len(roots):
        return 1.0
    p, zero = np.ones(1, roots.dtype), np.zeros(1, roots.dtype)
    for k in range(len(roots)):
        p = np.concatenate([p, zero]) - roots[k] * np.concatenate([zero, p])
    if roots.dtype.kind != "c":
        return p
    paired = np.all(np.sort(roots) == np.sort(np.conjugate(roots)))
    return np.real(p) if paired else p


@answers(np.polyfit)
def polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None,
    cov: Any = False,
) -> Any:  # fmt: skip
    """Fit a polynomial to points by least squares, weighted if weights are given.

    Parameters
    ----------
    x, w : array (m,)
    y : array (m,) or (m, k)

    Returns
    -------
    array (deg + 1,) or (deg + 1, k)
    """
    refuse("polyfit", full=full or None, cov=True if given(cov) and cov else None)
    x, y = as_array(x) + 0.0, as_array(y) + 0.0
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1 or not x.size:
        raise TypeError("expected non-empty vector for x")
    if y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise TypeError("expected x and y to have same length")
    rcond = len(x) * float(np.finfo(x.dtype).eps) if rcond is None else rcond
    powers = np.vander(x, operator.index(deg) + 1)
    if given(w):
        w = as_array(w) + 0.0
        if w.shape != x.shape:
            raise TypeError("expected w and y to have the same length")
        powers, y = powers * w[:, None], y * (w if y.ndim == 1 else w[:, None])
    # Columns of one size: that improves the condition.
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    p = np.linalg.lstsq(powers / scale, y, rcond)[0]
    return (p.T / scale).T


@answers(np.roots)
def roots(p: Any) -> Any:
    """Refuse: how many roots there are depends on which coefficients are zero."""
    raise MissingRuleError(
        "np.roots has no derivative rule: roots are not ordered, merge where two are "
        "equal, and their number depends on which coefficients are zero (at "
        f"{user_source()}). Instead, take np.linalg.eigvals of a companion matrix, or "
        "improve a root by a Newton step: r - np.polyval(p, r) / np.polyval("
        "np.polyder(p), r), with r = np.roots of the plain coefficients."
    )
