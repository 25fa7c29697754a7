"""Levels: one for each running derivative, the newest innermost.

A function under differentiation runs on Tracers of one level. The value inside a Tracer
may be a Tracer of an older level; an operation is recorded at the newest level among
its inputs, for which all others are constants, and computed on the values inside, where
the next older level meets it in turn. So nested derivatives never confuse their
perturbations (Siskind & Pearlmutter, 2005, "Perturbation confusion and referential
transparency").

Example: in `grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0)` the sum is recorded at
the level of y with x as a constant, and inside that at the level of x.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from wengert.errors import (
    ArgumentError,
    EscapedTracerError,
    Source,
    TracerLeakError,
    WengertError,
    is_ours,
    user_source,
)
from wengert.graph.primitive import Linear, Primitive
from wengert.primitives.indexing import Index, filled, gather_
from wengert.trace import standing
from wengert.trace.views import Pick, link, shares_memory

__all__ = ["Level", "Staging", "Target", "bind", "compute", "run", "running", "staging"]

# Levels are ordered by birth. `next` on a count is atomic, so threads may open levels.
# The odd numbers between are those of wengert/imperative, whose levels are not opened.
_births = itertools.count(2, 2)


class Target(NamedTuple):
    """Where a write goes: an Index, the index arrays that fill it, and whether these
    surely name no place twice (see primitives/indexing.py)."""

    at: Index
    indices: Sequence[Any]
    unique: bool

    @property
    def key(self) -> Any:
        """The key as NumPy takes it."""
        return filled(self.at, self.indices) if self.indices else self.at


class Level:
    """One run of a function on Tracers: what happens to an operation at this level."""

    __slots__ = ("number", "open", "views")
    # Whether its Tracers have values, which Python may ask for.
    has_values: ClassVar[bool] = True
    # Where it has none to tell: whether there is one to try things on.
    has_examples: ClassVar[bool] = False

    def __init__(self) -> None:
        self.number = next(_births)
        self.open = True
        # Of Tracers by their ids, weak references to their views.
        self.views: dict[int, list[Any]] = {}

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Apply a primitive where this level is the newest among the inputs."""
        raise NotImplementedError

    def lift(self, value: Any) -> Any:
        """Make a Tracer of a value that is constant at this level."""
        raise NotImplementedError

    def owned(self, tracer: Any) -> Any:
        """Copy a Tracer of this level, so that it can be written to."""
        raise NotImplementedError

    def frozen(self, tracer: Any, needed: bool) -> Any:
        """Copy what an operation may keep of a Tracer that will be written to; its
        value only if needed."""
        raise NotImplementedError

    def write(self, tracer: Any, value: Any, target: Target) -> None:
        """Write into a Tracer of this level that nothing else refers to."""
        raise NotImplementedError

    def read(self, tracer: Any, key: Any) -> Any:  # noqa: ARG002
        """Be `tracer[key]` for an int or slice where that is fast, otherwise None."""
        return None

    def put(self, tracer: Any, key: Any, value: Any) -> bool:  # noqa: ARG002
        """Write a Tracer of this level to an int or slice, where that can be done fast;
        tell whether it is done."""
        return False

    def noted(self, what: str) -> None:
        """Learn that Python was told of a value what no guard holds fast.

        Parameters
        ----------
        what : str
            Ends the sentence "f …".
        """

    def mark(self) -> Any:
        """Give what `rewind` needs to forget what is recorded from here on."""
        return None

    def rewind(self, mark: Any) -> None:
        """Forget what was recorded since a mark."""

    def close(self) -> None:
        """End the run: Tracers of this level can no longer be computed with."""
        self.open = False

    def check_open(self) -> None:
        """Raise EscapedTracerError if the run has ended."""
        if not self.open:
            raise escaped()


class Running(threading.local):
    """Count, for this thread, the open runs."""

    depth = 0


running = Running()


def run(level: Level, f: Callable[..., Any], tracers: Iterable[Any]) -> Any:
    """Run f on Tracers of a level, and end the level.

    Where a traced value would become a plain number, f runs once more, with stand-ins
    for what NumPy's protocols do not see (trace/standing.py); and again, where that run
    leaks in a module of the user's that had none yet.

    Raises
    ------
    TracerLeakError
        If the last run leaks too.
    """
    tracers = list(tracers)
    running.depth += 1
    try:
        if standing.known.active:
            return _once(f, tracers)
        # What f writes to an input changes the input itself.
        fresh = [
            (type(t), t.value, t.own) if hasattr(type(t), "own") else t for t in tracers
        ]
        mark = level.mark()
        namespaces = standing.remembered(f)
        while True:
            try:
                if namespaces is None:
                    return _once(f, tracers)
                with standing.standing_in(namespaces):
                    outputs = _once(f, tracers)
                standing.remember(f, namespaces)
                return outputs
            except TracerLeakError as error:
                more = standing.extended(f, namespaces, error)
                if more is None:
                    raise
                namespaces = more
            level.rewind(mark)
            tracers = [_again(level, *t) if isinstance(t, tuple) else t for t in fresh]
    finally:
        running.depth -= 1
        level.close()


def _again(level: Level, kind: Any, value: Any, own: Any) -> Any:
    tracer = kind.__new__(kind)
    tracer.level, tracer.value, tracer.own = level, value, own
    return tracer


def _once(f: Callable[..., Any], tracers: Sequence[Any]) -> Any:
    """Run f, and check that what it returns belongs to an open run.

    Raises
    ------
    TracerLeakError
        Also where f writes a traced value into a plain array, which NumPy reports as
        "setting an array element with a sequence".
    """
    try:
        outputs = []
        for y in f(*tracers):
            if hasattr(type(y), "__wengert_bind__"):
                y = y.settled()  # a Tracer, or a plain array
                if hasattr(type(y), "__wengert_bind__") and not y.level.open:
                    raise escaped()
            outputs.append(y)
        return outputs
    except SystemError as error:
        # What a C function made of an error that its callback raised.
        if isinstance(error.__cause__, WengertError):
            raise error.__cause__ from None
        raise
    except ValueError as error:
        # Of `y.flat[i] = x` NumPy does not tell the cause.
        if (
            not isinstance(error.__cause__, TracerLeakError)
            and str(error) != "Error setting single item of array."
        ):
            raise
        raise TracerLeakError(
            "a traced value was to be written into a plain NumPy array, y[i] = x, and "
            f"would lose its derivative (at {_source_of(error)}). Build the array from "
            "its parts instead: np.stack, np.concatenate or np.where."
        ).with_traceback(error.__traceback__) from None


def _source_of(error: BaseException) -> Source | None:
    """Find the line of the user that an error came from."""
    traceback, found = error.__traceback__, None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_ours(code.co_filename):
            found = Source(code.co_filename, traceback.tb_lineno, code.co_name)
        traceback = traceback.tb_next
    return found


def escaped() -> EscapedTracerError:
    """Make the error of a traced value used after its run, with the user's line."""
    return EscapedTracerError(
        "a traced value was used after the derivative that traced it had ended "
        f"(at {user_source()}). It was stored outside the function, perhaps in a list, "
        "an attribute or a global, or captured by a rule, which must take it as an "
        "argument instead. Return it from the function instead; has_aux=True "
        "gives back such extra values as plain arrays."
    )


# Other subclasses have arithmetic of their own: np.matrix, np.ma.MaskedArray…
_PLAIN = (np.ndarray, np.memmap)


def foreign_array(x: Any) -> ArgumentError:
    """Make the error of an array class whose arithmetic is not that of the rows."""
    return ArgumentError(
        f"a traced value meets a {type(x).__name__}, whose rules for arithmetic differ "
        f"from those of a plain array (at {user_source()}). Use np.asarray(a), or "
        "a.filled(...) for a masked array."
    )


def bind(row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """Apply a primitive for the user, who may write to what comes out."""
    y = compute(row, inputs, params)
    if type(row) is Linear and row.outputs == len(inputs) == 1:
        (x,) = inputs
        # A view of an array that is written to knows so already.
        if not x.is_mutable and shares_memory(y, x):
            link(y, x, row, params)
    elif row is gather_ and y.shape and _picks(inputs):
        x, *indices = inputs
        pick: Any = Pick(filled(params["index"], indices))
        if x.is_mutable:
            return x.derived(y, pick)
        link(y, x, pick, {})
    return y


def _picks(inputs: Sequence[Any]) -> bool:
    """Tell whether a traced array is read at integers that have no value yet."""
    return all(hasattr(type(x), "__wengert_bind__") for x in inputs[:2]) and not any(
        i.shape for i in inputs[1:]
    )


def compute(row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """Apply a primitive at the newest level among its inputs, or plainly.

    Levels call this for the values inside their Tracers, which no one else writes to.
    """
    newest: Level | None = None
    for x in inputs:
        if hasattr(type(x), "__wengert_bind__"):
            if x.is_mutable:
                return x.apply(row, inputs, params)
            level = x.level
            if newest is None or level.number > newest.number:
                newest = level
        elif isinstance(x, np.ndarray) and type(x) not in _PLAIN:
            raise foreign_array(x)
    if newest is None:
        return row.evaluate(tuple(inputs), params)
    return newest.bind(row, inputs, params)


class Staging(threading.local):
    """Count, for this thread, the open traces that keep their Graph.

    While one is open, derivative products are recorded in their strong form, since a
    Graph will be run at other values than those of the trace.

    Attributes
    ----------
    depth : int
    unrolled : int
        How many of them want the steps of loops, rather than loops.
    """

    depth = 0
    unrolled = 0
    # Whether what Python's own functions would raise is to be guarded against.
    strict = False


staging = Staging()
