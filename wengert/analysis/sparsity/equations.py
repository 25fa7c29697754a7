"""How the output of one equation depends on its inputs, element by element.

Rows that only move elements are asked where: they are run on the numbers of the
elements. For others there is a table, `RULES`; what is not in it depends on everything.
Each answer is the truth or a superset.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.analysis.sparsity import contractions
from wengert.analysis.sparsity.patterns import Groups, Transfer, matrix
from wengert.analysis.sparsity.questions import Question
from wengert.graph import Elementwise
from wengert.primitives.indexing import ARRAY, filled

__all__ = ["transfer"]

Rule = Callable[[Question], Transfer]
Shape = tuple[int, ...]


def transfer(ask: Question) -> Transfer:
    """Say how an output of an equation depends on one of its inputs."""
    row = ask.equation.primitive
    rule = RULES.get(row.name)
    if rule is not None:
        return rule(ask)
    return _elementwise(ask) if isinstance(row, Elementwise) else _everything(ask)


def _everything(ask: Question) -> Transfer:
    return Groups(np.zeros(ask.y_size, int), np.zeros(ask.size, int), 1)


def _numbers(shape: Shape) -> Any:
    return np.arange(math.prod(shape)).reshape(shape)


# ----- element by element -----


def _elementwise(ask: Question) -> Transfer:
    return np.broadcast_to(_numbers(ask.shape), ask.y_shape).ravel()


def _product(ask: Question) -> Transfer:
    places, nonzero = _elementwise(ask), ask.other
    if nonzero is None:
        return places
    return np.where(np.broadcast_to(nonzero, ask.y_shape).ravel(), places, -1)


def _quotient(ask: Question) -> Transfer:
    # Where the numerator is zero for good, so is the quotient.
    return _product(ask) if ask.i == 1 else _elementwise(ask)


def _interp(ask: Question) -> Transfer:
    return _everything(ask) if ask.i else _elementwise(ask)


# ----- moving -----


def _moved(ask: Question) -> Transfer:
    """Run the row on the numbers of the elements of the input, and on 0 elsewhere."""
    places = [np.zeros(ask.shape_of(j), int) for j in range(ask.arity)]
    places[ask.i] = _numbers(ask.shape) + 1
    return _read(ask, places)


def _read(ask: Question, places: Sequence[Any]) -> Any:
    y = ask.equation.primitive.impl(*places, **ask.params)
    return np.asarray(y).ravel() - 1


def _indexed(ask: Question) -> Transfer:
    """Move elements by index arrays, if these are known."""
    first = _first_index(ask)
    indices = [ask.known.value(j) for j in range(first, ask.arity)]
    if any(index is None for index in indices):
        return _somewhere(ask)
    if ask.equation.primitive.name == "scatter_add":
        places = _numbers(ask.params["shape"])[filled(ask.params["index"], indices)]
        shape = (ask.y_size, places.size)
        return matrix(places.ravel(), np.arange(places.size), shape)
    values = [np.zeros(ask.shape_of(j), int) for j in range(first)]
    values[ask.i] = _numbers(ask.shape) + 1
    return _read(ask, [*values, *indices])


def _first_index(ask: Question) -> int:
    return 2 if ask.equation.primitive.name == "update" else 1


def _somewhere(ask: Question) -> Transfer:
    """Let elements come from any place along the axes that index arrays name."""
    name = ask.equation.primitive.name
    if name == "update" and ask.i == 0:
        return np.arange(ask.y_size)
    index = ask.params["index"]
    large = _collapsed(ask.shape_of(0) if name == "gather" else ask.y_shape, index)
    first = _first_index(ask)
    zeros = [np.zeros(ask.shape_of(j), int) for j in range(first, ask.arity)]
    small = large[filled(index, zeros)]
    if name == "gather":
        return Groups(small.ravel(), large.ravel(), large.size)
    if ask.shape != small.shape:  # a value that is broadcast into its places
        return _everything(ask)
    return Groups(large.ravel(), small.ravel(), large.size)


def _collapsed(shape: Shape, index: Sequence[Any]) -> Any:
    """Number the elements, alike where they differ along indexed axes only."""
    parts = [p for p in index if p is not None]
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        free = len(shape) - len(parts) + 1
        parts[at : at + 1] = [slice(None)] * free
    named = [axis for axis, part in enumerate(parts) if part == ARRAY]
    return _without(shape, named).reshape(shape)


def _where(ask: Question) -> Transfer:
    places, chosen = _elementwise(ask), ask.known.value(0)
    if chosen is None:
        return places
    there = np.broadcast_to(chosen, ask.y_shape).ravel()
    return np.where(there if ask.i == 1 else ~there, places, -1)


# ----- along axes -----


def _along(param: str) -> Rule:
    """Make the rule of a row in which the axes that a param names are mixed, or reduced
    away."""

    def rule(ask: Question) -> Transfer:
        named, shape = ask.params[param], ask.shape
        axes = [
            a % len(shape) for a in (named if isinstance(named, tuple) else [named])
        ]
        inputs, count = _without(shape, axes), _rest(shape, axes)
        if len(ask.y_shape) == len(shape):
            return Groups(_without(ask.y_shape, axes), inputs, count)
        return Groups(np.arange(ask.y_size), inputs, count)

    return rule


def _without(shape: Shape, axes: Sequence[int]) -> Any:
    """Number the elements, alike where they differ along some axes only."""
    kept = tuple(1 if a in axes else n for a, n in enumerate(shape))
    return np.broadcast_to(_numbers(kept), shape).ravel()


def _rest(shape: Shape, axes: Sequence[int]) -> int:
    return math.prod(n for a, n in enumerate(shape) if a not in axes)


def _cumulative(ask: Question) -> Transfer:
    """Let each element depend on those before it, along an axis."""
    shape = ask.shape
    axis = ask.params["axis"] % len(shape)
    n = shape[axis]
    # A long axis has half its square of entries: that is no sparse matrix any more.
    if n > _LONGEST_TRIANGLE:
        return _along("axis")(ask)
    later, earlier = np.tril_indices(n)
    if ask.params.get("reverse", False):
        later, earlier = earlier, later
    lines = np.moveaxis(_numbers(shape), axis, -1).reshape(_rest(shape, [axis]), n)
    size = ask.size
    return matrix(lines[:, later].ravel(), lines[:, earlier].ravel(), (size, size))


_LONGEST_TRIANGLE = 4096

# ----- stacks of matrices -----


def _matrices(inner: int, *outer: int) -> Rule:
    """Make the rule of a row on stacks of matrices: how many of the last axes of the
    input, and of each output, are the matrix."""

    def rule(ask: Question) -> Transfer:
        shape, y_shape = ask.shape, ask.y_shape
        cut, y_cut = len(shape) - inner, len(y_shape) - outer[ask.k]
        if cut < 0 or y_cut < 0 or shape[:cut] != y_shape[:y_cut]:
            return _everything(ask)
        return Groups(
            _without(y_shape, range(y_cut, len(y_shape))),
            _without(shape, range(cut, len(shape))),
            math.prod(shape[:cut]),
        )

    return rule


def _system(right: int) -> Rule:
    """Make the rule of a system of equations: each column depends on its own column of
    the right side, and on all of the matrix."""

    def rule(ask: Question) -> Transfer:
        shape = ask.shape
        if ask.i != right:
            return _matrices(2, 2)(ask)
        if shape != ask.y_shape or len(shape) < 2:
            return _everything(ask)
        columns = _without(shape, [len(shape) - 2])
        return Groups(columns, columns, _rest(shape, [len(shape) - 2]))

    return rule


RULES: dict[str, Rule] = {
    "multiply": _product,
    "scale": _product,
    "divide": _quotient,
    "interp": _interp,
    "where": _where,
    **dict.fromkeys(("cast", "conjugate", "copy", "imag", "real"), _elementwise),
    **dict.fromkeys(
        ("broadcast_to", "concatenate", "flip", "getitem", "reshape", "roll", "scatter",
         "stack", "transpose"), _moved,
    ),
    **dict.fromkeys(("gather", "scatter_add", "update"), _indexed),
    **dict.fromkeys(("sum", "max", "min", "prod"), _along("axes")),
    **dict.fromkeys(
        ("fft", "rfft", "irfft", "norm2", "sort", "trigonometric_transform"),
        _along("axis"),
    ),
    **dict.fromkeys(("cumsum", "cumprod", "recurrence"), _cumulative),
    "matmul": contractions.matmul,
    "einsum": contractions.einsum,
    "convolve": contractions.convolve,
    "overlap": contractions.overlap,
    "sparse_matmul": contractions.sparse_matmul,
    **dict.fromkeys(("solve", "triangular_solve"), _system(1)),
    "sparse_solve": _system(3),
    **dict.fromkeys(("inv", "pinv", "cofactor", "cholesky"), _matrices(2, 2)),
    "qr": _matrices(2, 2, 2),
    "det": _matrices(2, 0),
    "slogdet": _matrices(2, 0, 0),
    "eigh": _matrices(2, 1, 2),
    "svd": _matrices(2, 2, 1, 2),
}  # fmt: skip
