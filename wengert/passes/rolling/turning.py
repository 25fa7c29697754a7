"""Where a step begins: at the place that the fewest bytes are carried over.

A stretch of period p may be cut into steps at any of p places. What is given before the
cut and used after it is carried from step to step, so of

    v = sin x;  x = v + v;  v = sin x;  x = v + v; …

the step `v, x` carries x, and the step `x, v` carries v. Where both ends of a chain
of additions lie in one step, the parts can be stacked (chains.py).
"""

from __future__ import annotations

from wengert.passes.rolling.repeats import Stretch
from wengert.passes.rolling.steps import Carried, Inner, Loop, loops_in

__all__ = ["turned"]

# Shorter loops would lose too much by the step that is cut off.
_LONG = 8
_WIDEST = 2000


def turned(loop: Loop) -> Loop:
    """Give a loop of the same equations, but for one step, that carries the least."""
    if loop.length < _LONG or loop.period > _WIDEST:
        return loop
    carried = _carried_over(loop)
    best = min(range(loop.period), key=lambda cut: carried[cut])
    if carried[best] >= carried[0]:
        return loop
    stretch = Stretch(loop.period, loop.start + best, loop.stop)
    others = list(loops_in(loop.listing, stretch))
    longest = max(others, key=lambda other: other.length, default=loop)
    return longest if longest.length >= loop.length - 2 else loop


def _carried_over(loop: Loop) -> list[int]:
    """Give, for each place in a step, the bytes that are carried over it."""
    period, equations = loop.period, loop.listing.graph.equations
    reach: dict[int, int] = {}  # output → how many equations after it is it used
    for position, roles in enumerate(loop.roles):
        for role in roles:
            if isinstance(role, Inner):
                steps = 0
            elif isinstance(role, Carried):
                steps = len(role.starts)
            else:
                continue
            giver = loop.position(role.offset)
            distance = steps * period + position - giver
            reach[role.offset] = max(reach.get(role.offset, 0), distance)
    carried = [0] * period
    for offset, distance in reach.items():
        giver = loop.position(offset)
        equation = equations[loop.start + giver]
        var = equation.outputs[offset - loop.offset(giver)]
        for place in range(giver + 1, giver + distance + 1):
            carried[place % period] += var.type.nbytes
    return carried
