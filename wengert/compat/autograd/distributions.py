"""`autograd.scipy.stats`: densities and distribution functions as formulas.

On plain arrays each is SciPy's own. On boxes it is the formula, whose special functions
have rows; so derivatives are of any order, in each parameter that the rows know.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

import wengert.primitives.special  # noqa: F401  (registers the rows)
from wengert.compat.autograd.namespace import wrap_namespace, wrapped
from wengert.primitives.axes import as_array

__all__ = ["DISTRIBUTIONS", "names_of"]

Formula = Callable[..., Any]


def _located(density: Formula | None, distribution: Formula | None) -> Any:
    """Make the six functions of a distribution with loc and scale.

    Parameters
    ----------
    density : callable
        `(z, *shapes) → log f(z)`, for loc=0, scale=1.
    distribution : callable
        `(z, *shapes) → F(z)`.
    """

    def logpdf(x: Any, *args: Any, loc: Any = 0, scale: Any = 1) -> Any:
        assert density is not None
        return density((x - loc) / scale, *args) - np.log(scale)

    def cdf(x: Any, *args: Any, loc: Any = 0, scale: Any = 1) -> Any:
        assert distribution is not None
        return distribution((x - loc) / scale, *args)

    found: dict[str, Formula] = {}
    if density is not None:
        found |= {"logpdf": logpdf, "pdf": lambda *a, **k: np.exp(logpdf(*a, **k))}
    if distribution is not None:
        found |= {
            "cdf": cdf, "logcdf": lambda *a, **k: np.log(cdf(*a, **k)),
            "sf": lambda *a, **k: 1 - cdf(*a, **k),
            "logsf": lambda *a, **k: np.log1p(-cdf(*a, **k)),
        }  # fmt: skip
    return found


def _placed(shapes: int, formulas: dict[str, Formula]) -> dict[str, Formula]:
    """Let loc and scale be given by position too, after so many shapes."""

    def place(formula: Formula) -> Formula:
        def call(x: Any, *args: Any, **kwargs: Any) -> Any:
            extra = dict(zip(("loc", "scale"), args[shapes:], strict=False))
            numbers = map(as_array, (x, *args[:shapes]))
            return formula(*numbers, **extra, **kwargs)

        return call

    return {name: place(formula) for name, formula in formulas.items()}


# ----- one variable -----

_LOG_2PI = float(np.log(2 * np.pi))


def _norm_logpdf(z: Any) -> Any:
    return -0.5 * (z**2 + _LOG_2PI)


def _t_logpdf(z: Any, df: Any) -> Any:
    half = 0.5 * (df + 1)
    constant = special.gammaln(half) - special.gammaln(0.5 * df)
    return constant - 0.5 * np.log(df * np.pi) - half * np.log1p(z**2 / df)


def _t_cdf(z: Any, df: Any) -> Any:
    tail = 0.5 * special.betainc(0.5 * df, 0.5, df / (df + z**2))
    return np.where(z > 0, 1 - tail, tail)


def _gamma_logpdf(z: Any, a: Any) -> Any:
    return special.xlogy(a - 1, z) - z - special.gammaln(a)


def _beta_logpdf(z: Any, a: Any, b: Any) -> Any:
    return special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b)


def _chi2_logpdf(z: Any, df: Any) -> Any:
    return _gamma_logpdf(z / 2, df / 2) - np.log(2.0)


_NORM = _located(_norm_logpdf, special.ndtr) | {
    "logcdf": lambda x, loc=0, scale=1: special.log_ndtr((x - loc) / scale),
    "sf": lambda x, loc=0, scale=1: special.ndtr((loc - x) / scale),
    "logsf": lambda x, loc=0, scale=1: special.log_ndtr((loc - x) / scale),
}


def _poisson_logpmf(k: Any, mu: Any) -> Any:
    return special.xlogy(k, mu) - mu - special.gammaln(k + 1)


_POISSON = {
    "logpmf": _poisson_logpmf,
    "pmf": lambda k, mu: np.exp(_poisson_logpmf(k, mu)),
    "cdf": lambda k, mu: special.gammaincc(np.floor(k) + 1, mu),
}

# ----- several variables -----


def _covariance(mean: Any, cov: Any, d: int) -> tuple[Any, Any]:
    mean = np.zeros(d) if mean is None else as_array(mean)
    cov = as_array(cov)
    if cov.ndim < 2:
        cov = cov * np.eye(d)
    return mean, cov


def _mvn_logpdf(
    x: Any, mean: Any = None, cov: Any = 1, allow_singular: Any = False
) -> Any:
    x = as_array(x)
    d = x.shape[-1] if x.ndim else 1
    mean, cov = _covariance(mean, cov, d)
    z = x - mean
    if allow_singular:
        inverse = np.linalg.pinv(cov, hermitian=True)
        spectrum = np.linalg.eigvalsh(cov)
        positive = spectrum > 1e-10 * np.max(np.abs(spectrum))
        log_det = np.sum(np.log(np.where(positive, spectrum, 1.0)))
        rank = np.sum(positive)
    else:
        inverse, rank = np.linalg.inv(cov), d
        _, log_det = np.linalg.slogdet(cov)
    square = np.einsum("...i,ij,...j->...", z, inverse, z)
    return -0.5 * (square + log_det + rank * _LOG_2PI)


def _mvn_entropy(mean: Any = None, cov: Any = 1) -> Any:
    d = as_array(cov).shape[-1] if as_array(cov).ndim else 1
    _, cov = _covariance(mean, cov, d)
    return 0.5 * (d * (1 + _LOG_2PI) + np.linalg.slogdet(cov)[1])


_MVN: dict[str, Formula] = {
    "logpdf": _mvn_logpdf,
    "pdf": lambda *args, **kwargs: np.exp(_mvn_logpdf(*args, **kwargs)),
    "entropy": _mvn_entropy,
}


def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    x, alpha = as_array(x), as_array(alpha)
    constant = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    return constant + np.sum(special.xlogy((alpha - 1).T, x.T), 0)


_DIRICHLET = {
    "logpdf": _dirichlet_logpdf,
    "pdf": lambda x, alpha: np.exp(_dirichlet_logpdf(x, alpha)),
}

# name → formulas.
DISTRIBUTIONS: dict[str, dict[str, Formula]] = {
    "norm": _placed(0, _NORM),
    "t": _placed(1, _located(_t_logpdf, _t_cdf)),
    "gamma": _placed(1, _located(_gamma_logpdf, lambda z, a: special.gammainc(a, z))),
    "beta": _placed(2, _located(
        _beta_logpdf, lambda z, a, b: special.betainc(a, b, z))),
    "chi2": _placed(1, _located(
        _chi2_logpdf, lambda z, df: special.gammainc(df / 2, z / 2))),
    "poisson": _POISSON,
    "multivariate_normal": _MVN,
    "dirichlet": _DIRICHLET,
}  # fmt: skip


@functools.cache
def names_of(distribution: str) -> dict[str, Any]:
    """Make the names of `autograd.scipy.stats.norm` and its like."""
    original = getattr(stats, distribution)
    names: dict[str, Any] = {}
    methods = {name: getattr(original, name) for name in dir(original)}
    wrap_namespace(
        {name: value for name, value in methods.items() if callable(value)}, names
    )
    for name, formula in DISTRIBUTIONS[distribution].items():
        names[name] = wrapped(getattr(original, name), formula)
    return names
