"""Containers taken apart in their own order, for what keeps calls by their form.

`tree.flatten` sorts the keys of a dict, and two dicts of other orders have one
structure. A program that goes through a dict sees its order, so here two orders are two
structures. Structures are hashable; 1, 1.0 and True are three keys.

Law: `put_together(structure, leaves) == x` where `leaves, structure = take_apart(x)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wengert import tree
from wengert.operators.compilation.matrices import Places, matrix_parts

__all__ = ["LEAF", "put_together", "take_apart", "take_result_apart"]

LEAF = "*"
Structure = Any  # LEAF, or a tuple: kind, what the kind needs, structures of the parts


def take_apart(x: Any) -> tuple[list[Any], Structure]:
    """Take a nested container apart; None is a leaf.

    Examples
    --------
    >>> take_apart({"b": [1.0, None], "a": 2})[0]
    [1.0, None, 2]
    """
    leaves: list[Any] = []
    return leaves, _walk(x, leaves)


def take_result_apart(x: Any) -> tuple[list[Any], Structure]:
    """Take a result apart, in which a sparse matrix is a container of its entries."""
    leaves: list[Any] = []
    return leaves, _walk(x, leaves, sparse=True)


def put_together(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Put leaves into a structure that `take_apart` returned."""
    rest = iter(leaves)
    return _build(structure, rest)


def _walk(x: Any, leaves: list[Any], sparse: bool = False) -> Structure:
    kind = type(x)
    if kind is tuple or kind is list:
        return (kind, None, *[_walk(v, leaves, sparse) for v in x])
    if kind is dict:
        parts = [_walk(v, leaves, sparse) for v in x.values()]
        return (dict, tuple((type(k), k) for k in x), *parts)
    matrix = matrix_parts(x) if sparse else None
    if matrix is not None:
        leaves.append(matrix[0])
        return (Places, matrix[1], LEAF)
    level = None if x is None else tree.children(x)
    if level is None:
        leaves.append(x)
        return LEAF
    inner, structure = level
    order = tuple(x) if isinstance(x, dict) else None
    return (kind, (structure, order), *[_walk(v, leaves, sparse) for v in inner])


def _build(structure: Structure, leaves: Iterator[Any]) -> Any:
    if structure is LEAF:
        return next(leaves)
    kind, told, *parts = structure
    built = [_build(part, leaves) for part in parts]
    if kind is list:
        return built
    if kind is tuple:
        return tuple(built)
    if kind is dict:
        return {key: value for (_, key), value in zip(told, built, strict=True)}
    if kind is Places:
        return told.matrix(built[0])
    return tree.unflatten(told[0], built)
