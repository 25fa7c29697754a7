"""Statistics of samples: means, moments, scores, entropies."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
from scipy import special

from wengert.primitives.axes import as_array
from wengert.scipy.stats.univariate import is_traced, refusal

__all__ = [
    "entropy",
    "gmean",
    "hmean",
    "kurtosis",
    "moment",
    "pearsonr",
    "pmean",
    "sem",
    "skew",
    "zscore",
]


def stands_for(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that is SciPy's unless something is traced.

    SciPy's keywords that the formula does not know are refused then, unless they have
    the values that SciPy gives them.
    """
    harmless: dict[str, Any] = {"nan_policy": "propagate"}

    def enter(formula: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(formula)
        def call(*args: Any, **keywords: Any) -> Any:
            if not is_traced(args, keywords):
                return original(*args, **keywords)
            for name, value in harmless.items():
                if keywords.pop(name, value) != value:
                    raise refusal(f"{original.__name__}", f"of that {name} it has none")
            return formula(*args, **keywords)

        return call

    return enter


def central(a: Any, order: int, axis: Any, keepdims: bool = False) -> Any:
    """Give a central moment."""
    moved = a - np.mean(a, axis=axis, keepdims=True)
    return np.mean(moved**order, axis=axis, keepdims=keepdims)


@stands_for(scipy.stats.zscore)
def zscore(a: Any, axis: Any = 0, ddof: int = 0) -> Any:
    """Give (a − mean)/deviation."""
    a = as_array(a)
    deviation = np.std(a, axis=axis, ddof=ddof, keepdims=True)
    return (a - np.mean(a, axis=axis, keepdims=True)) / deviation


@stands_for(scipy.stats.sem)
def sem(a: Any, axis: Any = 0, ddof: int = 1, *, keepdims: bool = False) -> Any:
    """Give the standard error of the mean."""
    a = as_array(a)
    n = a.size if axis is None else a.shape[axis]
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.sqrt(n)


@stands_for(scipy.stats.gmean)
def gmean(
    a: Any, axis: Any = 0, dtype: Any = None, weights: Any = None, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Give the geometric mean."""
    return np.exp(weighted(np.log(typed(a, dtype)), axis, weights, keepdims))


@stands_for(scipy.stats.hmean)
def hmean(
    a: Any, axis: Any = 0, dtype: Any = None, *, weights: Any = None,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Give the harmonic mean."""
    return 1 / weighted(1 / typed(a, dtype), axis, weights, keepdims)


@stands_for(scipy.stats.pmean)
def pmean(
    a: Any, p: Any, *, axis: Any = 0, dtype: Any = None, weights: Any = None,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Give the power mean; of power 0 it is the geometric one."""
    a = typed(a, dtype)
    if np.all(p == 0):
        return np.exp(weighted(np.log(a), axis, weights, keepdims))
    return weighted(a**p, axis, weights, keepdims) ** (1 / p)


def typed(a: Any, dtype: Any) -> Any:
    """Give an array, of a dtype if one is asked for."""
    a = as_array(a)
    return a if dtype is None else a.astype(dtype)


def weighted(a: Any, axis: Any, weights: Any, keepdims: bool) -> Any:
    """Give the mean, with weights if there are any."""
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    average: Any = np.average
    return average(a, axis=axis, weights=weights, keepdims=keepdims)


@stands_for(scipy.stats.moment)
def moment(
    a: Any, order: int = 1, axis: Any = 0, *, center: Any = None, keepdims: bool = False
) -> Any:
    """Give a moment about the mean or about a centre."""
    a = as_array(a)
    if center is None:
        return central(a, order, axis, keepdims)
    return np.mean((a - center) ** order, axis=axis, keepdims=keepdims)


@stands_for(scipy.stats.skew)
def skew(a: Any, axis: Any = 0, bias: bool = True, *, keepdims: bool = False) -> Any:
    """Give the skewness."""
    a = as_array(a)
    y = central(a, 3, axis, keepdims) / central(a, 2, axis, keepdims) ** 1.5
    n = a.size if axis is None else a.shape[axis]
    return y if bias or n < 3 else y * np.sqrt(n * (n - 1)) / (n - 2)


@stands_for(scipy.stats.kurtosis)
def kurtosis(
    a: Any, axis: Any = 0, fisher: bool = True, bias: bool = True, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Give the kurtosis; Fisher's is 0 of the normal distribution."""
    a = as_array(a)
    y = central(a, 4, axis, keepdims) / central(a, 2, axis, keepdims) ** 2
    n = a.size if axis is None else a.shape[axis]
    if not bias and n > 3:
        y = ((n * n - 1) * y - 3 * (n - 1) ** 2) / ((n - 2) * (n - 3)) + 3
    return y - 3 if fisher else y


class Correlation:
    """Hold a coefficient of correlation; a p-value has no rule.

    Attributes
    ----------
    statistic : array
    """

    def __init__(self, statistic: Any) -> None:
        self.statistic = statistic

    def __getattr__(self, name: str) -> Any:
        if name in ("pvalue", "confidence_interval", "correlation"):
            raise refusal(f"pearsonr(…).{name}")
        raise AttributeError(name)


@stands_for(scipy.stats.pearsonr)
def pearsonr(x: Any, y: Any, *, axis: Any = 0) -> Correlation:
    """Give the coefficient of correlation, in the attribute `statistic`."""
    x, y = as_array(x), as_array(y)
    x = x - np.mean(x, axis=axis, keepdims=True)
    y = y - np.mean(y, axis=axis, keepdims=True)
    x = x / np.sqrt(np.sum(x * x, axis=axis, keepdims=True))
    y = y / np.sqrt(np.sum(y * y, axis=axis, keepdims=True))
    return Correlation(np.sum(x * y, axis=axis))


@stands_for(scipy.stats.entropy)
def entropy(
    pk: Any, qk: Any = None, base: float | None = None, axis: Any = 0, *,
    keepdims: bool = False,
) -> Any:  # fmt: skip
    """Give the entropy of pk, or relative to qk; both are made to sum to 1."""
    pk = as_array(pk)
    pk = pk / np.sum(pk, axis=axis, keepdims=True)
    if qk is None:
        terms = special.entr(pk)
    else:
        qk = as_array(qk)
        terms = special.rel_entr(pk, qk / np.sum(qk, axis=axis, keepdims=True))
    y = np.sum(terms, axis=axis, keepdims=keepdims)
    return y if base is None else y / np.log(base)
