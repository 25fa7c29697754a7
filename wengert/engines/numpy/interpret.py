"""The reference engine: run a Graph equation by equation, each by its own primitive.

This is what a Graph means. It is clear before it is fast; every other engine is tested
against it. Since a primitive called on Tracers records itself, what this engine makes
can be differentiated, batched and traced like any other function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wengert.engines.engine import Capabilities, Compiled, register_engine
from wengert.errors import GuardError, ShapeError
from wengert.graph import (
    ArrayType,
    Graph,
    Guard,
    Var,
    is_scalar,
    name_vars,
)
from wengert.graph.evaluate import run_equation, value_of
from wengert.graph.walk import releases

__all__ = ["NumpyEngine"]

Values = dict[Var, Any]


class NumpyEngine:
    """Interpret Graphs with NumPy.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[], y: f64[]) {
    ...     z = multiply x y
    ...     w = add z 1.0
    ...     return w, z
    ... }''')
    >>> run = NumpyEngine().compile(graph)
    >>> run(2.0, 5.0)
    (np.float64(11.0), np.float64(10.0))
    """

    name = "numpy"
    capabilities = Capabilities(kinds="biufc", tracers=True, exact=True)

    def compile(self, graph: Graph) -> Compiled:
        """Make a callable that runs the equations in order.

        A value is freed after its last use, and a guard is checked as soon as its var
        has a value.
        """
        guards = _guards_by_var(graph)
        at_start = [*graph.inputs, *(capture.var for capture in graph.captures)]
        steps = list(zip(graph.equations, releases(graph), strict=True))

        def run(*arrays: Any) -> tuple[Any, ...]:
            values = _take_inputs(graph, arrays)
            for capture in graph.captures:
                values[capture.var] = capture.value
            _check_guards(graph, at_start, guards, values)
            for equation, dead in steps:
                results = run_equation(graph, equation, values)
                values.update(zip(equation.outputs, results, strict=True))
                _check_guards(graph, equation.outputs, guards, values)
                for var in dead:
                    del values[var]
            outputs = [value_of(atom, values) for atom in graph.outputs]
            lent = [*arrays, *(capture.value for capture in graph.captures)]
            return _make_own(outputs, lent)

        return run


def _take_inputs(graph: Graph, arrays: Sequence[Any]) -> Values:
    if len(arrays) != len(graph.inputs):
        raise ShapeError(
            f"the Graph has {len(graph.inputs)} inputs, but was given {len(arrays)}"
        )
    values = {}
    for var, x in zip(graph.inputs, arrays, strict=True):
        if not hasattr(x, "dtype") and is_scalar(x) and var.type.shape == ():
            # A Python number takes the dtype of what it meets, as everywhere in NumPy.
            if np.result_type(x, var.type.dtype) == var.type.dtype:
                x = var.type.dtype.type(x)
        if not hasattr(x, "dtype") or ArrayType.of(x) != var.type:
            found = ArrayType.of(x) if hasattr(x, "dtype") else repr(x)
            raise ShapeError(
                f"input {name_vars(graph)[var]} of the Graph is {var.type}, but was "
                f"given {found}: trace the function with arguments like these"
            )
        values[var] = x
    return values


def _guards_by_var(graph: Graph) -> dict[Var, list[Guard]]:
    guards: dict[Var, list[Guard]] = {}
    for guard in graph.guards:
        guards.setdefault(guard.var, []).append(guard)
    return guards


def _check_guards(
    graph: Graph,
    given: Iterable[Var],
    guards: dict[Var, list[Guard]],
    values: Values,
) -> None:
    for var in given:
        for guard in guards.get(var, ()):
            # bool or int, as Python asked then: a Tracer records the question again.
            now = type(guard.told)(values[var])
            if now != guard.told:
                source = f" at {guard.source}" if guard.source else ""
                raise GuardError(
                    f"{name_vars(graph)[var]} was {guard.told} when the function was "
                    f"traced{source}, and is {now} now: another branch is taken. "
                    "Trace the function again with these inputs"
                )


def _make_own(outputs: Iterable[Any], lent: Iterable[Any]) -> tuple[Any, ...]:
    """Copy the outputs that share memory with what the caller holds, or each other."""
    taken = {id(_owner(array)) for array in lent}
    own = []
    for y in outputs:
        if type(y) is np.ndarray:
            if id(_owner(y)) in taken or not y.flags.writeable:
                y = y.copy()
            taken.add(id(_owner(y)))
        own.append(y)
    return tuple(own)


def _owner(array: Any) -> Any:
    """Find the array that a view was taken from, directly or by way of other views."""
    while type(array) is np.ndarray and isinstance(array.base, np.ndarray):
        array = array.base
    return array


register_engine(NumpyEngine.name, NumpyEngine)
