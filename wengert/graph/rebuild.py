"""Copy a Graph and change it on the way: the one mechanism under every pass.

A pass says what stands for an equation; which new var stands for which old one, what
becomes of guards, captures and outputs, and that types stay as they were, is seen to
here. The result is checked under tests.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from wengert.errors import GraphError
from wengert.graph.build import GraphBuilder
from wengert.graph.check import checked
from wengert.graph.equations import (
    Atom,
    Capture,
    Equation,
    Graph,
    Literal,
    Var,
)
from wengert.graph.show import name_vars, show_equation

__all__ = ["Rewrite", "copy_equation", "rebuild", "recapture"]

Rewrite = Callable[[GraphBuilder, Equation], Sequence[Atom]]


def copy_equation(build: GraphBuilder, equation: Equation) -> Sequence[Var]:
    """Add an equation as it is: the rewriting that changes nothing."""
    return build.keep(equation)


def rebuild(
    graph: Graph,
    rewrite: Rewrite = copy_equation,
    *,
    equations: Collection[Equation] | None = None,
    outputs: Sequence[Atom] | None = None,
) -> Graph:
    """Make a new Graph, with each equation replaced by what `rewrite` puts for it.

    Parameters
    ----------
    graph : Graph
    rewrite : callable, optional
        `(build, equation) → atoms` that stand for the equation's outputs and have their
        types. The inputs of the equation shown to it are atoms of the new Graph, and
        `build.add(…)` adds to that. The equation is copied, by default.
    equations : collection of Equation, optional
        Those to keep, as `needed` finds them; all, by default.
    outputs : sequence of Var or Literal of the old Graph, optional
        What the new Graph is to return; the same as the old, by default.

    Returns
    -------
    Graph
        With the same inputs, and the captures that are used. Equal guards are joined.

    Raises
    ------
    GraphError
        If `rewrite` changes a type, or something needed is not among the equations.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph import lookup
    >>> from wengert.graph.parse import parse
    >>> graph = parse("graph(x: f64[]) {\\n y = multiply x 1.0 \\n return y \\n}")
    >>> swapped = lambda build, equation: build.add(
    ...     equation.primitive, equation.inputs[::-1], equation.params
    ... )
    >>> print(rebuild(graph, swapped))
    graph(v0: f64[]) {
      v1: f64[] = multiply 1.0 v0
      return v1
    }
    """
    build = GraphBuilder()
    # A var stands for itself unless it is found here: what stays is not copied.
    new: dict[Var, Atom] = {}
    for var in graph.inputs:
        build.keep(var)
    captured = {capture.var: capture for capture in graph.captures}
    kept = None if equations is None else set(equations)
    left_out: set[Var] = set()

    def renew(atom: Atom) -> Atom:
        if isinstance(atom, Literal):
            return atom
        if atom in captured:
            (new[atom],) = build.keep(captured.pop(atom))
        if atom in left_out:
            raise GraphError("a var is needed whose equation was left out")
        return new.get(atom, atom)

    for equation in graph.equations:
        if kept is not None and equation not in kept:
            left_out.update(equation.outputs)
            continue
        inputs = tuple(map(renew, equation.inputs))
        if inputs != equation.inputs:
            equation = _with_inputs(equation, inputs)
        atoms = rewrite(build, equation)
        if atoms is not equation.outputs:
            _refuse_other_types(graph, equation, atoms)
            new.update(zip(equation.outputs, atoms, strict=True))

    _renew_guards(graph, build, renew)
    wanted = graph.outputs if outputs is None else outputs
    return checked(build.finish([renew(atom) for atom in wanted]))


def recapture(graph: Graph, write: Callable[[GraphBuilder, Capture], Atom]) -> Graph:
    """Make a new Graph, with each captured array replaced by what `write` puts for it.

    Parameters
    ----------
    graph : Graph
    write : callable
        `(build, capture) → atom` of the capture's type; `build.capture(capture.value)`
        leaves it as it is.
    """
    build = GraphBuilder()
    new: dict[Atom, Atom] = {var: build.input(var.type) for var in graph.inputs}
    new.update((capture.var, write(build, capture)) for capture in graph.captures)
    for equation in graph.equations:
        inputs = [new.get(atom, atom) for atom in equation.inputs]
        new.update(zip(equation.outputs, build.copy(equation, inputs), strict=True))
    for guard in graph.guards:
        var = new[guard.var]
        if isinstance(var, Literal):
            raise GraphError("a var with a guard was replaced by a Literal")
        build.guard(var, guard.told, guard.source)
    return build.finish([new.get(atom, atom) for atom in graph.outputs])


def _with_inputs(equation: Equation, inputs: tuple[Atom, ...]) -> Equation:
    return Equation(
        equation.primitive, inputs, equation.params, equation.outputs, equation.source
    )


def _renew_guards(
    graph: Graph, build: GraphBuilder, renew: Callable[[Atom], Atom]
) -> None:
    seen = set()
    for guard in graph.guards:
        var = renew(guard.var)
        if isinstance(var, Literal):
            raise GraphError("a var with a guard was replaced by a Literal")
        key = var, type(guard.told), guard.told
        if key not in seen:
            seen.add(key)
            build.guard(var, guard.told, guard.source)


def _refuse_other_types(
    graph: Graph, equation: Equation, atoms: Sequence[Atom]
) -> None:
    for var, atom in zip(equation.outputs, atoms, strict=True):
        if atom.type != var.type:
            text = show_equation(equation, name_vars(graph))
            raise GraphError(
                f"a rewriting gives {atom.type} for {var.type}\n  in: {text}"
            )
