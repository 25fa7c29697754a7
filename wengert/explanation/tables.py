"""The tables of a lecture, as data: what the forms (text, LaTeX, …) write down.

Three sweeps are three tables, and a fourth reads the derivative off the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, overload

import numpy as np

from wengert.errors import Source
from wengert.explanation.derivatives import Writer
from wengert.explanation.formula import Derivative, Formula, Item, Number, Symbol
from wengert.explanation.notation import PLAIN
from wengert.explanation.sweeps import Accumulation, Sweeps
from wengert.explanation.values import is_always
from wengert.graph.equations import Atom, Equation, Var

__all__ = [
    "Line",
    "Lines",
    "Table",
    "Tables",
    "adjoint_line",
    "make_tables",
    "primal_line",
    "tangent_line",
]

_SEEDS = 4  # seeds up to which a title names them all
_ROWS = 4  # elements of the output up to which the Jacobian is shown, row by row


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a table: a name, what it is, and its value after the line.

    Attributes
    ----------
    target, formula : Formula
        The left and the right side; a line without formula gives the value only.
    relation : str
        `=`, or `+=` where the line adds to what was there.
    value : array, NumPy scalar or number
    source : Source or None
        The user's own line that the operation stands in.
    """

    target: Formula
    relation: str
    formula: Formula | None
    value: Any
    source: Source | None = None

    @property
    def name(self) -> str:
        """The left side, as text: `v̄₀`."""
        return PLAIN.write(self.target)

    def __str__(self) -> str:
        if self.formula is None:
            return self.name
        return f"{self.name} {self.relation} {PLAIN.write(self.formula)}"


class Lines(Sequence[Line]):
    """Lines that are written when they are read: a long program has very many."""

    def __init__(self, writers: Sequence[Callable[[], Line]]) -> None:
        self._writers = writers

    def __len__(self) -> int:
        return len(self._writers)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Lines: ...
    def __getitem__(self, index: int | slice) -> Line | Lines:
        if isinstance(index, slice):
            return Lines(self._writers[index])
        return self._writers[index]()


@dataclass(frozen=True, eq=False)
class Table:
    """One sweep: its title, the seeds that it starts from, and its lines."""

    title: str
    seeds: tuple[tuple[Formula, Any], ...]
    lines: Sequence[Line]

    def shown_seeds(self) -> tuple[list[tuple[Formula, Any]], bool]:
        """Give the seeds for the title: of many, the first that are not zero; and
        whether others were left out."""
        if len(self.seeds) <= _SEEDS:
            return list(self.seeds), False
        return [seed for seed in self.seeds if not is_always(seed[1], 0)][:_SEEDS], True

    def shown(self, limit: int | None) -> list[Line | int]:
        """Give the lines, of more than `limit` the first and last ones: between them
        stands the number of those left out."""
        count = len(self.lines)
        if limit is None or count <= limit:
            return list(self.lines)
        head = max(limit // 2, 1)
        tail = max(limit - head, 1)
        return [*self.lines[:head], count - head - tail, *self.lines[-tail:]]


class Tables(NamedTuple):
    """The four tables of an explanation."""

    primal: Table
    tangent: Table
    adjoint: Table
    derivative: Table


def make_tables(sweeps: Sweeps) -> Tables:
    """Write the three sweeps, and what they give, as tables."""
    writer = Writer(sweeps)
    return Tables(
        _primal(sweeps, writer),
        _tangent(sweeps, writer),
        _adjoint(sweeps, writer),
        _derivative(sweeps, writer),
    )


def primal_line(
    sweeps: Sweeps, writer: Writer, equation: Equation, output: int
) -> Line:
    """Write the line of an equation's output: `v₁ = ln v₋₁`."""
    var = equation.outputs[output]
    formula = writer.value(equation, output)
    return Line(writer.name(var), "=", formula, sweeps.values[var], equation.source)


def tangent_line(
    sweeps: Sweeps, writer: Writer, equation: Equation, output: int
) -> Line:
    """Write the line of its tangent: `v̇₁ = v̇₋₁/v₋₁`."""
    var = equation.outputs[output]
    name, formula = writer.name(var, "dot"), writer.tangent(equation, output)
    return Line(name, "=", formula, sweeps.tangents[var], equation.source)


def adjoint_line(sweeps: Sweeps, writer: Writer, step: Accumulation) -> Line:
    """Write one step of the adjoint sweep: `v̄₋₁ += v̄₁/v₋₁`."""
    relation = "=" if step.first else "+="
    if step.equation is None:
        y_bar = Symbol(sweeps.results[step.position], "bar")
        return Line(writer.name(step.var, "bar"), relation, y_bar, step.total)
    target, formula = writer.adjoint(step.equation, step.position)
    return Line(target, relation, formula, step.total, step.equation.source)


def _primal(sweeps: Sweeps, writer: Writer) -> Table:
    def start(var: Var) -> Line:
        label = Symbol(sweeps.labels[var])
        return Line(writer.name(var), "=", label, sweeps.values[var])

    def end(name: str, atom: Atom) -> Line:
        return Line(Symbol(name), "=", writer.name(atom), sweeps.value(atom))

    lines = [partial(start, var) for var in sweeps.graph.inputs]
    for equation in sweeps.graph.equations:
        for output in range(len(equation.outputs)):
            lines.append(partial(primal_line, sweeps, writer, equation, output))
    lines += [partial(end, name, atom) for name, atom in _outputs(sweeps)]
    return Table("Forward primal trace", (), Lines(lines))


def _tangent(sweeps: Sweeps, writer: Writer) -> Table:
    def start(var: Var, name: Formula, seed: Any) -> Line:
        return Line(writer.name(var, "dot"), "=", name, seed)

    def end(name: str, atom: Atom) -> Line:
        if isinstance(atom, Var) and atom in sweeps.tangents:
            formula, value = writer.name(atom, "dot"), sweeps.tangents[atom]
        else:
            formula, value = Number(0), np.float64(0)
        return Line(Symbol(name, "dot"), "=", formula, value)

    seeds = tuple(
        (Symbol(name, "dot"), seed)
        for name, seed in zip(sweeps.inputs.names, sweeps.seed, strict=True)
    )
    pairs = zip(sweeps.graph.inputs, seeds, strict=True)
    lines = [partial(start, var, name, seed) for var, (name, seed) in pairs]
    for equation in sweeps.graph.equations:
        for output, var in enumerate(equation.outputs):
            if var in sweeps.tangents:
                lines.append(partial(tangent_line, sweeps, writer, equation, output))
    lines += [partial(end, name, atom) for name, atom in _outputs(sweeps)]
    return Table("Forward tangent trace", seeds, Lines(lines))


def _adjoint(sweeps: Sweeps, writer: Writer) -> Table:
    seeds = tuple(
        (Symbol(name, "bar"), seed)
        for name, seed in zip(sweeps.results, sweeps.seed_bar, strict=True)
        if seed is not None
    )
    steps = sweeps.accumulations
    lines = [partial(adjoint_line, sweeps, writer, step) for step in steps]
    return Table("Reverse adjoint trace", seeds, Lines(lines))


def _outputs(sweeps: Sweeps) -> Iterator[tuple[str, Atom]]:
    return zip(sweeps.results, sweeps.graph.outputs, strict=True)


def _derivative(sweeps: Sweeps, writer: Writer) -> Table:
    outputs = [
        (i, name, sweeps.value(atom))
        for i, (name, atom) in enumerate(_outputs(sweeps))
        if sweeps.seed_bar[i] is not None
    ]
    count = sum(np.size(value) for _, _, value in outputs)
    names = [Symbol(name) for name in sweeps.inputs.names]
    inputs = list(zip(names, sweeps.graph.inputs, strict=True))
    if len(outputs) == 1 == count and is_always(sweeps.seed_bar[outputs[0][0]], 1):
        y = _elements(*outputs[0][1:])[0]
        lines = [
            Line(Derivative(y, x), "=", writer.name(var, "bar"), sweeps.adjoints[var])
            for x, var in inputs
        ]
        return Table("Gradient, by the one reverse sweep", (), tuple(lines))
    if 0 < count <= _ROWS:
        lines = []
        elements = [e for _, name, value in outputs for e in _elements(name, value)]
        for row, y in zip(_jacobian_rows(sweeps), elements, strict=True):
            pairs = zip(inputs, row, strict=True)
            lines += [
                Line(Derivative(y, x), "=", None, x_bar) for (x, _), x_bar in pairs
            ]
        title = f"Jacobian, by {count} reverse sweeps, one for each row"
        return Table(title, (), tuple(lines))
    lines = [
        Line(Symbol(x.name, "bar"), "=", writer.name(var, "bar"), sweeps.adjoints[var])
        for x, var in inputs
    ]
    return Table("Transposed Jacobian times the seed", (), tuple(lines))


def _jacobian_rows(sweeps: Sweeps) -> list[list[Any]]:
    """Compute a row of adjoints of the inputs for each element of the outputs."""
    seeds = [seed for seed in sweeps.seed_bar if seed is not None]
    rows = []
    for i, like in enumerate(seeds):
        for element in range(np.size(like)):
            unit = [np.zeros_like(seed) for seed in seeds]
            unit[i] = np.zeros(np.size(like), np.asarray(like).dtype)
            unit[i][element] = 1
            unit[i] = unit[i].reshape(np.shape(like))
            adjoints = sweeps.with_seed_bar(unit).adjoints
            rows.append([adjoints[var] for var in sweeps.graph.inputs])
    return rows


def _elements(name: str, value: Any) -> list[Formula]:
    """Name the elements of an output: `y`, or `y[0]`, `y[1]` …."""
    if np.ndim(value) == 0:
        return [Symbol(name)]
    return [
        Item(Symbol(name), (", ".join(map(str, index)),))
        for index in np.ndindex(*np.shape(value))
    ]
