"""Look at a function as a Graph: trace, and keep a value out of a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.graph.equations import Graph
from wengert.operators.arguments import Output
from wengert.primitives.control import stop_gradient as stop
from wengert.trace.staging import stage_function
from wengert.trace.tracer import Tracer

__all__ = ["stop_gradient", "trace"]


def trace(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Graph:
    """Run f on the arguments and write down what it computes, as a Wengert list.

    Parameters
    ----------
    f : callable
        A function, or a derivative such as `grad(g)`: then the Graph shows the
        derivative's own equations.
    *args, **kwargs
        Pytrees of which the floats and arrays become inputs of the Graph, in order;
        Python ints, bools, strings and None are built into it.

    Returns
    -------
    Graph
        Typed and checked; prints as text that `wengert.graph.parse` reads back. It
        holds for inputs that take the same branches: those are its guards.

    Raises
    ------
    ArgumentError
        If f returns something that is no number.

    Notes
    -----
    Cost: one run of f and some microseconds for each operation.

    Examples
    --------
    >>> len(trace(lambda x: x * np.sin(x), 2.0).equations)
    2
    """
    leaves, structure = tree.flatten((args, kwargs))
    traced = [i for i, leaf in enumerate(leaves) if _is_traced(leaf)]
    output = Output(f, has_aux=False)

    def flat(*tracers: Any) -> list[Any]:
        filled = list(leaves)
        for i, tracer in zip(traced, tracers, strict=True):
            filled[i] = tracer
        args, kwargs = tree.unflatten(structure, filled)
        return output.take(f(*args, **kwargs))

    return stage_function(flat, [_as_array(leaves[i]) for i in traced])[1]


def stop_gradient(x: Any) -> Any:
    """Give x, as a constant for every derivative that is being computed.

    Parameters
    ----------
    x : pytree of arrays and floats

    Returns
    -------
    pytree
        Of the same values.

    Examples
    --------
    >>> from wengert import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return tree.map_leaves(
        lambda leaf: stop(leaf) if isinstance(leaf, Tracer) else leaf, x
    )


def _is_traced(leaf: Any) -> bool:
    return isinstance(leaf, float | complex | Tracer | np.ndarray | np.generic)


def _as_array(leaf: Any) -> Any:
    return np.asarray(leaf)[()] if type(leaf) in (float, complex) else leaf
