"""The full tensor of derivatives of one order, from Taylor series along directions."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.operators.arguments import Arguments, Output, check_callable, own_values
from wengert.operators.taylor import check_order
from wengert.transforms.forward import push_function
from wengert.transforms.taylor import Expansion

__all__ = ["derivative_tensor"]

Index = tuple[int, ...]


_MOST_ENTRIES = 10**8


def derivative_tensor(
    f: Callable[..., Any], x: Any, order: int, *args: Any, **kwargs: Any
) -> Any:
    """Compute all partial derivatives of one order: Jacobian, Hessian, and beyond.

    Parameters
    ----------
    f : callable
        Its first argument is x.
    x : pytree
        The point: floats and inexact arrays, with n elements in all.
    order : int
        0 or more.
    *args, **kwargs
        f's other arguments; they are held fixed.

    Returns
    -------
    pytree
        For an array x, and each output y of f, an array of shape
        y.shape + x.shape·order, symmetric in the `order` groups of axes. Where x is a
        container, containers of its structure, `order` deep, as `hessian` gives them.

    Raises
    ------
    ArgumentError
        If the order or x is none.

    Notes
    -----
    The tensor of order d has C(n+d−1, d) different entries. f is expanded along as many
    directions, each at about d² times the cost of f, and the entries are interpolated:
    no derivative is computed twice, as nesting would.

    References
    ----------
    Griewank, Utke & Walther (2000), "Evaluating higher derivative tensors by forward
    propagation of univariate Taylor series", Mathematics of Computation 69.

    Examples
    --------
    >>> derivative_tensor(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]), 3)
    array([[[0., 2.],
            [2., 0.]],
    <BLANKLINE>
           [[2., 0.],
            [0., 0.]]])
    """
    check_callable("derivative_tensor", f)
    check_order("derivative_tensor", order)
    arguments = Arguments(f, (x, *args), kwargs, 0)
    output = Output(f, has_aux=False)
    leaves = arguments.leaves
    n = sum(leaf.size for leaf in leaves)
    if n**order > _MOST_ENTRIES:
        raise ArgumentError(
            f"derivative_tensor: of {n} inputs and order {order} the tensor has "
            f"{float(n) ** order:.3g} entries for each output; more than "
            f"{_MOST_ENTRIES:.3g} are too many. Take directional_derivative along the "
            "directions that matter, or fewer arguments (argnums)."
        )

    def last(direction: Index) -> list[Any]:
        """Give the coefficient `order` along a direction of whole numbers."""
        seeds = _like_leaves(direction, leaves)
        rest: list[Any] = [[None] * len(leaves)] * (order - 1)
        y, found = push_function(
            lambda *tracers: output.take(arguments.call(tracers)),
            leaves,
            [seeds, *rest][:order],
            Expansion(order),
        )
        return [
            np.zeros(v.shape, v.dtype)[()] if c is None else c
            for v, c in zip(y, found[-1] if order else y, strict=True)
        ]

    directions = list(_compositions(n, order))
    values = [last(direction) for direction in directions or [()]]
    entries = _interpolated(directions, values, order) if directions else {}
    _, structure = tree.flatten(x)
    tensors = []
    for j, like in enumerate(values[0]):
        own = {i: outputs[j] for i, outputs in entries.items()}
        tensor = _full(own, like, n, order)
        tensors.append(_nested(tensor, len(like.shape), order, leaves, structure))
    results = output.restore(tensors)
    return tree.map_leaves(_as_float, results) if arguments.are_floats else results


def _as_float(y: Any) -> Any:
    return own_values([y], as_floats=True)[0]


def _like_leaves(direction: Index, leaves: Sequence[Any]) -> list[Any]:
    """Cut a vector of all elements into arrays like the leaves; None for zeros."""
    seeds, start = [], 0
    for leaf in leaves:
        part = direction[start : start + leaf.size]
        start += leaf.size
        seed = np.array(part, leaf.dtype).reshape(leaf.shape)[()]
        seeds.append(seed if any(part) else None)
    return seeds


def _compositions(n: int, order: int) -> Iterator[Index]:
    """Give the multi-indices of n whole numbers with this sum."""
    for places in itertools.combinations_with_replacement(range(n), order):
        yield _index(places, n)


def _index(places: Sequence[int], n: int) -> Index:
    counts = [0] * n
    for place in places:
        counts[place] += 1
    return tuple(counts)


# ----- interpolation -----


def _interpolated(
    directions: Sequence[Index], values: Sequence[Sequence[Any]], order: int
) -> dict[Index, list[Any]]:
    """Give, for each multi-index i, ∂ⁱ of each output: Σⱼ γᵢⱼ·(coefficient along j)."""
    along = dict(zip(directions, values, strict=True))
    entries = {}
    for i in directions:
        support = [m for m, count in enumerate(i) if count]
        inner = tuple(i[m] for m in support)
        totals: list[Any] | None = None
        for j, weight in _weights(inner, order):
            whole = [0] * len(i)
            for m, count in zip(support, j, strict=True):
                whole[m] = count
            terms = [weight * c for c in along[tuple(whole)]]
            totals = (
                terms
                if totals is None
                else [a + b for a, b in zip(totals, terms, strict=True)]
            )
        assert totals is not None
        entries[i] = totals
    return entries


@functools.lru_cache(4096)
def _weights(i: Index, order: int) -> list[tuple[Index, float]]:
    """Give the weights γᵢⱼ other than zero, for i without zeros."""
    if order == 0:
        return [((), 1.0)]
    below = [k for k in itertools.product(*(range(m + 1) for m in i)) if any(k)]
    found = []
    for j in _compositions(len(i), order):
        weight = sum((_term(i, j, k, order) for k in below), Fraction(0))
        if weight:
            found.append((j, float(weight)))
    return found


def _term(i: Index, j: Index, k: Index, order: int) -> Fraction:
    """Give (−1)^|i−k| · C(i, k) · C(d·k/|k|, j) · (|k|/d)^d."""
    size = sum(k)
    sign = -1 if (order - size) % 2 else 1
    term = Fraction(sign) * Fraction(size, order) ** order
    for i_m, j_m, k_m in zip(i, j, k, strict=True):
        term *= math.comb(i_m, k_m) * _binomial(Fraction(order * k_m, size), j_m)
    return term


def _binomial(a: Fraction, n: int) -> Fraction:
    """Give C(a, n) = a·(a − 1)·…·(a − n + 1)/n!."""
    value = Fraction(1)
    for m in range(n):
        value *= (a - m) / Fraction(m + 1)
    return value


# ----- arranging -----


def _full(entries: dict[Index, Any], like: Any, n: int, order: int) -> Any:
    """Write each entry at all places of the tensor that it belongs to."""
    cells = [
        entries[_index(places, n)]
        for places in itertools.product(range(n), repeat=order)
    ]
    shape = like.shape + (n,) * order
    if not cells:
        return np.zeros(shape, like.dtype)
    return np.reshape(np.stack(cells, -1), shape)[()]


def _nested(
    tensor: Any,
    first: int,
    order: int,
    leaves: Sequence[Any],
    structure: Any,
) -> Any:
    """Cut the axes from `first` on into blocks of leaves, in the structure of x."""
    if order == 0:
        return tensor
    parts, start = [], 0
    for leaf in leaves:
        place = (slice(None),) * first + (slice(start, start + leaf.size),)
        start += leaf.size
        part = tensor[place]
        shape = (*part.shape[:first], *leaf.shape, *part.shape[first + 1 :])
        part = np.reshape(part, shape)[()]
        parts.append(
            _nested(part, first + len(leaf.shape), order - 1, leaves, structure)
        )
    return tree.unflatten(structure, parts)
