"""One call of f for matrix calculus: its arrays, their names, and what is assumed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.operators.arguments import name_of
from wengert.symbolic.matrices.sampling import draw

__all__ = ["Call", "Names", "is_array"]

Names = str | int | Sequence[str | int]


class Call(NamedTuple):
    """One call of f: what it was given, leaf by leaf, and which leaves count."""

    f: Callable[..., Any]
    bound: inspect.BoundArguments
    leaves: list[Any]
    structure: Any
    arrays: list[int]  # the leaves that are arrays
    paths: list[str]  # of these
    wrt: list[int]  # places among them
    roots: list[str]
    traits: dict[str, frozenset[str]]

    @classmethod
    def of(
        cls,
        f: Callable[..., Any],
        wrt: Names,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        traits: dict[str, frozenset[str]],
    ) -> Call:
        """Take the arguments of a call apart, and refuse what is no matrix."""
        try:
            bound = inspect.signature(f).bind(*args, **kwargs)
        except TypeError as error:
            raise ArgumentError(f"{name_of(f)}: {error}") from None
        names = list(bound.arguments)
        chosen = [wrt] if isinstance(wrt, str | int) else list(wrt)
        roots = [_root(f, names, one) for one in chosen]
        leaves, structure = tree.flatten(dict(bound.arguments))
        paths = [
            path
            for name in sorted(names)
            for path in tree.paths(bound.arguments[name], name)
        ]
        order = {path: i for i, path in enumerate(paths)}
        ordered = [
            path for name in names for path in tree.paths(bound.arguments[name], name)
        ]
        arrays = [order[path] for path in ordered if is_array(leaves[order[path]])]
        known = [paths[i] for i in arrays]
        for i in arrays:
            _check_array(f, paths[i], leaves[i])
        for name in traits:
            if name not in known:
                raise ArgumentError(f"{name_of(f)} has no array {name!r} among {known}")
            _check_traits(f, name, leaves[order[name]], traits[name])
        inside = [
            known.index(path)
            for root in roots
            for path in tree.paths(bound.arguments[root], root)
            if path in known
        ]
        if not inside:
            raise ArgumentError(f"no array of floats in {', '.join(roots)}")
        return cls(f, bound, leaves, structure, arrays, known, inside, roots, traits)

    def flat(self, *values: Any) -> Any:
        """Call f with these arrays in place of its own."""
        leaves = list(self.leaves)
        for i, value in zip(self.arrays, values, strict=True):
            leaves[i] = value
        arguments = tree.unflatten(self.structure, leaves)
        bound = inspect.BoundArguments(self.bound.signature, arguments)
        return self.f(*bound.args, **bound.kwargs)

    def given(self, drawn: Sequence[Any]) -> list[Any]:
        """Give the arrays of the call; those of which something is assumed are drawn,
        for an example need not be what it stands for."""
        return [
            x if path in self.traits else np.asarray(self.leaves[i], float)[()]
            for i, path, x in zip(self.arrays, self.paths, drawn, strict=True)
        ]

    def draw(self, sizes: Mapping[int, int], seed: int) -> list[Any]:
        """Draw arrays of the kinds of the given ones, of other sizes."""
        rng = np.random.default_rng(seed)
        none: frozenset[str] = frozenset()
        return [
            draw(self.leaves[i], sizes, self.traits.get(path, none), rng)
            for i, path in zip(self.arrays, self.paths, strict=True)
        ]


def _root(f: Callable[..., Any], names: Sequence[str], one: str | int) -> str:
    if isinstance(one, str) and one in names:
        return one
    if isinstance(one, int) and -len(names) <= one < len(names):
        return names[one]
    raise ArgumentError(f"{name_of(f)} has no argument {one!r} among {list(names)}")


def is_array(leaf: Any) -> bool:
    """Tell whether a leaf is an array or a number that is traced."""
    return isinstance(leaf, float | complex | np.ndarray | np.generic)


def _check_array(f: Callable[..., Any], path: str, leaf: Any) -> None:
    array = np.asarray(leaf)
    if array.dtype.kind != "f" or array.ndim > 2 or array.size == 0:
        raise ArgumentError(
            f"{name_of(f)}: {path} is an array of {array.dtype} with shape "
            f"{array.shape}; matrix calculus takes real floats of up to two axes"
        )


def _check_traits(
    f: Callable[..., Any], path: str, leaf: Any, traits: frozenset[str]
) -> None:
    shape = np.shape(leaf)
    square = len(shape) == 2 and shape[0] == shape[1]
    for trait, fits, needed in (
        ("symmetric", square, "a square matrix"),
        ("orthogonal", len(shape) == 2 and shape[0] >= shape[1], "no wide matrix"),
        ("probability", len(shape) == 1, "a vector"),
    ):
        if trait in traits and not fits:
            raise ArgumentError(
                f"{name_of(f)}: {path} has shape {shape}, and {trait} arrays need "
                f"{needed}"
            )
