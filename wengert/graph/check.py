"""Check that a Graph is a well-typed Wengert list.

Laws of a Graph, each of which `check` tests:

* every var is given once, and before it is used;
* the types of an equation's outputs are those that its primitive gives;
* a Literal is a number, and a captured array has the type of its var;
* a guard is on one element of a known var, and was told True, False or an int;
* Graphs among the params are Graphs in this sense.
"""

from __future__ import annotations

from typing import Any

from wengert.errors import GraphError, Source
from wengert.graph.equations import Atom, Capture, Equation, Graph, Guard, Literal, Var
from wengert.graph.literals import is_scalar
from wengert.graph.show import name_vars, show_equation
from wengert.graph.types import ArrayType
from wengert.graph.walk import inner_graphs

__all__ = ["Checking", "check", "checked"]


class Checking:
    """Whether passes check the Graphs that they make: under tests they do.

    A check costs as much as a pass, and finds nothing in what a right pass makes.
    """

    on = False


def checked(graph: Graph) -> Graph:
    """Check a Graph that a pass made, where `Checking` is on, and return it."""
    return check(graph) if Checking.on else graph


def check(graph: Graph) -> Graph:
    """Return the Graph if it is well formed.

    Raises
    ------
    GraphError
        Naming the law that is broken, the equation as it is printed, and the line of
        the user's code that made it, where that is known.

    Examples
    --------
    >>> from wengert.graph import ArrayType, Graph, Var
    >>> import numpy as np
    >>> y = Var(ArrayType((), np.dtype(float)))
    >>> check(Graph(inputs=(), captures=(), equations=(), guards=(), outputs=(y,)))
    Traceback (most recent call last):
        ...
    wengert.errors.GraphError: ? is used before it is given
      in: return ?
    """
    # A stack, since Graphs may be nested in params.
    graphs = [graph]
    while graphs:
        current = graphs.pop()
        _Checker(current).run()
        for equation in current.equations:
            graphs.extend(inner_graphs(equation))
    return graph


class _Checker:
    """Walk down one Graph, keeping the set of vars known so far."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known: set[Var] = set()
        self._names: dict[Var, str] | None = None

    def run(self) -> None:
        for var in self.graph.inputs:
            self.give(var, "the inputs")
        for capture in self.graph.captures:
            self.capture(capture)
        for equation in self.graph.equations:
            self.equation(equation)
        for atom in self.graph.outputs:
            self.atom(atom, f"return {self.name(atom)}")
        for guard in self.graph.guards:
            self.guard(guard)

    def give(self, var: Var, where: str, source: Source | None = None) -> None:
        if not isinstance(var, Var):
            raise _error(f"{var!r} is given, but only a Var can be", where, source)
        if not isinstance(var.type, ArrayType):
            problem = f"the type of {self.name(var)} is {var.type!r}, no ArrayType"
            raise _error(problem, where, source)
        if var in self.known:
            raise _error(f"{self.name(var)} is given twice", where, source)
        self.known.add(var)

    def capture(self, capture: Capture) -> None:
        where = f"capture {self.name(capture.var)}: {capture.var.type}"
        self.give(capture.var, where)
        found = ArrayType.of(capture.value)
        if found != capture.var.type:
            raise _error(f"the captured array is {found}", where)

    def equation(self, equation: Equation) -> None:
        try:
            for atom in equation.inputs:
                self.atom(atom)
            self.types(equation)
            for var in equation.outputs:
                self.give(var, "")
        except GraphError as error:
            # The equation is printed only now, since a right Graph is the usual case.
            problem = str(error).partition("\n")[0]
            text = show_equation(equation, self.names)
            raise _error(problem, text, equation.source) from error.__cause__

    def types(self, equation: Equation) -> None:
        """Compare the stated types with those that the primitive derives."""
        primitive = equation.primitive
        given = [atom.type for atom in equation.inputs]
        try:
            derived = primitive.type(*given, **equation.params)
        except Exception as error:
            shown = ", ".join(map(repr, given))
            problem = f"{primitive.name} does not take ({shown}): {error}"
            raise GraphError(problem.replace("\n", " ")) from error
        types = derived if primitive.is_tuple else (derived,)
        if len(types) != len(equation.outputs):
            found = f"{len(types)} outputs, not {len(equation.outputs)}"
            raise GraphError(f"{primitive.name} gives {found}")
        for var, type in zip(equation.outputs, types, strict=True):
            if var.type != type:
                raise GraphError(
                    f"{self.name(var)} is written as {var.type}, but "
                    f"{primitive.name} gives {type}"
                )

    def atom(self, atom: Atom, where: str = "") -> None:
        if isinstance(atom, Literal):
            if not is_scalar(atom.value):
                raise _error(f"the Literal {atom.value!r} is no number", where)
        elif not isinstance(atom, Var):
            raise _error(f"{atom!r} is neither a Var nor a Literal", where)
        elif atom not in self.known:
            raise _error(f"{self.name(atom)} is used before it is given", where)

    def guard(self, guard: Guard) -> None:
        where = f"guard {self.name(guard.var)} is {guard.told!r}"
        if guard.var not in self.known:
            raise _error("a guard on a var that nothing gives", where, guard.source)
        if type(guard.told) not in (bool, int):
            raise _error("a guard was told neither bool nor int", where, guard.source)
        if guard.var.type.size != 1:
            problem = f"a guard on {guard.var.type}, which is no single element"
            raise _error(problem, where, guard.source)

    # ----- for messages -----

    @property
    def names(self) -> dict[Var, str]:
        if self._names is None:
            self._names = name_vars(self.graph)
        return self._names

    def name(self, atom: Any) -> str:
        if isinstance(atom, Literal):
            return repr(atom.value)
        return self.names.get(atom, "?")


def _error(problem: str, where: str, source: Source | None = None) -> GraphError:
    lines = [problem]
    if where:
        lines.append(f"  in: {where}")
    if source:
        lines.append(f"  at: {source}")
    return GraphError("\n".join(lines))
