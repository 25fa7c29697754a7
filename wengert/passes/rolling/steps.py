"""Equal steps: what each input of a step is, over all steps of a stretch.

Over the steps k = 0, 1, … an input is, told by the numbers of its vars,

* Inner    an output of the same step
* Carried  an output of the step before, or of one a few steps before
* Fixed    the same var or number in each step
* Series   a number or a var of its own for each step, given before the loop

A stretch of equal signs is cut where an input changes from one of these to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph import ArrayType, Literal
from wengert.passes.rolling.listing import Listing
from wengert.passes.rolling.places import is_told
from wengert.passes.rolling.repeats import Stretch

__all__ = [
    "FEWEST",
    "SHORTEST",
    "Carried",
    "Fixed",
    "Inner",
    "Loop",
    "Role",
    "Series",
    "loops_in",
    "number_dtype",
    "with_roles",
]

FEWEST = 4  # steps that make a loop
SHORTEST = 64  # equations, in all steps together
_FARTHEST = 8  # steps back that a value is carried

Ints = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Inner:
    """The output of this number of the same step."""

    offset: int


@dataclass(frozen=True, slots=True)
class Carried:
    """The output of this number, `len(starts)` steps before.

    `starts` are the vars that stand for it in the first steps.
    """

    offset: int
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same var, or the same Literal, in each step.

    A Literal stands in the body; one with a dtype is handed in, as a number of that.
    """

    number: int
    dtype: Any = None


@dataclass(frozen=True, slots=True)
class Series:
    """One var or Literal for each step; Literals as numbers of this dtype."""

    numbers: tuple[int, ...]
    dtype: Any = None


Role = Inner | Carried | Fixed | Series


@dataclass(eq=False, slots=True)
class Loop:
    """Steps of a Graph that are equal.

    Attributes
    ----------
    listing : Listing
    period, start, length : int
        Equations in a step, the first of them, and the number of steps.
    roles : list of list of Role
        For each equation of a step, for each of its inputs.
    """

    listing: Listing
    period: int
    start: int
    length: int
    roles: list[list[Role]] = field(default_factory=list)

    @property
    def stop(self) -> int:
        """The equation after the last."""
        return self.start + self.period * self.length

    @property
    def first(self) -> int:
        """The number of the first var of the first step."""
        return int(self.listing.given[self.start])

    @property
    def width(self) -> int:
        """How many vars a step gives."""
        given = self.listing.given
        return int(given[self.start + self.period] - given[self.start])

    def offset(self, position: int) -> int:
        """Give the number, within a step, of the first output of an equation."""
        return int(self.listing.given[self.start + position]) - self.first

    def position(self, offset: int) -> int:
        """Give the equation, within a step, that gives the output of this number."""
        given = self.listing.given
        found = np.searchsorted(given, self.first + offset, side="right") - 1
        return int(found) - self.start

    def starts(self, position: int) -> Ints:
        """Give the integers of the index of an equation, an axis in each column."""
        places = self.listing.places
        steps = range(self.start + position, self.stop, self.period)
        return np.array([places[i][1] for i in steps], np.int64)

    def table(self) -> Ints:
        """Give the numbers of all inputs, the steps in rows."""
        slots, first = self.listing.slots, self.listing.first_slot
        return slots[first[self.start] : first[self.stop]].reshape(self.length, -1)

    def part(self, low: int, high: int) -> Loop:
        """Give the loop of some of the steps."""
        start = self.start + low * self.period
        return Loop(self.listing, self.period, start, high - low)


def loops_in(listing: Listing, stretch: Stretch) -> Iterator[Loop]:
    """Find the loops in a stretch of equal signs, with the roles of their inputs."""
    period, start, stop = stretch
    whole = Loop(listing, period, start, (stop - start) // period)
    if not _is_told(whole):
        return
    for low, high in _segments(whole):
        loop = with_roles(whole.part(low, high))
        if loop is not None:
            yield loop


def _is_told(loop: Loop) -> bool:
    """Tell whether all indices that differ from step to step can be told by arrays."""
    places = loop.listing.places
    for position in range(loop.period):
        place = places.get(loop.start + position)
        if place and any(place[0]) and not is_told(place[0], loop.starts(position)):
            return False
    return True


def _is_worth(loop: Loop) -> bool:
    """Tell whether a loop has steps and equations enough, or loops in it."""
    if loop.length < FEWEST:
        return False
    step = loop.listing.graph.equations[loop.start : loop.start + loop.period]
    return loop.length * loop.period >= SHORTEST or any(
        equation.primitive.name == "scan" for equation in step
    )


def _segments(loop: Loop) -> Iterator[tuple[int, int]]:
    """Cut the steps where the numbers of an input stop to rise evenly.

    Whatever the role, they do rise evenly, or stay: but for what stands for a carried
    value in the first step, and for Literals, which may be any.
    """
    table, width = loop.table(), loop.width
    now = loop.first + width * np.arange(loop.length)[1:-1, None]
    rise = np.diff(table, axis=0)
    literal = table < 0
    three = literal[:-2], literal[1:-1], literal[2:]
    some, every = np.any(three, axis=0), np.all(three, axis=0)
    uneven = ((rise[1:] != rise[:-1]) | some) & ~every
    behind = now - table[1:-1]
    carried = (rise[1:] == width) & (behind > 0) & (behind <= width)
    hard = np.flatnonzero((uneven & ~carried).any(axis=1))
    soft = np.flatnonzero((uneven & carried).any(axis=1))
    low = 0
    while loop.length - low >= FEWEST:
        ends = [
            int(rows[np.searchsorted(rows, least)])
            for rows, least in ((hard, low), (soft, low + 1))
            if len(rows) and rows[-1] >= least
        ]
        high = min(ends) + 2 if ends else loop.length
        if high - low >= FEWEST:
            yield low, high
            low = high
        else:
            low += 1


def with_roles(loop: Loop) -> Loop | None:
    """Find the role of each input, leaving out first steps that do not fit."""
    while _is_worth(loop):
        found = _roles(loop)
        if found is None:
            return None
        if isinstance(found, list):
            listing = loop.listing
            counts = np.diff(
                listing.first_slot[loop.start : loop.start + loop.period + 1]
            )
            following = iter(found)
            loop.roles = [[next(following) for _ in range(n)] for n in counts.tolist()]
            return loop if _numbers_fit(loop) else None
        loop = loop.part(found, loop.length)
    return None


def _roles(loop: Loop) -> list[Role] | int | None:
    """Give the roles, or how many steps to leave out first, or None for no loop."""
    table = loop.table()
    roles: list[Role] = []
    # Of the last steps the numbers tell the role; the first may stand for others.
    lasts = zip(table[-1].tolist(), (table[-1] - table[-2]).tolist(), strict=True)
    for column, (last, rise) in enumerate(lasts):
        role = _role(loop, table[:, column], last, rise)
        if not isinstance(role, Role):
            return role
        roles.append(role)
    return roles


def _role(loop: Loop, numbers: Ints, last: int, rise: int) -> Role | int | None:
    first, width = loop.first, loop.width
    if last < 0 or rise == 0:
        if (numbers == last).all():
            inside = last - first
            return Fixed(last) if inside < 0 else inside // width + 1
        return Series(tuple(numbers.tolist())) if (numbers < 0).all() else None
    if last < first:
        if numbers.max() >= first or np.ptp(loop.listing.types[numbers]):
            return None
        return Series(tuple(numbers.tolist()))
    behind = first + width * (loop.length - 1) - last
    if rise != width:
        return None
    if behind <= 0:
        return Inner(-behind)
    lag = -(-behind // width)
    return _carried(loop, numbers[:lag].tolist(), lag * width - behind)


def _carried(loop: Loop, starts: list[int], offset: int) -> Role | int | None:
    if len(starts) > _FARTHEST:
        return None
    listing = loop.listing
    type = listing.atoms[loop.first + offset].type
    for start in starts:
        fits = start < loop.first and _fits(listing.atom(start), type)
        if not fits:
            return 1
    return Carried(offset, tuple(starts))


def _fits(atom: Any, type: ArrayType) -> bool:
    """Tell whether a var or Literal can stand for a value of a type."""
    if not isinstance(atom, Literal):
        return bool(atom.type == type)
    return type.shape == () and bool(
        np.asarray(atom.value).dtype == type.dtype
        or (_is_weak(atom) and np.result_type(atom.value, type.dtype) == type.dtype)
    )


def _is_weak(literal: Literal) -> bool:
    """Tell whether a Literal is a Python number."""
    return not hasattr(literal.value, "dtype")


def _numbers_fit(loop: Loop) -> bool:
    """Give Literals that differ from step to step a dtype that changes no type."""
    for position, roles in enumerate(loop.roles):
        for i, role in enumerate(roles):
            if isinstance(role, Series) and role.numbers[0] < 0:
                dtype = number_dtype(loop, position, i, role.numbers)
                if dtype is None:
                    return False
                roles[i] = Series(role.numbers, dtype)
    return True


def number_dtype(loop: Loop, position: int, i: int, numbers: Sequence[int]) -> Any:
    """Find a dtype for Literals, one for each step, or None.

    Handed in, a number is an array and no Python number: the types must stay all the
    same.
    """
    listing = loop.listing
    equation = listing.graph.equations[loop.start + position]
    types = [atom.type for atom in equation.inputs]
    others = [t.dtype for t in types if isinstance(t, ArrayType)]
    values = [listing.literal(number).value for number in {*numbers}]
    dtype = np.result_type(*values, *others)
    types[i] = ArrayType((), dtype)
    if dtype.kind not in "iufc":
        return None
    try:
        type = equation.primitive.type(*types, **equation.params)
    except (ShapeError, TypeError, ValueError):
        return None
    given = tuple(var.type for var in equation.outputs)
    return (
        dtype if given == (type if equation.primitive.is_tuple else (type,)) else None
    )
