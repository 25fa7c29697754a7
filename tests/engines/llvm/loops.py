"""Run a vector function over arrays: a loop in IR around a call."""

import ctypes

import numpy as np

from wengert.engines.llvm.compiler import compile_module
from wengert.engines.llvm.mathematics import join_functions, vector_function
from wengert.engines.llvm.vectors import vector_type

SCALARS = {"f64": "double", "f32": "float"}
DTYPES = {"f64": np.dtype(np.float64), "f32": np.dtype(np.float32)}

LOOP = """
define void @run{width}({parameters}, ptr %o, i64 %n) {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
{loads}
  %r = call {vector} @{symbol}({arguments})
  %po = getelementptr {scalar}, ptr %o, i64 %i
  store {vector} %r, ptr %po, align {size}
  %next = add i64 %i, {width}
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""


def loop(function, dtype, width, arity):
    """Write the function `run{width}` that applies a vector function to arrays."""
    scalar, letters = SCALARS[dtype], "xyz"[:arity]
    vector, size = vector_type(scalar, width), DTYPES[dtype].itemsize
    return LOOP.format(
        width=width,
        parameters=", ".join(f"ptr %{letter}" for letter in letters),
        loads="\n".join(
            f"  %p{letter} = getelementptr {scalar}, ptr %{letter}, i64 %i\n"
            f"  %v{letter} = load {vector}, ptr %p{letter}, align {size}"
            for letter in letters
        ),
        arguments=", ".join(f"{vector} %v{letter}" for letter in letters),
        vector=vector,
        scalar=scalar,
        symbol=function.symbol,
        size=size,
    )


class Applied:
    """A native function, ready to be applied to arrays at each of several widths."""

    def __init__(self, name, dtype, widths, arity=1, **options):
        functions = {w: vector_function(name, dtype, w, **options) for w in widths}
        self.ir = join_functions(functions.values()) + "".join(
            loop(function, dtype, width, arity) for width, function in functions.items()
        )
        self.module = compile_module(self.ir, target=options.get("target"))
        self.arity, self.dtype = arity, DTYPES[dtype]

    def __call__(self, width, *arguments):
        """Apply it; the last vector is filled up with twos."""
        count = len(arguments[0])
        padded = -(-count // width) * width
        given = [np.full(padded, 2, self.dtype) for _ in arguments]
        for new, argument in zip(given, arguments, strict=True):
            new[:count] = argument
        result = np.empty(padded, self.dtype)
        kinds = [ctypes.c_void_p] * (self.arity + 1)
        run = ctypes.CFUNCTYPE(None, *kinds, ctypes.c_int64)(
            self.module.address(f"run{width}")
        )
        run(*(array.ctypes.data for array in [*given, result]), padded)
        return result[:count]
