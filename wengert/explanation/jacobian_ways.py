"""The ways to a Jacobian: sweeps one by one or together, compressed, or eliminated.

Each is counted in Graphs of what it runs: of one tangent for each argument, of one
adjoint sweep for each output. In such a Graph, what depends on a seed is there once for
each seed, and the rest, partial derivatives among it, once for all seeds that travel
together (operators/basis.py tells how many do).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from wengert.analysis.cost import Work, held_bytes, loop_steps, measure
from wengert.errors import ArgumentError, WengertError
from wengert.explanation.cost_report import Way
from wengert.graph.equations import Graph, Var
from wengert.graph.types import ArrayType, is_inexact
from wengert.operators.basis import at_once
from wengert.operators.jacobian import sparsely
from wengert.passes.prune import prune
from wengert.trace.staging import stage_function
from wengert.transforms.accumulation import accumulate
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = [
    "Counted",
    "adjoint_of",
    "compressed_ways",
    "eliminated_ways",
    "forward_ways",
    "kept_bytes",
    "reverse_ways",
    "tangent_of",
    "tape_peak",
]

Flat = Callable[..., list[Any]]
# Of more arguments or outputs than these, one Graph stands for all.
_MOST_PARTS = 16
# Of more numbers than these, elimination is not tried.
_MOST_ELEMENTS = 400


@dataclass(frozen=True)
class Counted:
    """A Graph whose last inputs are seeds, and the steps that its loops take.

    Attributes
    ----------
    graph : Graph
    seeds : int
        How many of its inputs are seeds.
    steps : mapping
        From `loop_steps`.
    """

    graph: Graph
    seeds: int
    steps: Mapping[Any, int]

    @classmethod
    def of(cls, f: Flat, xs: Sequence[Any], seeds: Sequence[Any] = ()) -> Counted:
        """Trace f of xs and seeds."""
        values = [*xs, *seeds]
        graph = replace(stage_function(f, values)[1], guards=())
        return cls(graph, len(seeds), loop_steps(graph, values))

    def work(self, copies: Mapping[Var, int] | None = None) -> Work:
        """Measure the Graph."""
        return measure(self.graph, copies, self.steps)

    @property
    def depending(self) -> set[Var]:
        """What depends on a seed, those excluded."""
        return _depending(self.graph, self._seeded)

    @property
    def once(self) -> Work:
        """Of what is computed once for all seeds."""
        return self.work(dict.fromkeys(self.depending, 0))

    @property
    def each(self) -> Work:
        """Of what is computed once for each seed."""
        made = {v for e in self.graph.equations for v in e.outputs}
        return self.work(dict.fromkeys(made - self.depending, 0))

    @property
    def _seeded(self) -> Sequence[Var]:
        return self.graph.inputs[len(self.graph.inputs) - self.seeds :]

    def directions(self, sizes: Sequence[int]) -> dict[Var, int]:
        """Count, for what depends on seeds, the unit seeds that reach it."""
        found: dict[Var, int] = {}
        for seed, size in zip(self._seeded, sizes, strict=True):
            for var in _depending(self.graph, [seed]):
                found[var] = found.get(var, 0) + size
        return found


def tangent_of(flat: Flat, xs: Sequence[Any], seeded: Iterable[int]) -> Counted:
    """Trace f with one tangent, which may be other than zero for some arguments."""
    places = list(seeded)

    def push(*values: Any) -> list[Any]:
        dots: list[Any] = [None] * len(xs)
        for i, dot in zip(places, values[len(xs) :], strict=True):
            dots[i] = dot
        ys, (y_dots,) = push_function(flat, values[: len(xs)], [dots])
        return [*ys, *(dot for dot in y_dots if dot is not None)]

    return Counted.of(push, xs, [_ones(ArrayType.of(xs[i])) for i in places])


def adjoint_of(
    flat: Flat, xs: Sequence[Any], ys: Sequence[ArrayType], seeded: Iterable[int]
) -> Counted:
    """Trace f with one adjoint sweep, from some outputs."""
    places = list(seeded)

    def pull(*values: Any) -> list[Any]:
        outputs, pullback = record_function(flat, values[: len(xs)])
        y_bars: list[Any] = [None] * len(ys)
        for k, y_bar in zip(places, values[len(xs) :], strict=True):
            y_bars[k] = y_bar
        return [*outputs, *pullback(y_bars)]

    return Counted.of(pull, xs, [_ones(ys[k]) for k in places])


def forward_ways(
    flat: Flat, xs: Sequence[Any], whole: Counted, result: int
) -> tuple[Way, ...]:
    """Count unit tangents: f run for each of them, or for all."""
    sizes, nbytes = [x.size for x in xs], [x.nbytes for x in xs]
    n, seeds = sum(sizes), sum(nbytes)
    apart = 1 < len(xs) <= _MOST_PARTS
    parts = [tangent_of(flat, xs, [i]) for i in range(len(xs))] if apart else [whole]
    counts = sizes if apart else [n]
    single = [part.work() for part in parts]
    slow = Way(
        "forward, one by one", "forward", n,
        _sum(counts, (w.flops for w in single)),
        _sum(counts, (w.bytes for w in single)) + 2 * result,
        max((w.peak for w in single), default=0) + seeds + result,
    )  # fmt: skip
    together = at_once(n, xs)
    if together:
        padded = -(-n // together) * together
        work = whole.work(dict.fromkeys(whole.depending, padded))
        flops, moved, peak = work.flops, work.bytes, work.peak + padded * seeds
    else:
        each, once = [part.each for part in parts], whole.once
        flops = once.flops + _sum(counts, (w.flops for w in each))
        moved = once.bytes + _sum(counts, (w.bytes for w in each))
        peak = whole.work(whole.directions(sizes)).peak + _sum(sizes, nbytes)
    fast = Way(
        "forward, all at once", "forward", n, flops, moved + 2 * result, peak + result
    )
    return slow, fast


def reverse_ways(
    flat: Flat,
    xs: Sequence[Any],
    ys: Sequence[ArrayType],
    primal: Counted,
    whole: Counted,
    kept: int,
) -> tuple[Way, ...]:
    """Count unit cotangents, which share one run of f; `kept` bytes of it."""
    wanted = [k for k, y in enumerate(ys) if is_inexact(y.dtype)]
    apart = 1 < len(wanted) <= _MOST_PARTS
    parts = [adjoint_of(flat, xs, ys, [k]) for k in wanted] if apart else [whole]
    sizes = [ys[k].size for k in wanted] if apart else [sum(ys[k].size for k in wanted)]
    run = primal.work()
    m, n = sum(ys[k].size for k in wanted), sum(x.size for x in xs)
    itemsize = max(ys[k].dtype.itemsize for k in wanted)
    flops = moved = fast_flops = fast_moved = peak = fast_peak = 0
    batched = False
    for part, size in zip(parts, sizes, strict=True):
        work = part.work()
        flops += size * (work.flops - run.flops)
        moved += size * (work.bytes - run.bytes)
        together = at_once(size, [SimpleNamespace(size=size), *xs])
        batched |= together > 0
        batches = -(-size // together) if together else size
        once, each = part.once, part.each
        fast_flops += batches * (once.flops - run.flops) + size * each.flops
        fast_moved += batches * (once.bytes - run.bytes) + size * each.bytes
        peak = max(peak, tape_peak(primal, part, kept))
        fast_peak = max(fast_peak, tape_peak(primal, part, kept, max(together, 1)))
    result, seeds = m * n * itemsize, m * itemsize
    ways = [
        Way(
            "reverse", "reverse", m, run.flops + flops, run.bytes + moved + 2 * result,
            peak + seeds + result,
        )
    ]  # fmt: skip
    if batched:
        ways.append(
            Way(
                "reverse, all at once", "reverse", m, run.flops + fast_flops,
                run.bytes + fast_moved + 2 * result,
                fast_peak + m * seeds + result,
            )
        )  # fmt: skip
    return tuple(ways)


def compressed_ways(
    flat: Flat, xs: Sequence[Any], dense: int, of: str = "Jacobian"
) -> Iterator[Way]:
    """Count the sweeps that show all entries of a sparse matrix, if they are fewer.

    Parameters
    ----------
    flat : callable
        With inexact outputs alone.
    xs : sequence
    dense : int
        How many sweeps there are without colours.
    of : "Jacobian" or "Hessian"
        Of the one scalar that flat gives, for a Hessian.
    """
    if dense < 2:
        return
    call = SimpleNamespace(flat=flat, leaves=list(xs), check=lambda *_: None)
    try:
        if of == "Hessian":
            found = sparsely("SparseHessian")().found(call)
        else:
            found = sparsely("SparseJacobian")().found(call)
    except (WengertError, ImportError):
        return  # too dense, or no SciPy
    made = found.compression
    if made.sweeps >= dense:
        return
    values = [*xs, *map(np.zeros_like, xs)]
    swept = Counted(found.graph, len(xs), loop_steps(found.graph, values))
    forward, reverse = made.colors.forward, made.colors.reverse
    work = swept.work(dict.fromkeys(swept.depending, forward + 2 * reverse))
    once, each = swept.once, swept.each
    # The map is traced at each call, which runs it; so does the tape of sweeps back.
    runs, more = 1 + (forward > 0) + (reverse > 0), 1 + (reverse > 0)
    yield Way(
        f"compressed {of}", "sparse", made.sweeps,
        runs * once.flops + (made.sweeps + more) * each.flops,
        runs * once.bytes + (made.sweeps + more) * each.bytes,
        work.peak,
    )  # fmt: skip


def eliminated_ways(flat: Flat, xs: Sequence[Any], graph: Graph) -> Iterator[Way]:
    """Count what vertex elimination does, where f is small enough to be tried."""
    made = (v.type.size for e in graph.equations for v in e.outputs)
    if sum(made) + sum(x.size for x in xs) > _MOST_ELEMENTS:
        return
    try:
        written = prune(accumulate(flat, xs).graph)
    except ArgumentError:
        return
    work = measure(written)
    yield Way("eliminated, for jit", "eliminate", 1, work.flops, work.bytes, work.peak)


def _computed(part: Counted, primal: Counted) -> set[Var]:
    """Give what f computes, with which the Graph of its sweep begins."""
    own = part.graph.equations[: len(primal.graph.equations)]
    return {var for equation in own for var in equation.outputs}


def tape_peak(primal: Counted, adjoint: Counted, kept: int, together: int = 1) -> int:
    """Count the bytes at the worst moment of a run on a tape, with its sweep back.

    Parameters
    ----------
    primal, adjoint : Counted
        f, and f with its sweep.
    kept : int
        Bytes that the tape holds of f's values.
    together : int
        How many seeds travel together.
    """
    # What f has computed is counted by what is kept of it.
    copies = dict.fromkeys(_computed(adjoint, primal), 0)
    copies |= dict.fromkeys(adjoint.depending, together)
    return max(primal.work().peak, kept + adjoint.work(copies).peak)


def kept_bytes(graph: Graph, vars: Iterable[Var]) -> int:
    """Count the bytes of what is kept of f's run, without what the caller holds."""
    given = {*graph.inputs, *(capture.var for capture in graph.captures)}
    return held_bytes(graph, vars) - held_bytes(graph, given)


def _sum(counts: Iterable[int], values: Iterable[int]) -> int:
    return sum(a * b for a, b in zip(counts, values, strict=True))


def _depending(graph: Graph, vars: Sequence[Var]) -> set[Var]:
    depending: set[Any] = set(vars)
    for equation in graph.equations:
        if not depending.isdisjoint(equation.inputs):
            depending.update(equation.outputs)
    return depending.difference(vars)


def _ones(type_: ArrayType) -> Any:
    return np.ones(type_.shape, type_.dtype)[()]
