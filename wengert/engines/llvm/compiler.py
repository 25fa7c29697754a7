"""From LLVM IR, as text, to machine code in this process.

The text holds vectors already, and its functions are short (LLVM's time grows faster
than their length). What is left to the passes is: to inline what is marked so, to keep
values in registers, to compute nothing twice, and to lift what does not change out of
loops.

Code is always made as an object file and loaded from that, whether it was compiled just
now or found in the cache on disk: what runs in a warm process is what ran in the first.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import count, pairwise
from time import perf_counter
from typing import Any

import llvmlite.binding as llvm
from llvmlite.binding.newpassmanagers import NewPassManager

from wengert.engines.llvm.cache import load_object, save_object
from wengert.engines.llvm.symbols import find_symbol
from wengert.engines.llvm.target import Target, host_target, llvm_version
from wengert.errors import EngineError

__all__ = ["Module", "Seconds", "compile_module"]

# Part of the key of the cache: to be raised when the same text means other code.
_VERSION = "1"

# From this many lines on, level 2 runs the short list of passes: O2 takes four times as
# long, most of a long module's compilation, and gains little (docs/decisions.md).
_LONG = 3000

_DEFINED = re.compile(r"^define\s+([^@\n]*)@([\w.$]+)\(", re.MULTILINE)
_DECLARED = re.compile(r"^declare\s+[^@\n]*@([\w.$]+)\(", re.MULTILINE)
_PLACE = re.compile(r"<string>:(\d+):\d+: (?:error: )?([^\n]*)")

_numbers = count()


@dataclass(frozen=True)
class Seconds:
    """What a module took, in seconds of wall clock, step by step.

    Attributes
    ----------
    parse, optimise, generate : float
        Zero where the object came from the cache.
    load : float
        To bring the object into memory and to find the functions that it calls.
    cached : bool
        Whether the object came from the cache on disk.
    """

    parse: float
    optimise: float
    generate: float
    load: float
    cached: bool

    @property
    def total(self) -> float:
        """The sum of all steps."""
        return self.parse + self.optimise + self.generate + self.load


class Module:
    """Compiled code, alive and callable for as long as this object lives.

    Attributes
    ----------
    seconds : Seconds
        What compiling took.
    """

    def __init__(
        self, ir: str, target: Target, level: int, library: Any, seconds: Seconds
    ) -> None:
        self.seconds = seconds
        self._ir, self._target, self._level = ir, target, level
        self._library = library

    def address(self, name: str) -> int:
        """Give the address of a function that is not `internal` or `private`.

        Raises
        ------
        EngineError
            If the module defines none of this name.
        """
        try:
            return int(self._library[name])
        except KeyError:
            names = ", ".join(_exported(self._ir)) or "none"
            raise EngineError(
                f"the compiled module has no function {name!r}; it has: {names}"
            ) from None

    def assembly(self) -> str:
        """Show the machine code as text; compiles once more."""
        machine = self._target.machine(min(self._level, 2))
        with llvm.create_context() as context, _parsed(self._ir, context) as module:
            _optimise(module, machine, self._level)
            return str(machine.emit_assembly(module))


def compile_module(
    ir: str, *, optimize: int = 2, target: Target | None = None
) -> Module:
    r"""Compile LLVM IR, or take what was compiled before from the cache on disk.

    Parameters
    ----------
    ir : str
        A module as text. It may call functions of the C library's mathematics and of
        libmvec, and names that `add_symbol` knows. Functions that are not `internal` or
        `private` are what `Module.address` gives.
    optimize : int
        0: no passes and quick code generation. 1: a short list of passes, linear in the
        length of the text. 2: LLVM's O2 without its vectorisers, for the text holds
        vectors already; as 1 for modules of more than 3,000 lines. 3: LLVM's O3 with
        its vectorisers.
    target : Target, optional
        Another machine than this one: code is then made for it, and runs where this
        machine has its features.

    Returns
    -------
    Module

    Raises
    ------
    EngineError
        If LLVM refuses the text, or a function that it calls is nowhere to be found.

    Cost
    ----
    About 20 to 40 µs an instruction at level 1, twice that at level 2; from the cache
    0.3 ms for a short module.

    Examples
    --------
    >>> text = "define i64 @answer() {\n  ret i64 42\n}\n"
    >>> module = compile_module(text)
    >>> import ctypes
    >>> ctypes.CFUNCTYPE(ctypes.c_int64)(module.address("answer"))()
    42
    """
    if optimize not in (0, 1, 2, 3):
        raise ValueError(f"optimize is a level from 0 to 3, not {optimize!r}")
    target = target or host_target()
    level = 1 if optimize == 2 and ir.count("\n") > _LONG else optimize
    key = _key(ir, level, target)
    if (code := load_object(key)) is not None:
        started = perf_counter()
        try:
            library = _load(ir, code)
        except RuntimeError:  # made beside other libraries: compile it anew
            pass
        else:
            seconds = Seconds(0.0, 0.0, 0.0, perf_counter() - started, cached=True)
            return Module(ir, target, level, library, seconds)
    return _compile(ir, level, target, key)


def _compile(ir: str, level: int, target: Target, key: str) -> Module:
    machine = target.machine(min(level, 2))
    times = [perf_counter()]
    # Whatever happens, the module goes before its context, which it points into.
    with llvm.create_context() as context, _parsed(ir, context) as module:
        times.append(perf_counter())
        _optimise(module, machine, level)
        times.append(perf_counter())
        code = machine.emit_object(module)
    times.append(perf_counter())
    try:
        library = _load(ir, code)
    except RuntimeError as error:
        raise EngineError(_why_not_loaded(ir, error)) from error
    times.append(perf_counter())
    save_object(key, code)
    parse, optimise, generate, load = (b - a for a, b in pairwise(times))
    seconds = Seconds(parse, optimise, generate, load, cached=False)
    return Module(ir, target, level, library, seconds)


def _key(ir: str, level: int, target: Target) -> str:
    """Name what decides about the machine code, for the cache."""
    parts = (
        _VERSION,
        llvm_version(),
        target.triple,
        target.cpu,
        target.features,
        str(level),
        ir,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# ----- parsing and optimising -----


def _parsed(ir: str, context: Any) -> Any:
    module = None
    try:
        module = llvm.parse_assembly(ir, context)
        module.verify()
    except RuntimeError as error:
        if module is not None:
            module.close()
        raise EngineError(_why_refused(ir, str(error))) from error
    return module


def _why_refused(ir: str, message: str) -> str:
    """Tell the line of the text that LLVM objects to."""
    where = ""
    if place := _PLACE.search(message):
        number, message = int(place[1]), place[2]
        lines = ir.splitlines()
        line = lines[number - 1].strip() if number <= len(lines) else ""
        where = f" at line {number}, `{line}`"
    return (
        f"LLVM refuses code that wengert wrote{where}: {message.strip()}. This is a "
        "defect of wengert: please report it, with the function that was compiled; "
        'engine "numpy" runs it meanwhile'
    )


def _optimise(module: Any, machine: Any, level: int) -> None:
    # Passes ask how large types are; without a layout they would have to guess.
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = level == 3
    options.loop_interleaving = level == 3
    options.loop_unrolling = level >= 2
    builder = llvm.create_pass_builder(machine, options)
    passes = _short_list() if level == 1 else builder.getModulePassManager()
    try:
        passes.run(module, builder)
    finally:
        # llvmlite's own `close` finds the `_dispose` of another base class, and frees
        # nothing: 0.2 MB for each module.
        NewPassManager._dispose(passes)
        passes.detach()


def _short_list() -> Any:
    """List the passes that long straight-line code needs, all of them near linear."""
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    passes.add_new_gvn_pass()
    passes.add_dead_store_elimination_pass()
    passes.add_aggressive_dce_pass()
    passes.add_global_dead_code_eliminate_pass()
    return passes


# ----- loading -----


@cache
def _loader() -> Any:
    """Make the one linker of this process."""
    return llvm.create_lljit_compiler(host_target().machine(), suppress_errors=True)


def _load(ir: str, code: bytes) -> Any:
    """Bring an object into memory; what is returned keeps it there."""
    builder = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
    for name in _DECLARED.findall(ir):
        if (address := find_symbol(name)) is not None:
            builder.import_symbol(name, address)
    for name in _exported(ir):
        builder.export_symbol(name)
    return builder.link(_loader(), f"wengert{next(_numbers)}")


def _exported(ir: str) -> list[str]:
    """List the functions that a module lets others call."""
    return [
        name
        for before, name in _DEFINED.findall(ir)
        if not {"internal", "private"} & set(before.split())
    ]


def _why_not_loaded(ir: str, error: Exception) -> str:
    missing = [
        name
        for name in _DECLARED.findall(ir)
        if not name.startswith("llvm.")
        and find_symbol(name) is None
        and not llvm.address_of_symbol(name)
    ]
    what = f"it calls {', '.join(missing)}, which is nowhere" if missing else error
    return (
        f"compiled code cannot be loaded: {what}. This is a defect of wengert: please "
        'report it, with the system and its C library; engine "numpy" runs meanwhile'
    )
