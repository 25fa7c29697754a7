"""Graph → statements of Python, one for each value that is used more than once.

A value that is used once is written where it is used, as long as the line stays short.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from wengert.engines.python.fragments import Fragment, call, infix, literal, value
from wengert.engines.python.names import Names, target_names
from wengert.engines.python.table import expression
from wengert.engines.python.transplant import Transplants
from wengert.errors import Source
from wengert.graph import (
    ArrayType,
    Atom,
    Constant,
    Equation,
    Graph,
    Literal,
    Structured,
    Var,
)
from wengert.graph.walk import inner_graphs

if TYPE_CHECKING:
    from wengert.engines.python.structure import Writer

__all__ = ["Body"]

_WIDTH = 88
# A value used once is written in its place up to this length.
_INLINE = 44
# What gives finite values for finite ones, unless it overflows: no 0·inf comes of it.
_FINITE = frozenset(
    "absolute add arctan broadcast_to cast concatenate copy cos cumsum einsum erf "
    "expit flip gather getitem matmul max maximum min minimum multiply negative ones "
    "reshape roll scatter scatter_add sign sin square stack stop_gradient subtract "
    "sum tanh transpose update where".split()
)


class Body:
    """Statements being written, at one indentation.

    Parameters
    ----------
    names : Names
        Of the whole function.
    transplants : Transplants
        Where the functions go that no expression stands for.
    structures : mapping
        Row → how a branch or a loop is written: see `structure`.
    plain : bool
        Whether products with partial derivatives are plain ones.
    outside : Source or None
        The line that asks for the code.
    """

    def __init__(
        self,
        names: Names,
        transplants: Transplants,
        structures: dict[str, Writer],
        plain: bool,
        outside: Source | None,
        indent: int = 4,
    ) -> None:
        self.names, self.transplants, self.structures = names, transplants, structures
        self.plain, self.outside, self.indent = plain, outside, indent
        self.lines: list[str] = []
        self.written: dict[Var, Fragment] = {}
        self._pending: set[Var] = set()
        self._finite: set[Var] = set()
        self._targets: dict[Var, str] = {}

    def inner(self) -> Body:
        """Begin the statements of a block; what is written so far is known there."""
        return Body(
            self.names, self.transplants, self.structures, self.plain, self.outside,
            self.indent + 4,
        )  # fmt: skip

    def take(self, inner: Body) -> None:
        """Put the statements of a block here."""
        self.lines += inner.lines or [" " * inner.indent + "pass"]

    def run(self, graph: Graph, finite: bool = True) -> list[Fragment]:
        """Write the equations of a Graph; its inputs and captures must be written.

        Parameters
        ----------
        graph : Graph
        finite : bool
            Whether the inputs may be taken for finite.

        Returns
        -------
        list of Fragment
            The outputs.
        """
        self._targets.update(target_names(graph, self.outside))
        uses = _uses(graph)
        guards: dict[Var, list[bool | int]] = {}
        for guard in graph.guards:
            guards.setdefault(guard.var, []).append(guard.told)
        given = (*graph.inputs, *(capture.var for capture in graph.captures))
        self._finite.update(given if finite else ())
        for var in given:
            self._guard(var, guards.get(var, ()))
        for equation in graph.equations:
            writer = self.structures.get(equation.primitive.name)
            if writer is not None:
                writer(self, equation)
            else:
                self._write(equation, uses)
            if self.is_finite(equation):
                self._finite.update(equation.outputs)
            for var in equation.outputs:
                self._guard(var, guards.get(var, ()))
        return [self.atom(output, bare=False) for output in graph.outputs]

    def atom(self, atom: Atom, bare: bool) -> Fragment:
        """Write an operand; a literal bare, or with NumPy's dtype."""
        if isinstance(atom, Literal):
            return literal(atom.value, bare)
        return self.written[atom]

    def name(self, atom: Atom, wanted: str = "v") -> str:
        """Give an operand a name of its own, unless it has one, and return it."""
        written = self.atom(atom, bare=False)
        if written.text.isidentifier():
            return written.text
        if isinstance(atom, Var):
            return self._settle(atom)
        name = self.names.fresh(wanted)
        self.say(f"{name} = {written.text}")
        return name

    def say(self, text: str) -> None:
        """Add a line."""
        self.lines.append(" " * self.indent + text)

    def assign(self, targets: Sequence[str], values: Sequence[str]) -> None:
        """Add an assignment of all at once, if there is anything to assign."""
        pairs = [(t, v) for t, v in zip(targets, values, strict=True) if t != v]
        if pairs:
            left, right = (", ".join(side) for side in zip(*pairs, strict=True))
            self.say(f"{left} = {right}")

    def _write(self, equation: Equation, uses: Counter[Var]) -> None:
        fragment = self._expression(equation)
        if len(equation.outputs) > 1:
            targets = [
                self.names.fresh("v") if uses[var] else "_" for var in equation.outputs
            ]
            for var, target in zip(equation.outputs, targets, strict=True):
                self.written[var] = Fragment(target)
            self.say(f"{', '.join(targets)} = {fragment.text}")
            return
        (var,) = equation.outputs
        self.written[var] = fragment
        self._pending.add(var)
        short = len(fragment.text) <= _INLINE and var not in self._targets
        if uses[var] and not (short and uses[var] == 1 or _is_part(fragment)):
            self._settle(var)

    def _settle(self, var: Var) -> str:
        """Make a statement of a value, and write its name from now on."""
        self._pending.discard(var)
        name = self.fresh(var)
        self.say(f"{name} = {self.written[var].text}")
        self.written[var] = Fragment(name)
        return name

    def fresh(self, var: Var) -> str:
        """Make a name for a value: what the user's line calls it, if that is known."""
        return self.names.fresh(self._targets.get(var, "v"))

    def _expression(self, equation: Equation) -> Fragment:
        while True:
            fragment = self._composed(equation)
            parts = [
                x
                for x in equation.inputs
                if isinstance(x, Var)
                and x in self._pending
                and not _is_part(self.written[x])
            ]
            if not parts or len(fragment.text) <= _WIDTH - self.indent - 12:
                return fragment
            self._settle(max(parts, key=lambda x: len(self.written[x].text)))

    def _composed(self, equation: Equation) -> Fragment:
        types = [
            atom.type if isinstance(atom, Var) else ArrayType.of(np.asarray(atom.value))
            for atom in equation.inputs
        ]
        operands = [
            self.atom(atom, _may_be_bare(atom, equation)) for atom in equation.inputs
        ]
        name = equation.primitive.name
        if name == "scale":
            seed, partial = operands
            if self.plain or self._stays_finite(equation.inputs[1]):
                return infix("*", seed, partial)
            return call(self._copied(equation), operands)
        fragment = expression(equation, operands, types)
        if fragment is None:
            params = {key: value(p) for key, p in equation.params.items()}
            fragment = call(self._copied(equation), operands, **params)
        return fragment

    def _copied(self, equation: Equation) -> str:
        return self.transplants.take(equation.primitive.name, equation.primitive.impl)

    def is_finite(self, equation: Equation) -> bool:
        """Whether an equation, and the Graphs in it, give finite values here."""
        return _is_finite(equation) and all(map(self._stays_finite, equation.inputs))

    def _stays_finite(self, atom: Atom) -> bool:
        if isinstance(atom, Literal):
            return bool(np.isfinite(atom.value))
        return atom in self._finite

    def _guard(self, var: Var, told: Sequence[bool | int]) -> None:
        for answer in dict.fromkeys(told):
            condition = self.written[var]
            if answer is True:
                question = f"not {condition.within(40)}"
            elif answer is False:
                question = condition.text
            else:
                question = infix("!=", condition, value(answer)).text
            self.say(f"if {question}:")
            shown = textwrap.shorten(f"{condition.text} is {answer}", 48)
            self.say(f'    raise ValueError("this code is for where {shown}")')


def _is_finite(equation: Equation) -> bool:
    """Whether finite inputs make finite outputs, in the Graphs inside too."""
    if not isinstance(equation.primitive, Structured):
        return equation.primitive.name in _FINITE
    inner = (e for graph in inner_graphs(equation) for e in graph.equations)
    return all(_is_finite(e) or isinstance(e.primitive, Constant) for e in inner)


def _uses(graph: Graph) -> Counter[Var]:
    """Count how often each var is written; twice where only a name will do."""
    uses: Counter[Var] = Counter()
    for equation in graph.equations:
        weight = 2 if isinstance(equation.primitive, Structured) else 1
        for atom in equation.inputs:
            if isinstance(atom, Var):
                uses[atom] += weight
    uses.update(atom for atom in graph.outputs if isinstance(atom, Var))
    uses.update(guard.var for guard in graph.guards)
    return uses


def _is_part(fragment: Fragment) -> bool:
    """Whether this is but a part of a named array: `x[0]`, `A.T`."""
    name, bracket, key = fragment.text.partition("[")
    if bracket:
        return name.isidentifier() and key[:-1].lstrip("-").isalnum()
    return fragment.text.removesuffix(".T").isidentifier()


def _may_be_bare(atom: Atom, equation: Equation) -> bool:
    """Whether a number takes the dtype of what it meets, and that is the same one."""
    others = [x.type.dtype for x in equation.inputs if isinstance(x, Var)]
    if not others or not isinstance(atom, Literal):
        return False
    if not isinstance(atom.value, np.generic):
        return True
    given = np.result_type(*others)
    weak = np.result_type(*others, type(atom.value.item())(0))
    return bool(np.result_type(given, atom.value.dtype) == weak)
