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
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.analysis.cost import held_bytes
from wengert.errors import ArgumentError, NotScalarError
from wengert.explanation.cost_report import CostReport, Way
from wengert.explanation.inputs import Inputs
from wengert.explanation.jacobian_ways import (
    Counted,
    adjoint_of,
    compressed_ways,
    eliminated_ways,
    forward_ways,
    kept_bytes,
    reverse_ways,
    tangent_of,
    tape_peak,
)
from wengert.graph.dependence import active_inputs, needed_inputs, needs_output
from wengert.graph.equations import Equation, Graph, Var
from wengert.graph.types import ArrayType, is_inexact
from wengert.operators.arguments import Output, Wrt, check_callable, name_of
from wengert.operators.checkpointing import checkpoint
from wengert.operators.taylor import taylor
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = ["cost"]

Flat = Callable[..., list[Any]]
_QUESTIONS = ("jacobian", "sweeps", "hessian", "taylor", "memory")
_MOST_NESTED = 5  # tangents inside each other: their cost doubles with each


def cost(
    f: Callable[..., Any],
    argnums: Wrt = None,
    of: str = "jacobian",
    order: int = 4,
) -> Callable[..., CostReport]:
    """Make the function that tells what f and its derivative cost at a point.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code.
    argnums : int or sequence of int, optional
        Which positional arguments are inputs. By default all floats and
        floating-point arrays are; Python ints, if there is nothing else.
    of : "jacobian", "sweeps", "hessian", "taylor" or "memory"
        Whose ways are listed: of the Jacobian, by sweeps one by one and together,
        compressed where it is sparse, and by elimination where f is small; the same
        without the last two; of the Hessian of a scalar, and its product; of a Taylor
        series; of one adjoint sweep, plain and checkpointed.
    order : int
        Of the series.

    Returns
    -------
    callable
        Takes f's arguments, gives a `CostReport`.

    Raises
    ------
    ArgumentError
        If f has no floating-point argument or no floating-point output; if `of` or
        `order` is none of these.
    NotScalarError
        Of a Hessian, if f returns anything but one scalar.

    Notes
    -----
    Cost: a run of f for each argument and output, and some 0.1 ms for each of its
    operations; with "jacobian" also the search for a pattern, as in `sparsity`. What is
    counted is the eager mode, operation by operation, with values dropped after their
    last use; branches are those taken at this point, and a `while_loop` takes the steps
    that it takes there (one step, if it stands inside another loop). `jit` does the
    same operations, less those that turn out superfluous, and keeps few of their
    values.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3–4.

    Examples
    --------
    >>> report = cost(lambda x: (x * np.sin(x)).sum())(np.ones(1000))
    >>> report.best, report.flops, round(report.adjoint_multiple, 1)
    ('reverse', 3000, 2.7)
    """

    check_callable("cost", f)
    if of not in _QUESTIONS:
        raise ArgumentError(
            f"cost: of={of!r}; it is one of {', '.join(map(repr, _QUESTIONS))}."
        )
    if type(order) is not int or order < 1:
        raise ArgumentError(f"cost: order={order!r}; it is a whole number from 1 on.")

    @functools.wraps(f, updated=())
    def costs(*args: Any, **kwargs: Any) -> CostReport:
        inputs = Inputs(f, args, kwargs, argnums)
        output = Output(f, has_aux=False)

        def flat(*leaves: Any) -> list[Any]:
            return output.take(inputs.call(leaves))

        # Undefined values cost as much as others.
        with np.errstate(all="ignore"):
            return _Question(f, flat, inputs).report(of, order)

    return costs


class _Question:
    """One call of f, and what is asked about it."""

    def __init__(self, f: Callable[..., Any], flat: Flat, inputs: Inputs) -> None:
        self._f, self._flat, self._names = f, flat, inputs.names
        self._xs = inputs.leaves
        self._primal = Counted.of(flat, self._xs)
        self._ys = [_type(atom) for atom in self._primal.graph.outputs]
        self._wanted = [k for k, y in enumerate(self._ys) if is_inexact(y.dtype)]
        if not sum(self._ys[k].size for k in self._wanted):
            raise ArgumentError(
                f"{name_of(f)} returned {', '.join(map(repr, self._ys)) or 'nothing'}: "
                "no floating-point output, and so no derivative to count the cost of."
            )

    def report(self, of: str, order: int) -> CostReport:
        """Count f, one tangent, one adjoint sweep, and the ways that are asked for."""
        places = range(len(self._xs))
        tangent = tangent_of(self._flat, self._xs, places)
        adjoint = adjoint_of(self._flat, self._xs, self._ys, self._wanted)
        graph = self._primal.graph
        kept = residuals(graph)
        if of == "hessian":
            ways = self._hessian_ways(adjoint, kept_bytes(graph, kept))
        elif of == "taylor":
            ways = self._taylor_ways(order)
        elif of == "memory":
            ways = self._memory_ways(adjoint)
        else:
            ways = self._jacobian_ways(tangent, adjoint, kept_bytes(graph, kept))
            if of == "jacobian":
                ways += self._structured_ways()
        return CostReport(
            title=f"{name_of(self._f)}({', '.join(self._names)})".replace(
                "<lambda>", "f"
            ),
            inputs=sum(x.size for x in self._xs),
            outputs=sum(self._ys[k].size for k in self._wanted),
            work=self._primal.work(),
            tangent=tangent.work(),
            adjoint=adjoint.work(),
            memory_reverse=held_bytes(graph, kept),
            ways=ways,
            of=of,
        )

    def _inexact(self, *xs: Any) -> list[Any]:
        """Be f, with what may have a derivative alone."""
        ys = self._flat(*xs)
        return [ys[k] for k in self._wanted]

    def _jacobian_ways(
        self, tangent: Counted, adjoint: Counted, kept: int
    ) -> tuple[Way, ...]:
        n = sum(x.size for x in self._xs)
        result = n * sum(self._ys[k].nbytes for k in self._wanted)
        return forward_ways(self._flat, self._xs, tangent, result) + reverse_ways(
            self._flat, self._xs, self._ys, self._primal, adjoint, kept
        )

    def _structured_ways(self) -> tuple[Way, ...]:
        n, m = (sum(v.size for v in part) for part in (self._xs, self._ys))
        return (
            *compressed_ways(self._inexact, self._xs, min(n, m)),
            *eliminated_ways(self._inexact, self._xs, self._primal.graph),
        )

    def _hessian_ways(self, adjoint: Counted, kept: int) -> tuple[Way, ...]:
        if [self._ys[k].shape for k in self._wanted] != [()]:
            raise NotScalarError(
                f'cost(of="hessian") needs a function of one scalar, but '
                f"{name_of(self._f)} returned {self._ys}. Perhaps you meant the "
                "Hessian of a sum?"
            )
        xs, n = self._xs, sum(x.size for x in self._xs)

        def gradient(*values: Any) -> list[Any]:
            (y,), pull = record_function(self._inexact, values)
            return pull([np.ones((), y.dtype)[()]])

        whole = tangent_of(gradient, xs, range(len(xs)))
        product = whole.work()
        slow, fast = forward_ways(gradient, xs, whole, n * sum(x.nbytes for x in xs))
        # Values of the tape of the gradient have tangents beside them, on all of it.
        tape = tape_peak(self._primal, adjoint, kept)
        return (
            Way(
                "one product, hvp", "product", 1, product.flops, product.bytes,
                max(2 * tape, product.peak),
            ),
            replace(
                slow,
                name="Hessian, products one by one",
                memory=max(2 * tape, slow.memory),
            ),
            replace(
                fast,
                name="Hessian, forward over reverse",
                memory=max((n + 1) * tape, fast.memory),
            ),
            *compressed_ways(self._inexact, xs, n, "Hessian"),
        )  # fmt: skip

    def _taylor_ways(self, order: int) -> tuple[Way, ...]:
        xs = self._xs
        ones = [_ones(ArrayType.of(x)) for x in xs]

        def series(*values: Any) -> list[Any]:
            point = dict(enumerate(values[: len(xs)]))
            along = dict(enumerate(values[len(xs) :]))
            found = taylor(lambda p: self._inexact(*p.values()), point, along, order)
            return [c for coefficients in found for c in coefficients]

        def nested(*values: Any) -> list[Any]:
            along, f = values[len(xs) :], self._inexact
            for _ in range(order):
                f = _pushed(f, along)
            return f(*values[: len(xs)])

        one = Counted.of(series, xs, ones)
        ways = [_way(f"Taylor series, order {order}", "taylor", 1, one)]
        if order <= _MOST_NESTED:
            one = Counted.of(nested, xs, ones)
            ways.append(_way(f"{order} nested tangents", "nested", 1, one))
        return tuple(ways)

    def _memory_ways(self, adjoint: Counted) -> tuple[Way, ...]:
        again = adjoint_of(checkpoint(self._flat), self._xs, self._ys, self._wanted)
        return (
            _way("adjoint sweep", "reverse", 1, adjoint),
            _way("checkpointed, f run twice", "checkpoint", 1, again),
        )


def _pushed(f: Flat, along: Sequence[Any]) -> Flat:
    """Be f's tangents along a direction."""

    def push(*xs: Any) -> list[Any]:
        ys, (y_dots,) = push_function(f, xs, [along])
        pairs = zip(ys, y_dots, strict=True)
        return [np.zeros_like(y) if dot is None else dot for y, dot in pairs]

    return push


def _way(name: str, mode: str, sweeps: int, counted: Counted) -> Way:
    work = counted.work()
    return Way(name, mode, sweeps, work.flops, work.bytes, work.peak)


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


def _type(atom: Any) -> ArrayType:
    return atom.type if isinstance(atom, Var) else ArrayType.of(atom.value)


def _ones(type_: ArrayType) -> Any:
    return np.ones(type_.shape, type_.dtype)[()]
