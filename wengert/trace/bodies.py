"""Bodies of loops and branches: a function written down as a Graph, from types alone.

Nothing is computed: the branch that is not taken, or the step after the last, may be
one that cannot be. Tracers carry zeros in the place of values, which tell shapes and
what is a view of what, and Python is refused an answer where it asks for a value.
"""

from __future__ import annotations

import functools
import mmap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from wengert.errors import ControlFlowError, user_source
from wengert.graph.equations import Atom
from wengert.graph.extract import Closed, close
from wengert.graph.primitive import Linear, Primitive
from wengert.graph.types import ArrayType
from wengert.trace.levels import Target, run, staging
from wengert.trace.staging import GraphLevel, Staged
from wengert.trace.tracer import Tracer

__all__ = ["VIEWS", "BodyLevel", "stage_body"]

# Rows that give a view of their argument, or a part of it.
VIEWS = frozenset(
    "broadcast_to flip getitem imag moveaxis real reshape transpose".split()
)


class BodyLevel(GraphLevel):
    """One run on types."""

    __slots__ = ()
    has_values: ClassVar[bool] = False

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Record the equation."""
        self.check_open()
        atoms = [self.atom(v) for v in inputs]
        outputs = self.builder.add(row, atoms, params, user_source())
        values = self._views(row, inputs, params)
        if values is None:
            values = [_zeros(var.type) for var in outputs]
        pairs = zip(values, outputs, strict=True)
        staged = tuple(self.kind(self, value, var) for value, var in pairs)
        return staged if row.is_tuple else staged[0]

    def _views(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> list[Any] | None:
        if type(row) is not Linear or row.name not in VIEWS or len(inputs) > 1:
            return None
        return [row.impl(inputs[0].value, **params)]

    def lift(self, value: Any) -> Any:
        """Capture a value, which may be written to from now on."""
        if type(value) is np.ndarray:
            return super().lift(value)
        var: Any = self.atom(value)
        return self.kind(self, _zeros(ArrayType.of(value)), var)

    def atom(self, x: Any) -> Atom:
        """Find the atom of a value; a Tracer from outside is captured."""
        if isinstance(x, Tracer) and not self.owns(x):
            return self.builder.capture(x)
        return super().atom(x)

    def write_inside(self, staged: Any, value: Any, target: Target) -> None:
        """Leave the zeros as they are."""

    def no_value(self) -> ControlFlowError:
        """Make the error of who looks at a value."""
        return ControlFlowError(
            "the value of what is traced is asked for in the body of a branch or "
            f"loop (at {user_source()}), which is written down once for all values. "
            "Compute it outside, and let the body use it."
        )

    def told(self, staged: Any, answer: Any) -> NoReturn:
        """Refuse the answer."""
        self.check_open()
        asked = "if, while, and, or" if isinstance(answer, bool) else "int or an index"
        repair = (
            "Choose with np.where, or with wengert.cond"
            if isinstance(answer, bool)
            else "An array that it indexes must be traced too: an argument of the "
            "function, or in the carry or the xs"
        )
        raise ControlFlowError(
            f"Python asks for a value {ArrayType.of(staged)} ({asked}) in the body of "
            f"a branch or loop (at {user_source()}), which is written down once for "
            f"all values. {repair}."
        )


def stage_body(f: Callable[..., Sequence[Any]], types: Sequence[ArrayType]) -> Closed:
    """Write a function down as a Graph without captures and guards.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are types, returns a flat sequence of arrays.
    types : sequence of ArrayType

    Returns
    -------
    Closed
        The Graph, and the arrays and Tracers that f has closed over, which are its
        first inputs.

    Raises
    ------
    ControlFlowError
        If Python asks for a value: `if x > 0`.
    """
    level = BodyLevel()
    staging.depth += 1
    try:
        inputs = [Staged(level, _zeros(t), level.builder.input(t)) for t in types]
        outputs = run(level, f, inputs)
    finally:
        staging.depth -= 1
    return close(level.finish(outputs))


# Zeros of more bytes share pages that nobody touches.
_LARGE = 2**12


def _zeros(type_: ArrayType) -> Any:
    if type_.nbytes <= _LARGE:
        return np.zeros(type_.shape, type_.dtype)[()]
    pages = _untouched(1 << (type_.nbytes - 1).bit_length())
    return np.ndarray(type_.shape, type_.dtype, pages)


@functools.lru_cache(64)
def _untouched(size: int) -> mmap.mmap:
    """Reserve zeros, of which the system makes memory only where they are read: a body
    over large arrays is written down in none."""
    return mmap.mmap(-1, size)
