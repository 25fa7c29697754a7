"""Find the loops again that tracing unrolled.

Law: for all inputs, `reroll(graph)` gives the outputs of `graph`, but for rounding:
what many steps add to one array is added in another order. Guards are checked after the
loop in whose steps they were asked.

A Python loop is traced into equal steps, one after the other. They are found by their
signs, as repeats in a sequence of numbers; what each input of a step is over all steps
tells what the loop carries, reads and stacks. Reads of what was just written into an
array go before, so that elements are carried as numbers.

Before, and after, for `for _ in range(1000): x = np.sin(x)`:

```
graph(v0: f64[]) {                graph(v0: f64[]) {
  v1: f64[] = sin v0                v1: f64[] = scan[body=graph(v0: f64[]) {
  v2: f64[] = sin v1                    v1: f64[] = sin v0
  …                                     return v1
  v1000: f64[] = sin v999             }, carries=1, consts=0, length=1000, …] v0
  return v1000                      return v1
}                                 }
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph import Graph
from wengert.passes.elements import forward_reads
from wengert.passes.prune import drop_dead, prune
from wengert.passes.rereading import reread
from wengert.passes.rolling.handing import hand_in
from wengert.passes.rolling.listing import Listing
from wengert.passes.rolling.owners import Owners
from wengert.passes.rolling.repeats import Stretch, repeats
from wengert.passes.rolling.steps import FEWEST, SHORTEST, Loop, loops_in
from wengert.passes.rolling.turning import turned
from wengert.passes.rolling.writing import Shared, write
from wengert.primitives.checkpointing import SCHEDULED

__all__ = ["reroll"]

_MULTIPLES = 4  # of a period of signs that may be the period of the steps


def reroll(graph: Graph) -> Graph:
    """Replace runs of equal steps by scans; nested loops, from the inside out.

    Parameters
    ----------
    graph : Graph
        Best after `simplify` and `prune`.

    Returns
    -------
    Graph
        What has no equal steps stays as it is.

    Notes
    -----
    Cost: O(n log² n) for n equations.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import trace
    >>> def f(x):
    ...     for _ in range(1000):
    ...         x = np.sin(x)
    ...     return x
    >>> len(trace(f, 0.5).equations), len(reroll(trace(f, 0.5)).equations)
    (1000, 1)
    """
    if len(graph.equations) < SHORTEST or _is_scheduled(graph):
        return graph
    read = reread(forward_reads(graph))
    graph = graph if read is graph else drop_dead(read)
    shared = Shared()
    while len(graph.equations) >= FEWEST:
        listing = Listing(graph)
        owners = Owners(listing)
        for loop in sorted(_loops(listing), key=lambda loop: loop.start):
            owners.enter(loop)
        if not owners.loops:
            break
        hand_in(owners.loops)
        rolled = write(listing, owners, shared)
        if len(rolled.equations) >= len(graph.equations):
            break
        graph = rolled
    return prune(graph)


def _is_scheduled(graph: Graph) -> bool:
    """Tell whether the order of equations is chosen for their memory: a loop would
    stack what its steps give, kept or not."""
    return any(e.params.get("policy") == SCHEDULED for e in graph.equations)


def _loops(listing: Listing) -> list[Loop]:
    """Find loops that have no equations in common, those of short steps first."""
    taken = np.zeros(len(listing.signs), bool)
    found = []
    # A few equations that are loops themselves are worth a loop.
    equations = listing.graph.equations
    nested = any(equation.primitive.name == "scan" for equation in equations)
    shortest = FEWEST if nested else SHORTEST
    stretches = repeats(listing.signs, shortest=shortest, steps=FEWEST)
    for period, start, stop in stretches:
        for low, high in _free(taken, start, stop):
            for multiple in range(1, _MULTIPLES + 1):
                stretch = Stretch(period * multiple, low, high)
                if high - low < FEWEST * stretch.period:
                    break
                loops = list(map(turned, loops_in(listing, stretch)))
                for loop in loops:
                    taken[loop.start : loop.stop] = True
                    found.append(loop)
                if loops:
                    break
    return found


def _free(taken: Any, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Find the parts of a stretch in which there is no loop yet."""
    edges = np.flatnonzero(np.diff(taken[start:stop])) + 1
    ends = [start, *(edges + start).tolist(), stop]
    for low, high in zip(ends[:-1], ends[1:], strict=True):
        if not taken[low]:
            yield low, high
