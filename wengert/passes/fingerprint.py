"""A key for what a Graph does: equal for two traces of one path through a function."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph import Atom, Graph, Literal, Var
from wengert.passes.exact import exact_key

__all__ = ["fingerprint", "numbers"]


def fingerprint(graph: Graph) -> Any:
    """Make a dictionary key that is equal only for the same equations.

    Captured arrays are compared by their types, and so are floats that are written into
    the Graph, but for zeros (see `numbers`); guards are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import trace
    >>> def f(x):
    ...     return 2 * np.sin(x)
    >>> fingerprint(trace(f, 1.0)) == fingerprint(trace(f, 5.0))
    True
    """
    places: dict[Var, int] = {}

    def given(var: Var) -> Any:
        places[var] = len(places)
        return var.type

    def key(atom: Atom) -> Any:
        if isinstance(atom, Var):
            return places[atom]
        if is_float(atom):
            return type(atom.value), bool(atom.value == 0)
        return exact_key(atom.value)

    return (
        tuple(map(given, graph.inputs)),
        tuple(given(capture.var) for capture in graph.captures),
        tuple(
            (
                equation.primitive,
                tuple(map(key, equation.inputs)),
                tuple((name, _param(v)) for name, v in equation.params.items()),
                tuple(map(given, equation.outputs)),
            )
            for equation in graph.equations
        ),
        tuple(map(key, graph.outputs)),
    )


def numbers(graph: Graph) -> tuple[Any, ...]:
    """List the floats that are written into a Graph: what `fingerprint` leaves out.

    Those of Graphs inside params are not among them: these are compared whole.
    """
    return tuple(
        exact_key(atom.value)
        for equation in graph.equations
        for atom in equation.inputs
        if isinstance(atom, Literal) and is_float(atom)
    )


def is_float(atom: Literal) -> bool:
    """Tell a float or a complex number."""
    return not isinstance(atom.value, int | np.integer | np.bool_)


def _exact(graph: Graph) -> Any:
    return fingerprint(graph), numbers(graph)


def _param(value: Any) -> Any:
    if isinstance(value, Graph):
        return _exact(value)
    if type(value) is tuple:
        return tuple(map(_param, value))
    return exact_key(value)
