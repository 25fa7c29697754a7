"""A Program as LLVM IR text.

The module has one function that callers see,

    i64 run(ptr inputs, ptr outputs, ptr arena)

whose first two arguments point to the addresses of arrays, in the order of the Graph's
inputs, captured arrays after them, and of its outputs; a function for each group of
steps, since LLVM takes more than twice as long for a function of twice the length; and
one for each body of a loop or branch, whose arguments are the addresses themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wengert.engines.llvm.branches import emit_switch
from wengert.engines.llvm.checks import emit_check, may_fail
from wengert.engines.llvm.context import Context
from wengert.engines.llvm.lapack import emit_call
from wengert.engines.llvm.nest import emit_loop
from wengert.engines.llvm.parallel import emit_parallel
from wengert.engines.llvm.products import emit_product
from wengert.engines.llvm.repeats import emit_scan, emit_unwind, emit_while
from wengert.engines.llvm.text import Function
from wengert.engines.loops.memory import reads, writes
from wengert.engines.loops.program import (
    Buffer,
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

__all__ = ["Library", "emit"]

# Scratch buffers below this many bytes are reached through the arena's own address.
_OWN_POINTER = 64

# (name, type, width) → (symbol, the pieces of IR that define or declare what it needs)
Library = Callable[[str, str, int], tuple[str, tuple[str, ...]]]


def emit(program: Program, library: Library, lanes: int) -> str:
    """Write a Program as LLVM IR.

    Parameters
    ----------
    program : Program
    library : callable
        Gives functions of the mathematics library: `(name, type, width)`, of width 0
        for a scalar, to a symbol and the pieces of IR that the module needs for it.
    lanes : int
        Bytes in a vector of the machine.
    """
    return _Module(library, lanes).text(program)


class _Module:
    def __init__(self, library: Library, lanes: int) -> None:
        self.lanes = lanes
        self.functions: list[str] = []
        self.declared: dict[str, str] = {}
        self._library = library
        self._bodies: dict[int, str] = {}
        self._names = 0

    def text(self, program: Program) -> str:
        """Write the module."""
        run = Function()
        run.start("entry")
        given = [*program.inputs, *program.captures]
        pointers: dict[Buffer, str] = {}
        for base, buffers in (("inputs", given), ("outputs", program.outputs)):
            for k, buffer in enumerate(buffers):
                at = run.value(f"getelementptr ptr, ptr %{base}, i64 {k}")
                pointers[buffer] = run.value(f"load ptr, ptr {at}")
        self._steps(run, program, pointers)
        head = "define i64 @run(ptr %inputs, ptr %outputs, ptr noalias %arena) {"
        return "\n".join(
            [*self.declared.values(), *self.functions, head, *run.lines, "}", ""]
        )

    def body(self, program: Program) -> str:
        """Write the function of a body, and give its name: it takes the arena, the
        addresses of the inputs, and those of the outputs that are not merged."""
        known = self._bodies.get(id(program))
        if known is not None:
            return known
        name = self._bodies[id(program)] = self.unique("body")
        f = Function()
        f.start("entry")
        merged = {j for _, j in program.merged}
        outputs = [b for j, b in enumerate(program.outputs) if j not in merged]
        pointers = {b: f"%in{k}" for k, b in enumerate(program.inputs)}
        pointers |= {b: f"%out{k}" for k, b in enumerate(outputs)}
        listed = "".join(f", ptr {pointers[b]}" for b in (*program.inputs, *outputs))
        self._steps(f, program, pointers)
        head = f"define internal i64 @{name}(ptr noalias %arena{listed}) {{"
        self.function(head, f.lines)
        return name

    def unique(self, name: str) -> str:
        """Make a name that no other function of the module has."""
        self._names += 1
        return f"{name}{self._names}"

    def function(self, head: str, lines: list[str]) -> None:
        """Add a function: its head up to the brace, and its lines."""
        self.functions.append("\n".join([head, *lines, "}"]))

    def declare(self, symbol: str, result: str, arguments: str) -> None:
        """Declare a function outside of this module."""
        self.declared.setdefault(symbol, f"declare {result} @{symbol}({arguments})")

    def define(self, name: str, text: str) -> None:
        """Add a constant."""
        self.declared.setdefault(name, text)

    def mathematics(self, name: str, type: str, width: int) -> str:
        """Find a function of the mathematics library."""
        symbol, parts = self._library(name, type, width)
        for part in parts:
            self.declared.setdefault(_name_of(part), part)
        return symbol

    # ----- groups -----

    def _steps(
        self, run: Function, program: Program, pointers: dict[Buffer, str]
    ) -> None:
        for group in program.steps:
            self._group(run, pointers, group)
        run.do("ret i64 0")

    def _group(
        self, run: Function, pointers: dict[Buffer, str], steps: Sequence[Step]
    ) -> None:
        buffers: dict[Buffer, None] = {}
        for step in steps:
            buffers.update(dict.fromkeys((*reads(step), *writes(step))))
        own = [b for b in buffers if not _is_small(b)]
        f = Function()
        names = {b: f"%p{i}" for i, b in enumerate(own)}
        listed = "".join(f", ptr noalias {names[b]}" for b in own)
        f.start("entry")
        f.do("%code = alloca i64")
        f.do("store i64 0, ptr %code")
        for buffer in buffers:
            if buffer not in names:
                names[buffer] = f.value(
                    f"getelementptr inbounds i8, ptr %arena, i64 {buffer.place}"
                )
        context = Context(f, names, self, self.lanes)
        for step in steps:
            emit_step(context, step)
        f.do(f"ret i64 {f.value('load i64, ptr %code')}")
        name = self.unique("group")
        head = f"define internal i64 @{name}(ptr noalias %arena{listed}) {{"
        self.function(head, f.lines)
        given = "".join(f", ptr {_address(run, pointers, b)}" for b in own)
        code = run.value(f"call i64 @{name}(ptr %arena{given})")
        if any(map(may_fail, steps)):
            run.leave_unless(run.value(f"icmp eq i64 {code}, 0"), code)


def emit_step(context: Context, step: Step) -> None:
    """Add the instructions of one step to a function."""
    match step:
        case Loop():
            emit_loop(context, step)
        case Parallel():
            emit_parallel(context, step)
        case Product():
            emit_product(context, step)
        case Call():
            emit_call(context, step)
        case Check():
            emit_check(context, step)
        case Scan():
            emit_scan(context, step)
        case While():
            emit_while(context, step)
        case Unwind():
            emit_unwind(context, step)
        case Switch():
            emit_switch(context, step)


def _address(run: Function, pointers: dict[Buffer, str], buffer: Buffer) -> str:
    if buffer not in pointers:
        return run.value(f"getelementptr inbounds i8, ptr %arena, i64 {buffer.place}")
    return pointers[buffer]


def _name_of(part: str) -> str:
    """Find the symbol that a piece of IR declares or defines."""
    return part[part.index("@") + 1 : part.index("(", part.index("@"))]


def _is_small(buffer: Buffer) -> bool:
    return buffer.kind == "scratch" and buffer.nbytes < _OWN_POINTER
