"""A call whose values are not kept: `checkpoint`, and names for values that may be.

    y = checkpoint(x): y = body(x)

To passes the call is one operation. So what its derivative computes once more is never
merged with what was computed before, and held until then. Which values are kept all the
same, `policy` says to the derivative (transforms/checkpoints.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.primitive import Sample, Structured, register
from wengert.graph.types import ArrayType
from wengert.primitives.batches import aligned
from wengert.primitives.bodies import check_inputs, flops, output_types
from wengert.primitives.branching import switch
from wengert.primitives.forms import linear
from wengert.primitives.samplers import cases

__all__ = ["SCHEDULED", "checkpoint", "checkpoint_name"]

# The policy that keeps nothing, of calls in a Graph whose order is chosen for the
# memory it takes: passes leave the order as it is.
SCHEDULED = "scheduled"


def _run(*inputs: Any, body: Graph, policy: Any) -> tuple[Any, ...]:  # noqa: ARG001
    return tuple(runner(body)(*inputs))


def _type(
    *types: ArrayType,
    body: Graph,
    policy: Any,  # noqa: ARG001
) -> tuple[ArrayType, ...]:
    check_inputs("checkpoint", "body", body, types)
    return output_types(body)


def _cost(types: Any, y: Any, *, body: Graph, **_: Any) -> int:
    return flops(body)


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    sample, *_ = switch.samples(rng, dtype)
    for body in sample.params["branches"]:
        for policy in ("nothing", "everything", "products"):
            params = {"body": body, "policy": policy}
            yield Sample(sample.inputs[1:], params)


checkpoint = register(
    Structured(
        name="checkpoint",
        numpy=(),
        impl=_run,
        type=_type,
        cost=_cost,
        samples=_samples,
        ref="Griewank & Walther (2008), ch. 12",
    )
)

checkpoint_name = linear(
    "checkpoint_name", (),
    impl=lambda x, name: x.copy(),  # noqa: ARG005
    type=lambda x, name: x,  # noqa: ARG005
    transpose=lambda x, y_bar, name: y_bar,  # noqa: ARG005
    batch=aligned,
    sample=cases(([()], {"name": "a"}), ([(2, 3)], {"name": "b"})),
    ref="the identity; its name is for policies of checkpoint",
)  # fmt: skip
