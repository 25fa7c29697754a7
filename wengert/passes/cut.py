"""The least to keep: a minimal cut through the values of a Graph.

Each value is a pipe as wide as its bytes. Water springs up in what cannot be computed
once more, flows along the operations that can, and drains in what is used late. The
narrowest set of pipes that stops it is the least to keep (Ford & Fulkerson, 1956).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from wengert.graph import Equation, Graph, Var
from wengert.graph.extract import used_vars
from wengert.passes.rematerialize import crossing

__all__ = ["least_kept"]

_WIDEST = 2**30  # SciPy's flows are 32-bit integers


def least_kept(
    graph: Graph,
    late: int,
    again: Callable[[Equation], bool],
    nbytes: Callable[[Var], int],
) -> set[Var]:
    """Find what to keep of early equations so that all that is used late can be had.

    Parameters
    ----------
    graph : Graph
    late : int
        The index of the first late equation.
    again : callable
        Tells whether an early equation may be computed once more.
    nbytes : callable
        What it takes to keep a var.

    Returns
    -------
    set of Var
        Inputs and captures are there anyway, and never among them.
    """
    early = graph.equations[:late]
    given = [var for equation in early for var in equation.outputs]
    place = {var: k for k, var in enumerate(given)}
    spring, drain = 2 * len(given), 2 * len(given) + 1
    unit = max(1, sum(map(nbytes, given)) // (_WIDEST // 2))
    pipes = {(2 * k, 2 * k + 1): -(-nbytes(v) // unit) for v, k in place.items()}
    for equation in early:
        sources = [2 * place[v] + 1 for v in used_vars(equation.inputs) if v in place]
        for var in equation.outputs:
            for source in sources if again(equation) else [spring]:
                pipes[source, 2 * place[var]] = _WIDEST
    for var in crossing(graph, late):
        pipes[2 * place[var] + 1, drain] = _WIDEST
    rows, columns = np.array(list(pipes), np.int32).reshape(-1, 2).T
    widths = np.array(list(pipes.values()), np.int32)
    net = csr_array((widths, (rows, columns)), shape=(drain + 1, drain + 1))
    flow = maximum_flow(net, spring, drain).flow
    free = csr_array(net - flow)
    free.eliminate_zeros()
    reached = set(breadth_first_order(free, spring, return_predecessors=False).tolist())
    return {
        v for v, k in place.items() if 2 * k in reached and 2 * k + 1 not in reached
    }
