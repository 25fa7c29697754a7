"""Guards: leave where Python would take another branch."""

from __future__ import annotations

from wengert.engines.c.nest import Context
from wengert.engines.c.text import constant
from wengert.engines.loops.expressions import FLOATS
from wengert.engines.loops.program import Check

__all__ = ["emit_check"]


def emit_check(context: Context, step: Check) -> None:
    """Add a guard: return its code where it does not hold."""
    type, x = step.buffer.type, f"{context.pointers[step.buffer]}[0]"
    if isinstance(step.told, bool):
        bad = f"{x} {'==' if step.told else '!='} 0"
    elif type in FLOATS:
        bad = f"!({_between(x, step.told, type)})"
    else:
        bad = f"{x} != {constant(step.told, type)}"
    context.function.leave_if(bad, str(step.code))


def _between(x: str, told: int, type: str) -> str:
    """Tell which floats int() turns into a number; nan and inf are none of them."""
    low, high = constant(told - 1, type), constant(told + 1, type)
    same = constant(told, type)
    if told > 0:
        return f"{x} >= {same} && {x} < {high}"
    if told < 0:
        return f"{x} > {low} && {x} <= {same}"
    return f"{x} > {low} && {x} < {high}"
