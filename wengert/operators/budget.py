"""Gradients within a budget of memory: what to keep of f's run, and what to compute
once more when the sweep asks for it.

f is written down as a Graph, and so is its pullback; of the values that go from one to
the other, some are kept. Tried are, in this order:

* all of them;
* the fewest bytes from which the rest is had by light operations, a minimal cut
  (passes/cut.py), and then by all but products of matrices and the like;
* what is carried between n = 2, 4, 8, … stretches of f's run, and all of the last ones
  (Griewank & Walther, 2008, ch. 12; Chen et al., 2016, "Training deep nets with
  sublinear memory cost", arXiv:1604.06174).

The first cut whose memory, predicted by liveness, fits into the budget is taken; of the
stretches, the choice that computes the least. Where none fits, scans keep fewer of
their states (transforms/checkpointed_scans.py), and all is tried again.
"""

from __future__ import annotations

import functools
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.analysis.cost import measure, owners, peak_memory
from wengert.analysis.sizes import read_bytes, show_bytes
from wengert.engines.numpy import NumpyEngine
from wengert.errors import ArgumentError, BudgetError, user_source
from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Atom, Equation, Graph, Var
from wengert.graph.extract import Closed
from wengert.graph.primitive import Elementwise
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.operators.arguments import Arguments, Output, name_of, own_values
from wengert.operators.bodies import written_for
from wengert.operators.gradient import check_real, one_scalar
from wengert.passes.cut import least_kept
from wengert.passes.exact import graph_key
from wengert.passes.prune import prune
from wengert.passes.rematerialize import (
    carried,
    crossing,
    rematerialize,
    stretches,
)
from wengert.primitives.light import LIGHT, MOVES
from wengert.primitives.loops import scan
from wengert.trace.tracer import Tracer
from wengert.transforms.bodies import pull_body
from wengert.transforms.checkpointed_scans import states_kept

__all__ = ["Budgeted", "MemoryReport"]

# Plans that are kept for other points of the same shapes.
_PLANS = 16
# Scans inside each other, that a scan of f becomes.
_MOST_LEVELS = 4


@dataclass(frozen=True)
class MemoryReport:
    """What a gradient within a budget takes; all in bytes, without the arguments.

    Attributes
    ----------
    budget : int
    predicted : int
        The most that is held at one time, by liveness.
    measured : int
        The most that was, in a run at this point.
    plain : int
        What is predicted where nothing is computed once more.
    kept, kept_plain : int
        What the sweep finds kept of f's run; what it would find then.
    flops, flops_plain : int
        The operations; those where nothing is computed once more.
    """

    budget: int
    predicted: int
    measured: int
    plain: int
    kept: int
    kept_plain: int
    flops: int
    flops_plain: int

    def __str__(self) -> str:
        more = self.flops / max(1, self.flops_plain) - 1
        return "\n".join(
            [
                f"budget     {show_bytes(self.budget)}",
                f"predicted  {show_bytes(self.predicted)}, of which "
                f"{show_bytes(self.kept)} are kept for the sweep",
                f"measured   {show_bytes(self.measured)}",
                f"plain      {show_bytes(self.plain)}, of which "
                f"{show_bytes(self.kept_plain)} are kept for the sweep",
                f"operations {self.flops:,}, {100 * more:.0f} % more than plain",
            ]
        )


class Budgeted:
    """The gradient of f, within a budget: what `grad(f, memory=...)` gives.

    Called as the gradient; `.report(*args)` tells what it takes.
    """

    __name__: str

    def __init__(
        self, f: Callable[..., Any], memory: int | str, with_value: bool, **options: Any
    ) -> None:
        limit = read_bytes(memory)
        if limit is None:
            raise ArgumentError(
                f"memory={memory!r} is no number of bytes: 200_000_000, "
                '"200MB" or "1GiB".'
            )
        functools.update_wrapper(self, f, updated=())
        self._f, self._limit, self._with_value = f, limit, with_value
        self._options = options
        self._plans: dict[Any, _Plan] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the gradient, with the value where that is asked for."""
        call = _Call(self._f, args, kwargs, **self._options)
        return call.arrange(self._plan(call).run(call.values), self._with_value)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        return f"<gradient of {name_of(self._f)} within {show_bytes(self._limit)}>"

    def report(self, *args: Any, **kwargs: Any) -> MemoryReport:
        """Run the gradient here, and tell what memory it should take, and takes.

        Returns
        -------
        MemoryReport
            Prints as text.

        Notes
        -----
        What it takes is measured by `tracemalloc`, which knows of NumPy's arrays.
        """
        call = _Call(self._f, args, kwargs, **self._options)
        return self._plan(call).report(self._limit, call.values)

    def _plan(self, call: _Call) -> _Plan:
        key = graph_key(call.closed.graph), call.moving
        plan = self._plans.get(key)
        if plan is None:
            plan = _Plan(self._f, call.closed.graph, call.moving, self._limit)
            if len(self._plans) == _PLANS:
                del self._plans[next(iter(self._plans))]
            self._plans[key] = plan
        return plan


class _Call:
    """One call: f as a Graph, and its inputs.

    Attributes
    ----------
    closed : Closed
    values : list
        What f has captured, what it is differentiated in, and its other arrays.
    moving : tuple of bool
        Which of the values it is differentiated in.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        argnums: Any,
        argnames: Any,
        has_aux: bool,
        holomorphic: bool,
    ) -> None:
        self._f, self._holomorphic = f, holomorphic
        self._arguments = Arguments(f, args, kwargs, argnums, argnames)
        self._output = Output(f, has_aux)
        self._aux: Any = None
        picked = self._arguments.leaves
        leaves, structure = tree.flatten((args, kwargs))
        others = [
            i
            for i, v in enumerate(leaves)
            if isinstance(v, np.ndarray) and all(v is not x for x in picked)
        ]

        def flat(*values: Any) -> list[Any]:
            filled = list(leaves)
            for i, v in zip(others, values[len(picked) :], strict=True):
                filled[i] = v
            args, kwargs = tree.unflatten(structure, filled)
            same = Arguments(f, args, kwargs, argnums, argnames)
            result = same.call(values[: len(picked)])
            y = one_scalar(f, self._output.take(result), self._output)
            return [y, *self._take_aux(result[1] if has_aux else None)]

        inputs = [*picked, *(leaves[i] for i in others)]
        self.closed: Closed = written_for(flat, inputs)[0]
        first = len(self.closed.values)
        self.values = [*self.closed.values, *inputs]
        self.moving = tuple(
            first <= k < first + len(picked) for k in range(len(self.values))
        )

    def _take_aux(self, aux: Any) -> list[Any]:
        """Keep what is not traced; the rest is given by the Graph."""
        leaves, structure = tree.flatten(aux)
        places = [i for i, v in enumerate(leaves) if isinstance(v, Tracer)]
        found = [leaves[i] for i in places]
        rest = [None if isinstance(v, Tracer) else v for v in leaves]
        self._aux = rest, structure, places
        return found

    def arrange(self, results: tuple[list[Any], list[Any]], with_value: bool) -> Any:
        """Give results the form that `grad` and `value_and_grad` give them."""
        (y, *traced), x_bars = results
        check_real(self._f, y, self._arguments.leaves, self._holomorphic)
        gradient = self._arguments.like_arguments(x_bars)
        leaves, structure, places = self._aux
        for i, v in zip(places, traced, strict=True):
            leaves[i] = v
        aux = tree.unflatten(structure, leaves)
        value = self._output.restore(own_values([y], self._arguments.are_floats))
        if with_value:
            return ((value, aux) if self._output.has_aux else value), gradient
        return (gradient, aux) if self._output.has_aux else gradient


class _Plan:
    """The Graph that computes value and gradient, and what it takes."""

    def __init__(
        self, f: Callable[..., Any], graph: Graph, moving: tuple[bool, ...], limit: int
    ) -> None:
        self.count = len(graph.outputs)
        ways = _ways(graph, moving)
        self.plain = ways[0].graph
        chosen = _fitting(f, ways, limit)
        self.graph, self.values = chosen
        self.dtype = self.graph.inputs[-1].type.dtype
        self._run = NumpyEngine().compile(self.graph)

    def run(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Give f's outputs, and the gradient."""
        results = list(self._run(*self.values, *values, self.dtype.type(1)))
        return results[: self.count], results[self.count :]

    def report(self, limit: int, values: Sequence[Any]) -> MemoryReport:
        """Run, and tell what it takes."""
        before = tracemalloc.is_tracing()
        if not before:
            tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            start, _ = tracemalloc.get_traced_memory()
            self.run(values)
            _, most = tracemalloc.get_traced_memory()
        finally:
            if not before:
                tracemalloc.stop()
        return MemoryReport(
            budget=limit,
            predicted=peak_memory(self.graph),
            measured=most - start,
            plain=peak_memory(self.plain),
            kept=_kept_bytes(self.graph),
            kept_plain=_kept_bytes(self.plain),
            flops=measure(self.graph).flops,
            flops_plain=measure(self.plain).flops,
        )


# ----- choosing -----


def _ways(graph: Graph, moving: tuple[bool, ...]) -> list[Closed]:
    """Write f and its pullback down as one Graph: as it is; and, where it has scans,
    with ever fewer of their states kept."""
    seeded = tuple(k == 0 for k in range(len(graph.outputs)))
    lengths = [e.params["length"] for e in graph.equations if _is_kept_scan(e)]
    variants = [graph]
    for r in range(1, _MOST_LEVELS + 1):
        if lengths and max(lengths) >= 2**r:
            variants.append(_checkpointed(graph, r))
    ways = []
    for variant in variants:
        pulled = pull_body(variant, moving, seeded, (False,) * sum(moving))
        ways.append(Closed(prune(pulled.graph), pulled.values))
    return ways


def _is_kept_scan(equation: Equation) -> bool:
    return equation.primitive is scan and equation.params.get("checkpoint") is None


def _checkpointed(graph: Graph, levels: int) -> Graph:
    """Let scans keep what they do with so many levels."""

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        if not _is_kept_scan(equation):
            return copy_equation(build, equation)
        count = states_kept(equation.params["length"], levels)
        params = {**equation.params, "checkpoint": count}
        return build.add(scan, equation.inputs, params, equation.source)

    return rebuild(graph, rewrite)


def _fitting(f: Callable[..., Any], ways: Sequence[Closed], limit: int) -> Closed:
    """Find the Graph of the fewest operations that fits into the limit.

    Raises
    ------
    BudgetError
        If none does.
    """
    searches = []
    for graph, values in ways:
        search = _Search(graph, limit)
        if found := search.found():
            return Closed(found, values)
        searches.append(search)
    smallest = min(search.smallest for search in searches)
    raise BudgetError(
        f"the gradient of {name_of(f)} does not fit into {show_bytes(limit)} (at "
        f"{user_source()}): without computing anything twice it takes "
        f"{show_bytes(peak_memory(ways[0].graph))}, and with that, "
        f"{show_bytes(smallest)} at least. Say memory={smallest}, or more."
    )


class _Search:
    """The search for what to keep between f and its pullback.

    Attributes
    ----------
    smallest : int
        The least memory that was met.
    """

    def __init__(self, graph: Graph, limit: int) -> None:
        self._graph, self._limit, self._late = graph, limit, _first_late(graph)
        self.smallest = peak_memory(graph)

    def found(self) -> Graph | None:
        """Give the Graph of the fewest operations that fits, if one does."""
        if self.smallest <= self._limit:
            return self._graph
        for kept in _cuts(self._graph, self._late):
            if graph := self._tried(kept):
                return graph
        fitting = filter(None, map(self._best, _stretches(self._graph, self._late)))
        return min(fitting, key=lambda graph: measure(graph).flops, default=None)

    def _best(self, stretch: _Stretch) -> Graph | None:
        """Keep as many of the last stretches whole as fit."""
        best = self._tried(stretch(0))
        low, high = 0, stretch.count
        while best is not None and high - low > 1:
            middle = (low + high) // 2
            more = self._tried(stretch(middle))
            if more is None:
                high = middle
            else:
                low, best = middle, more
        return best

    def _tried(self, kept: set[Var]) -> Graph | None:
        graph = rematerialize(self._graph, self._late, kept)
        peak = peak_memory(graph)
        self.smallest = min(self.smallest, peak)
        return graph if peak <= self._limit else None


def _cuts(graph: Graph, late: int) -> Iterator[set[Var]]:
    """Give the least to keep, for what is computed again the more the later."""
    owner = owners(graph)

    def light(equation: Equation) -> bool:
        return equation.primitive.name in LIGHT | MOVES

    def elementwise(equation: Equation) -> bool:
        return light(equation) or isinstance(equation.primitive, Elementwise)

    for again in (light, elementwise):
        yield least_kept(graph, late, again, lambda var: owner[var].type.nbytes)


class _Stretch:
    """What is kept where f's run is parted into stretches."""

    def __init__(self, graph: Graph, late: int, cuts: Sequence[int]) -> None:
        self.cuts, self.count = cuts, len(cuts)
        carries = carried(graph, late)
        self._between = set().union(*(carries[k] for k in cuts))
        places = {v: k for k, e in enumerate(graph.equations) for v in e.outputs}
        self._whole = [(places[var], var) for var in crossing(graph, late)]

    def __call__(self, whole: int) -> set[Var]:
        """Keep what is carried between stretches, and all of the last and of so many
        before it."""
        start = self.cuts[-1 - whole]
        return self._between | {var for place, var in self._whole if place >= start}


def _stretches(graph: Graph, late: int) -> Iterator[_Stretch]:
    count, seen = 2, 0
    while count <= late:
        cuts = stretches(graph, late, count)
        if len(cuts) <= seen:
            return
        seen = len(cuts)
        yield _Stretch(graph, late, cuts)
        count *= 2


def _first_late(graph: Graph) -> int:
    """Find the first equation that depends on the seed, the last input."""
    seed = graph.inputs[-1]
    for k, equation in enumerate(graph.equations):
        if seed in equation.inputs:
            return k
    return len(graph.equations)


def _kept_bytes(graph: Graph) -> int:
    """Count what early equations give and late ones use, each array once."""
    owner, given = owners(graph), set(graph.inputs)
    kept = {owner[var] for var in crossing(graph, _first_late(graph))} - given
    return sum(var.type.nbytes for var in kept)
