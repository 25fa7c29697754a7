"""What a Graph becomes before it is code: buffers, and steps that fill them.

A `Program` says in loops over elements what a Graph says in equations over arrays. The
LLVM and the C engine print it; they share all that stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wengert.engines.loops.affine import Affine, Box, strides_of
from wengert.engines.loops.expressions import Expression, Type
from wengert.engines.loops.plan import Group

__all__ = [
    "Buffer",
    "Call",
    "Carry",
    "Check",
    "Loop",
    "Operand",
    "Parallel",
    "Part",
    "Product",
    "Program",
    "Reduction",
    "Scan",
    "Step",
    "Store",
    "Switch",
    "Unwind",
    "View",
    "While",
]

SIZES = {"64": 8, "32": 4, "16": 2, "8": 1, "bool": 1}


class Buffer:
    """Memory for an array in C order.

    Attributes
    ----------
    kind : str
        "input", "capture", "output" or "scratch".
    place : int
        Which input, capture or output; of scratch, the byte where it begins.
    type : Type
    size : int
        In elements.
    """

    __slots__ = ("kind", "place", "size", "type")

    def __init__(self, kind: str, place: int, type: Type, size: int) -> None:
        self.kind = kind
        self.place = place
        self.type = type
        self.size = size

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return self.size * SIZES[self.type.lstrip("fiu")]

    def __repr__(self) -> str:
        return f"{self.kind}{self.place}:{self.type}[{self.size}]"


class View(NamedTuple):
    """An array in a buffer: strides and offset in elements."""

    buffer: Buffer
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @classmethod
    def whole(cls, buffer: Buffer, shape: tuple[int, ...]) -> View:
        """View all of a buffer, in C order."""
        return cls(buffer, shape, strides_of(shape), 0)

    @property
    def is_contiguous(self) -> bool:
        """Whether the elements stand in C order, one beside the other."""
        wanted = strides_of(self.shape)
        return all(
            n == 1 or s == w
            for n, s, w in zip(self.shape, self.strides, wanted, strict=True)
        )


class Store(NamedTuple):
    """Write a value into a buffer, in each turn of a loop, in the order of turns.

    Where `offset` is given, an i64 that is computed, at `place + offset`.
    """

    buffer: Buffer
    place: Affine
    value: Expression
    offset: Expression | None = None


class Reduction(NamedTuple):
    """Combine a value into what stands in a buffer, in each turn of a loop.

    `op` is "add", "mul", "max", "min", "and" or "or". The place stands still while the
    counters move that are summed over.
    """

    op: str
    buffer: Buffer
    place: Affine
    value: Expression
    offset: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop nest over a box, row-major; no turn reads what another turn writes."""

    box: Box
    writes: tuple[Store | Reduction, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Parallel:
    """Loops that may run at the same time: none reads or writes what another writes."""

    parts: tuple[Loop, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """`target = left @ right` of matrices or a matrix and a vector, by BLAS; of stacks
    of matrices, one after the other."""

    left: View
    right: View
    target: View


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """An array that a routine is given: where it begins, how many elements on it begins
    in the next call, and whether the routine writes to it."""

    buffer: Buffer
    offset: int
    step: int
    written: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Call a routine of LAPACK or BLAS, once or for each matrix of a stack.

    Attributes
    ----------
    routine : str
        As in Fortran, without the letter of the type: "potrf".
    type : Type
    count : int
        How many calls.
    arguments : tuple
        Letters, ints, floats (numbers of that type) and Operands.
    """

    routine: str
    type: Type
    count: int
    arguments: tuple[Any, ...]

    @property
    def operands(self) -> list[Operand]:
        """Those of the arguments that are arrays."""
        return [a for a in self.arguments if isinstance(a, Operand)]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """Leave with `code` where an element of a buffer is not what it should be.

    `told` is a bool or an int; the buffer holds one element.
    """

    buffer: Buffer
    told: Any
    code: int


@dataclass(slots=True, eq=False)
class Part:
    """A Program inside a step: the body of a loop, or a branch.

    Attributes
    ----------
    program : Program
        Its inputs and outputs are buffers that the step hands it, its captures none.
    work : Buffer
        Scratch memory of the program around it that its own scratch memory is.
    """

    program: Program
    work: Buffer


@dataclass(slots=True, eq=False)
class Carry:
    """What a loop hands from step to step.

    Attributes
    ----------
    first : View
        The value before the first step.
    last : Buffer
        Where the value after the last step goes.
    spare : Buffer or None
        A second place, if a step cannot write its result over what it reads.
    """

    first: View
    last: Buffer
    spare: Buffer | None


@dataclass(slots=True, eq=False)
class Scan:
    """Run a body `length` times: inputs are constants, what is carried, and a slice of
    each of `xs`; outputs, what is carried, and a slice of each of `ys`."""

    body: Part
    length: int
    reverse: bool
    constants: tuple[View, ...]
    carries: tuple[Carry, ...]
    xs: tuple[View, ...]
    ys: tuple[View, ...]


@dataclass(slots=True, eq=False)
class While:
    """Run a body as long as a condition holds: `told` is where it answers."""

    condition: Part
    body: Part
    asked: tuple[View, ...]
    constants: tuple[View, ...]
    carries: tuple[Carry, ...]
    told: Buffer


@dataclass(slots=True, eq=False)
class Unwind:
    """Run a While, keep what is carried into each step, and run `back` over the steps,
    last one first: its inputs are `also`, constants, what was carried, and `bars`."""

    loop: While
    back: Part
    also: tuple[View, ...]
    bars: tuple[Carry, ...]


@dataclass(slots=True, eq=False)
class Switch:
    """Run one of several branches; an index out of range means the nearest one."""

    index: View
    branches: tuple[Part, ...]
    operands: tuple[View, ...]
    targets: tuple[Buffer, ...]


Step = Any


@dataclass(slots=True)
class Program:
    """Steps on buffers.

    Attributes
    ----------
    inputs, captures, outputs : lists of Buffer
    steps : list of groups of steps; the groups follow each other
    origins : list of Group
        Of each group of steps, that of the plan which it was made of.
    scratch : int
        Bytes of memory that the steps need beside inputs and outputs.
    merged : set of (int, int)
        Inputs and outputs that are one buffer: the output is written over the input.
    """

    inputs: list[Buffer]
    captures: list[Buffer]
    outputs: list[Buffer]
    steps: list[Sequence[Step]] = field(default_factory=list)
    origins: list[Group] = field(default_factory=list)
    scratch: int = 0
    merged: set[tuple[int, int]] = field(default_factory=set)

    def add(self, steps: Sequence[Step], origin: Group | None = None) -> None:
        """Add a group of steps, unless it is empty."""
        if steps:
            self.steps.append(steps)
            self.origins.append(origin or Group(None))
