"""The pullback of a `scan` that keeps some of its states, and computes others anew.

On plain arrays the sweep follows the schedule of revolve.py: with c snapshots of what
is carried, it takes the least number of steps.

Under an outer derivative, or in a Graph, which is to hold loops as loops, the scan is
written as scans of scans: q runs of m steps, each run a `checkpoint`, so that q states
are kept, and m more of the run that is swept over:

    scan(length q):  checkpoint:  scan(length m):  checkpoint:  body

With r such levels a step is done r + 1 times and r·length^(1/r) states are kept, where
the schedule would keep about (r!)^(1/r)·length^(1/r), and do it r + 1 times too, that
within the sweep included.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.extract import extract
from wengert.graph.types import ArrayType
from wengert.primitives.bodies import input_types, output_types
from wengert.primitives.checkpointing import checkpoint
from wengert.primitives.loops import scan
from wengert.trace.bodies import stage_body
from wengert.trace.tracer import Tracer
from wengert.transforms.bodies import (
    Mask,
    moved_outputs,
    picked,
    pull_body,
    zeros_of,
)
from wengert.transforms.reverse import record_function
from wengert.transforms.revolve import fewest_snapshots, first_kept, schedule
from wengert.transforms.rules import or_zeros
from wengert.transforms.structured import Recorded

__all__ = ["Loop", "Snapshots", "record_checkpointed", "states_kept"]

# How many states are kept at one time; or "binomial".
Snapshots = int | str
# What "binomial" lets the states take: no more steps are done again than for that.
_BYTES = 2**25


class Loop(NamedTuple):
    """The params of a scan."""

    body: Graph
    length: int
    reverse: bool
    consts: int
    carries: int
    checkpoint: Snapshots

    @property
    def state_bytes(self) -> int:
        """How many bytes one state takes."""
        carried = input_types(self.body)[self.consts : self.consts + self.carries]
        return max(1, sum(t.nbytes for t in carried))

    def place(self, step: int) -> int:
        """Tell which slice a step takes."""
        return self.length - 1 - step if self.reverse else step


def record_checkpointed(x: Sequence[Any], moving: Mask, loop: Loop) -> Recorded:
    """Run a scan so that it can be swept over; what is carried and moves is known."""
    stacked = moved_outputs(loop.body, moving)[loop.carries :]
    moved = (*moving[loop.consts : loop.consts + loop.carries], *stacked)
    if not any(isinstance(v, Tracer) for v in x):
        return _Sweep(x, moving, moved, loop).recorded()

    levels = _levels(loop)

    def nested(*nodes: Any) -> Sequence[Any]:
        rest = iter(nodes)
        values = [next(rest) if m else v for v, m in zip(x, moving, strict=True)]
        return _nested(values, loop, levels)

    y, pull = record_function(nested, picked(x, moving))

    def pull_all(y_bars: Sequence[Any]) -> list[Any]:
        bars = iter(pull(y_bars))
        return [next(bars) if m else None for m in moving]

    return Recorded(tuple(y), moved, pull_all)


# ----- by the schedule, on arrays -----


class _Sweep:
    """One run of a scan on arrays, and the sweeps back over it."""

    def __init__(self, x: Sequence[Any], moving: Mask, moved: Mask, loop: Loop) -> None:
        over = loop.consts + loop.carries
        self.loop, self.moving, self.moved = loop, moving, moved
        self.consts, self.xs = x[: loop.consts], x[over:]
        self.snapshots = _snapshots(loop)
        # Of the first run; a sweep uses them up, but for the first.
        self.kept: dict[int, Sequence[Any]] = {0: tuple(x[loop.consts : over])}

    def recorded(self) -> Recorded:
        """Run the scan."""
        loop = self.loop
        keep, run = set(first_kept(loop.length, self.snapshots)), runner(loop.body)
        types = output_types(loop.body)[loop.carries :]
        ys = [np.empty((loop.length, *t.shape), t.dtype) for t in types]
        carry = self.kept[0]
        for step in range(loop.length):
            if step in keep:
                self.kept[step] = carry
            y = run(*self.consts, *carry, *self._slices(step))
            carry = y[: loop.carries]
            for stack, part in zip(ys, y[loop.carries :], strict=True):
                stack[loop.place(step)] = part
        return Recorded((*carry, *ys), self.moved, self._pull)

    def _pull(self, y_bars: Sequence[Any]) -> list[Any]:
        loop, moving, moved = self.loop, self.moving, self.moved
        kept, self.kept = self.kept, {0: self.kept[0]}
        over = loop.consts + loop.carries
        seeded = tuple(
            m and (k < loop.carries or bar is not None)
            for k, (m, bar) in enumerate(zip(moved, y_bars, strict=True))
        )
        seeds = picked(y_bars[loop.carries :], seeded[loop.carries :])
        bars = [zeros_of(v) for v in picked(self.consts, moving[: loop.consts])]
        bars += [
            or_zeros(bar, like)
            for bar, like, m in zip(y_bars, kept[0], moved, strict=False)
            if m
        ]
        x_bars = [np.empty_like(x) for x in picked(self.xs, moving[over:])]
        back = _step_back(loop, moving, seeded)
        rest = iter([*self._swept(kept, back, seeds, bars, x_bars), *x_bars])
        return [next(rest) if m else None for m in moving]

    def _swept(
        self,
        kept: dict[int, Sequence[Any]],
        back: Callable[..., Sequence[Any]],
        seeds: Sequence[Any],
        bars: Sequence[Any],
        x_bars: Sequence[Any],
    ) -> Sequence[Any]:
        """Follow the schedule; fill the cotangents of slices, give all others."""
        forward, carry, count = _onward(self.loop), kept[0], len(bars)
        for what, start, stop in schedule(
            self.loop.length, self.snapshots, sorted(kept)
        ):
            match what:
                case "restore":
                    carry = kept[start]
                case "drop":
                    del kept[start]
                case "keep":
                    kept[start] = carry
                case "advance":
                    for step in range(start, stop):
                        carry = forward(*self.consts, *carry, *self._slices(step))
                case _:
                    at, taken = self.loop.place(start), self._slices(start)
                    given = (*self.consts, *carry, *taken, *bars)
                    parts = back(*given, *(seed[at] for seed in seeds))
                    bars = parts[:count]
                    for x_bar, part in zip(x_bars, parts[count:], strict=True):
                        x_bar[at] = part
        return bars

    def _slices(self, step: int) -> list[Any]:
        k = self.loop.place(step)
        return [x[k] for x in self.xs]


def _onward(loop: Loop) -> Callable[..., Sequence[Any]]:
    """Make the function that goes one step on."""
    body = loop.body
    return runner(extract(body, body.inputs, body.outputs[: loop.carries]))


def _step_back(loop: Loop, moving: Mask, seeded: Mask) -> Callable[..., Sequence[Any]]:
    """Make the function that sweeps over one step: of constants, state and slices, the
    cotangents of constants and state, and those of what is stacked."""
    body, consts = loop.body, loop.consts
    count = sum(moving[:consts])
    added = tuple(k < count for k in range(sum(moving)))
    graph, values = pull_body(body, moving, seeded, added)
    bars = graph.outputs[len(body.outputs) :]
    back = runner(extract(graph, graph.inputs, bars))
    return functools.partial(back, *values)


# ----- as scans of scans, in Graphs -----


def _nested(x: Sequence[Any], loop: Loop, levels: int) -> Sequence[Any]:
    """Be the scan: runs of steps, and the steps that are left over."""
    if levels == 1:
        return _run(x, loop, _wrapped(loop.body))
    runs = _root(loop.length, levels)
    steps = loop.length // runs
    done = runs * steps
    part = _part(loop._replace(length=steps), levels - 1)
    start = loop.consts + loop.carries
    fixed, carry, over = x[: loop.consts], x[loop.consts : start], x[start:]
    main, rest = slice(0, done), slice(done, None)
    if loop.reverse:
        main, rest = slice(loop.length - done, None), slice(0, loop.length - done)
    parted = [np.reshape(v[main], (runs, steps, *v.shape[1:])) for v in over]
    y = _run([*fixed, *carry, *parted], loop._replace(length=runs), part)
    carry, ys = y[: loop.carries], y[loop.carries :]
    ys = [np.reshape(v, (done, *v.shape[2:])) for v in ys]
    if done < loop.length:
        left = loop._replace(length=loop.length - done)
        z = _nested([*fixed, *carry, *(v[rest] for v in over)], left, 1)
        carry, pairs = z[: loop.carries], zip(ys, z[loop.carries :], strict=True)
        ys = [np.concatenate(p[::-1] if loop.reverse else p) for p in pairs]
    return [*carry, *ys]


def _run(x: Sequence[Any], loop: Loop, body: Graph) -> Sequence[Any]:
    params = loop._replace(body=body)._asdict()
    del params["checkpoint"]
    y: Sequence[Any] = scan(*x, **params)
    return y


@functools.lru_cache(256)
def _part(loop: Loop, levels: int) -> Graph:
    """Make the body of which each step is a run of several."""
    over = loop.consts + loop.carries
    types = [
        t if k < over else ArrayType((loop.length, *t.shape), t.dtype)
        for k, t in enumerate(input_types(loop.body))
    ]
    graph, values = stage_body(lambda *x: _nested(x, loop, levels), types)
    assert not values
    return _wrapped(graph)


@functools.lru_cache(256)
def _wrapped(body: Graph) -> Graph:
    """Make the Graph that is a checkpointed call of a Graph."""
    build = GraphBuilder()
    inputs = [build.input(t) for t in input_types(body)]
    params = {"body": body, "policy": "nothing"}
    return build.finish(build.add(checkpoint, inputs, params))


# ----- how many -----


def _snapshots(loop: Loop) -> int:
    """Choose how many states the schedule may keep."""
    if isinstance(loop.checkpoint, int):
        return min(loop.checkpoint, loop.length)
    return _least(loop, lambda r: fewest_snapshots(loop.length, r))[1]


def _levels(loop: Loop) -> int:
    """Choose how many scans there are, one inside the other."""
    return _least(loop, lambda r: states_kept(loop.length, r))[0]


def states_kept(length: int, levels: int) -> int:
    """Tell how many states scans of scans keep at one time."""
    return levels * _root(length, levels)


def _least(loop: Loop, count: Callable[[int], int]) -> tuple[int, int]:
    """Find the least number r of repetitions for which the states may be kept, and how
    many these are; where none is enough, the one that keeps the fewest."""
    limit = loop.checkpoint
    if not isinstance(limit, int):
        limit = _BYTES // loop.state_bytes
    r = 1
    while count(r) > limit and count(r + 1) < count(r):
        r += 1
    return r, count(r)


def _root(length: int, levels: int) -> int:
    """Give the least q with q^levels ≥ length."""
    q: int = max(1, round(length ** (1 / levels)) - 1)
    while q**levels < length:
        q += 1
    return q
