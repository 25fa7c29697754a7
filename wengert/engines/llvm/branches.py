"""Branches that the Graph states."""

from __future__ import annotations

from wengert.engines.llvm.context import Context, address
from wengert.engines.llvm.repeats import call_part
from wengert.engines.llvm.text import NAMES, in_memory
from wengert.engines.loops.program import Switch

__all__ = ["emit_switch"]


def emit_switch(context: Context, step: Switch) -> None:
    """Add a choice between bodies; an index out of range takes the nearest one."""
    f, type = context.function, step.index.buffer.type
    word = in_memory(type, 0)
    index = f.value(f"load {word}, ptr {address(context, step.index)}")
    if NAMES.get(type) != "i64":
        op = "sext" if type[0] == "i" else "zext"
        index = f.value(f"{op} {word} {index} to i64")
    high = len(step.branches) - 1
    below = f.value(f"icmp slt i64 {index}, 0")
    index = f.value(f"select i1 {below}, i64 0, i64 {index}")
    above = f.value(f"icmp sgt i64 {index}, {high}")
    index = f.value(f"select i1 {above}, i64 {high}, i64 {index}")
    operands = [address(context, view) for view in step.operands]
    targets = [context.pointers[buffer] for buffer in step.targets]
    blocks = [f.name_block() for _ in step.branches]
    after = f.name_block()
    listed = " ".join(f"i64 {k}, label %{b}" for k, b in enumerate(blocks))
    f.do(f"switch i64 {index}, label %{blocks[-1]} [{listed}]")
    for block, part in zip(blocks, step.branches, strict=True):
        f.start(block)
        call_part(context, part, operands, targets)
        f.do(f"br label %{after}")
    f.start(after)
