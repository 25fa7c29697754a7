"""Branches that the Graph states."""

from __future__ import annotations

from wengert.engines.c.nest import Context
from wengert.engines.c.products import address
from wengert.engines.c.repeats import call_part
from wengert.engines.loops.program import Switch

__all__ = ["emit_switch"]


def emit_switch(context: Context, step: Switch) -> None:
    """Add a choice between bodies; an index out of range takes the nearest one."""
    f, type = context.function, step.index.buffer.type
    pointer, at = context.pointers[step.index.buffer], step.index.offset
    last = len(step.branches) - 1
    operands = [address(context, view) for view in step.operands]
    targets = [context.pointers[buffer] for buffer in step.targets]
    index = f.name("n")
    if last:
        f.do(f"const {'u' if type == 'u64' else ''}int64_t {index} = {pointer}[{at}];")
    for k, part in enumerate(step.branches):
        if k < last:
            test = f"if ({index} <= {k})"
            f.open(test if k == 0 else f"else {test}")
        else:
            f.open("else" if k else "")
        call_part(context, part, operands, targets)
        f.close()
