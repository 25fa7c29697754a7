"""The LLVM engine: from a Graph to machine code that Python calls."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np

from wengert.engines.engine import Capabilities, Compiled
from wengert.engines.inspection import Fallback, Inspection, StageInspection
from wengert.engines.llvm.blas import routine
from wengert.engines.llvm.compiler import Module, compile_module
from wengert.engines.llvm.emit import Library, emit
from wengert.engines.llvm.entry import make_entry
from wengert.engines.llvm.flat import call_flat
from wengert.engines.llvm.mathematics import vector_function
from wengert.engines.llvm.segments import Stage, stages_of
from wengert.engines.llvm.target import Target, host_target
from wengert.engines.loops import Program, lower
from wengert.engines.loops.failures import FAILURES
from wengert.engines.loops.kinds import why_not
from wengert.engines.loops.lowering import INDEX_ERROR
from wengert.engines.loops.summary import summarize
from wengert.engines.loops.threads import is_long
from wengert.engines.numpy import NumpyEngine
from wengert.engines.signature import Argument, Array, NumpyScalar, Result, Tuple
from wengert.errors import EngineError, GuardError
from wengert.garbage import uncollected
from wengert.graph import ArrayType, Graph, Var, name_vars
from wengert.graph import Literal as Number

__all__ = ["LlvmEngine", "Native"]

# Modules with more calls of mathematical functions do not inline them: each is some
# hundred instructions, and LLVM would take longer than all runs together.
_MANY = 24

# A call of BLAS or LAPACK; those of mathematical functions give a value.
_ROUTINE = re.compile(r"call void @wengert_(\w+)\(")


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """The native code of a Graph, and what is to be known about it.

    Attributes
    ----------
    graph : Graph
    program : Program
    ir : str
        The LLVM IR that was compiled.
    module : Module
    lowering : float
        Seconds from the Graph to IR; what LLVM took is `module.seconds`.
    """

    graph: Graph
    program: Program
    ir: str
    module: Module
    lowering: float

    @property
    def address(self) -> int:
        """Where the function `run` begins."""
        return self.module.address("run")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Compilation:
    """All that was made of a Graph; alive for as long as what calls it.

    Attributes
    ----------
    graph : Graph
    stages : list of Stage
    natives : list of Native or None
        Of each stage; None for one that runs on NumPy.
    """

    graph: Graph
    stages: list[Stage]
    natives: list[Native | None]

    @property
    def whole(self) -> Native | None:
        """The native code of the Graph, if it is one stage of it."""
        return self.natives[0] if len(self.stages) == 1 else None


class LlvmEngine:
    """Compile Graphs through LLVM.

    Parameters
    ----------
    accuracy : "fast" or "exact"
        Mathematical functions of vectors to 4 units in the last place; or as the C
        library has them, at several times the cost.
    threads : int, optional
        How many threads a long loop goes on: as the environment variable
        WENGERT_THREADS says, or OMP_NUM_THREADS, or as many as there are cores.
    target : Target, optional
        The machine that code is made for: this one.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[], y: f64[]) {
    ...     z = multiply x y
    ...     w = add z 1.0
    ...     return w, z
    ... }''')
    >>> run = LlvmEngine().compile(graph)
    >>> run(2.0, 5.0)
    (np.float64(11.0), np.float64(10.0))
    """

    capabilities = Capabilities(kinds="biufc", tracers=False, exact=False, native=True)

    def __init__(
        self,
        accuracy: Literal["fast", "exact"] = "fast",
        threads: int | None = None,
        target: Target | None = None,
    ) -> None:
        self.accuracy: Literal["fast", "exact"] = accuracy
        self.name = "llvm" if accuracy == "fast" else f"llvm-{accuracy}"
        self.threads = default_threads() if threads is None else threads
        self._target = host_target() if target is None else target
        # By the id of the Graph, which the Compilation keeps alive.
        self._alive: WeakValueDictionary[int, Compilation] = WeakValueDictionary()

    def compile(self, graph: Graph) -> Compiled:
        """Make a callable on flat arrays; equations without native code run on NumPy.

        Parameters
        ----------
        graph : Graph

        Returns
        -------
        callable
            See `wengert.engines.engine` for the contract.
        """
        made = self._compilation(graph)
        if made.whole is not None:
            return self._flat(made.whole, made)
        runs = [
            NumpyEngine().compile(stage.graph) if native is None else self._part(native)
            for stage, native in zip(made.stages, made.natives, strict=True)
        ]

        def call(*inputs: Any) -> tuple[Any, ...]:
            graph = made.graph
            values = dict(zip(graph.inputs, inputs, strict=True))
            for capture in graph.captures:
                values[capture.var] = capture.value
            for stage, run in zip(made.stages, runs, strict=True):
                outputs = run(*[values[var] for var in stage.graph.inputs])
                for atom, value in zip(stage.graph.outputs, outputs, strict=True):
                    assert isinstance(atom, Var)
                    values[atom] = value
            return _own(graph, values)

        return call

    def entry(
        self,
        graph: Graph,
        arguments: tuple[Argument, ...],
        results: Result,
        slow: Callable[..., Any],
    ) -> Callable[..., Any]:
        """Make the builtin that is called instead of the user's function.

        Raises
        ------
        EngineError
            If some equation has no native code.
        """
        made = self._compilation(graph)
        native = made.whole
        if native is None:
            raise EngineError("some equations of this Graph run on NumPy")
        return make_entry(
            native.address,
            native.program.scratch,
            arguments,
            results,
            [capture.value for capture in native.graph.captures],
            slow,
            keep=made,
            release_gil=is_long(native.program),
        )

    def llvm(self, graph: Graph) -> str:
        """Give the LLVM IR of a Graph; of its native stages one after the other."""
        natives = self._compilation(graph).natives
        return "\n".join(native.ir for native in natives if native is not None)

    def inspect(self, graph: Graph) -> Inspection:
        """Tell what became of a Graph: stages, groups, memory, times."""
        made = self._compilation(graph)
        pairs = zip(made.stages, made.natives, strict=True)
        stages = tuple(_inspected(stage, native) for stage, native in pairs)
        return Inspection(stages, self.threads)

    def _compilation(self, graph: Graph) -> Compilation:
        """Compile a Graph, unless that is done and in use."""
        made = self._alive.get(id(graph))
        if made is None:
            stages = stages_of(graph)
            natives = [self.native(s.graph) if s.is_native else None for s in stages]
            made = self._alive[id(graph)] = Compilation(graph, stages, natives)
        return made

    def native(self, graph: Graph) -> Native:
        """Compile a Graph of which every equation has native code."""
        started = perf_counter()
        with uncollected():
            program = lower(graph, threads=self.threads)
            lanes = self._target.vector_bytes
            ir = emit(program, self._library(True), lanes)
            if ir.count("@wengert_") - len(_ROUTINE.findall(ir)) > _MANY:
                ir = emit(program, self._library(False), lanes)
        lowering = perf_counter() - started
        for name in dict.fromkeys(_ROUTINE.findall(ir)):
            routine(name)
        module = compile_module(ir, target=self._target)
        return Native(graph, program, ir, module, lowering)

    def _library(self, inline: bool) -> Library:
        def find(name: str, type: str, width: int) -> tuple[str, tuple[str, ...]]:
            found = vector_function(
                name, type, max(1, width), self.accuracy,
                inline=inline, target=self._target,
            )  # fmt: skip
            return found.symbol, found.parts

        return find

    def _flat(self, native: Native, keep: object) -> Compiled:
        graph = native.graph
        return call_flat(
            native.address,
            native.program.scratch,
            [var.type for var in graph.inputs],
            [_type(atom) for atom in graph.outputs],
            [capture.value for capture in graph.captures],
            failed=lambda code: failure(graph, code),
            keep=keep,
        )

    def _part(self, native: Native) -> Compiled:
        graph = native.graph
        return make_entry(
            native.address,
            native.program.scratch,
            [_argument(var.type) for var in graph.inputs],
            Tuple(tuple(_argument(_type(atom)) for atom in graph.outputs)),
            [capture.value for capture in graph.captures],
            self._flat(native, native.module),
            keep=native.module,
        )


def _inspected(stage: Stage, native: Native | None) -> StageInspection:
    equations, outputs = stage.graph.equations, len(stage.graph.outputs)
    if native is None:
        fallbacks = tuple(
            Fallback(e.primitive.name, e.source, why_not(e)) for e in equations
        )
        return StageInspection(len(equations), outputs, fallbacks=fallbacks)
    seconds = native.module.seconds
    return StageInspection(
        len(equations),
        outputs,
        groups=summarize(native.program),
        scratch=native.program.scratch,
        lowering=native.lowering,
        compiling=seconds.total,
        cached=seconds.cached,
    )


def default_threads() -> int:
    """Tell how many threads a long loop may use."""
    if sys.platform == "win32":
        return 1  # which has no POSIX threads
    for name in ("WENGERT_THREADS", "OMP_NUM_THREADS"):
        said = os.environ.get(name, "")
        if said.isdigit() and int(said):
            return int(said)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _argument(type: ArrayType) -> Any:
    return Array(type.shape, type.dtype) if type.shape else NumpyScalar(type.dtype)


def _type(atom: Var | Number) -> ArrayType:
    return ArrayType.of(atom.value) if isinstance(atom, Number) else atom.type


def _own(graph: Graph, values: dict[Var, Any]) -> tuple[Any, ...]:
    """Give the outputs; what is an input or a capture, or given twice, is copied."""
    seen = {id(values[var]) for var in graph.inputs}
    seen |= {id(capture.value) for capture in graph.captures}
    outputs: list[Any] = []
    for atom in graph.outputs:
        y = np.asarray(atom.value)[()] if isinstance(atom, Number) else values[atom]
        if type(y) is np.ndarray and id(y) in seen:
            y = y.copy()
        seen.add(id(y))
        outputs.append(y)
    return tuple(outputs)


def failure(graph: Graph, code: int) -> Exception:
    """Make the exception that a code of native code stands for."""
    if code == INDEX_ERROR:
        return IndexError(
            "an index is out of bounds for its axis. Run the function without jit to "
            "see where"
        )
    if code in FAILURES:
        return np.linalg.LinAlgError(FAILURES[code])
    if code < 0:
        return MemoryError("there is no memory to keep the states of a while loop")
    guard = graph.guards[code - 2]
    source = f" at {guard.source}" if guard.source else ""
    return GuardError(
        f"{name_vars(graph)[guard.var]} was {guard.told} when the function was "
        f"traced{source}, and is not now: another branch is taken. "
        "Trace the function again with these inputs"
    )
