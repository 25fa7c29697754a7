"""Histograms: how many elements, or what weight of them, each bin holds.

Counts are constant between the steps at which an element changes its bin; weights, and
the edges of bins that follow the data, are not.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, given
from wengert.primitives.indexing import ARRAY, Index, scatter_add_
from wengert.primitives.ordering import searchsorted

__all__: list[str] = []


def _edges(a: Any, bins: Any, extent: Any) -> Any:
    """Give the edges, in a float dtype: as given, or equally spaced."""
    if isinstance(bins, str):
        raise MissingRuleError(
            f"np.histogram(bins={bins!r}) cannot be traced (at {user_source()}): how "
            "many bins there are would depend on values. Instead, give a number."
        )
    if getattr(bins, "ndim", 0) or isinstance(bins, list | tuple):
        return as_array(bins)
    count = operator.index(bins)
    if count < 1:
        raise ValueError("`bins` must be positive, when an integer")
    if given(extent):
        first, last = extent
        if first > last:
            raise ValueError("max must be larger than min in range parameter.")
    elif not a.size:
        first, last = 0, 1
    else:
        first, last = np.min(a), np.max(a)
    if first == last:
        first, last = first - 0.5, last + 0.5
    dtype = np.result_type(*(getattr(v, "dtype", v) for v in (first, last)), a.dtype)
    dtype = dtype if dtype.kind in "fc" else np.result_type(dtype, float)
    steps = np.arange(count) * ((last - first) / count) + first
    last = np.reshape(as_array(last).astype(dtype), (1,))
    return np.concatenate([steps.astype(dtype), last])


def _sums(a: Any, edges: Any, weights: Any) -> Any:
    """Add the weights in each bin; the last bin holds its right edge too."""
    n = edges.shape[0] - 1
    place = searchsorted(edges, a, right=True) - 1
    place = np.where(a == edges[n], n - 1, place)
    # What is outside, NaN too, goes into a bin that is cut off.
    place = np.where((a >= edges[0]) & (a <= edges[n]), place, n)
    return scatter_add_(
        weights, place, index=Index((ARRAY,)), shape=(n + 1,), unique=False
    )[:n]


def _flat(a: Any, weights: Any) -> tuple[Any, Any]:
    a = as_array(a)
    if not given(weights):
        return np.ravel(a), np.ones(a.size, np.intp)
    weights = as_array(weights)
    if weights.shape != a.shape:
        raise ValueError("weights should have the same shape as a.")
    return np.ravel(a), np.ravel(weights)


@answers(np.histogram_bin_edges)
def histogram_bin_edges(
    a: Any, bins: Any = 10, range: Any = None, weights: Any = None
) -> Any:
    """Give the edges of bins: of equal width from least to greatest, by default."""
    return _edges(_flat(a, weights)[0], bins, range)


@answers(np.histogram)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    """Give what each bin holds, and the edges of the bins.

    Parameters
    ----------
    a, weights : array, any shape
    bins : number n of bins, or their edges (n + 1,), increasing

    Returns
    -------
    array (n,), and array (n + 1,)
    """
    a, weights = _flat(a, weights)
    edges = _edges(a, bins, range)
    sums = _sums(a, edges, weights)
    if density:
        widths = (edges[1:] - edges[:-1]).astype(np.float64)
        sums = sums / widths / np.sum(sums)
    return sums, edges


def _refuse_several(function: Any) -> None:
    @answers(function)
    def face(*args: Any, **kwargs: Any) -> None:
        raise MissingRuleError(
            f"np.{function.__name__} has no rule (at {user_source()}). Its counts are "
            "constant: hold the data fixed by wengert.stop_gradient, or use "
            "np.histogram for one variable, which follows weights and edges too."
        )


for _function in (np.histogram2d, np.histogramdd):
    _refuse_several(_function)
