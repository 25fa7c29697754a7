"""Keys that are equal only for what is equal in every bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph import Atom, Graph, Literal, Var, is_scalar

__all__ = ["exact_key", "graph_key"]


def exact_key(value: Any) -> Any:
    """Make a dictionary key that is equal only for the same type and the same bits.

    Python's own equality takes 1, 1.0 and True for one, and so 0.0 and -0.0; a slice
    has no hash before Python 3.12.

    Examples
    --------
    >>> exact_key((0, slice(1, None))) == exact_key((0, slice(1, None)))
    True
    >>> exact_key(0.0) == exact_key(-0.0), exact_key(1) == exact_key(True)
    (False, False)
    """
    if isinstance(value, tuple):
        return type(value), tuple(map(exact_key, value))
    if isinstance(value, slice):
        return slice, exact_key((value.start, value.stop, value.step))
    if is_scalar(value) and not isinstance(value, int):
        return type(value), np.asarray(value).tobytes()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return np.ndarray, value.dtype, value.shape, value.tobytes()
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value


def graph_key(graph: Graph) -> Any:
    """Make a dictionary key that is equal only for Graphs that compute the same, by the
    same equations; of Graphs without captures and guards.

    Examples
    --------
    >>> from wengert import trace
    >>> graph_key(trace(np.sin, 0.0)) == graph_key(trace(np.sin, 1.0))
    True
    """
    numbers: dict[Var, int] = {}

    def atom_key(atom: Atom) -> Any:
        if isinstance(atom, Literal):
            return exact_key(atom.value)
        return numbers.setdefault(atom, len(numbers))

    def param_key(value: Any) -> Any:
        if isinstance(value, Graph):
            return graph_key(value)
        return (
            tuple(map(param_key, value)) if type(value) is tuple else exact_key(value)
        )

    inputs = tuple((atom_key(var), var.type) for var in graph.inputs)
    equations = tuple(
        (
            equation.primitive,
            tuple(map(atom_key, equation.inputs)),
            tuple((k, param_key(v)) for k, v in sorted(equation.params.items())),
            tuple(map(atom_key, equation.outputs)),
        )
        for equation in graph.equations
    )
    return inputs, equations, tuple(map(atom_key, graph.outputs))
