"""Which arguments of a call are inputs of the trace, and what the user calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.graph.types import is_inexact
from wengert.operators.arguments import Wrt, as_result, inexact, name_of

__all__ = ["Inputs", "argument_names"]


class Inputs:
    """The inputs of one call of f, chosen among the leaves of its arguments.

    Without `argnums` they are the floats and floating-point arrays; Python ints stay
    ints beside them, and are taken for floats where there is nothing else. With
    `argnums` they are all leaves of those positional arguments.

    Parameters
    ----------
    f : callable
    args, kwargs
        Pytrees.
    argnums : int, sequence of int, or None

    Attributes
    ----------
    leaves : list
        Arrays and NumPy scalars, all inexact.
    names : list of str
        One for each, as the user would write it: `x1`, `w['a'][0]`.
    static : dict
        From the id of every other leaf to its name.

    Raises
    ------
    ArgumentError
        If there is nothing to differentiate in, or argnums pick what cannot be.

    Examples
    --------
    >>> Inputs(lambda x, n: x**n, (2.0, 3), {}).names
    ['x']
    >>> Inputs(lambda x, y: x * y, (2, 3), {}).names
    ['x', 'y']
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        argnums: Wrt = None,
    ) -> None:
        self._f = f
        self._positional, self._keywords = len(args), list(kwargs)
        self._trees = [*args, *kwargs.values()]
        self._leaves, self._structure = tree.flatten(self._trees)
        roots = [*argument_names(f, len(args)), *kwargs]
        paths, owners = [], []
        for number, (root, argument) in enumerate(zip(roots, self._trees, strict=True)):
            found = tree.paths(argument, root)
            paths += found
            owners += [number] * len(found)
        self._arguments, chosen = self._choose(owners, argnums)
        self._chosen = chosen
        self.names = [paths[i] for i in chosen]
        self.leaves = []
        for name, i in zip(self.names, chosen, strict=True):
            try:
                self.leaves.append(inexact(self._leaves[i]))
            except ArgumentError as error:
                message = f"argument {name} of {name_of(f)}: {error}"
                raise ArgumentError(message) from None
        inputs = set(chosen)
        self.static = {
            id(leaf): path
            for i, (leaf, path) in enumerate(zip(self._leaves, paths, strict=True))
            if i not in inputs
        }

    def call(self, inputs: Sequence[Any]) -> Any:
        """Call f with these values in place of its own inputs."""
        leaves = list(self._leaves)
        for i, value in zip(self._chosen, inputs, strict=True):
            leaves[i] = value
        arguments = tree.unflatten(self._structure, leaves)
        args = arguments[: self._positional]
        keywords = arguments[self._positional :]
        return self._f(*args, **dict(zip(self._keywords, keywords, strict=True)))

    def arrange(self, results: Sequence[Any]) -> Any:
        """Arrange one result for each input as the arguments are.

        Returns
        -------
        pytree
            Of the only argument that has inputs, or a tuple of one for each such
            argument; None stands for a leaf that is no input.
        """
        leaves: list[Any] = [None] * len(self._leaves)
        for i, value in zip(self._chosen, results, strict=True):
            leaves[i] = as_result(value, self._leaves[i])
        arguments = tree.unflatten(self._structure, leaves)
        picked = [arguments[number] for number in self._arguments]
        return picked[0] if len(picked) == 1 else tuple(picked)

    def structure_of_sole(self) -> Any:
        """Give the structure of the only argument with inputs; None if it is mixed."""
        if len(self._arguments) != 1:
            return None
        leaves, structure = tree.flatten(self._trees[self._arguments[0]])
        return structure if len(leaves) == len(self.leaves) else None

    def _choose(self, owners: list[int], argnums: Wrt) -> tuple[list[int], list[int]]:
        if argnums is not None:
            arguments = self._picked(argnums)
            return arguments, [
                i for number in arguments for i, o in enumerate(owners) if o == number
            ]
        chosen = [i for i, leaf in enumerate(self._leaves) if _is_inexact(leaf)]
        if not chosen:
            chosen = [i for i, leaf in enumerate(self._leaves) if type(leaf) is int]
        if not chosen:
            raise ArgumentError(
                f"{name_of(self._f)} was called without a float or a floating-point "
                "array, so there is nothing to differentiate in. Pass x.astype(float) "
                "for an integer array, and a float for anything else."
            )
        return sorted({owners[i] for i in chosen}), chosen

    def _picked(self, argnums: int | Sequence[int]) -> list[int]:
        numbers = [argnums] if isinstance(argnums, int) else list(argnums)
        count = self._positional
        for n in numbers:
            if type(n) is not int or not -count <= n < count:
                raise ArgumentError(
                    f"argnums={argnums!r}, but {name_of(self._f)} was called with "
                    f"{count} positional argument{'s' * (count != 1)}. "
                    "Give the positions, from 0, of arguments to differentiate in."
                )
        return [n % count for n in numbers]


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Name the positional arguments of a call, by the function's signature.

    Examples
    --------
    >>> argument_names(lambda a, *rest: a, 3)
    ['a', 'rest[0]', 'rest[1]']
    >>> argument_names(max, 1), argument_names(max, 2)
    (['x'], ['x1', 'x2'])
    """
    unnamed = ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return unnamed
    names = [p.name for p in parameters if p.kind in _POSITIONAL]
    rest = [p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL]
    if rest and names:
        names += [f"{rest[0]}[{i}]" for i in range(count - len(names))]
    return names[:count] if len(names) >= count else unnamed


_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def _is_inexact(leaf: Any) -> bool:
    if isinstance(leaf, np.ndarray | np.generic):
        return is_inexact(leaf.dtype)
    return type(leaf) in (float, complex)
