"""Nested containers ↔ flat lists of leaves.

Dicts, lists, tuples, named tuples, ordered dicts and dataclasses are containers; None
is an empty container; everything else is a leaf. The structure of the common case, one
leaf, is `LEAF`, so that optree is loaded only when a container is met.

Law: `unflatten(structure, leaves) == tree` where `leaves, structure = flatten(tree)`.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "LEAF",
    "children",
    "flatten",
    "map_leaves",
    "paths",
    "spread_prefix",
    "unflatten",
]

_NAMESPACE = "wengert"
_registered: set[type] = set()
_registration = threading.Lock()
_ATOMS = frozenset({float, int, bool, complex, np.ndarray, np.float64, str})


class _Leaf:
    """The structure of a tree that is one leaf."""

    num_leaves = 1

    def __repr__(self) -> str:
        return "*"


LEAF = _Leaf()


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """Take a nested container apart into its leaves and its structure.

    Parameters
    ----------
    tree : any
        Nested dict, list, tuple, named tuple or dataclass, or a leaf.

    Returns
    -------
    leaves : list
    structure : object
        Compares equal to the structure of any tree of the same form.
    """
    # Tracers are leaves; their class stands on a floor above and is known by its hook.
    if type(tree) in _ATOMS or hasattr(type(tree), "__wengert_bind__"):
        return [tree], LEAF
    return _flatten_container(tree)


def unflatten(structure: Any, leaves: Iterable[Any]) -> Any:
    """Put leaves back into a structure that `flatten` returned."""
    if structure is LEAF:
        (leaf,) = leaves
        return leaf
    return structure.unflatten(leaves)


def children(tree: Any) -> tuple[list[Any], Any] | None:
    """Take one level of a container apart; None for a leaf.

    Returns
    -------
    children : list
    structure : object
        `unflatten` puts them back. A None among them belongs to the structure.
    """
    if flatten(tree)[1] is LEAF:
        return None
    import optree

    return optree.tree_flatten(
        tree, is_leaf=lambda x: x is not tree, namespace=_NAMESPACE
    )


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to every leaf, keeping the structure."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [function(leaf) for leaf in leaves])


def spread_prefix(prefix: Any, tree: Any) -> list[Any]:
    """Give, for each leaf of a tree, the leaf of another one that it stands below.

    Parameters
    ----------
    prefix : any
        A tree whose containers are among the outer ones of the other; None is a leaf.

    Raises
    ------
    ValueError
        If a container of the prefix stands where the tree has another one or a leaf.

    Examples
    --------
    >>> spread_prefix((0, [None, 1]), ({"a": 5, "b": 6}, [7, 8]))
    [0, 0, None, 1]
    """
    flatten((prefix, tree))  # registers dataclasses
    import optree

    spread = optree.broadcast_prefix(
        prefix, tree, none_is_leaf=True, namespace=_NAMESPACE
    )
    leaves = optree.tree_leaves(tree, none_is_leaf=True, namespace=_NAMESPACE)
    return [p for p, leaf in zip(spread, leaves, strict=True) if leaf is not None]


def paths(tree: Any, root: str = "x") -> list[str]:
    """Name every leaf as one would write it in Python: `x['w'][0]`, in leaf order."""
    _, structure = flatten(tree)
    if structure is LEAF:
        return [root]
    return [accessor.codify(root) for accessor in structure.accessors()]


def _flatten_container(tree: Any) -> tuple[list[Any], Any]:
    import optree

    while True:
        leaves, structure = optree.tree_flatten(tree, namespace=_NAMESPACE)
        if structure.is_leaf():
            if not _is_dataclass(tree):
                return leaves, LEAF
        unregistered = {type(leaf) for leaf in leaves if _is_dataclass(leaf)}
        if not unregistered:
            return leaves, structure
        with _registration:
            for cls in unregistered - _registered:
                _register_dataclass(optree, cls)
                _registered.add(cls)


def _is_dataclass(leaf: Any) -> bool:
    return dataclasses.is_dataclass(leaf) and not isinstance(leaf, type)


def _register_dataclass(optree: Any, cls: type) -> None:
    names = tuple(field.name for field in dataclasses.fields(cls))

    def take_apart(instance: Any) -> tuple[Sequence[Any], None, tuple[str, ...]]:
        return [getattr(instance, name) for name in names], None, names

    def put_together(_: None, values: Sequence[Any]) -> Any:
        # Not cls(*values): __post_init__ may validate or derive, and fields may be
        # init=False; a tree map must restore exactly the fields it was given.
        instance: Any = object.__new__(cls)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(instance, name, value)
        return instance

    optree.register_pytree_node(
        cls,
        take_apart,
        put_together,
        path_entry_type=optree.DataclassEntry,
        namespace=_NAMESPACE,
    )
