"""Parts of a loop on threads of their own, by the threads of POSIX.

A thread is started for each part but the first, which this one does, and waited for.
That takes some 20 µs each, so only far longer loops are cut (loops/threads.py).
What a thread cannot be had for, this one does.
"""

from __future__ import annotations

from wengert.engines.llvm.context import Context
from wengert.engines.llvm.nest import emit_loop
from wengert.engines.llvm.text import Function
from wengert.engines.loops.memory import reads, writes
from wengert.engines.loops.program import Buffer, Loop, Parallel

__all__ = ["emit_parallel"]


def emit_parallel(context: Context, step: Parallel) -> None:
    """Add loops that run at the same time."""
    f, module = context.function, context.module
    module.declare("pthread_create", "i32", "ptr, ptr, ptr, ptr")
    module.declare("pthread_join", "i32", "ptr, ptr")
    buffers = list(dict.fromkeys((*reads(step), *writes(step))))
    # Their addresses, and after them a code for each part.
    size = len(buffers) + len(step.parts)
    shared = f.value(f"alloca [{size} x i64], align 8")
    for k, buffer in enumerate(buffers):
        f.do(f"store ptr {context.pointers[buffer]}, ptr {_slot(f, shared, k)}")
    names = [
        _function(context, part, buffers, len(buffers) + k)
        for k, part in enumerate(step.parts)
    ]
    threads = []
    for name in names[1:]:
        thread = f.value("alloca ptr, align 8")
        code = f.value(
            f"call i32 @pthread_create(ptr {thread}, ptr null, ptr @{name}, "
            f"ptr {shared})"
        )
        threads.append((name, thread, f.value(f"icmp eq i32 {code}, 0")))
    f.value(f"call ptr @{names[0]}(ptr {shared})")
    for name, thread, started in threads:
        wait, do, after = f.name_block(), f.name_block(), f.name_block()
        f.do(f"br i1 {started}, label %{wait}, label %{do}")
        f.start(wait)
        which = f.value(f"load ptr, ptr {thread}")
        f.value(f"call i32 @pthread_join(ptr {which}, ptr null)")
        f.do(f"br label %{after}")
        f.start(do)
        f.value(f"call ptr @{name}(ptr {shared})")
        f.do(f"br label %{after}")
        f.start(after)
    for k in range(len(step.parts)):
        code = f.value(f"load i64, ptr {_slot(f, shared, len(buffers) + k)}")
        before = f.value("load i64, ptr %code")
        failed = f.value(f"icmp ne i64 {code}, 0")
        f.do(
            f"store i64 {f.value(f'select i1 {failed}, i64 {code}, i64 {before}')}, "
            "ptr %code"
        )


def _slot(f: Function, shared: str, k: int) -> str:
    return f.value(f"getelementptr inbounds i64, ptr {shared}, i64 {k}")


def _function(context: Context, part: Loop, buffers: list[Buffer], place: int) -> str:
    """Write the function of a part: it takes its addresses from memory."""
    f = Function()
    f.start("entry")
    pointers = {
        buffer: f.value(f"load ptr, ptr {_slot(f, '%shared', k)}")
        for k, buffer in enumerate(buffers)
    }
    inner = Function()
    inner.start("entry")
    inner.do("%code = alloca i64")
    inner.do("store i64 0, ptr %code")
    names = {buffer: f"%p{k}" for k, buffer in enumerate(buffers)}
    emit_loop(Context(inner, names, context.module, context.lanes), part)
    inner.do(f"ret i64 {inner.value('load i64, ptr %code')}")
    listed = ", ".join(f"ptr noalias {names[b]}" for b in buffers)
    name = context.module.unique("part")
    context.module.function(
        f"define internal i64 @{name}.loop({listed}) {{", inner.lines
    )
    given = ", ".join(f"ptr {pointers[b]}" for b in buffers)
    code = f.value(f"call i64 @{name}.loop({given})")
    f.do(f"store i64 {code}, ptr {_slot(f, '%shared', place)}")
    f.do("ret ptr null")
    context.module.function(f"define internal ptr @{name}(ptr %shared) {{", f.lines)
    return name
