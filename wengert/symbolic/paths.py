"""The path that a program takes at a point, with symbols for its arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.graph import Graph
from wengert.graph.types import is_inexact
from wengert.operators.arguments import Output, name_of
from wengert.operators.naming import root_names
from wengert.symbolic.conversion import elements, real_symbols
from wengert.symbolic.expression import Expression, as_expression, symbol
from wengert.symbolic.graphs import graph_of, variables_of
from wengert.symbolic.level import LEVEL
from wengert.symbolic.nodes import Node
from wengert.trace.staging import stage_function

__all__ = ["Path", "path_of", "path_of_expression"]


@dataclass(frozen=True, eq=False)
class Path:
    """A Graph and the symbols of its inputs.

    Attributes
    ----------
    graph : Graph
        Its guards are what the program was told.
    arguments : list of Expression
        A symbol, or an array of them, for each input.
    symbols : list of arrays of SymPy symbols
        The same for SymPy.
    result : pytree
        What the function returned.
    """

    graph: Graph
    arguments: list[Expression]
    symbols: list[Any]
    result: Any


def path_of_expression(e: Any) -> Path:
    """Take an expression, or a pytree of them, for the path of a program."""
    leaves, structure = tree.flatten(as_expression(e) if isinstance(e, list) else e)
    outputs = [as_expression(leaf).variable for leaf in leaves]
    variables = variables_of([x for x in outputs if isinstance(x, Node)])
    return Path(
        graph_of(outputs, variables, tidy=True),
        list(map(LEVEL.wrap, variables)),
        list(map(real_symbols, variables)),
        tree.unflatten(structure, leaves),
    )


def path_of(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Path:
    """Run f at a point and write down what it computes.

    Parameters
    ----------
    f : callable
    args, kwargs
        Numbers and arrays for the point, symbols or their names.

    Raises
    ------
    ArgumentError
        If there is nothing to make a symbol of, or f returns no number.
    """
    args, kwargs = _bound(f, args, kwargs)
    leaves, structure = tree.flatten((args, dict(kwargs)))
    leaves = [symbol(leaf) if isinstance(leaf, str) else leaf for leaf in leaves]
    chosen = [i for i, leaf in enumerate(leaves) if _is_inexact(leaf)]
    chosen = chosen or [i for i, leaf in enumerate(leaves) if type(leaf) is int]
    if not chosen:
        raise ArgumentError(
            f"{name_of(f)} was given nothing to make a symbol of. Give a point, "
            "formula(f, x=2.0), or the name of a symbol, formula(f, 'x')"
        )
    paths = list(_paths(f, args, kwargs))
    arguments = [
        leaf if type(leaf) is Expression
        else symbol(_tidied(paths[i]), np.shape(leaf), np.result_type(leaf, float))
        for i, leaf in enumerate(leaves) if i in chosen
    ]  # fmt: skip
    results: list[Any] = []
    output = Output(f, has_aux=False)

    def flat(*tracers: Any) -> list[Any]:
        for i, tracer in zip(chosen, tracers, strict=True):
            leaves[i] = tracer
        positional, named = tree.unflatten(structure, leaves)
        results[:] = [f(*positional, **named)]
        outputs = output.take(results[0])
        if not outputs:
            raise ArgumentError(f"{name_of(f)} returned {results[0]!r}: no number")
        return outputs

    points = [_point(leaves[i]) for i in chosen]
    graph = stage_function(flat, points, unrolled=True)[1]
    return Path(graph, arguments, elements([a.variable for a in arguments]), results[0])


def _bound(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Give by position what can be: a derivative is by the first argument."""
    try:
        bound = inspect.signature(f).bind(*args, **kwargs)
    except ValueError:  # a function of C without a signature
        return args, kwargs
    return bound.args, bound.kwargs


def _paths(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[str]:
    roots = [*root_names(f, len(args)), *kwargs]
    for root, argument in zip(roots, (*args, *kwargs.values()), strict=True):
        yield from tree.paths(argument, root)


def _tidied(path: str) -> str:
    """Make a name of a path: `w['a'][0]` is w_a_0."""
    return "_".join(re.findall(r"\w+", path))


def _point(leaf: Any) -> Any:
    return leaf if type(leaf) is Expression else np.asarray(leaf, _dtype(leaf))[()]


def _dtype(leaf: Any) -> Any:
    return np.result_type(leaf, float) if type(leaf) is int else None


def _is_inexact(leaf: Any) -> bool:
    if isinstance(leaf, np.ndarray | np.generic):
        return is_inexact(leaf.dtype)
    return isinstance(leaf, float | complex)
