"""Histograms: how many elements, or what weight of them, each bin holds.

Counts are constant between the steps at which an element changes its bin; weights, and
the edges of bins that follow the data, are not.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, given
from wengert.primitives.indexing import ARRAY, Index, scatter_add_
from wengert.primitives.ordering import searchsorted

__all__: list[str] = []


def _several(bins: Any) -> bool:
    return isinstance(bins, list | tuple) or getattr(bins, "ndim", 0) > 0


def _edges(a: Any, bins: Any, extent: Any) -> Any:
    """Give the edges, in a float dtype: as given, or equally spaced."""
    if isinstance(bins, str):
        raise MissingRuleError(
            f"np.histogram(bins={bins!r}) cannot be traced (at {user_source()}): how "
            "many bins there are would depend on values. Instead, give a number."
        )
    if _several(bins):
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


def _places(a: Any, edges: Any) -> Any:
    """Give the bin of each element; what is outside, NaN too, goes into bin n.

    The last bin holds its right edge too.
    """
    n = edges.shape[0] - 1
    place = searchsorted(edges, a, right=True) - 1
    place = np.where(a == edges[n], n - 1, place)
    return np.where((a >= edges[0]) & (a <= edges[n]), place, n)


def _added(weights: Any, places: Any, count: int) -> Any:
    """Add the weights in each bin."""
    index = Index((ARRAY,))
    return scatter_add_(weights, places, index=index, shape=(count,), unique=False)


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
    n = edges.shape[0] - 1
    sums = _added(weights, _places(a, edges), n + 1)[:n]
    if density:
        widths = (edges[1:] - edges[:-1]).astype(np.float64)
        sums = sums / widths / np.sum(sums)
    return sums, edges


# ----- of several variables -----


def _columns(sample: Any) -> list[Any]:
    """Give the variables: columns of a matrix, or a list of vectors."""
    if getattr(sample, "ndim", 0) == 2:
        return [sample[:, i] for i in range(sample.shape[1])]
    return list(np.atleast_2d(as_array(sample)))


@answers(np.histogramdd)
def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: Any = None,
    weights: Any = None,
) -> tuple[Any, list[Any]]:  # fmt: skip
    """Give what each bin in a space of d variables holds, and the edges of the bins.

    Parameters
    ----------
    sample : array (m, d), or list of d arrays (m,)
    bins : number of bins, or for each variable their number or their edges
    weights : array (m,)

    Returns
    -------
    array (n₁, …, n_d) of float64, and d arrays (nᵢ + 1,)
    """
    columns = _columns(sample)
    bins = list(bins) if _several(bins) else [bins] * len(columns)
    extents = [None] * len(columns) if range is None else range
    if not len(bins) == len(extents) == len(columns):
        raise ValueError(
            "The dimension of bins and of range must be equal to the dimension of the "
            "sample."
        )
    edges = [_edges(*three) for three in zip(columns, bins, extents, strict=True)]
    shape = [e.shape[0] for e in edges]  # with a bin for what is outside
    places: Any = 0
    for column, e in zip(columns, edges, strict=True):
        places = places * e.shape[0] + _places(column, e)
    weights = as_array(weights) if given(weights) else np.ones(columns[0].size)
    sums = _added(weights.astype(np.float64), places, math.prod(shape))
    sums = np.reshape(sums, shape)[tuple(slice(n - 1) for n in shape)]
    if density:
        total = np.sum(sums)
        for i, e in enumerate(edges):
            column = (-1,) + (1,) * (len(edges) - i - 1)
            sums = sums / np.reshape(e[1:] - e[:-1], column)
        sums = sums / total
    return sums, edges


@answers(np.histogram2d)
def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None,
    weights: Any = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Give what each bin of two variables holds, and the edges of the bins."""
    if _several(bins) and len(bins) not in (1, 2):
        bins = [bins, bins]  # edges, of both variables
    sums, edges = histogramdd([x, y], bins, range, density, weights)
    return sums, edges[0], edges[1]
