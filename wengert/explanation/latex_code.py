"""A function as lines of LaTeX: one for each value that is used more than once."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.explanation.formula import Component, Formula, Symbol, literal, size
from wengert.explanation.latex import LATEX
from wengert.explanation.naming import name_outputs, subscript
from wengert.explanation.operations import operation
from wengert.graph import Atom, Equation, Graph, Literal, Var
from wengert.operators.naming import captured_names, root_names
from wengert.operators.staging import trace
from wengert.passes.prepare import prepare

__all__ = ["to_latex"]

# A value used once is written in its place, up to so many signs.
_INLINE = 14


def to_latex(f: Callable[..., Any], *args: Any) -> str:
    """Write a function, or its derivative, as formulas in LaTeX.

    Parameters
    ----------
    f : callable
        A function of NumPy code, or a derivative such as `grad(g)`.
    *args : pytrees of arrays and floats
        An example of the arguments: the formulas are for their shapes, and for the
        branches that they take.

    Returns
    -------
    str
        An `aligned` environment, for math mode (package amsmath): a line for each
        value with a name, the outputs, and the conditions under which they hold.

    Raises
    ------
    ArgumentError
        If f is no function, or returns what is no number.

    Notes
    -----
    Branches and loops by `cond`, `scan` and `while_loop` are written by their names.
    Where a product has a factor 0, the others do not matter: 0·∞ is 0 here.

    Examples
    --------
    >>> from wengert import grad
    >>> print(to_latex(grad(lambda x: x**2 * np.sin(x)), 1.0))
    \\begin{aligned}
    y &= {x}^2 \\cdot \\cos x + \\sin(x) \\cdot 2 \\cdot x
    \\end{aligned}
    """
    if not callable(f):
        raise ArgumentError(f"to_latex needs a function, not {f!r}")
    results: list[Any] = []

    @functools.wraps(f)
    def noted(*arguments: Any) -> Any:
        results[:] = [f(*arguments)]
        return results[0]

    graph = prepare(trace(noted, *args), native=False)
    inputs = [
        path
        for root, x in zip(root_names(f, len(args)), args, strict=True)
        for path, leaf in zip(tree.paths(x, root), tree.flatten(x)[0], strict=True)
        if isinstance(leaf, float | complex | np.ndarray | np.generic)
    ]
    outputs = name_outputs(lambda y: tree.paths(results[0], y), inputs)
    lines = _Lines(graph, inputs, captured_names(f)).written(outputs)
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])


class _Lines:
    """The formulas of a Graph, written in the order of its equations."""

    def __init__(
        self, graph: Graph, inputs: list[str], captured: dict[int, str]
    ) -> None:
        self.graph = graph
        self.formulas: dict[Atom, Formula] = {
            var: Symbol(name) for var, name in zip(graph.inputs, inputs, strict=True)
        }
        for k, capture in enumerate(graph.captures):
            name = captured.get(id(capture.value), "c" + subscript(k))
            self.formulas[capture.var] = Symbol(name)
        self.lines: list[str] = []
        self.uses = Counter(a for e in graph.equations for a in e.inputs)
        self.uses.update(graph.outputs)
        self.count = 0

    def written(self, outputs: list[str]) -> list[str]:
        """Write all lines, and the outputs under these names."""
        for equation in self.graph.equations:
            self._take(equation)
        for name, atom in zip(outputs, self.graph.outputs, strict=True):
            self._say(LATEX.write(Symbol(name)), self._formula(atom))
        for guard in self.graph.guards:
            condition = LATEX.write(self._formula(guard.var))
            self.lines.append(
                rf"&\text{{where }} {condition} \text{{ is {guard.told}}}"
            )
        return self.lines

    def _take(self, equation: Equation) -> None:
        operands = [self._formula(atom) for atom in equation.inputs]
        types = [
            atom.type if isinstance(atom, Var) else atom.value
            for atom in equation.inputs
        ]
        formula = operation(equation.primitive, operands, types, equation.params)
        if len(equation.outputs) == 1:
            self._give(equation.outputs[0], formula)
            return
        for k, var in enumerate(equation.outputs, 1):
            self._give(var, Component(formula, k))

    def _give(self, var: Var, formula: Formula) -> None:
        self.formulas[var] = formula
        if self.uses[var] > 1 and size(formula) > 2 or size(formula) > _INLINE:
            self.count += 1
            name = Symbol("v" + subscript(self.count))
            self._say(LATEX.write(name), formula)
            self.formulas[var] = name

    def _say(self, target: str, formula: Formula) -> None:
        self.lines.append(f"{target} &= {LATEX.write(formula)}")

    def _formula(self, atom: Atom) -> Formula:
        return literal(atom.value) if isinstance(atom, Literal) else self.formulas[atom]
