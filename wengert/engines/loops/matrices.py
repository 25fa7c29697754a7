"""Matrices where LAPACK reads them: what the rows of linear algebra share.

LAPACK stores matrices by columns: what it reads of memory in C order is the transpose.
So one triangle of a matrix, or a symmetric one, is read where it lies; others are
written down transposed, as NumPy does too, so that signs and singular cases are
NumPy's. Results by columns are seen through a view with strides exchanged, without a
copy.

The factors of a matrix are made once for all that asks for them, its transpose too: the
pullback of `solve` has them from `solve`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from wengert.engines.loops.affine import Affine, Box, Index, broadcast_index, linear
from wengert.engines.loops.expressions import Expression, type_of
from wengert.engines.loops.products import is_matrix
from wengert.engines.loops.program import (
    Buffer,
    Call,
    Check,
    Operand,
    Reduction,
    Step,
    Store,
    View,
)
from wengert.engines.loops.reading import Reader
from wengert.graph import Atom, Equation, Var

__all__ = [
    "COLUMNS",
    "Factors",
    "Surroundings",
    "Writer",
    "by_columns",
    "given",
    "in_turn",
    "is_not_zero",
    "leading",
    "read_memory",
    "turned",
    "where",
    "written",
]

# LAPACK works on so many columns at once, at most: memory for more is of no use.
COLUMNS = 64
# Float32 NumPy makes double, computes, and rounds; these rows do not go by NumPy.
_IN_FLOAT32 = ("cholesky_back", "triangular_solve")


class Factors(NamedTuple):
    """P L U of a stack of matrices, as getrf leaves it.

    Attributes
    ----------
    packed, pivots, info : View
    across : bool
        Whether the matrices were read along their columns in memory.
    """

    packed: View
    pivots: View
    info: View
    across: bool


class Surroundings(Protocol):
    """What this needs of the lowering around it."""

    steps: list[Step]
    factors: dict[Any, Factors]

    def view_of(self, atom: Atom) -> View | None:
        """Find an array in memory."""

    def stored(self, var: Var) -> View:
        """Give a var memory."""

    def settle(self, var: Var, view: View) -> None:
        """Say where a var stands; copy it from there if it has a place already."""

    def is_used(self, var: Var) -> bool:
        """Tell whether anything asks for a var."""

    def fill(self, view: View) -> None:
        """Write zeros into memory."""

    def loops(self, box: Box, write: Any) -> None:
        """Add loops over a box."""


Value = Callable[[Reader, Index], Expression]


class Writer:
    """Write the steps of one equation."""

    def __init__(self, around: Surroundings, equation: Equation) -> None:
        self.around = around
        self.inputs, self.outputs = equation.inputs, equation.outputs
        self.params = equation.params
        type = type_of(equation.outputs[0].type.dtype)
        assert type is not None
        self.type = type if equation.primitive.name in _IN_FLOAT32 else "f64"

    def scratch(self, *shape: int, type: str = "") -> View:
        """Take memory in C order."""
        buffer = Buffer("scratch", 0, type or self.type, math.prod(shape))
        return View.whole(buffer, shape)

    def place(self, var: Var) -> View:
        """Give an output memory, of the type that is computed in."""
        if type_of(var.type.dtype) == self.type:
            return self.around.stored(var)
        return self.scratch(*var.type.shape)

    def write(self, target: View, value: Value) -> View:
        """Write a value to each element of a view."""

        def store(reader: Reader, here: Index) -> list[Store]:
            place = linear(here, target.strides, target.offset, len(here))
            return [Store(target.buffer, place, value(reader, here))]

        self.around.loops(tuple((0, n) for n in target.shape), store)
        return target

    def copy(self, target: View, atom: Atom, transposed: bool = False) -> View:
        """Write down an atom, or its transpose, broadcast to more matrices."""
        shape = atom.type.shape

        def value(reader: Reader, here: Index) -> Expression:
            index = turned(here) if transposed else here
            value = reader.read(atom, broadcast_index(index, shape))
            return reader.build.cast(value, target.buffer.type)

        return self.write(target, value)

    def call(self, routine: str, count: int, *arguments: Any) -> None:
        """Add a call for each matrix of a stack."""
        self.around.steps.append(Call(routine, self.type, count, arguments))

    def check(self, info: View, code: int) -> None:
        """Leave where a routine has failed for any matrix."""
        told = info.buffer
        if info.buffer.size > 1:
            failed = self.scratch(1, type="bool")
            self.reduce("or", failed, info, lambda reader, here: _failed(reader, info))
            told = failed.buffer
        self.around.steps.append(Check(told, 0, code))

    def reduce(self, op: str, target: View, over: View, value: Value) -> None:
        """Combine a value over all places of a view into one, which begins at 0."""
        self.around.fill(target)

        def combine(reader: Reader, here: Index) -> list[Reduction]:
            place = Affine(target.offset, (0,) * len(here))
            return [Reduction(op, target.buffer, place, value(reader, here))]

        self.around.loops(tuple((0, n) for n in over.shape), combine)

    def matrices(self, atom: Atom, stack: tuple[int, ...]) -> View:
        """Find a stack of matrices where BLAS can read it, or copy it there."""
        view = self.around.view_of(atom)
        own = atom.type.shape[:-2]
        known = view is not None and view.buffer.type == self.type and is_matrix(view)
        if view is not None and known and step_of(view) is not None:
            if own == stack or math.prod(own) == 1:
                return view
        stack = own if math.prod(own) == 1 else stack
        return self.copy(self.scratch(*stack, *atom.type.shape[-2:]), atom)

    def factored(self, atom: Atom) -> tuple[Factors, bool]:
        """Make P L U of matrices, or find it; and tell whether of the transpose."""
        *stack, n, _ = atom.type.shape
        view = self.around.view_of(atom)
        key, across = _memory_of(view) if view is not None else (atom, False)
        key = self.type, key
        if (found := self.around.factors.get(key)) is not None:
            return found, found.across != across
        count = math.prod(stack)
        packed = self.copy(self.scratch(*stack, n, n), atom, transposed=True)
        pivots = self.scratch(*stack, n, type="i32")
        info = self.scratch(*stack, type="i32")
        given_back = written(pivots, 1), written(info)
        self.call("getrf", count, n, n, written(packed, 2), n, *given_back)
        found = self.around.factors[key] = Factors(packed, pivots, info, across)
        return found, False


# ----- where things stand -----


def turned(index: Any) -> Any:
    """Exchange the last two of something."""
    *before, i, j = index
    return (*before, j, i)


def by_columns(view: View) -> View:
    """See the transposes of a stack of matrices."""
    return view._replace(shape=turned(view.shape), strides=turned(view.strides))


def step_of(view: View, rank: int = 2) -> int | None:
    """Give the way from one array of a stack to the next; None if it varies."""
    step, length = 0, 1
    for n, stride in zip(
        reversed(view.shape[: len(view.shape) - rank]),
        reversed(view.strides[: len(view.shape) - rank]),
        strict=True,
    ):
        if n == 1:
            continue
        if length > 1 and stride != step * length:
            return None
        step, length = (stride, n) if length == 1 else (step, length * n)
    return step


def given(view: View, rank: int = 0, at: int = 0) -> Operand:
    """Hand over a stack of arrays of this rank, to be read from an element on."""
    step = step_of(view, rank)
    assert step is not None
    return Operand(view.buffer, view.offset + at, step, written=False)


def written(view: View, rank: int = 0, at: int = 0) -> Operand:
    """Hand over a stack of arrays, to be written too."""
    return replace(given(view, rank, at), written=True)


def in_turn(view: View) -> Operand:
    """Give memory that the calls for all matrices of a stack use in turn."""
    return Operand(view.buffer, view.offset, 0, written=True)


def _memory_of(view: View) -> tuple[Any, bool]:
    """Name the memory of matrices, the same for their transposes; and tell whether
    they stand by columns."""
    down, across = view.strides[-2:]
    place = (view.buffer, view.offset, view.shape, view.strides[:-2])
    return (*place, max(down, across), min(down, across)), down < across


def leading(view: View) -> tuple[int, bool]:
    """Give the leading dimension, and whether matrices stand by columns."""
    (m, n), (down, across) = view.shape[-2:], view.strides[-2:]
    if (n == 1 or across == 1) and (m == 1 or down >= n):
        return max(1, down if m > 1 else n), False
    return max(1, across if n > 1 else m), True


def read_memory(reader: Reader, view: View, index: Index) -> Expression:
    """Read memory that belongs to no var."""
    place = linear(index, view.strides, view.offset, reader.rank)
    return reader.build.load(view.buffer, place, view.buffer.type)


def _failed(reader: Reader, info: View) -> Expression:
    here = tuple(
        Affine(0, tuple(int(i == k) for i in range(reader.rank)))
        for k in range(len(info.shape))
    )
    return is_not_zero(reader, read_memory(reader, info, here))


def is_not_zero(reader: Reader, x: Expression) -> Expression:
    """x ≠ 0."""
    return reader.build.compare("ne", x, reader.build.constant(0, x.type))


def where(reader: Reader, op: str, here: Index, x: Any, y: Any) -> Expression:
    """Choose by a comparison of the last two counters, row and column."""
    build, (i, j) = reader.build, here[-2:]
    told = build.compare(op, build.counter(i), build.counter(j))
    return build.select(told, x, y)
