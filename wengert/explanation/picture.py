"""What a drawing of both sweeps shows, before anyone asks where and in which format.

Nodes are the inputs, the captured arrays, the operations and the outputs. An edge runs
from what gives a value to what uses it; the value goes forward along it, and a share of
the adjoint comes back. The shares that reach a node add up to its adjoint.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wengert.explanation.derivatives import Writer
from wengert.explanation.formula import Component
from wengert.explanation.notation import PLAIN
from wengert.explanation.operations import call_name, index_parts
from wengert.explanation.sweeps import Sweeps
from wengert.explanation.values import show_literal, show_number
from wengert.graph.equations import Atom, Equation, Literal, Var

__all__ = ["Edge", "Line", "Node", "Picture", "make_picture", "short_value"]

# What stands in a node is cut to this length; the whole is shown as its tip.
_SYMBOL, _LINE, _LINES = 18, 34, 4
# How many operations after its first use an input is drawn again.
_LONG = 4

# The names and symbols of rows that are better seen otherwise.
_GLYPHS = {
    "-": "−", "·": "×", "square": "( )²", "sqrt": "√", "absolute": "| |", "copy": "=",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Line:
    """What is known of one value, `v₁ = 0.693`, and of its adjoint: `v̄₁ = 1`."""

    forward: str
    backward: str = ""


@dataclass(frozen=True)
class Node:
    """A box of the drawing.

    Attributes
    ----------
    kind : str
        "input", "captured", "operation" or "output"; "input again" and "captured again"
        for one that is drawn a second time, without lines, near a late use.
    symbol : str
        `x1`, `+`, `ln`, `y`.
    lines : tuple of Line
        One for each value that it gives.
    tip : str
        The equation in full, and the user's line that made it.
    """

    kind: str
    symbol: str
    lines: tuple[Line, ...]
    tip: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow forward with a value, and one back with a share of an adjoint, or none.

    Attributes
    ----------
    source, target : int
        Nodes.
    forward : str
    backward : str or None
    tip : str
        How the share comes about: `v̄₀ += v̄₃·cos v₀`.
    """

    source: int
    target: int
    forward: str
    backward: str | None
    tip: str = ""


@dataclass
class Picture:
    """Nodes and edges, and what the legend has to explain.

    Attributes
    ----------
    title : str
        `y = f(x1, x2)`.
    nodes : list of Node
    edges : list of Edge
    has_adjoints, has_arrays : bool
    along : str
        What stands beside an arrow forward.
    """

    title: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    has_adjoints: bool = False
    has_arrays: bool = False
    along: str = "value"


def make_picture(sweeps: Sweeps) -> Picture:
    """Say what a drawing of these sweeps shows; without adjoints, the values alone.

    Parameters
    ----------
    sweeps : Sweeps

    Returns
    -------
    Picture

    Examples
    --------
    >>> sweeps = Sweeps.of(lambda x: x * np.sin(x), (2.0,))
    >>> [node.symbol for node in make_picture(sweeps).nodes]
    ['x', 'sin', '×', 'y']
    """
    picture = _Painter(sweeps).paint()
    _repeat_inputs(picture)
    return picture


def _repeat_inputs(picture: Picture) -> None:
    """Draw an input again where it is used late, as in the steps of a loop: an arrow
    through the whole drawing says less."""
    depths = [0] * len(picture.nodes)
    for edge in picture.edges:  # in the order of the Graph
        depths[edge.target] = max(depths[edge.target], depths[edge.source] + 1)
    first = dict.fromkeys(range(len(depths)), len(depths))
    for edge in picture.edges:
        first[edge.source] = min(first[edge.source], depths[edge.target])
    for k, edge in enumerate(picture.edges):
        node, way = picture.nodes[edge.source], depths[edge.target] - first[edge.source]
        if way >= _LONG and node.kind in ("input", "captured"):
            picture.edges[k] = replace(edge, source=len(picture.nodes))
            picture.nodes.append(replace(node, kind=f"{node.kind} again", lines=()))


def short_value(value: Any) -> str:
    """Write a number in a few digits, of an array its shape and norm.

    Examples
    --------
    >>> short_value(-0.9589242746631385)
    '−0.9589'
    >>> short_value(np.array([3.0, 4.0]))
    '[2] ‖5‖'
    """
    if np.shape(value) == ():
        return show_number(value)
    shape = ",".join(map(str, np.shape(value)))
    return f"[{shape}] {_flow(value)}"


def _flow(value: Any) -> str:
    """Write what travels along an edge: a number, a norm, the size of a mask."""
    if np.shape(value) == ():
        return show_number(value)
    if value.dtype == bool:
        return f"{np.count_nonzero(value)} true"
    return f"‖{_norm(value)}‖"


def _norm(value: Any) -> str:
    value = np.asarray(value)
    with np.errstate(all="ignore"):
        norm = np.linalg.norm(value.astype(np.result_type(value.dtype, float)).ravel())
    return show_number(norm, 3)


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


class _Painter:
    """Go once over the Graph and collect the picture."""

    def __init__(self, sweeps: Sweeps) -> None:
        self.sweeps = sweeps
        self.graph = sweeps.graph
        self.writer = Writer(sweeps)
        self.node_of: dict[Var, int] = {}
        # The share of an adjoint that comes back along an edge, or to an output.
        self.shares: dict[tuple[Equation | None, int], Any] = {}
        if sweeps.adjoints:
            for line in sweeps.accumulations:
                self.shares[line.equation, line.position] = line.contribution

    def paint(self) -> Picture:
        inputs = ", ".join(self.sweeps.labels[var] for var in self.graph.inputs)
        outputs = ", ".join(self.sweeps.results)
        name = self.sweeps.title.replace("<lambda>", "f")
        call = f"{_cut(name, 30)}({_cut(inputs, 40)})"
        self.picture = Picture(f"{_cut(outputs, 30)} = {call}")
        self.picture.has_adjoints = bool(self.shares)
        for var in self.graph.inputs:
            self.node("input", self.sweeps.labels[var], (var,))
        for capture in self.graph.captures:
            name = self.sweeps.names[capture.var]
            self.node("captured", name, (capture.var,), f"the array {name}, captured")
        for equation in self.graph.equations:
            self.operation(equation)
        for position, atom in enumerate(self.graph.outputs):
            self.output(position, atom)
        return self.picture

    def node(self, kind: str, symbol: str, vars: tuple[Var, ...], tip: str = "") -> int:
        number = len(self.picture.nodes)
        lines = [self.line(var, bare=kind == "captured") for var in vars[:_LINES]]
        if len(vars) > _LINES:
            lines[-1] = Line(f"… {len(vars) - _LINES + 1} more")
        node = Node(kind, _cut(symbol, _SYMBOL), tuple(lines), tip or symbol)
        self.picture.nodes.append(node)
        self.node_of.update((var, number) for var in vars)
        return number

    def line(self, var: Var, bare: bool) -> Line:
        """Say what a node knows of a var; `bare` leaves its name out."""
        name, value = self.sweeps.names[var], self.sweeps.values[var]
        if var.type.shape:
            self.picture.has_arrays = True
        equals = " " if var.type.shape else " = "
        forward = short_value(value) if bare else f"{name}{equals}{short_value(value)}"
        backward = ""
        if self.shares and var in self.sweeps.varying:
            adjoint = short_value(self.sweeps.adjoints[var])
            backward = f"{_barred(name)}{equals}{adjoint}"
        return Line(_cut(forward, _LINE), _cut(backward, _LINE))

    def operation(self, equation: Equation) -> None:
        sources = [
            (position, atom)
            for position, atom in enumerate(equation.inputs)
            if isinstance(atom, Var)
        ]
        number = self.node(
            "operation", _symbol(equation), equation.outputs, self.tip(equation)
        )
        for position, atom in sources:
            share = self.shares.get((equation, position))
            tip = "" if share is None else self.share_tip(equation, position)
            self.edge(atom, number, share, tip)

    def output(self, position: int, atom: Atom) -> None:
        label = self.sweeps.results[position]
        seed = self.shares.get((None, position))
        backward = ""
        if seed is not None:
            equals = " " if np.shape(seed) else " = "
            backward = _cut(f"{_barred(label)}{equals}{short_value(seed)}", _LINE)
        name = self.sweeps.names[atom] if isinstance(atom, Var) else None
        line = Line(f"= {name or short_value(self.sweeps.value(atom))}", backward)
        node = Node("output", _cut(label, _SYMBOL), (line,), f"the output {label}")
        self.picture.nodes.append(node)
        if isinstance(atom, Var):
            self.edge(atom, len(self.picture.nodes) - 1, seed)

    def edge(self, source: Var, target: int, share: Any, tip: str = "") -> None:
        forward = _flow(self.sweeps.values[source])
        if len(self.picture.nodes[self.node_of[source]].lines) > 1:
            forward = f"{self.sweeps.names[source]} {forward}"
        backward = None if share is None else _flow(share)
        edge = Edge(self.node_of[source], target, forward, backward, tip)
        self.picture.edges.append(edge)

    def tip(self, equation: Equation) -> str:
        """Write the equation in full, and where it stands in the user's code."""
        given = ", ".join(self.sweeps.names[var] for var in equation.outputs)
        formula = self.writer.value(equation, 0)
        if isinstance(formula, Component):
            formula = formula.of
        tip = f"{given} = {_cut(PLAIN.write(formula), 200)}"
        source = equation.source
        if source is None:
            return tip
        return f"{tip}\n{os.path.basename(source.file)}:{source.line}"

    def share_tip(self, equation: Equation, position: int) -> str:
        """Write what comes back along an edge: `v̄₀ += v̄₃·cos v₀`."""
        place, share = self.writer.adjoint(equation, position)
        return f"{PLAIN.write(place)} += {_cut(PLAIN.write(share), 200)}"


def _barred(name: str) -> str:
    """Put a bar over the letter of a name: v̄₁."""
    return unicodedata.normalize("NFC", name[0] + "\N{COMBINING MACRON}") + name[1:]


def _symbol(equation: Equation) -> str:
    """Write an operation, with the numbers that it takes beside its arrows in."""
    row, inputs = equation.primitive, equation.inputs
    name = call_name(row)
    symbol = _GLYPHS.get(row.name, _GLYPHS.get(name, name))
    numbers = [
        show_literal(atom.value) if isinstance(atom, Literal) else "" for atom in inputs
    ]
    if row.name == "power":
        return _power(*numbers)
    if len(inputs) == 2 and not symbol[0].isalpha():
        return f"{numbers[0]} {symbol} {numbers[1]}".strip()
    if row.name in ("getitem", "gather"):
        parts = index_parts(equation.params["index"], ())
        return f"[{''.join(p if isinstance(p, str) else '…' for p in parts)}]"
    if any(numbers):
        return f"{symbol}({', '.join(number or '·' for number in numbers)})"
    return symbol


def _power(base: str, exponent: str) -> str:
    if exponent.lstrip("−").isdigit() and not base:
        return "( )" + exponent.translate(_SUPERSCRIPTS)
    if base or exponent:
        return f"{base or '( )'} ^ {exponent or '( )'}"
    return "^"
