"""Calls of LAPACK and BLAS on stacks of matrices."""

from __future__ import annotations

from wengert.engines.llvm.context import Context, moved
from wengert.engines.llvm.fortran import call_routine, number
from wengert.engines.loops.program import Call, Operand

__all__ = ["emit_call"]


def emit_call(context: Context, step: Call) -> None:
    """Add a call to a function; for a stack, a loop of calls."""
    if step.count == 1:
        _emit_one(context, step, "0")
        return
    f = context.function
    before, head, after = f.block, f.name_block(), f.name_block()
    f.do(f"br label %{head}")
    f.start(head)
    place = f.hole()
    turn, following = f"%turn.{head}", f"%following.{head}"
    f.lines[place] = f"  {turn} = phi i64 [ 0, %{before} ], [ {following}, %{head} ]"
    _emit_one(context, step, turn)
    f.do(f"{following} = add i64 {turn}, 1")
    more = f.value(f"icmp ult i64 {following}, {step.count}")
    f.do(f"br i1 {more}, label %{head}, label %{after}")
    f.start(after)


def _emit_one(context: Context, step: Call, turn: str) -> None:
    arguments = [
        _address(context, argument, turn)
        if isinstance(argument, Operand)
        else number(context, argument, step.type)
        for argument in step.arguments
    ]
    call_routine(context, step.routine, step.type, arguments)


def _address(context: Context, operand: Operand, turn: str) -> str:
    f, buffer = context.function, operand.buffer
    pointer = moved(context, buffer, context.pointers[buffer], operand.offset)
    if not operand.step or turn == "0":
        return pointer
    on = f.value(f"mul i64 {turn}, {operand.step}")
    return moved(context, buffer, pointer, on)
