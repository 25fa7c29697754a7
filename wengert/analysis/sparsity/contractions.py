"""How products of matrices depend on their factors: by the labels of their axes.

    y[i, j] = Σₖ a[i, k]·b[k, j]

depends on a[i, :], since a and y share the label i. Where the other factor is a
constant with zeros, only those elements count that it does not multiply by zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.analysis.sparsity.patterns import Groups, Transfer, matrix
from wengert.analysis.sparsity.questions import Question

__all__ = ["convolve", "einsum", "matmul", "overlap", "sparse_matmul"]

Labels = Sequence[str]


def einsum(ask: Question) -> Transfer:
    """Be the rule of einsum."""
    inputs, output = ask.params["subscripts"].split("->")
    return _contracted(ask, inputs.split(","), output)


def matmul(ask: Question) -> Transfer:
    """Be the rule of `@`, of vectors, matrices and stacks of them."""
    a, b = (len(ask.shape_of(j)) for j in range(2))
    stack = [f"s{n}" for n in range(max(a, b) - 2)]
    left = [*stack[len(stack) - max(a - 2, 0) :], "row", "sum"][-a:]
    right = (
        [*stack[len(stack) - max(b - 2, 0) :], "sum", "column"] if b > 1 else ["sum"]
    )
    output = [*stack, *["row"] * (a > 1), *["column"] * (b > 1)]
    return _contracted(ask, [left, right], output)


def _contracted(ask: Question, terms: Sequence[Labels], output: Labels) -> Transfer:
    own = terms[ask.i], ask.shape
    if len(terms) == 2:
        nonzero = ask.other
        if nonzero is not None:
            return _by_entries(nonzero, terms[1 - ask.i], own, (output, ask.y_shape))
    sizes = dict(zip(output, ask.y_shape, strict=True))
    # An axis of length 1 may meet a longer one: then it is not told apart.
    shared = [label for label, n in zip(*own, strict=True) if sizes.get(label) == n]
    count = math.prod(sizes[label] for label in shared)
    return Groups(
        _grouped(output, ask.y_shape, shared, sizes),
        _grouped(*own, shared, sizes),
        count,
    )


def _grouped(
    labels: Labels, shape: tuple[int, ...], shared: Labels, sizes: dict[str, int]
) -> Any:
    """Number the elements of an array by their places along the shared labels."""
    places = dict(zip(labels, np.indices(shape, sparse=True), strict=True))
    number: Any = np.zeros((), int)
    for label in shared:
        number = number * sizes[label] + places[label]
    return np.broadcast_to(number, shape).ravel()


def _by_entries(
    nonzero: Any,
    labels: Labels,
    factor: tuple[Labels, tuple[int, ...]],
    output: tuple[Labels, tuple[int, ...]],
) -> Transfer:
    """Let each entry of a constant factor connect elements of the other and outputs."""
    sizes = dict(zip(*output, strict=True))
    for label, n in zip(*factor, strict=True):
        sizes[label] = max(n, sizes.get(label, 1))
    named = {
        label: n
        for label, n in zip(labels, nonzero.shape, strict=True)
        if n == sizes.get(label, n)
    }
    free = [label for label in sizes if label not in named]
    entries = dict(zip(labels, np.nonzero(nonzero), strict=True))
    lengths = [sizes[label] for label in free]
    open_places = np.indices(lengths).reshape(len(free), math.prod(lengths))
    places = {label: entries[label][:, None] for label in named}
    places |= {label: p[None, :] for label, p in zip(free, open_places, strict=True)}
    count = len(next(iter(entries.values()))) if entries else int(bool(nonzero))
    whole = (count, open_places.shape[1])
    found = []
    for names, shape in (output, factor):
        number: Any = np.zeros((), int)
        for label, n in zip(names, shape, strict=True):
            number = number * n + (places[label] if n > 1 else 0)
        found.append(np.broadcast_to(number, whole).ravel())
    return matrix(found[0], found[1], (math.prod(output[1]), math.prod(factor[1])))


def convolve(ask: Question) -> Transfer:
    """Be the rule of a convolution: y[p + q] takes x[p]·v[q]."""
    return _banded(ask, 0)


def overlap(ask: Question) -> Transfer:
    """Be the rule of the part of a convolution where the vectors overlap wholly."""
    (short,) = ask.shape_of(1)
    return _banded(ask, short - 1)


def _banded(ask: Question, start: int) -> Transfer:
    nonzero, x, size = ask.other, ask.size, ask.y_size
    if nonzero is None:
        nonzero = np.ones(ask.shape_of(1 - ask.i), bool)
    reached = np.flatnonzero(nonzero)
    if x * len(reached) > _MOST_PRODUCTS:
        return Groups(np.zeros(size, int), np.zeros(x, int), 1)
    columns = np.repeat(np.arange(x), len(reached))
    rows = np.tile(reached, x) + columns - start
    inside = (rows >= 0) & (rows < size)
    return matrix(rows[inside], columns[inside], (size, x))


_MOST_PRODUCTS = 20_000_000


def sparse_matmul(ask: Question) -> Transfer:
    """Be the rule of a sparse matrix, as entries, times a dense one."""
    _, columns = ask.shape_of(3)
    rows, cols = ask.known.value(1), ask.known.value(2)
    if rows is None or cols is None:
        return Groups(np.zeros(ask.y_size, int), np.zeros(ask.size, int), 1)
    across = np.arange(columns)
    outputs = (rows[:, None] * columns + across).ravel()
    if ask.i == 0:
        inputs = np.repeat(np.arange(ask.size), columns)
    else:
        inputs = (cols[:, None] * columns + across).ravel()
    return matrix(outputs, inputs, (ask.y_size, ask.size))
