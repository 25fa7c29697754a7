"""The native code of every call from Python: it follows the table of one function.

The table starts with `HEADER`, one word each; then come steps, up to `finish`. A step
is its number in `STEPS`, its length in bytes, the place that it is about, and operands.
A place is an offset into the *block*, the memory of one call:

```
arena | numbers | inputs | outputs | nodes | made
```

`arena` is scratch memory of `run`, `inputs` and `outputs` are what else it takes;
`numbers` is memory for outputs that become scalars; `nodes` are the arguments and what
is in them, as borrowed references; `made` are the results, and owned.

No step up to `run` executes Python code, of users or of the garbage collector, so that
what was checked still holds when `run` reads it. For that reason dicts are walked over:
a look-up may call `__eq__` of a key.

Whatever is not as the table says goes to `slow`, with the arguments as they came.

One code for all functions, instead of one each: it is compiled once for all processes,
and a table is made in microseconds. What it costs is in docs/decisions.md.
"""

from __future__ import annotations

from string import Template

from wengert.engines.llvm.entry_checks import CHECKS
from wengert.engines.llvm.entry_memory import MEMORY
from wengert.engines.llvm.entry_results import RESULTS
from wengert.engines.llvm.layout import OFFSETS
from wengert.engines.llvm.python_api import FUNCTIONS

__all__ = ["ENTRY", "HEADER", "NEAR", "STEPS", "entry_code"]

ENTRY = "wengert_entry"

# A block of up to so many bytes is on the stack. Less than a page, with the rest of the
# frame, so that no platform needs to probe the stack.
NEAR = 3072

# The first words of the table.
HEADER = (
    "argument_count",
    "run",
    "slow",
    "kept",  # the block, where it is not on the stack
    "busy",  # whether a call is using it
    "block_bytes",
    "inputs",
    "outputs",
    "nodes",
    "node_count",
    "made",
    "made_count",
    "copies",  # of captured arrays, which are among what is made
    "release",  # whether to release the interpreter lock around run
    "ndarray",
    "int",
    "str",
    "bytes",
    "tuple",
    "list",
    "dict",
    *FUNCTIONS,
)

STEPS = (
    # before run
    "array",  # place, input, dtype, ndim, dims...
    "value",  # place, input, type
    "same",  # place, object
    "equal",  # place, object
    "tuple",  # place, count, first item
    "list",  # place, count, first item
    "dict",  # place, count, first item, key...
    "capture",  # place, object
    "copy",  # made, object, place
    "new_array",  # made, output, dtype, ndim, dims...
    "number",  # number, output
    "run",
    # after run
    "new_scalar",  # made, number, dtype
    "new_float",  # made, number
    "new_complex",  # made, number
    "new_int",  # made, number
    "new_bool",  # made, number
    "constant",  # made, object
    "new_tuple",  # made, count, first item
    "new_list",  # made, count, first item
    "new_dict",  # made, count, first item, keys...
    "finish",  # made
)


def entry_code() -> str:
    """Give the LLVM IR of the entry: the same text in every process.

    The function is `PyObject *wengert_entry(self, args, nargs, kwnames)`, to be called
    as METH_FASTCALL | METH_KEYWORDS. `self` is a tuple whose first item is an array
    that holds the table; it keeps alive whatever the table refers to.
    """
    words = {f"h_{name}": 8 * i for i, name in enumerate(HEADER)}
    steps = {f"s_{name}": i for i, name in enumerate(STEPS)}
    numbers = {"near": NEAR, "steps": 8 * len(HEADER), "entry": ENTRY}
    code = "\n".join((MEMORY, CHECKS, RESULTS, _RUN, _ENTRY))
    return Template(code).substitute(OFFSETS, **words, **steps, **numbers)


_RUN = """\
; With the lock released, others may take items out of the containers: hold them.
define internal i64 @run_unlocked(ptr %table, ptr %block, ptr %in, ptr %out) {
  %run = call ptr @pointer(ptr %table, i64 $h_run)
  %increase = call ptr @pointer(ptr %table, i64 $h_Py_IncRef)
  %decrease = call ptr @pointer(ptr %table, i64 $h_Py_DecRef)
  %save = call ptr @pointer(ptr %table, i64 $h_PyEval_SaveThread)
  %restore = call ptr @pointer(ptr %table, i64 $h_PyEval_RestoreThread)
  %nodes = call ptr @place(ptr %block, ptr %table, i64 $h_nodes)
  %count = call i64 @word(ptr %table, i64 $h_node_count)
  call void @for_each(ptr %increase, ptr %nodes, i64 %count)
  %thread = call ptr %save()
  %code = call i64 %run(ptr %in, ptr %out, ptr %block)
  call void %restore(ptr %thread)
  call void @for_each(ptr %decrease, ptr %nodes, i64 %count)
  ret i64 %code
}
"""

# The operands of a step: 8 length, 16 place, then 24, 32, 40 and so on, in bytes.
_ENTRY = """\
define ptr @$entry(ptr %self, ptr %args, i64 %nargs, ptr %kwnames) {
start:
  %near = alloca [$near x i8], align 64
  %holder = call ptr @pointer(ptr %self, i64 $tuple_items)
  %table = call ptr @pointer(ptr %holder, i64 $array_data)
  %nargs.wanted = call i64 @word(ptr %table, i64 $h_argument_count)
  %counted = icmp eq i64 %nargs, %nargs.wanted
  %positional = icmp eq ptr %kwnames, null
  %usual = and i1 %counted, %positional
  br i1 %usual, label %memory, label %slow

memory:
  %kept = call ptr @pointer(ptr %table, i64 $h_kept)
  %busy = getelementptr i8, ptr %table, i64 $h_busy
  %is.small = icmp eq ptr %kept, null
  br i1 %is.small, label %ready, label %take
take:
  %taken = cmpxchg ptr %busy, i64 0, i64 1 acquire monotonic
  %was.free = extractvalue { i64, i1 } %taken, 1
  br i1 %was.free, label %ready, label %allocate
allocate:
  ; Another call of this function is running: in another thread, or further out.
  %size = call i64 @word(ptr %table, i64 $h_block_bytes)
  %size.room = add i64 %size, 63
  %malloc = call ptr @pointer(ptr %table, i64 $h_PyMem_RawMalloc)
  %raw = call ptr %malloc(i64 %size.room)
  %full = icmp eq ptr %raw, null
  br i1 %full, label %no_memory, label %align
no_memory:
  %complain = call ptr @pointer(ptr %table, i64 $h_PyErr_NoMemory)
  %null = call ptr %complain()
  ret ptr null
align:
  %raw.63 = getelementptr i8, ptr %raw, i64 63
  %own = call ptr @llvm.ptrmask.p0.i64(ptr %raw.63, i64 -64)
  br label %ready

ready:
  %block = phi ptr [ %near, %memory ], [ %kept, %take ], [ %own, %align ]
  %shared = phi i1 [ false, %memory ], [ true, %take ], [ false, %align ]
  %owned = phi ptr [ null, %memory ], [ null, %take ], [ %raw, %align ]
  %nodes = call ptr @place(ptr %block, ptr %table, i64 $h_nodes)
  %made = call ptr @place(ptr %block, ptr %table, i64 $h_made)
  %made.count = call i64 @word(ptr %table, i64 $h_made_count)
  call void @copy(ptr %args, ptr %nodes, i64 %nargs)
  call void @clear(ptr %made, i64 %made.count)
  %steps = getelementptr i8, ptr %table, i64 $steps
  br label %step

step:
  %s = phi ptr [ %steps, %ready ], [ %s.next, %next ]
  %number = load i64, ptr %s
  %place = call ptr @place(ptr %block, ptr %s, i64 16)
  switch i64 %number, label %impossible [
    i64 $s_array, label %array
    i64 $s_value, label %value
    i64 $s_same, label %same
    i64 $s_equal, label %equal
    i64 $s_tuple, label %tuple
    i64 $s_list, label %list
    i64 $s_dict, label %dict
    i64 $s_capture, label %capture
    i64 $s_copy, label %copy
    i64 $s_new_array, label %new_array
    i64 $s_number, label %number_
    i64 $s_run, label %run
    i64 $s_new_scalar, label %new_scalar
    i64 $s_new_float, label %new_float
    i64 $s_new_complex, label %new_complex
    i64 $s_new_int, label %new_int
    i64 $s_new_bool, label %new_bool
    i64 $s_constant, label %constant
    i64 $s_new_tuple, label %new_tuple
    i64 $s_new_list, label %new_list
    i64 $s_new_dict, label %new_dict
    i64 $s_finish, label %finish
  ]
impossible:
  unreachable
next:
  %length = call i64 @word(ptr %s, i64 8)
  %s.next = getelementptr i8, ptr %s, i64 %length
  br label %step

array:
  %a.object = load ptr, ptr %place
  %a.is = call i1 @is_array(ptr %table, ptr %a.object, ptr %s)
  br i1 %a.is, label %array_data, label %odd
array_data:
  %a.data = call ptr @pointer(ptr %a.object, i64 $array_data)
  %a.input = call ptr @place(ptr %block, ptr %s, i64 24)
  store ptr %a.data, ptr %a.input
  br label %next

value:
  %v.object = load ptr, ptr %place
  %v.type = call ptr @pointer(ptr %s, i64 32)
  %v.is = call i1 @has_type(ptr %v.object, ptr %v.type)
  %v.data = getelementptr i8, ptr %v.object, i64 $scalar_value
  %v.input = call ptr @place(ptr %block, ptr %s, i64 24)
  store ptr %v.data, ptr %v.input
  br i1 %v.is, label %next, label %odd

same:
  %i.object = load ptr, ptr %place
  %i.wanted = call ptr @pointer(ptr %s, i64 24)
  %i.is = icmp eq ptr %i.object, %i.wanted
  br i1 %i.is, label %next, label %odd

equal:
  %e.object = load ptr, ptr %place
  %e.wanted = call ptr @pointer(ptr %s, i64 24)
  %e.is = call i1 @is_equal(ptr %table, ptr %e.object, ptr %e.wanted)
  br i1 %e.is, label %next, label %odd

tuple:
  %t.object = load ptr, ptr %place
  %t.type = call ptr @pointer(ptr %table, i64 $h_tuple)
  %t.is = call i1 @has_type(ptr %t.object, ptr %t.type)
  br i1 %t.is, label %tuple_size, label %odd
tuple_size:
  %t.count = call i64 @word(ptr %s, i64 24)
  %t.sized = call i1 @has_size(ptr %t.object, i64 %t.count)
  br i1 %t.sized, label %tuple_items, label %odd
tuple_items:
  %t.from = getelementptr i8, ptr %t.object, i64 $tuple_items
  %t.to = call ptr @place(ptr %block, ptr %s, i64 32)
  call void @copy(ptr %t.from, ptr %t.to, i64 %t.count)
  br label %next

list:
  %l.object = load ptr, ptr %place
  %l.type = call ptr @pointer(ptr %table, i64 $h_list)
  %l.is = call i1 @has_type(ptr %l.object, ptr %l.type)
  br i1 %l.is, label %list_size, label %odd
list_size:
  %l.count = call i64 @word(ptr %s, i64 24)
  %l.sized = call i1 @has_size(ptr %l.object, i64 %l.count)
  br i1 %l.sized, label %list_items, label %odd
list_items:
  %l.from = call ptr @pointer(ptr %l.object, i64 $list_items)
  %l.to = call ptr @place(ptr %block, ptr %s, i64 32)
  call void @copy(ptr %l.from, ptr %l.to, i64 %l.count)
  br label %next

dict:
  %d.object = load ptr, ptr %place
  %d.to = call ptr @place(ptr %block, ptr %s, i64 32)
  %d.is = call i1 @open_dict(ptr %table, ptr %d.object, ptr %s, ptr %d.to)
  br i1 %d.is, label %next, label %odd

capture:
  %c.object = call ptr @pointer(ptr %s, i64 24)
  store ptr %c.object, ptr %place
  br label %next

copy:
  ; A captured array that is not C-contiguous, or not aligned.
  %p.object = call ptr @pointer(ptr %s, i64 24)
  %p.f = call ptr @pointer(ptr %table, i64 $h_PyArray_NewCopy)
  %p.copy = call ptr %p.f(ptr %p.object, i32 0)
  %p.node = call ptr @place(ptr %block, ptr %s, i64 32)
  store ptr %p.copy, ptr %place
  store ptr %p.copy, ptr %p.node
  %p.none = icmp eq ptr %p.copy, null
  br i1 %p.none, label %failed, label %next

new_array:
  %n.array = call ptr @new_array(ptr %table, ptr %s)
  store ptr %n.array, ptr %place
  %n.none = icmp eq ptr %n.array, null
  br i1 %n.none, label %failed, label %new_array_data
new_array_data:
  %n.data = call ptr @pointer(ptr %n.array, i64 $array_data)
  %n.output = call ptr @place(ptr %block, ptr %s, i64 24)
  store ptr %n.data, ptr %n.output
  br label %next

number_:
  %m.output = call ptr @place(ptr %block, ptr %s, i64 24)
  store ptr %place, ptr %m.output
  br label %next

run:
  %inputs = call ptr @place(ptr %block, ptr %table, i64 $h_inputs)
  %outputs = call ptr @place(ptr %block, ptr %table, i64 $h_outputs)
  %release = call i64 @word(ptr %table, i64 $h_release)
  %locked = icmp eq i64 %release, 0
  br i1 %locked, label %run_locked, label %run_unlocked
run_locked:
  %run.f = call ptr @pointer(ptr %table, i64 $h_run)
  %code.l = call i64 %run.f(ptr %inputs, ptr %outputs, ptr %block)
  %ok.l = icmp eq i64 %code.l, 0
  br i1 %ok.l, label %next, label %odd
run_unlocked:
  %code.u = call i64 @run_unlocked(ptr %table, ptr %block, ptr %inputs, ptr %outputs)
  %ok.u = icmp eq i64 %code.u, 0
  br i1 %ok.u, label %next, label %odd

new_scalar:
  %ns.f = call ptr @pointer(ptr %table, i64 $h_PyArray_Scalar)
  %ns.number = call ptr @place(ptr %block, ptr %s, i64 24)
  %ns.dtype = call ptr @pointer(ptr %s, i64 32)
  %ns = call ptr %ns.f(ptr %ns.number, ptr %ns.dtype, ptr null)
  br label %keep
new_float:
  %nf.f = call ptr @pointer(ptr %table, i64 $h_PyFloat_FromDouble)
  %nf.number = call ptr @place(ptr %block, ptr %s, i64 24)
  %nf.value = load double, ptr %nf.number
  %nf = call ptr %nf.f(double %nf.value)
  br label %keep
new_complex:
  %nc.f = call ptr @pointer(ptr %table, i64 $h_PyComplex_FromDoubles)
  %nc.number = call ptr @place(ptr %block, ptr %s, i64 24)
  %nc.real = load double, ptr %nc.number
  %nc.imag.at = getelementptr i8, ptr %nc.number, i64 8
  %nc.imag = load double, ptr %nc.imag.at
  %nc = call ptr %nc.f(double %nc.real, double %nc.imag)
  br label %keep
new_int:
  %ni.f = call ptr @pointer(ptr %table, i64 $h_PyLong_FromLongLong)
  %ni.number = call ptr @place(ptr %block, ptr %s, i64 24)
  %ni.value = load i64, ptr %ni.number
  %ni = call ptr %ni.f(i64 %ni.value)
  br label %keep
new_bool:
  %nb.f = call ptr @pointer(ptr %table, i64 $h_PyBool_FromLong)
  %nb.number = call ptr @place(ptr %block, ptr %s, i64 24)
  %nb.byte = load i8, ptr %nb.number
  %nb.true = icmp ne i8 %nb.byte, 0
  %nb.value = zext i1 %nb.true to i64
  %nb = call ptr %nb.f(i64 %nb.value)
  br label %keep
constant:
  %k = call ptr @pointer(ptr %s, i64 24)
  %k.increase = call ptr @pointer(ptr %table, i64 $h_Py_IncRef)
  call void %k.increase(ptr %k)
  br label %keep
new_tuple:
  %nt.items = call ptr @place(ptr %block, ptr %s, i64 32)
  %nt = call ptr @new_tuple(ptr %table, ptr %s, ptr %nt.items)
  br label %keep
new_list:
  %nl.items = call ptr @place(ptr %block, ptr %s, i64 32)
  %nl = call ptr @new_list(ptr %table, ptr %s, ptr %nl.items)
  br label %keep
new_dict:
  %nd.items = call ptr @place(ptr %block, ptr %s, i64 32)
  %nd = call ptr @new_dict(ptr %table, ptr %s, ptr %nd.items)
  br label %keep
keep:
  %new = phi ptr [ %ns, %new_scalar ], [ %nf, %new_float ], [ %nc, %new_complex ],
                 [ %ni, %new_int ], [ %nb, %new_bool ], [ %k, %constant ],
                 [ %nt, %new_tuple ], [ %nl, %new_list ], [ %nd, %new_dict ]
  store ptr %new, ptr %place
  %new.none = icmp eq ptr %new, null
  br i1 %new.none, label %failed, label %next

finish:
  %result = load ptr, ptr %place
  store ptr null, ptr %place
  %copies = call i64 @word(ptr %table, i64 $h_copies)
  %none.left = icmp eq i64 %copies, 0
  br i1 %none.left, label %return, label %drop_copies
drop_copies:
  call void @drop(ptr %table, ptr %made, i64 %made.count)
  br label %return
return:
  call void @give_back(ptr %table, i1 %shared, ptr %owned)
  ret ptr %result
failed:
  call void @drop(ptr %table, ptr %made, i64 %made.count)
  call void @give_back(ptr %table, i1 %shared, ptr %owned)
  ret ptr null
odd:
  call void @drop(ptr %table, ptr %made, i64 %made.count)
  call void @give_back(ptr %table, i1 %shared, ptr %owned)
  br label %slow
slow:
  %slow.f = call ptr @pointer(ptr %table, i64 $h_PyObject_Vectorcall)
  %slow.callable = call ptr @pointer(ptr %table, i64 $h_slow)
  ; A tail call: no block stays on the stack while Python code runs.
  %slow.result = tail call ptr %slow.f(ptr %slow.callable, ptr %args, i64 %nargs,
                                       ptr %kwnames)
  ret ptr %slow.result
}

declare ptr @llvm.ptrmask.p0.i64(ptr, i64)
"""
