"""Calls of a jitted function with traced arguments: `grad(jit(f))` and its like.

In a Graph that is being traced, f is run where the call stands, so that its equations
become part of that Graph. Under a derivative that runs eagerly, f is run by its
compiled path on the values inside, and the tape keeps one entry for the whole call: a
compiled function of arguments and cotangents. In forward mode it is one of arguments
and tangents.

Law: each level takes the newest Tracers off and calls the function again, on the values
inside; so nested derivatives come to plain values in the end, and each level has one
entry, or one pair, for the call.

A path that is not known yet is recorded on copies, and f is run on the Tracers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.graph.types import is_inexact
from wengert.operators.compilation.calls import Call, Statics
from wengert.operators.compilation.containers import (
    put_together,
    take_apart,
    take_result_apart,
)
from wengert.operators.compilation.paths import Path
from wengert.primitives.batches import spread
from wengert.trace.levels import Level
from wengert.trace.tracer import Tracer
from wengert.trace.views import memory
from wengert.transforms.batching import Batched, Batching, batch_function
from wengert.transforms.forward import Forward, push_function
from wengert.transforms.reverse import Tape, record_function

__all__ = ["Traced"]

Ready = Callable[[Call], tuple[Path, tuple[Any, ...]] | None]


class Result(NamedTuple):
    """The leaves of a result, NumPy's or traced where they are computed."""

    leaves: list[Any]
    structure: Any


class Traced:
    """What a jitted function does with traced arguments.

    Parameters
    ----------
    f : callable
    statics : Statics
    ready : callable
        Runs a recorded path on plain arguments, or gives None.
    learn : callable
        Records a path of plain arguments.
    make : callable
        `jit`.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        statics: Statics,
        ready: Ready,
        learn: Callable[[Call], None],
        make: Callable[..., Any],
    ) -> None:
        self._f, self._statics = f, statics
        self._ready, self._learn = ready, learn
        self._pull, self._push = make(_pull_of(f)), make(_push_of(f))
        self._batch = make(_batch_of(f))

    def call(self, call: Call) -> Any:
        """Be f."""
        leaves = [_settled(v) for v in call.leaves]
        level = _newest(leaves)
        if isinstance(level, Batching) and _only_eager(_stacks(level, leaves)):
            return self._on_batch(level, call, leaves)
        if _only_eager(leaves):
            result = self._at(call, leaves)
            if result is not None:
                return put_together(result.structure, result.leaves)
            self._learn_on_copies(call, leaves)
        args, kwargs = call.arguments(call.leaves)
        return self._f(*args, **kwargs)

    def _on_batch(self, level: Batching, call: Call, leaves: list[Any]) -> Any:
        """Call the compiled function of all members."""
        mapped = tuple(i for i, v in enumerate(leaves) if level.owns(v))
        args, kwargs = call.arguments(_stacks(level, leaves))
        result = self._batch(mapped, level.size, args, kwargs)
        found, structure = take_apart(result)
        return put_together(
            structure, [Batched(level, v) if _is_array(v) else v for v in found]
        )

    def _at(self, call: Call, leaves: list[Any]) -> Result | None:
        """Run the call at the newest level of its leaves; None if that needs a path
        that is not known."""
        level = _newest(leaves)
        if level is None:
            found = self._ready(self._with(call, leaves))
            if found is None:
                return None
            path, outputs = found
            return Result(path.outline.fill(outputs), path.outline.structure)
        inside = [v.value if _owns(level, v) else v for v in leaves]
        result = self._at(call, inside)
        if result is None:
            return None
        active = tuple(
            i for i, v in enumerate(leaves) if _owns(level, v) and is_inexact(v.dtype)
        )
        if not active:
            return result
        if isinstance(level, Tape):
            return self._on_tape(level, call, leaves, active, result)
        return self._on_duals(level, call, leaves, active, result)

    def _on_tape(
        self,
        tape: Tape,
        call: Call,
        leaves: list[Any],
        active: tuple[int, ...],
        result: Result,
    ) -> Result:
        places = [i for i, v in enumerate(result.leaves) if _is_inexact(v)]
        kept = [
            v.value
            if _owns(tape, v)
            else tape.captured.keep(v)
            if type(v) is np.ndarray and v.dtype.kind != "O"
            else v
            for v in leaves
        ]
        args, kwargs = call.arguments(kept)
        count = len(result.leaves)

        def pull(y_bars: Sequence[Any]) -> Sequence[Any]:
            bars: list[Any] = [None] * count
            for i, y_bar in zip(places, y_bars, strict=True):
                bars[i] = y_bar
            return self._pull(active, args, kwargs, bars)  # type: ignore[no-any-return]

        values = [_as_array(result.leaves[i]) for i in places]
        nodes = [leaves[i] for i in active]
        return _with_values(result, places, tape.attach(values, nodes, pull))

    def _on_duals(
        self,
        level: Forward,
        call: Call,
        leaves: list[Any],
        active: tuple[int, ...],
        result: Result,
    ) -> Result:
        places = [i for i, v in enumerate(result.leaves) if _is_inexact(v)]
        args, kwargs = call.arguments(
            [v.value if _owns(level, v) else v for v in leaves]
        )
        directions = []
        for d in range(level.directions):
            x_dots = [
                np.zeros(leaves[i].shape, leaves[i].dtype)[()]
                if leaves[i].tangents[d] is None
                else leaves[i].tangents[d]
                for i in active
            ]
            directions.append(self._push(active, args, kwargs, x_dots))
        values = [
            level.pair(_as_array(result.leaves[i]), [dots[i] for dots in directions])
            for i in places
        ]
        return _with_values(result, places, values)

    def _learn_on_copies(self, call: Call, leaves: list[Any]) -> None:
        plain = [v.copy() if type(v) is np.ndarray else v for v in map(memory, leaves)]
        try:
            self._learn(self._with(call, plain))
        except Exception:
            return  # f, run on the Tracers, will raise it too

    def _with(self, call: Call, leaves: list[Any]) -> Call:
        args, kwargs = call.arguments(leaves)
        return Call(args, kwargs, self._statics)


# ----- the derivatives of f as functions that can be jitted -----


def _pull_of(f: Callable[..., Any]) -> Callable[..., Any]:
    def pullback(
        active: tuple[int, ...], args: Any, kwargs: Any, y_bars: list[Any]
    ) -> list[Any]:
        """Give the cotangents of the active leaves of the arguments."""
        run, inputs = _on_active(f, active, args, kwargs, y_bars)
        _, pull = record_function(run, inputs)
        return pull([y_bar for y_bar in y_bars if y_bar is not None])

    pullback.__name__ = f"pullback of {_name(f)}"
    return pullback


def _push_of(f: Callable[..., Any]) -> Callable[..., Any]:
    def pushforward(
        active: tuple[int, ...], args: Any, kwargs: Any, x_dots: list[Any]
    ) -> list[Any]:
        """Give the tangents of the leaves of the result."""
        run, inputs = _on_active(f, active, args, kwargs, None)
        return push_function(run, inputs, [x_dots])[1][0]

    pushforward.__name__ = f"pushforward of {_name(f)}"
    return pushforward


def _batch_of(f: Callable[..., Any]) -> Callable[..., Any]:
    def batch(mapped: tuple[int, ...], size: int, args: Any, kwargs: Any) -> Any:
        """Give the result of all members, with the batch as the first axis."""
        leaves, structure = take_apart((args, kwargs))
        forms: list[Any] = []

        def run(*values: Any) -> list[Any]:
            given, named = put_together(structure, list(values))
            found, form = take_apart(f(*given, **named))
            forms[:] = form, found
            return [_as_array(v) for v in found if _is_number(v)]

        ours = [i in mapped for i in range(len(leaves))]
        y, own = batch_function(run, leaves, ours, size)
        rest = iter([spread(v, m, size) for v, m in zip(y, own, strict=True)])
        form, found = forms
        return put_together(form, [next(rest) if _is_number(v) else v for v in found])

    batch.__name__ = f"batch of {_name(f)}"
    return batch


def _on_active(
    f: Callable[..., Any],
    active: tuple[int, ...],
    args: Any,
    kwargs: Any,
    wanted: list[Any] | None,
) -> tuple[Callable[..., list[Any]], list[Any]]:
    """Make f a function of its active leaves, whose result is flat."""
    leaves, structure = take_apart((args, kwargs))

    def run(*tracers: Any) -> list[Any]:
        filled = list(leaves)
        for i, tracer in zip(active, tracers, strict=True):
            filled[i] = tracer
        given, named = put_together(structure, filled)
        found, _ = take_result_apart(f(*given, **named))
        if wanted is None:
            return found
        pairs = zip(found, wanted, strict=True)
        return [_as_array(v) for v, y_bar in pairs if y_bar is not None]

    return run, [leaves[i] for i in active]


# ----- leaves -----


def _settled(leaf: Any) -> Any:
    """Take of an array that is written to what it is now."""
    return np.copy(leaf) if isinstance(leaf, Tracer) and leaf.is_mutable else leaf


def _only_eager(leaves: Sequence[Any]) -> bool:
    """Tell whether all levels are of plain reverse and forward mode."""
    for leaf in leaves:
        while isinstance(leaf, Tracer):
            if leaf.is_mutable or type(leaf.level) not in (Tape, Forward):
                return False
            leaf = leaf.value
    return True


def _newest(leaves: Sequence[Any]) -> Any:
    levels: list[Level] = [v.level for v in leaves if isinstance(v, Tracer)]
    return max(levels, key=lambda level: level.number, default=None)


def _stacks(level: Any, leaves: Sequence[Any]) -> list[Any]:
    return [v.stack if level.owns(v) else v for v in leaves]


def _owns(level: Level, leaf: Any) -> bool:
    return isinstance(leaf, Tracer) and leaf.level is level


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, Tracer | np.ndarray | np.generic)


def _is_number(leaf: Any) -> bool:
    return _is_array(leaf) or isinstance(leaf, float | complex)


def _is_inexact(leaf: Any) -> bool:
    if isinstance(leaf, Tracer | np.ndarray | np.generic):
        return is_inexact(leaf.dtype)
    return isinstance(leaf, float | complex)


def _as_array(leaf: Any) -> Any:
    return leaf if hasattr(leaf, "dtype") else np.asarray(leaf)[()]


def _with_values(result: Result, places: list[int], values: Sequence[Any]) -> Result:
    leaves = list(result.leaves)
    for i, value in zip(places, values, strict=True):
        leaves[i] = value
    return Result(leaves, result.structure)


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", None) or type(f).__name__
