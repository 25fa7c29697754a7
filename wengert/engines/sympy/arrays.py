"""Rows on arrays of expressions: what moves, adds up and solves.

Most rows run as they are on NumPy's arrays of Python objects. The others stand here:
reductions by comparisons, and the linear algebra of small matrices.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from wengert.engines.sympy.table import indicator, truth

__all__ = ["ARRAYS", "AS_THEY_ARE", "array_of"]

Arrays = Sequence[Any]
Params = Mapping[str, Any]

# Rows whose implementation runs on arrays of objects.
AS_THEY_ARE = frozenset(
    "getitem scatter gather scatter_add reshape transpose broadcast_to concatenate "
    "stack roll flip cumsum sum update matmul einsum convolve overlap cumprod "
    "prod".split()
)


def array_of(elements: Any, shape: tuple[int, ...]) -> Any:
    """Put expressions into an array of objects, element by element."""
    array = np.empty(shape, object)
    flat = array.reshape(-1)
    for i, element in enumerate(elements):
        flat[i] = element
    return flat.reshape(shape)


def _reduced(combine: Callable[..., Any]) -> Callable[..., Any]:
    """Make a reduction over axes of a function of any number of expressions."""

    def reduce(arrays: Arrays, params: Params) -> Any:
        (x,), axes = arrays, params["axes"]
        rest = [axis for axis in range(x.ndim) if axis not in axes]
        kept = tuple(x.shape[axis] for axis in rest)
        shape = tuple(
            1 if axis in axes else n
            for axis, n in enumerate(x.shape)
            if params["keepdims"] or axis not in axes
        )
        count = math.prod(kept)
        rows = x.transpose((*rest, *axes)).reshape(count, x.size // max(count, 1))
        return array_of((combine(*row) for row in rows), shape)

    return reduce


def _cast(arrays: Arrays, params: Params) -> Any:
    (x,) = arrays
    if params["dtype"].kind not in "iu":
        return x
    whole = (e if e.is_integer else sympy.sign(e) * sympy.floor(abs(e)) for e in x.flat)
    return array_of(whole, x.shape)


def _norm(arrays: Arrays, params: Params) -> Any:
    (x,) = arrays
    squares = array_of((sympy.Abs(e) ** 2 for e in x.flat), x.shape)
    sums = np.sum(squares, axis=params["axis"], keepdims=params["keepdims"])
    sums = np.asarray(sums, object)
    return array_of((sympy.sqrt(e) for e in sums.flat), sums.shape)


def _by_matrix(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Make a rule for stacks of matrices of one for a matrix."""

    def each(arrays: Arrays, params: Params) -> Any:
        x = arrays[0]
        stack = x.shape[:-2]
        done = [rule(sympy.Matrix(x[i]), **params) for i in np.ndindex(*stack)]
        if isinstance(done[0], tuple):
            return tuple(array_of(part, stack) for part in zip(*done, strict=True))
        if not isinstance(done[0], sympy.MatrixBase):
            return array_of(done, stack)
        elements = itertools.chain.from_iterable(done)
        return array_of(elements, (*stack, *done[0].shape))

    return each


def _inverse(matrix: Any) -> Any:
    return matrix.adjugate() / matrix.det()


def _solve(arrays: Arrays, params: Params) -> Any:
    matrix, right = arrays
    return np.matmul(_by_matrix(_inverse)([matrix], {}), right)


def _triangular_solve(arrays: Arrays, params: Params) -> Any:
    matrix, right = arrays
    half = np.tril(matrix) if params["lower"] else np.triu(matrix)
    if params["unit"]:
        half[..., range(half.shape[-1]), range(half.shape[-1])] = sympy.Integer(1)
    return _solve([half, right], params)


def _cholesky(matrix: Any) -> Any:
    n = matrix.shape[0]
    root = sympy.zeros(n, n)
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j] - sum(root[i, k] * root[j, k] for k in range(j))
            root[i, j] = sympy.sqrt(rest) if i == j else rest / root[j, j]
    return root


def _sign_and_log(matrix: Any) -> Any:
    det = matrix.det()
    return sympy.sign(det), sympy.log(sympy.Abs(det))


def _place(name: str) -> Callable[..., Any]:
    """Write the place of an extremum by its name, for conditions."""

    def write(arrays: Arrays, params: Params) -> Any:
        (x,) = arrays
        if x.ndim != 1 or params["keepdims"]:
            raise NotImplementedError("of vectors only")
        return array_of([sympy.Function(name, integer=True)(*x)], ())

    return write


ARRAYS: dict[str, Callable[[Arrays, Params], Any]] = {
    "max": _reduced(sympy.Max),
    "min": _reduced(sympy.Min),
    "any": _reduced(lambda *x: sympy.Or(*map(truth, x))),
    "all": _reduced(lambda *x: sympy.And(*map(truth, x))),
    "count_nonzero": _reduced(lambda *x: sympy.Add(*(indicator(truth(e)) for e in x))),
    "argmax": _place("argmax"),
    "argmin": _place("argmin"),
    "cast": _cast,
    "discretize": _cast,
    "norm2": _norm,
    "inv": _by_matrix(_inverse),
    "det": _by_matrix(lambda matrix: matrix.det()),
    "cofactor": _by_matrix(lambda matrix: matrix.cofactor_matrix()),
    "slogdet": _by_matrix(_sign_and_log),
    "cholesky": _by_matrix(_cholesky),
    "solve": _solve,
    "triangular_solve": _triangular_solve,
}
