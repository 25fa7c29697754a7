"""The first line, forward or backward, that made a nan or inf out of finite numbers."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import Source
from wengert.explanation.derivatives import Writer
from wengert.explanation.formula import Symbol, symbols
from wengert.explanation.notation import PLAIN
from wengert.explanation.sweeps import Sweeps
from wengert.explanation.tables import Line, adjoint_line, primal_line, tangent_line
from wengert.explanation.values import show_value
from wengert.graph.equations import Equation
from wengert.transforms.watching import is_new

__all__ = ["Anomaly", "first_nan"]


@dataclass(frozen=True, eq=False)
class Anomaly:
    """Where a nan or inf came from. Prints as a short report.

    Attributes
    ----------
    sweep : str
        "primal", "adjoint" or "tangent"; "input" if it was there from the beginning.
    kind : str
        "nan" or "inf".
    line : Line
        The line of that sweep's table.
    operands : tuple of (str, value)
        What it was computed from, by name.
    result : array or NumPy scalar
        What the line computed: in the adjoint sweep, what it adds.
    equation : Equation or None
        The operation; in the adjoint sweep, the one that is pulled back.
    origin : str
        The equation as text.
    source : Source or None
        The user's own line.
    """

    sweep: str
    kind: str
    line: Line
    operands: tuple[tuple[str, Any], ...]
    result: Any
    equation: Equation | None = None
    origin: str = ""

    @property
    def source(self) -> Source | None:
        """The user's line that the operation stands in."""
        return self.equation.source if self.equation else None

    def __str__(self) -> str:
        if self.sweep == "input":
            return f"{self.line} is {self.kind} from the beginning{self._where()}"
        lines = [f"first {self.kind} in the {self.sweep} sweep: {self.line}"]
        if self.sweep != "primal":
            lines.append(f"  of the line {self.origin}")
        lines += [f"  {name} = {show_value(value)}" for name, value in self.operands]
        lines.append(f"  gives {show_value(self.result)}{self._where()}")
        if self.source:
            lines.append(f"  at {self.source}")
            code = linecache.getline(self.source.file, self.source.line).strip()
            if code:
                lines.append(f"      {code}")
        return "\n".join(lines)

    def _where(self) -> str:
        if np.ndim(self.result) == 0:
            return ""
        bad = ~np.isfinite(self.result)
        first = ", ".join(map(str, np.argwhere(bad)[0]))
        return f", {bad.sum()} of {bad.size} elements, the first at [{first}]"


def first_nan(sweeps: Sweeps) -> Anomaly | None:
    """Search the sweeps, the primal one first, then the adjoint, then the tangent.

    Parameters
    ----------
    sweeps : Sweeps

    Returns
    -------
    Anomaly or None
        None where all is finite, or what is not was so in the inputs and in numbers of
        the program, and does not reach an output or a derivative.
    """
    writer = Writer(sweeps)
    for find in (_in_primal, _in_adjoint, _in_tangent):
        for anomaly in find(sweeps, writer):
            return anomaly
    return _in_inputs(sweeps)


def _in_primal(sweeps: Sweeps, writer: Writer) -> Iterator[Anomaly]:
    for equation in sweeps.graph.equations:
        x = [sweeps.value(atom) for atom in equation.inputs]
        for output, var in enumerate(equation.outputs):
            y = sweeps.values[var]
            if is_new(equation.primitive, y, x):
                line = primal_line(sweeps, writer, equation, output)
                yield _anomaly("primal", sweeps, writer, line, y, equation, output)


def _in_adjoint(sweeps: Sweeps, writer: Writer) -> Iterator[Anomaly]:
    for step in sweeps.accumulations:
        equation = step.equation
        if equation is None:
            continue
        operands = [sweeps.value(atom) for atom in equation.inputs]
        for var in equation.outputs:
            operands += [sweeps.values[var], sweeps.adjoints.get(var, 0.0)]
        x_bar = step.contribution
        if not is_new(equation.primitive, x_bar, operands):
            overflown = np.isfinite(x_bar).all() and not np.isfinite(step.total).all()
            if not overflown or step.first:
                continue
            x_bar = step.total
        line = adjoint_line(sweeps, writer, step)
        yield _anomaly("adjoint", sweeps, writer, line, x_bar, equation, 0)


def _in_tangent(sweeps: Sweeps, writer: Writer) -> Iterator[Anomaly]:
    moving = [atom for atom in sweeps.graph.outputs if atom in sweeps.tangents]
    if all(np.isfinite(sweeps.tangents[atom]).all() for atom in moving):
        return  # what `where` did not take does not matter
    for equation in sweeps.graph.equations:
        operands = [sweeps.value(atom) for atom in equation.inputs]
        operands += [sweeps.values[var] for var in equation.outputs]
        operands += [
            sweeps.tangents[atom] for atom in equation.inputs if atom in sweeps.tangents
        ]
        for output, var in enumerate(equation.outputs):
            y_dot = sweeps.tangents.get(var, 0.0)
            if is_new(equation.primitive, y_dot, operands):
                line = tangent_line(sweeps, writer, equation, output)
                yield _anomaly("tangent", sweeps, writer, line, y_dot, equation, output)


def _in_inputs(sweeps: Sweeps) -> Anomaly | None:
    graph = sweeps.graph
    results = [sweeps.value(atom) for atom in graph.outputs]
    results += [sweeps.adjoints[var] for var in graph.inputs]
    if all(np.isfinite(result).all() for result in results):
        return None
    for var in (*graph.inputs, *(capture.var for capture in graph.captures)):
        value = sweeps.values[var]
        if value.dtype.kind in "fc" and not np.isfinite(value).all():
            name = Symbol(sweeps.labels.get(var, sweeps.names[var]))
            line = Line(name, "=", None, value)
            return Anomaly("input", _kind(value), line, (), value)
    return None


def _anomaly(
    sweep: str,
    sweeps: Sweeps,
    writer: Writer,
    line: Line,
    result: Any,
    equation: Equation,
    output: int,
) -> Anomaly:
    assert line.formula is not None
    vars = {name: var for var, name in sweeps.names.items()}
    known = {"": sweeps.values, "dot": sweeps.tangents, "bar": sweeps.adjoints}
    operands = tuple(
        (PLAIN.write(symbol), known[symbol.accent][vars[symbol.name]])
        for symbol in symbols(line.formula)
        if vars.get(symbol.name) in known[symbol.accent]
    )
    origin = str(primal_line(sweeps, writer, equation, output))
    return Anomaly(sweep, _kind(result), line, operands, result, equation, origin)


def _kind(value: Any) -> str:
    return "nan" if np.isnan(value).any() else "inf"
