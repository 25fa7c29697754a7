"""Derivatives along all unit seeds: the sweeps that make a Jacobian.

Eagerly, as many seeds go through one sweep as make its arrays large enough for NumPy
and small enough for the cache: a batch (transforms/batching.py). In a Graph each seed
has a sweep of its own, in which much is zero that a compiler drops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.errors import ControlFlowError, MissingRuleError, TracerLeakError
from wengert.primitives.batches import spread
from wengert.trace.levels import staging
from wengert.transforms.batching import batch_function
from wengert.transforms.forward import push_function

__all__ = ["at_once", "pull_basis", "push_basis", "units"]

# A batch costs about 100 μs, which pays from this many seeds on …
_FEWEST = 8
# … and its arrays, of up to this many numbers, stay in the cache, and on one thread;
_LARGEST = 2**13
# fewer seeds than this in a batch, of many, are no faster than one by one.
_FEWEST_OF_MANY = 16
# A rule of the user's may refuse a batch, which asks for values of its seeds.
_SINGLY = (ControlFlowError, MissingRuleError, TracerLeakError)


def push_basis(
    f: Callable[..., Sequence[Any]], xs: Sequence[Any]
) -> tuple[list[Any], list[Any]]:
    """Push all unit tangents through one run of f.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are inputs, returns a flat sequence of outputs.
    xs : sequence of inexact arrays, NumPy scalars or Tracers

    Returns
    -------
    ys : list
    columns : list
        For each output an array (n, *y.shape), of n input elements in all.
    """
    count = sum(x.size for x in xs)
    together = 0 if staging.depth else at_once(count, xs)
    if together:
        try:
            return _push_batches(f, xs, count, together)
        except _SINGLY:
            pass  # and what is wrong with f itself is raised below
    directions = [
        [seed if i == j else None for j in range(len(xs))]
        for i, x in enumerate(xs)
        for seed in units(x)
    ]
    ys, dots = push_function(f, xs, directions)
    return ys, [
        _stack([_or_zeros(each[k], y) for each in dots], y) for k, y in enumerate(ys)
    ]


def at_once(count: int, values: Sequence[Any]) -> int:
    """Tell how many of so many seeds to take at once: 0, where that does not pay.

    Parameters
    ----------
    count : int
    values : sequence of what has a size
        Between which the seeds go.
    """
    largest = max([1, *(v.size for v in values)])
    together = min(count, _LARGEST // largest)
    pays = count >= _FEWEST and together >= min(count, _FEWEST_OF_MANY)
    return together if pays else 0


def _push_batches(
    f: Callable[..., Sequence[Any]], xs: Sequence[Any], count: int, together: int
) -> tuple[list[Any], list[Any]]:
    # f runs once: the batches are its directions, all of one size, the last one filled
    # up with zeros.
    batches = -(-count // together)
    starts = np.cumsum([0, *(x.size for x in xs)])
    bases = []
    for x, start in zip(xs, starts, strict=False):
        basis = np.zeros((batches * together, x.size), x.dtype)
        basis[start : start + x.size] = np.eye(x.size)
        bases.append(basis.reshape(batches, together, *x.shape))
    outputs = 0

    def pushed(*seeds: Any) -> list[Any]:
        nonlocal outputs
        directions = [seeds[d * len(xs) : (d + 1) * len(xs)] for d in range(batches)]
        ys, dots = push_function(f, xs, directions)
        outputs = len(ys)
        return [
            *ys, *(_or_zeros(d, y) for each in dots
                   for d, y in zip(each, ys, strict=True)),
        ]  # fmt: skip

    seeds = [basis[d] for d in range(batches) for basis in bases]
    found, ours = batch_function(pushed, seeds, [True] * len(seeds), together)
    dots = [
        spread(v, own, together)
        for v, own in zip(found[outputs:], ours[outputs:], strict=True)
    ]
    columns = [np.concatenate(dots[k::outputs])[:count] for k in range(outputs)]
    return found[:outputs], columns


def pull_basis(
    pullback: Callable[..., list[Any]], ys: Sequence[Any], k: int, xs: Sequence[Any]
) -> list[Any]:
    """Pull all unit cotangents of one output back.

    Returns
    -------
    list
        For each input an array (y.size, *x.shape).
    """
    y = ys[k]

    def pull(seed: Any) -> list[Any]:
        return pullback([seed if j == k else None for j in range(len(ys))])

    together = 0 if staging.depth else at_once(y.size, [y, *xs])
    if together:
        try:
            return _pull_batches(pull, y, together)
        except _SINGLY:
            pass
    rows = [pull(seed) for seed in units(y)]
    return [_stack([row[i] for row in rows], x) for i, x in enumerate(xs)]


def _pull_batches(pull: Callable[[Any], list[Any]], y: Any, together: int) -> list[Any]:
    basis = np.eye(y.size, dtype=y.dtype).reshape(y.size, *y.shape)
    parts = []
    for start in range(0, y.size, together):
        seeds = basis[start : start + together]
        found, ours = batch_function(pull, [seeds], [True], len(seeds))
        pairs = zip(found, ours, strict=True)
        parts.append([spread(v, own, len(seeds)) for v, own in pairs])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def units(x: Any) -> Iterator[Any]:
    """Yield the unit seeds of x's shape, one for each element."""
    for i in range(x.size):
        seed = np.zeros(x.size, x.dtype)
        seed[i] = 1
        yield seed.reshape(x.shape)[()]


def _stack(parts: list[Any], like: Any) -> Any:
    return np.stack(parts) if parts else np.zeros((0, *like.shape), like.dtype)


def _or_zeros(dot: Any, y: Any) -> Any:
    return np.zeros(y.shape, y.dtype)[()] if dot is None else dot
