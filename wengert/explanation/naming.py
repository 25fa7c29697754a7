"""Names of the lectures: v₋₁, v₀ for the inputs, v₁, v₂ … for the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wengert.graph.equations import Graph, Var

__all__ = ["name_outputs", "name_values", "subscript"]

_SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")
_OUTPUTS = ("y", "w", "f", "result")


def subscript(number: int) -> str:
    """Write a number below the line.

    Examples
    --------
    >>> subscript(-10)
    '₋₁₀'
    """
    return str(number).translate(_SUBSCRIPTS)


def name_values(graph: Graph, captured: Mapping[int, str]) -> dict[Var, str]:
    """Name every var: n inputs v₁₋ₙ … v₀, then v₁, v₂ … in the order of the lines.

    Parameters
    ----------
    graph : Graph
    captured : mapping
        From the id of an array to what the user calls it; others are c₀, c₁ ….
    """
    names = {}
    for number, var in enumerate(graph.inputs, 1 - len(graph.inputs)):
        names[var] = "v" + subscript(number)
    for number, capture in enumerate(graph.captures):
        names[capture.var] = captured.get(id(capture.value), "c" + subscript(number))
    outputs = (var for equation in graph.equations for var in equation.outputs)
    for number, var in enumerate(outputs, 1):
        names[var] = "v" + subscript(number)
    return names


def name_outputs(paths: Callable[[str], list[str]], inputs: Sequence[str]) -> list[str]:
    """Name the outputs y, or y[0], y[1] …: the first letter that no input has.

    Parameters
    ----------
    paths : callable
        From a root, such as "y", to the names of the outputs.
    inputs : sequence of str
        Names of the inputs: `["x", "y['a']"]`.
    """
    taken = {name.partition("[")[0].partition(".")[0] for name in inputs}
    return paths(next((root for root in _OUTPUTS if root not in taken), "output"))
