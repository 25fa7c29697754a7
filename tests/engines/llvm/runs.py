"""Functions `run(inputs, outputs, arena)` for tests of what calls them.

Those in IR are as the code generator's: they copy, add, and fail on demand.
`python_run` makes one of a Python function, which can look at everything.
"""

import ctypes
from functools import cache

import numpy as np

from wengert.engines.llvm.compiler import compile_module

WORD = 8


def copying(*moves):
    """Give the IR of `run`, which copies (input, output, bytes)... and returns 0."""
    lines = []
    for number, (i, j, size) in enumerate(moves):
        lines += [
            f"  %ip{number} = getelementptr ptr, ptr %in, i64 {i}",
            f"  %op{number} = getelementptr ptr, ptr %out, i64 {j}",
            f"  %i{number} = load ptr, ptr %ip{number}",
            f"  %o{number} = load ptr, ptr %op{number}",
            f"  call void @llvm.memcpy.p0.p0.i64(ptr %o{number}, ptr %i{number}, "
            f"i64 {size}, i1 false)",
        ]
    return "\n".join(
        [
            "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
            "define i64 @run(ptr %in, ptr %out, ptr %arena) {",
            *lines,
            "  ret i64 0",
            "}",
        ]
    )


# The code is 0 if the first element of the first input is positive, else 7.
POSITIVE = """
define i64 @run(ptr %in, ptr %out, ptr %arena) {
  %x = load ptr, ptr %in
  %y = load ptr, ptr %out
  %first = load double, ptr %x
  store double %first, ptr %y
  %ok = fcmp ogt double %first, 0.0
  %code = select i1 %ok, i64 0, i64 7
  ret i64 %code
}
"""

# Writes x[0] all over the arena of the given size, many times, and adds up what it
# finds there: x[0] * doubles * rounds if no one else wrote into it.
ARENA = """
define i64 @run(ptr %in, ptr %out, ptr %arena) {{
start:
  %x.at = load ptr, ptr %in
  %x = load double, ptr %x.at
  %y = load ptr, ptr %out
  br label %round
round:
  %r = phi i64 [ 0, %start ], [ %r.next, %read.end ]
  %total = phi double [ 0.0, %start ], [ %sum.next, %read.end ]
  br label %write
write:
  %i = phi i64 [ 0, %round ], [ %i.next, %write ]
  %p = getelementptr double, ptr %arena, i64 %i
  store volatile double %x, ptr %p
  %i.next = add i64 %i, 1
  %w.more = icmp ult i64 %i.next, {doubles}
  br i1 %w.more, label %write, label %read
read:
  %j = phi i64 [ 0, %write ], [ %j.next, %read ]
  %sum = phi double [ %total, %write ], [ %sum.next, %read ]
  %q = getelementptr double, ptr %arena, i64 %j
  %v = load volatile double, ptr %q
  %sum.next = fadd double %sum, %v
  %j.next = add i64 %j, 1
  %r.more = icmp ult i64 %j.next, {doubles}
  br i1 %r.more, label %read, label %read.end
read.end:
  %r.next = add i64 %r, 1
  %more = icmp ult i64 %r.next, {rounds}
  br i1 %more, label %round, label %end
end:
  store double %sum.next, ptr %y
  ret i64 0
}}
"""


@cache
def module(ir):
    return compile_module(ir)


def native_run(ir):
    """Give what `make_entry` takes of a run in IR: its address, and what to keep."""
    compiled = module(ir)
    return compiled.address("run"), compiled


def python_run(function, unlocked=False):
    """Make a run of `function(inputs, outputs, arena) -> code`, all three addresses.

    `unlocked`: it is called without the interpreter lock, and takes it for itself.
    """
    kind = ctypes.CFUNCTYPE if unlocked else ctypes.PYFUNCTYPE
    pointers = ctypes.POINTER(ctypes.c_void_p)
    callback = kind(ctypes.c_int64, pointers, pointers, ctypes.c_void_p)(function)
    return ctypes.cast(callback, ctypes.c_void_p).value, callback


def read(address, shape, dtype="f8"):
    """See memory as an array."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = (ctypes.c_char * size).from_address(address)
    return np.frombuffer(memory, dtype).reshape(shape)


def went_slow(*args, **kwargs):
    """Be what an entry calls for what is odd."""
    return went_slow, args, kwargs


def is_slow(result):
    """Tell the result of `went_slow` from any other."""
    return type(result) is tuple and len(result) == 3 and result[0] is went_slow
