"""The branch: one of several Graphs, by an index.

    y = switch(k, x): y = branches[k](x)

Its derivative is a `switch` of the branches' derivatives (transforms/branching.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.primitive import Sample, Structured, register
from wengert.graph.types import ArrayType
from wengert.primitives.arithmetic import add, multiply
from wengert.primitives.bodies import check_inputs, flops, output_types
from wengert.primitives.samplers import arrays
from wengert.primitives.trigonometric import sin

__all__ = ["switch"]


def _run(index: Any, *operands: Any, branches: tuple[Graph, ...]) -> tuple[Any, ...]:
    k = min(max(int(index), 0), len(branches) - 1)
    return tuple(runner(branches[k])(*operands))


def _type(
    index: ArrayType, *operands: ArrayType, branches: tuple[Graph, ...]
) -> tuple[ArrayType, ...]:
    if index.shape != () or index.dtype.kind not in "iub":
        raise ShapeError(f"switch: its index is {index}, no single integer")
    types = output_types(branches[0])
    for k, branch in enumerate(branches):
        check_inputs("switch", f"branch {k}", branch, operands)
        if output_types(branch) != types:
            raise ShapeError(
                f"switch: branch {k} gives {output_types(branch)}, but branch 0 {types}"
            )
    return types


def _cost(types: Any, y: Any, *, branches: tuple[Graph, ...]) -> int:
    return max(map(flops, branches))


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    vector, scalar = ArrayType((3,), dtype), ArrayType((), dtype)
    branches = []
    for row in (multiply, add):
        build = GraphBuilder()
        x, a = build.input(vector), build.input(scalar)
        (s,) = build.add(sin, [x], {})
        branches.append(build.finish([*build.add(row, [s, a], {}), a]))
    for k in (0, 1, 7):
        inputs = np.int64(k), arrays(rng, dtype, (3,)), arrays(rng, dtype, ())
        yield Sample(inputs, {"branches": tuple(branches)})


switch = register(
    Structured(
        name="switch",
        numpy=(),
        impl=_run,
        type=_type,
        cost=_cost,
        samples=_samples,
        ref="the chain rule on the branch taken; Griewank & Walther (2008), ch. 14, "
        "for what that means where branches meet",
    )
)
