"""Guards: leave where Python would take another branch."""

from __future__ import annotations

from wengert.engines.llvm.context import Context
from wengert.engines.llvm.text import constant, in_memory
from wengert.engines.loops.program import (
    Call,
    Check,
    Loop,
    Parallel,
    Product,
    Program,
    Scan,
    Step,
    Switch,
    Unwind,
    While,
)

__all__ = ["emit_check", "may_fail"]


def emit_check(context: Context, step: Check) -> None:
    """Add a guard: return its code where it does not hold."""
    f, type = context.function, step.buffer.type
    word = in_memory(type, 0)
    value = f.value(f"load {word}, ptr {context.pointers[step.buffer]}")
    floating = type in ("f64", "f32")
    if isinstance(step.told, bool):
        no, yes = ("fcmp oeq", "fcmp une") if floating else ("icmp eq", "icmp ne")
        zero = "0.0" if floating else "0"
        good = f.value(f"{yes if step.told else no} {word} {value}, {zero}")
    elif floating:
        # What int(x) told: the float without its fraction; nan and inf never pass.
        (after, low), (before, high) = _interval(step.told)
        above = f.value(f"fcmp {after} {word} {value}, {constant(low, 'f64')}")
        below = f.value(f"fcmp {before} {word} {value}, {constant(high, 'f64')}")
        good = f.value(f"and i1 {above}, {below}")
    else:
        good = f.value(f"icmp eq {word} {value}, {int(step.told)}")
    f.leave_unless(good, str(step.code))


def _interval(told: int) -> tuple[tuple[str, float], tuple[str, float]]:
    """Give the floats that int() turns into a number."""
    if told > 0:
        return ("oge", float(told)), ("olt", float(told + 1))
    if told < 0:
        return ("ogt", float(told - 1)), ("ole", float(told))
    return ("ogt", -1.0), ("olt", 1.0)


def may_fail(step: Step) -> bool:
    """Tell whether a step can leave with a code that is not 0."""
    match step:
        case Loop():
            return _has_index(step)
        case Parallel():
            return any(map(_has_index, step.parts))
        case Product() | Call():
            return False
        case Check() | Unwind():
            return True
        case Scan():
            return _fails(step.body.program)
        case While():
            return _fails(step.body.program) or _fails(step.condition.program)
        case Switch():
            return any(_fails(part.program) for part in step.branches)
    return True


def _fails(program: Program) -> bool:
    return any(may_fail(step) for group in program.steps for step in group)


def _has_index(step: Loop) -> bool:
    waiting = [
        root for w in step.writes for root in (w.value, w.offset) if root is not None
    ]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.op == "checked":
            return True
        waiting += node.args
    return False
