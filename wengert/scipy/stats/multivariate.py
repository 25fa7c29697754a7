"""Multivariate distributions: logarithms of densities, and densities."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
from scipy import special

from wengert.primitives.axes import as_array
from wengert.scipy.stats.univariate import is_traced, refusal

__all__ = [
    "dirichlet",
    "multinomial",
    "multivariate_normal",
    "multivariate_t",
    "wishart",
]

_LOG_2PI = math.log(2 * math.pi)


class Multivariate:
    """Offer a multivariate distribution of SciPy's; its density on traced values too.

    Parameters
    ----------
    original : a distribution of scipy.stats
    density : str
        `logpdf` or `logpmf`; the one without the logarithm follows.
    formula : callable
        With the signature of that method.
    """

    def __init__(
        self, original: Any, density: str, formula: Callable[..., Any]
    ) -> None:
        self.original = original
        self.density = density
        self.formula = formula
        self.__name__ = type(original).__name__.removesuffix("_gen")
        self.__doc__ = original.__doc__

    def __repr__(self) -> str:
        return f"<wengert.scipy.stats.{self.__name__}>"

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Freeze the parameters."""
        return FrozenMultivariate(self, args, keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        theirs = getattr(self.original, name)
        if not callable(theirs):
            return theirs

        @functools.wraps(theirs)
        def method(*args: Any, **keywords: Any) -> Any:
            if not is_traced(args, keywords):
                return theirs(*args, **keywords)
            if name == self.density:
                return self.formula(*args, **keywords)
            if name == self.density.removeprefix("log"):
                return np.exp(self.formula(*args, **keywords))
            raise refusal(f"{self.__name__}.{name}")

        return method


class FrozenMultivariate:
    """Hold a multivariate distribution together with its parameters."""

    def __init__(self, dist: Multivariate, args: Any, keywords: Any) -> None:
        self.dist = dist
        self.args = args
        self.kwds = keywords

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        dist = self.dist
        if name in (dist.density, dist.density.removeprefix("log")):
            return lambda x: getattr(dist, name)(x, *self.args, **self.kwds)
        if is_traced(self.args, self.kwds):
            raise refusal(f"{dist.__name__}.{name}")
        theirs = getattr(dist.original(*self.args, **self.kwds), name)

        def guarded(*args: Any, **keywords: Any) -> Any:
            if is_traced(args, keywords):
                raise refusal(f"{dist.__name__}.{name}")
            return theirs(*args, **keywords)

        return guarded if callable(theirs) else theirs


# ----- ellipses: distances from a centre, by a Cholesky factor of a matrix -----


def standardized(x: Any, centre: Any, matrix: Any) -> tuple[Any, Any, int]:
    """Give squared distances, the logarithm of the determinant, and the dimension.

    Parameters
    ----------
    x : array (..., d); for d = 1 also (...)
    centre : array (d,) or None for 0
    matrix : array (d, d), a diagonal (d,), or a number
    """
    x, matrix = as_array(x), as_array(matrix)
    sizes = [1]
    if centre is not None:
        centre = as_array(centre)
        sizes.append(centre.size)
    if matrix.ndim:
        sizes.append(matrix.shape[0])
    d = max(sizes)
    if matrix.ndim == 0:
        matrix = matrix * np.eye(d)
    elif matrix.ndim == 1:
        matrix = matrix[:, None] * np.eye(d)
    if x.ndim == 0:
        x = np.reshape(x, (1,))
    elif x.ndim == 1 and d == 1:
        x = x[:, None]
    moved = x if centre is None else x - centre
    factor = np.linalg.cholesky(matrix)
    z = np.linalg.solve(factor, moved[..., None])[..., 0]
    log_determinant = 2 * np.sum(np.log(np.diagonal(factor)))
    return np.sum(z * z, axis=-1), log_determinant, d


def normal(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Give the logarithm of the normal density; the covariance must be regular."""
    if allow_singular:
        raise refusal("multivariate_normal.logpdf", "not of singular ones")
    square, log_determinant, d = standardized(x, mean, cov)
    return np.squeeze(-(square + log_determinant + d * _LOG_2PI) / 2)


def student(
    x: Any, loc: Any = None, shape: Any = 1, df: Any = 1, allow_singular: bool = False
) -> Any:
    """Give the logarithm of Student's density; the shape must be regular."""
    if allow_singular:
        raise refusal("multivariate_t.logpdf", "not of singular ones")
    square, log_determinant, d = standardized(x, loc, shape)
    front = special.gammaln((df + d) / 2) - special.gammaln(df / 2)
    front = front - (d * np.log(df * math.pi) + log_determinant) / 2
    return np.squeeze(front - (df + d) / 2 * np.log1p(square / df))


def dirichlet_formula(x: Any, alpha: Any) -> Any:
    """Give the logarithm of Dirichlet's density, of x (d,) or (d, n), d or d − 1."""
    x, alpha = as_array(x), as_array(alpha)
    if x.shape[0] + 1 == alpha.shape[0]:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    front = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    powers = special.xlogy((alpha - 1)[(...,) + (None,) * (x.ndim - 1)], x)
    return front + np.sum(powers, axis=0)


def wishart_formula(x: Any, df: Any, scale: Any) -> Any:
    """Give the logarithm of Wishart's density, of one matrix or of many, (d, d, n)."""
    x, scale = as_array(x), as_array(scale)
    if scale.ndim != 2 or x.ndim < 2:
        raise refusal("wishart.logpdf", "of matrices given by numbers it has none")
    d = scale.shape[0]
    matrices = np.moveaxis(x, (0, 1), (-2, -1))
    own = 2 * np.sum(np.log(diagonals(np.linalg.cholesky(matrices))), axis=-1)
    whole = 2 * np.sum(np.log(diagonals(np.linalg.cholesky(scale))), axis=-1)
    trace = np.sum(diagonals(np.linalg.solve(scale, matrices)), axis=-1)
    gammas = sum(special.gammaln((df - j) / 2) for j in range(d))
    front = d * (d - 1) / 4 * math.log(math.pi) + gammas
    front = front + df * (d * math.log(2) + whole) / 2
    return (df - d - 1) / 2 * own - trace / 2 - front


def diagonals(x: Any) -> Any:
    """Give the diagonals of matrices in the last two axes."""
    return np.diagonal(x, axis1=-2, axis2=-1)


def multinomial_formula(x: Any, n: Any, p: Any) -> Any:
    """Give the logarithm of a multinomial probability; the last p is what is left."""
    x, p = as_array(x), as_array(p)
    left = 1 - np.sum(p[..., :-1], axis=-1, keepdims=True)
    p = np.concatenate([p[..., :-1], left], axis=-1)
    terms = special.xlogy(x, p) - special.gammaln(x + 1)
    inside = (np.sum(x, axis=-1) == n) & np.all((x >= 0) & (x == np.floor(x)), axis=-1)
    y = special.gammaln(n + 1) + np.sum(terms, axis=-1)
    return np.where(inside, y, -np.inf)


multivariate_normal = Multivariate(scipy.stats.multivariate_normal, "logpdf", normal)
multivariate_t = Multivariate(scipy.stats.multivariate_t, "logpdf", student)
dirichlet = Multivariate(scipy.stats.dirichlet, "logpdf", dirichlet_formula)
wishart = Multivariate(scipy.stats.wishart, "logpdf", wishart_formula)
multinomial = Multivariate(scipy.stats.multinomial, "logpmf", multinomial_formula)
