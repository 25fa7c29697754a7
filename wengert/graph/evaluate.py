"""Run a Graph by its own primitives, which is what a Graph means.

Called on Tracers, primitives record themselves: so a Graph that is run on them is
differentiated, or written into another Graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wengert.graph.equations import Atom, Equation, Graph, Literal, Var
from wengert.graph.literals import strong
from wengert.graph.show import name_vars, show_equation
from wengert.graph.walk import releases

__all__ = ["run_equation", "runner", "value_of"]


def runner(graph: Graph) -> Callable[..., list[Any]]:
    """Make the function that a Graph without guards is, for inputs of its types.

    Returns
    -------
    callable
        Takes an array for each input, and gives the outputs as a list. They may be
        views of the inputs, or of each other.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> run = runner(parse('''graph(x: f64[]) {
    ...     y = square x
    ...     z = add y 1.0
    ...     return z, x
    ... }'''))
    >>> [float(y) for y in run(3.0)]
    [10.0, 3.0]
    """
    steps = list(zip(graph.equations, releases(graph), strict=True))
    captures = {capture.var: capture.value for capture in graph.captures}

    def run(*inputs: Any) -> list[Any]:
        values = dict(captures)
        values.update(zip(graph.inputs, inputs, strict=True))
        for equation, dead in steps:
            results = run_equation(graph, equation, values)
            values.update(zip(equation.outputs, results, strict=True))
            for var in dead:
                del values[var]
        return [value_of(atom, values) for atom in graph.outputs]

    return run


def run_equation(
    graph: Graph, equation: Equation, values: Mapping[Var, Any]
) -> Sequence[Any]:
    """Compute the outputs of an equation from the values so far.

    What it raises carries the equation, and the user's line, as notes.
    """
    inputs = strong([value_of(atom, values) for atom in equation.inputs])
    primitive = equation.primitive
    try:
        result = primitive(*inputs, **equation.params)
    except Exception as error:
        error.add_note(f"in: {show_equation(equation, name_vars(graph))}")
        if equation.source:
            error.add_note(f"at: {equation.source}")
        raise
    results = result if primitive.is_tuple else (result,)
    return [
        # 1j + np.float64(1) is a Python complex: Python's own operator came first.
        y if hasattr(y, "dtype") else var.type.dtype.type(y)
        for var, y in zip(equation.outputs, results, strict=True)
    ]


def value_of(atom: Atom, values: Mapping[Var, Any]) -> Any:
    """Give the value of a var, or of a Literal."""
    return atom.value if isinstance(atom, Literal) else values[atom]
