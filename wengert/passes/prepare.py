"""All passes, in their order: from a Graph as it was traced to one worth compiling."""

from __future__ import annotations

from wengert.garbage import uncollected
from wengert.graph import Graph
from wengert.passes.accumulate import accumulate
from wengert.passes.expand import expand
from wengert.passes.layout import in_memory_order
from wengert.passes.prune import prune
from wengert.passes.recompute import recompute
from wengert.passes.reroll import reroll
from wengert.passes.simplify import simplify
from wengert.passes.triangles import solve_triangles
from wengert.passes.uniform import broadcast_uniform

__all__ = ["prepare"]


def prepare(graph: Graph, native: bool = True) -> Graph:
    """Make an equal Graph that is cheaper to run.

    Parameters
    ----------
    graph : Graph
        Fresh from the trace: captured arrays that only it holds become numbers.
    native : bool
        Whether for machine code. Then compound primitives are written out in simpler
        ones, and equal steps become loops again; results are the same to rounding.
    """
    with uncollected():
        graph = prune(simplify(in_memory_order(broadcast_uniform(graph))))
        if not native:
            return graph
        rolled = recompute(accumulate(reroll(expand(solve_triangles(graph)))))
        return graph if rolled is graph else prune(simplify(rolled))
