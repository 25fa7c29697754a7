"""Sets: the distinct elements of arrays, and which of them are in others.

Made of sorting and reading: where equal elements merge, the derivative is that of the
first one. How many are distinct is a guard.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from wengert.graph.primitive import Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array, refuse, result_dtype
from wengert.primitives.batches import over_first
from wengert.primitives.forms import constant

__all__: list[str] = []


@functools.cache
def _result(function: Any) -> Any:
    """Give NumPy's own class of results: traced ones are trees of one structure with
    plain ones."""
    return type(function(np.zeros(1)))


def _isin_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    x = np.array([[1, 2, 3], [2, 5, 7]], dtype)
    yield Sample((x, np.array([2, 3, 9], dtype)))
    yield Sample((x[0, 0], x))


isin_ = constant(
    "isin", (),
    impl=lambda x, tests: np.isin(x, tests)[()],
    type=lambda x, tests: ArrayType(x.shape, np.dtype(bool)),
    batch=over_first,
    sample=_isin_samples,
)  # fmt: skip


@answers(np.isin)
def isin(
    element: Any, test_elements: Any, assume_unique: bool = False,
    invert: bool = False, *, kind: Any = None,
) -> Any:  # fmt: skip
    """Tell which elements are in another array."""
    found = isin_(as_array(element), as_array(test_elements))
    return ~found if invert else found


class _Distinct(NamedTuple):
    values: Any
    index: Any  # of their first places
    inverse: Any
    counts: Any


def _distinct(ar: Any, equal_nan: bool) -> _Distinct:
    ar = as_array(ar)
    flat = np.ravel(ar)
    order = np.argsort(flat, stable=True)
    line = flat[order]
    new = np.not_equal(line[1:], line[:-1])
    if equal_nan and ar.dtype.kind in "fc":
        new = new & ~(np.isnan(line[1:]) & np.isnan(line[:-1]))
    new = np.concatenate([np.ones(min(1, flat.size), bool), new])
    first = np.flatnonzero(new)
    index = order[first]
    ranks = (np.cumsum(new) - 1)[np.argsort(order)]
    ends = np.concatenate([first, np.array([flat.size])])
    return _Distinct(
        flat[index], index, np.reshape(ranks, ar.shape), ends[1:] - ends[:-1]
    )


@answers(np.unique)
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: Any = None, *, equal_nan: bool = True,
    sorted: bool = True,
) -> Any:  # fmt: skip
    """Give the distinct elements, sorted; and where they stand, how often."""
    refuse("unique", axis=axis)
    found = _distinct(ar, equal_nan)
    wanted = (True, return_index, return_inverse, return_counts)
    parts = tuple(x for x, wish in zip(found, wanted, strict=True) if wish)
    return parts if len(parts) > 1 else parts[0]


@answers(np.unique_all)
def unique_all(x: Any) -> Any:
    """Give the distinct elements, where they stand, which one each is, how often."""
    return _result(np.unique_all)(*_distinct(x, equal_nan=False))


@answers(np.unique_counts)
def unique_counts(x: Any) -> Any:
    """Give the distinct elements, and how often each stands there."""
    found = _distinct(x, equal_nan=False)
    return _result(np.unique_counts)(found.values, found.counts)


@answers(np.unique_inverse)
def unique_inverse(x: Any) -> Any:
    """Give the distinct elements, and which of them each element is."""
    found = _distinct(x, equal_nan=False)
    return _result(np.unique_inverse)(found.values, found.inverse)


@answers(np.unique_values)
def unique_values(x: Any) -> Any:
    """Give the distinct elements; sorted, where NumPy leaves the order open."""
    return _distinct(x, equal_nan=False).values


@answers(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """Give the elements of either array, sorted."""
    return unique(np.concatenate([np.ravel(as_array(ar1)), np.ravel(as_array(ar2))]))


@answers(np.intersect1d)
def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """Give the elements of both arrays, sorted; they have the derivative of the
    first."""
    refuse("intersect1d", return_indices=return_indices or None)
    first, second = unique(ar1), as_array(ar2)
    return first[isin(first, second)].astype(result_dtype(first, second))


@answers(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """Give the elements of the first array that are not in the second."""
    first = np.ravel(as_array(ar1)) if assume_unique else unique(ar1)
    return first[isin(first, ar2, invert=True)]


@answers(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """Give the elements of one of the arrays alone, sorted."""
    return np.sort(
        np.concatenate([setdiff1d(unique(ar1), ar2), setdiff1d(unique(ar2), ar1)])
    )
