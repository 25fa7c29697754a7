"""Simplify a Graph by algebra that holds for floating-point numbers too.

Law: for all inputs, `simplify(graph)` gives the outputs of `graph`, bit for bit, where
all values are finite; where some are inf or nan, inf and nan stay in their places, and
at most the sign of a zero beside them differs (by `scale`). Types never change.

What real numbers allow and floating-point numbers do not is left alone: x + 0 is not x
(for -0.0), x·0 is not 0, x - x is not 0, (x + y) - y is not x, x/3 is not x·(1/3), and
-(x - y) is not y - x. A complex product with 1 turns the sign of zeros, so most rules
on products are for real numbers only.

The rules stand in `rules.py`, a table of small functions.

Before, and after (with `prune`):

```
graph(v0: f64[]) {                      graph(v0: f64[]) {
  v1: f64[] = scale 1.0 v0                v1: f64[] = cos v0
  v2: f64[] = multiply v1 -1              v2: f64[] = subtract v1 v0
  v3: f64[] = cos v0                      return v2
  v4: f64[] = add v3 v2                 }
  return v4
}
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from wengert.graph import (
    ArrayType,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Literal,
    Var,
    strong,
)
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.passes.narrow import map_inner
from wengert.passes.rules import GIVERS, LOOKING, RULES, Term

__all__ = ["fold", "simplify"]


def simplify(graph: Graph) -> Graph:
    """Apply RULES and constant folding to every equation, in order.

    Bodies of loops and branches are simplified too. Equations that are no longer used
    stay: `prune` drops them.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> from wengert.passes.prune import prune
    >>> print(prune(simplify(parse('''graph(x: f64[], y: f64[]) {
    ...     a = multiply y 1.0
    ...     b = negative a
    ...     c = subtract x b
    ...     d = add 2.0 3.0
    ...     e = multiply c d
    ...     return e
    ... }'''))))
    graph(v-1: f64[], v0: f64[]) {
      v1: f64[] = add v-1 v0
      v2: f64[] = multiply v1 f64(5.0)
      return v2
    }
    """
    givers: dict[Var, Term] = {}
    guarded = {guard.var for guard in graph.guards}

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        if equation.primitive.is_tuple:
            params = map_inner(equation.params, simplify)
            return copy_equation(build, replace(equation, params=params))
        if not _may_change(equation, givers):
            return copy_equation(build, equation)
        (output,) = equation.outputs
        term = Term.of(equation, givers)
        simplest = _simplest(term)
        if isinstance(simplest, Var):
            return (simplest,)
        # A guard needs a var, so a var with a guard is not folded into a number.
        folded = fold(simplest) if output not in guarded else None
        if folded is not None:
            return (folded,)
        if simplest is term:
            outputs = copy_equation(build, equation)
        else:
            outputs = simplest.enter(build, equation.source)
        if simplest.primitive.name in GIVERS:
            givers[outputs[0]] = simplest
        return outputs

    return rebuild(graph, rewrite)


def _may_change(equation: Equation, givers: Mapping[Var, Term]) -> bool:
    """Tell at a glance whether an equation needs to be looked at."""
    name = equation.primitive.name
    if name in GIVERS:
        return True
    if name in LOOKING:
        return any(type(x) is Literal or x in givers for x in equation.inputs)
    if name in RULES:
        return True
    return all(type(x) is Literal for x in equation.inputs)


def fold(term: Term) -> Literal | None:
    """Compute an equation whose inputs are all numbers, if it gives a number."""
    if term.type.shape or not term.inputs:
        return None
    values = [atom.value for atom in term.inputs if isinstance(atom, Literal)]
    if len(values) < len(term.inputs):
        return None
    try:
        with np.errstate(all="ignore"):
            y = term.primitive(*strong(values), **term.params)
    except (ArithmeticError, TypeError, ValueError):
        return None  # what fails now shall fail when the Graph runs
    # 1j + np.float64(1) is a Python complex: its type is that of c128 all the same.
    return Literal(np.asarray(y)[()]) if ArrayType.of(y) == term.type else None


def _simplest(term: Term) -> Term | Var:
    """Apply rules until none applies: each leaves fewer operations, or simpler ones."""
    while True:
        simpler = _step(term)
        if not isinstance(simpler, Term):
            return term if simpler is None else simpler
        term = simpler


def _step(term: Term) -> Term | Var | None:
    for rule in RULES.get(term.primitive.name, ()):
        simpler = rule(term)
        # x·1 of a float32 x and a float64 1 is a float64: no rule may drop that.
        if isinstance(simpler, Term | Var) and simpler.type == term.type:
            return simpler
    return None
