"""What a derivative costs, each way: counted in the Graphs of f, Jẋ and Jᵀȳ.

No factor is assumed. f is traced, then its tangent sweep and its adjoint sweep are, as
the operators would run them; their operations are counted like those of f itself. The
theory says what to expect (Griewank & Walther, 2008, ch. 4): f with one tangent at most
some 3 times f, f with one adjoint sweep some 4 times f, whatever the number of inputs.

For n inputs and m outputs the Jacobian takes n tangents or m adjoint sweeps; the
gradient of a scalar takes one adjoint sweep. The best order in general (optimal
Jacobian accumulation) is NP-complete (Naumann, 2008, Math. Program. 112)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.analysis.cost import Work, held_bytes, measure
from wengert.errors import ArgumentError
from wengert.explanation.cost_report import CostReport, Way
from wengert.explanation.inputs import Inputs
from wengert.graph.dependence import active_inputs, needed_inputs, needs_output
from wengert.graph.equations import Equation, Graph, Var
from wengert.graph.types import ArrayType, is_inexact
from wengert.operators.arguments import Output, Wrt, name_of
from wengert.trace.staging import stage_function
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = ["cost"]

Flat = Callable[..., list[Any]]


def cost(f: Callable[..., Any], argnums: Wrt = None) -> Callable[..., CostReport]:
    """Make the function that tells what f and its derivative cost at a point.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code.
    argnums : int or sequence of int, optional
        Which positional arguments are inputs. By default all floats and
        floating-point arrays are; Python ints, if there is nothing else.

    Returns
    -------
    callable
        Takes f's arguments, gives a `CostReport`.

    Raises
    ------
    ArgumentError
        If f has no floating-point argument or no floating-point output.

    Notes
    -----
    Cost: three runs of f, and some 0.1 ms for each of its operations. What is counted
    is the eager mode, operation by operation, with values dropped after their last use;
    branches are those taken at this point.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3–4.

    Examples
    --------
    >>> report = cost(lambda x: (x * np.sin(x)).sum())(np.ones(1000))
    >>> report.best, report.flops, round(report.adjoint_multiple, 1)
    ('reverse', 3000, 2.7)
    """

    @functools.wraps(f, updated=())
    def costs(*args: Any, **kwargs: Any) -> CostReport:
        inputs = Inputs(f, args, kwargs, argnums)
        output = Output(f, has_aux=False)

        def flat(*leaves: Any) -> list[Any]:
            return output.take(inputs.call(leaves))

        # Undefined values cost as much as others.
        with np.errstate(all="ignore"):
            return _report(f, flat, inputs)

    return costs


def _report(f: Callable[..., Any], flat: Flat, inputs: Inputs) -> CostReport:
    graph = stage_function(flat, inputs.leaves)[1]
    xs = [ArrayType.of(x) for x in inputs.leaves]
    ys = [_type(atom) for atom in graph.outputs]
    wanted = [i for i, y in enumerate(ys) if is_inexact(y.dtype)]
    n, m = sum(x.size for x in xs), sum(ys[i].size for i in wanted)
    if not m:
        raise ArgumentError(
            f"{name_of(f)} returned {', '.join(map(repr, ys)) or 'nothing'}: no "
            "floating-point output, and so no derivative to count the cost of."
        )
    tangent = _tangent_graph(flat, inputs.leaves)
    adjoint = _adjoint_graph(flat, inputs.leaves, ys)
    primal = measure(graph)
    ways = _forward_ways(tangent, xs, n) + _reverse_ways(
        primal, adjoint, [ys[i] for i in wanted], m
    )
    return CostReport(
        title=f"{name_of(f)}({', '.join(inputs.names)})".replace("<lambda>", "f"),
        inputs=n,
        outputs=m,
        work=primal,
        tangent=measure(tangent),
        adjoint=measure(adjoint),
        memory_reverse=held_bytes(graph, residuals(graph)),
        ways=ways,
    )


def _tangent_graph(flat: Flat, leaves: Sequence[Any]) -> Graph:
    """Trace f with one tangent, all of whose seeds may be other than zero."""

    def push(*values: Any) -> list[Any]:
        xs, dots = values[: len(leaves)], values[len(leaves) :]
        ys, (y_dots,) = push_function(flat, xs, [dots])
        return [*ys, *(dot for dot in y_dots if dot is not None)]

    return stage_function(push, [*leaves, *map(_ones, map(ArrayType.of, leaves))])[1]


def _adjoint_graph(flat: Flat, leaves: Sequence[Any], ys: Sequence[ArrayType]) -> Graph:
    """Trace f with one adjoint sweep, all of whose seeds may be other than zero."""
    seeded = [y for y in ys if is_inexact(y.dtype)]

    def pull(*values: Any) -> list[Any]:
        outputs, pullback = record_function(flat, values[: len(leaves)])
        seeds = iter(values[len(leaves) :])
        y_bars = [next(seeds) if is_inexact(y.dtype) else None for y in ys]
        return [*outputs, *pullback(y_bars)]

    return stage_function(pull, [*leaves, *map(_ones, seeded)])[1]


def _forward_ways(graph: Graph, xs: Sequence[ArrayType], n: int) -> tuple[Way, ...]:
    swept = measure(graph)
    seed = sum(x.nbytes for x in xs)
    # With all tangents at once, what depends on a seed is there n times, and the rest,
    # partial derivatives among it, once.
    at_once = measure(
        graph, dict.fromkeys(_depending(graph, graph.inputs[len(xs) :]), n)
    )
    return (
        Way(
            "forward, one by one", "forward", n,
            n * swept.flops, n * swept.bytes, swept.peak + seed,
        ),
        Way(
            "forward, all at once", "forward", n,
            at_once.flops, at_once.bytes, at_once.peak + n * seed,
        ),
    )  # fmt: skip


def _reverse_ways(
    primal: Work, graph: Graph, ys: Sequence[ArrayType], m: int
) -> tuple[Way, ...]:
    swept = measure(graph)
    return (
        Way(
            "reverse", "reverse", m,
            primal.flops + m * (swept.flops - primal.flops),
            primal.bytes + m * (swept.bytes - primal.bytes),
            swept.peak + sum(y.nbytes for y in ys),
        ),
    )  # fmt: skip


def residuals(graph: Graph) -> set[Var]:
    """Find the values that the reverse sweep over a Graph needs again.

    Parameters
    ----------
    graph : Graph
        Of which all inputs are differentiated.

    Returns
    -------
    set of Var
        Inputs and outputs of its equations that their pullbacks ask for; the tape keeps
        them by reference, each once.

    Examples
    --------
    >>> import wengert.primitives
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[]) {
    ...     s = exp x
    ...     y = add s x
    ...     return y
    ... }''')
    >>> residuals(graph) == {graph.equations[0].outputs[0]}
    True
    """
    varying: set[Any] = set(graph.inputs)
    kept: set[Var] = set()
    for equation in graph.equations:
        wanted = _wanted(equation, varying)
        outputs = [v for v in equation.outputs if is_inexact(v.type.dtype)]
        if not wanted or not outputs:
            continue
        varying.update(outputs)
        row, inputs = equation.primitive, equation.inputs
        needed = [inputs[i] for i in needed_inputs(row, len(inputs), wanted)]
        kept.update(atom for atom in needed if isinstance(atom, Var))
        if row.is_tuple or needs_output(row, wanted):
            kept.update(equation.outputs)
    return kept


def _wanted(equation: Equation, varying: set[Any]) -> list[int]:
    active = active_inputs(equation.primitive, len(equation.inputs))
    return [i for i in active if equation.inputs[i] in varying]


def _depending(graph: Graph, vars: Sequence[Var]) -> set[Var]:
    """Find what depends on some vars, those excluded."""
    depending: set[Any] = set(vars)
    for equation in graph.equations:
        if not depending.isdisjoint(equation.inputs):
            depending.update(equation.outputs)
    return depending.difference(vars)


def _type(atom: Any) -> ArrayType:
    return atom.type if isinstance(atom, Var) else ArrayType.of(atom.value)


def _ones(type_: ArrayType) -> Any:
    return np.ones(type_.shape, type_.dtype)[()]
