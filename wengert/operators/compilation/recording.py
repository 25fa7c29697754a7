"""Recording a path: run f plainly, run it on Tracers, and compare.

The plain run gives the caller's result, with all that f does besides. Only if the
traced run on copies of the same arguments agrees with it, and the plain run has changed
nothing around it, may a Graph stand for f.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.engines import Engine
from wengert.engines.signature import Complex, Float
from wengert.graph.equations import Graph
from wengert.graph.types import ArrayType
from wengert.operators.compilation.calls import Call
from wengert.operators.compilation.containers import take_result_apart
from wengert.operators.compilation.lifting import Lifting, captures_arrays
from wengert.operators.compilation.paths import Path, Recorded
from wengert.operators.compilation.results import (
    Disagreement,
    Outline,
    check_values,
    outline,
)
from wengert.operators.compilation.surroundings import Surroundings, same_bytes
from wengert.passes.prepare import prepare
from wengert.trace.levels import staging
from wengert.trace.staging import GraphLevel, stage_function
from wengert.trace.tracer import Tracer

__all__ = ["Recording", "Refusal", "as_input", "record"]


class Refusal(NamedTuple):
    """Why a call cannot be recorded.

    Attributes
    ----------
    reason : str
        Ends the sentence "f runs as plain Python: …".
    by_floats : bool
        Whether it may be recorded with Python floats built in.
    passing : bool
        Whether the next call may well be recorded.
    """

    reason: str
    by_floats: bool = False
    passing: bool = False


class Recording(NamedTuple):
    """What came of it: the result of the plain run, and a path or why there is none."""

    result: Any
    path: Path | Refusal


def record(
    f: Callable[..., Any], call: Call, engine: Engine, floats_too: bool
) -> Recording:
    """Run f plainly, and record its path.

    Parameters
    ----------
    f : callable
    call : Call
    engine : Engine
    floats_too : bool
        Whether Python floats are built into the Graph.

    Raises
    ------
    Exception
        What the plain run raises.
    """
    saved = _copies(call.leaves)
    around = Surroundings(f, call.leaves)
    args, kwargs = call.arguments(call.leaves)
    result = f(*args, **kwargs)
    change = _written(call.leaves, saved) or around.change()
    if change:
        return Recording(result, Refusal(change))
    plain = take_result_apart(result)
    if any(isinstance(leaf, Tracer) for leaf in plain[0]):
        return Recording(result, Refusal("it uses a traced value", passing=True))
    path = _traced(f, call, saved, plain, engine, floats_too, lifting=True)
    around_f = [f, *(v for v in saved if type(v) is not np.ndarray)]
    if isinstance(path, Refusal) and not path.passing and captures_arrays(around_f):
        # Perhaps a captured array went where no Tracer can go.
        path = _traced(f, call, saved, plain, engine, floats_too, lifting=False)
    return Recording(result, path)


def _traced(
    f: Callable[..., Any],
    call: Call,
    saved: list[Any],
    plain: tuple[list[Any], Any],
    engine: Engine,
    floats_too: bool,
    lifting: bool,
) -> Path | Refusal:
    """Trace and compare; `lifting`, with captured arrays traced as well."""
    try:
        started = time.perf_counter()
        staged = _stage(f, call, saved, floats_too, lifting)
        if staged is None:
            return Refusal("it uses a traced value", passing=True)
        graph, found, computed = staged
        form = outline(plain, found, computed)
        check_values(plain[0], found[0], lambda: _again(f, call, saved))
        return _compiled(graph, form, engine, started)
    except Disagreement as error:
        floats = any(type(kind) in (Float, Complex) for kind in call.kinds)
        return Refusal(str(error), error.of_dtypes and floats and not floats_too)
    except Exception as error:
        # Whatever it is, the plain run did well without.
        return Refusal(f"it cannot be traced ({type(error).__name__}: {error})")


def _stage(
    f: Callable[..., Any],
    call: Call,
    saved: list[Any],
    floats_too: bool,
    lifting: bool,
) -> tuple[Graph, tuple[list[Any], Any], list[bool]] | None:
    """Run f on Tracers.

    Returns
    -------
    graph : Graph
    found : tuple
        Leaves of the result, as values, and its structure.
    computed : list of bool
        Which leaves are outputs of the Graph.
        Or None, if f has met a Tracer of another level.
    """
    level, traced = GraphLevel(), call.traced(floats_too)
    inputs = [as_input(saved[i]) for i in traced]
    if lifting:
        lift = Lifting(level.captured).value
        f, saved = lift(f), [v if type(v) is np.ndarray else lift(v) for v in saved]
    run = _Run(f, call, saved, traced)
    strict, staging.strict = staging.strict, True
    try:
        values, graph = stage_function(run, inputs, level)
    finally:
        staging.strict = strict
    if _holds_tracer(graph, values):
        return None
    if level.unguarded:
        what, where = level.unguarded[0]
        raise Disagreement(f"it {what} (at {where}), which a Graph would not repeat")
    return graph, run.with_values(values), run.ours


def _compiled(graph: Graph, form: Outline, engine: Engine, started: float) -> Path:
    traced = time.perf_counter()
    small = prepare(graph, engine.capabilities.native)
    recorded = Recorded(len(graph.equations), traced - started, 0.0)
    path = Path(engine, small, form, recorded)
    path.recorded = recorded._replace(compiled=time.perf_counter() - traced)
    return path


class _Run:
    """f as a function of its traced leaves alone, that remembers what it returned."""

    def __init__(
        self,
        f: Callable[..., Any],
        call: Call,
        saved: list[Any],
        traced: list[int],
    ) -> None:
        self._f, self._call, self._saved, self._traced = f, call, saved, traced
        self._leaves: list[Any] = []
        self._structure: Any = None
        self.ours: list[bool] = []

    def __call__(self, *tracers: Any) -> list[Any]:
        leaves = list(self._saved)
        for i, tracer in zip(self._traced, tracers, strict=True):
            leaves[i] = tracer
        args, kwargs = self._call.arguments(leaves)
        found, self._structure = take_result_apart(self._f(*args, **kwargs))
        for tracer in tracers:
            if tracer.is_mutable:  # a write that changed nothing, this time
                raise Disagreement(
                    f"it writes to an argument, {ArrayType.of(tracer)!r}"
                )
        self.ours = [isinstance(v, Tracer | np.ndarray) for v in found]
        self._leaves = [
            None if own else v for v, own in zip(found, self.ours, strict=True)
        ]
        return [v for v, own in zip(found, self.ours, strict=True) if own]

    def with_values(self, values: list[Any]) -> tuple[list[Any], Any]:
        """Give the leaves of the result, and its structure."""
        rest = iter(values)
        pairs = zip(self._leaves, self.ours, strict=True)
        return [next(rest) if own else v for v, own in pairs], self._structure


def as_input(leaf: Any) -> Any:
    """Give a traced leaf as a Graph takes it: Python numbers as NumPy scalars."""
    if type(leaf) is float:
        return np.float64(leaf)
    return np.complex128(leaf) if type(leaf) is complex else leaf


def _again(f: Callable[..., Any], call: Call, saved: list[Any]) -> list[Any]:
    args, kwargs = call.arguments(_copies(saved))
    return take_result_apart(f(*args, **kwargs))[0]


def _copies(leaves: list[Any]) -> list[Any]:
    return [v.copy(order="K") if type(v) is np.ndarray else v for v in leaves]


def _written(leaves: list[Any], saved: list[Any]) -> str | None:
    for x, before in zip(leaves, saved, strict=True):
        if type(x) is np.ndarray and (
            x.shape != before.shape
            or x.dtype != before.dtype
            or not same_bytes(x, before)
        ):
            return f"it writes to an argument, {ArrayType.of(before)!r}"
    return None


def _holds_tracer(graph: Graph, values: list[Any]) -> bool:
    captured = [capture.value for capture in graph.captures]
    return any(isinstance(v, Tracer) for v in (*captured, *values))
