"""A Program as the functions of a C file.

The one function that callers see takes the addresses of inputs and outputs, and of its
scratch memory. It calls a static function for each group of steps, since compilers take
more than twice as long for a function of twice the length; and each body of a loop or a
branch is a function of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.c.branches import emit_switch
from wengert.engines.c.checks import emit_check
from wengert.engines.c.nest import Context, emit_loop
from wengert.engines.c.products import emit_product
from wengert.engines.c.repeats import emit_scan, emit_unwind, emit_while
from wengert.engines.c.text import MEMORY, Function
from wengert.engines.loops.memory import writes
from wengert.engines.loops.program import (
    Buffer,
    Check,
    Loop,
    Product,
    Program,
    Scan,
    Step,
    Switch,
    Unwind,
    While,
)

__all__ = ["emit"]

# Scratch buffers below this many bytes are reached through `work` itself.
_OWN_POINTER = 64


def emit(program: Program, name: str, names: dict[Buffer, str]) -> str:
    """Write a Program as C functions.

    Parameters
    ----------
    program : Program
    name : str
        Of the function that callers see; the others are static, and begin with it.
    names : dict
        Of the inputs, outputs and captures of the Program: the parameters, and the
        constants of the file.

    Returns
    -------
    str
        Definitions, without what they include.
    """
    return _File(name).text(program, names)


class _Names(dict[Buffer, str]):
    """The names of the buffers that a group uses, made when one is asked for."""

    def __init__(self, f: Function, known: dict[Buffer, str]) -> None:
        super().__init__()
        self._f = f
        self._known = known

    def __missing__(self, buffer: Buffer) -> str:
        name = self[buffer] = self._known.get(buffer) or self._f.name("m")
        return name


class _File:
    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: list[str] = []
        self._helpers: dict[str, str] = {}
        self._bodies: dict[int, tuple[str, bool]] = {}
        self._groups = 0

    def text(self, program: Program, names: dict[Buffer, str]) -> str:
        """Write all functions, the last one that which callers see."""
        f = Function()
        self._steps(f, program, names)
        f.do("return 0;")
        given = [*program.inputs, *program.outputs]
        outputs = set(program.outputs)
        parameters = [_parameter(b, names[b], outputs) for b in given]
        self._define("int", self.name, [*parameters, "void *work"], f)
        return "\n\n".join([*self._helpers.values(), *self.functions]) + "\n"

    def helper(self, name: str, text: str) -> str:
        """Write a short function once, and give its full name."""
        full = f"{self.name}_{name}"
        self._helpers.setdefault(name, text.replace("NAME", full))
        return full

    def body(self, program: Program) -> tuple[str, bool]:
        """Write the function of a body: it takes its scratch memory, the inputs, and
        the outputs that are not merged with one."""
        known = self._bodies.get(id(program))
        if known is not None:
            return known
        name = f"{self.name}_body{len(self._bodies)}"
        self._bodies[id(program)] = name, True
        merged = {j for _, j in program.merged}
        outputs = [b for j, b in enumerate(program.outputs) if j not in merged]
        pointers = {b: f"x{k}" for k, b in enumerate(program.inputs)}
        pointers |= {b: f"y{k}" for k, b in enumerate(outputs)}
        f = Function()
        self._steps(f, program, pointers)
        if f.fails:
            f.do("return 0;")
        written = _written(program)
        parameters = [
            _parameter(b, pointers[b], written) for b in (*program.inputs, *outputs)
        ]
        result = "int" if f.fails else "void"
        self._define(f"static {result}", name, ["void *work", *parameters], f)
        self._bodies[id(program)] = name, f.fails
        return name, f.fails

    # ----- groups -----

    def _steps(
        self, f: Function, program: Program, pointers: dict[Buffer, str]
    ) -> None:
        given: dict[str, None] = {}
        for group in program.steps:
            given.update(dict.fromkeys(self._group(f, pointers, group)))
        names = [pointers[b] for b in (*program.inputs, *program.outputs)]
        for name in dict.fromkeys(names):
            if name not in given:
                f.do(f"(void){name};")
        if not any("work" in text for text in given):
            f.do("(void)work;")

    def _group(
        self, caller: Function, pointers: dict[Buffer, str], steps: Sequence[Step]
    ) -> list[str]:
        """Write the function of a group, and its call; give what it is called with."""
        written = {buffer for step in steps for buffer in writes(step)}
        f = Function()
        names = _Names(f, pointers)
        for step in steps:
            _emit_step(Context(f, names, self), step)
        parameters: list[str] = []
        given: list[str] = []
        small: list[Buffer] = []
        for buffer, name in names.items():
            if buffer not in pointers and buffer.nbytes < _OWN_POINTER:
                small.append(buffer)
            elif buffer.kind != "capture":
                parameters.append(_parameter(buffer, name, written))
                given.append(pointers.get(buffer) or _scratch(buffer))
        if small:
            # From the first small one on, so that `work` is the address of no other.
            first = min(buffer.place for buffer in small)
            parameters.append("char *work")
            given.append(f"(char *)work + {first}")
            f.lines[:0] = [
                f"    {MEMORY[buffer.type]} *const {names[buffer]} = "
                f"{_scratch(buffer, first)};"
                for buffer in small
            ]
        name = f"{self.name}_group{self._groups}"
        self._groups += 1
        self._call(caller, f"{name}({', '.join(given)})", f)
        self._define("static int" if f.fails else "static void", name, parameters, f)
        return given

    def _call(self, caller: Function, call: str, f: Function) -> None:
        if not f.fails:
            caller.do(f"{call};")
            return
        f.do("return 0;")
        caller.open()
        caller.do(f"const int code = {call};")
        caller.leave_if("code", "code")
        caller.close()

    def _define(
        self, result: str, name: str, parameters: Sequence[str], f: Function
    ) -> None:
        listed = ",\n    ".join(parameters) or "void"
        head = f"{result} {name}({listed})"
        self.functions.append("\n".join([head, "{", *f.lines, "}"]))


def _emit_step(context: Context, step: Step) -> None:
    match step:
        case Loop():
            emit_loop(context, step)
        case Product():
            emit_product(context, step)
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


def _written(program: Program) -> set[Buffer]:
    return {b for group in program.steps for step in group for b in writes(step)}


def _parameter(buffer: Buffer, name: str, written: set[Buffer]) -> str:
    const = "" if buffer in written else "const "
    return f"{const}{MEMORY[buffer.type]} *restrict {name}"


def _scratch(buffer: Buffer, first: int = 0) -> str:
    return f"({MEMORY[buffer.type]} *)((char *)work + {buffer.place - first})"
