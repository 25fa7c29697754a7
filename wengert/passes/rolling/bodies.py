"""Bodies: one step of a loop as a Graph of its own, and what it takes and gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.graph import (
    PRIMITIVES,
    ArrayType,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Var,
)
from wengert.passes.rolling.places import Spread, columns, index_of, spread
from wengert.passes.rolling.steps import Carried, Fixed, Inner, Loop, Role, Series

__all__ = ["Body", "Slices"]

Ints = np.ndarray[Any, Any]
INDEX = ArrayType((), np.dtype(np.int64))


class Slices(NamedTuple):
    """What the steps read from one var, at a place of its own each."""

    position: int
    source: int
    spread: Spread


class Body:
    """One step of a loop.

    Attributes
    ----------
    fixed : list of Fixed
        What is the same in each step, but for Literals that stand in the body.
    integers : list of int
        Integers that are the same in each step, of indices of which others differ.
    carried : list of Carried
    series : list of Series
    slices : list of Slices
    indices : list of array of int
        Integers of indices, one for each step.
    """

    def __init__(
        self, loop: Loop, roots: Collection[int], parts: Collection[Role]
    ) -> None:
        self.loop = loop
        self.fixed: dict[Fixed, None] = {}
        self.integers: dict[int, None] = {}
        self.carried: dict[Carried, None] = {}
        self.series: dict[Series, None] = {}
        self.slices: dict[int, Slices] = {}
        self.indices: dict[Any, Ints] = {}
        self._live: set[int] = set()
        self._positions = _positions(loop)
        self._readers = _count_readers(loop)
        self._kept = {*roots, *(p.offset for p in parts if isinstance(p, Inner))}
        for offset in roots:
            self._visit(Inner(offset))
        for part in parts:
            self._visit(part)

    def position(self, offset: int) -> int:
        """Find the equation, within a step, that gives an output of it."""
        return self._positions[offset]

    # ----- what is needed -----

    def _visit(self, role: Role) -> None:
        stack = [role]
        while stack:
            role = stack.pop()
            if isinstance(role, Fixed):
                if role.number >= 0 or role.dtype is not None:
                    self.fixed[role] = None
            elif isinstance(role, Series):
                self.series[role] = None
            elif isinstance(role, Carried):
                if role not in self.carried:
                    self.carried[role] = None
                    stack.append(_next(role))
            elif (position := self._positions[role.offset]) not in self._live:
                self._live.add(position)
                stack += self._enter(position)

    def _enter(self, position: int) -> list[Role]:
        """Note a position that is needed, and give the roles of what it needs."""
        roles = self.loop.roles[position]
        if (scattered := self._added(position)) is not None:
            self._note_indices(scattered[1])
            return [roles[scattered[0]], self.loop.roles[scattered[1]][0]]
        if not self._moves(position):
            return roles
        if (slices := self._slices(position)) is not None:
            self.slices[position] = slices
            return []
        self._note_indices(position)
        return roles

    def _moves(self, position: int) -> bool:
        if self.loop.start + position not in self.loop.listing.places:
            return False
        starts = self.loop.starts(position)
        return bool(starts.size and np.ptp(starts, axis=0).any())

    def _slices(self, position: int) -> Slices | None:
        (role, *_) = self.loop.roles[position]
        if self._equation(position).primitive.name != "getitem":
            return None
        if not isinstance(role, Fixed) or role.number < 0:
            return None
        form, _ = self.loop.listing.places[self.loop.start + position]
        told = spread(form, self.loop.starts(position))
        return Slices(position, role.number, told)

    def _added(self, position: int) -> tuple[int, int] | None:
        """Find a sum with a scatter that nothing else reads: as an update it is cheap.

        Give which input is the other, and the position of the scatter.
        """
        equation = self._equation(position)
        if equation.primitive.name != "add":
            return None
        for i, role in enumerate(self.loop.roles[position]):
            if not isinstance(role, Inner) or role.offset in self._kept:
                continue
            giver = self._positions[role.offset]
            alone = self._readers.get(role.offset) == 1
            if alone and self._moves(giver):
                scattered = self._equation(giver)
                same = all(
                    atom.type == equation.outputs[0].type for atom in equation.inputs
                )
                if same and scattered.primitive.name == "scatter":
                    return 1 - i, giver
        return None

    def _note_indices(self, position: int) -> None:
        for column, moves in self._columns(position):
            if moves:
                self.indices[_key(column)] = column
            else:
                self.integers[int(column[0])] = None

    def _columns(self, position: int) -> Iterator[tuple[Ints, bool]]:
        """Give what names the places of an equation in each step."""
        form, _ = self.loop.listing.places[self.loop.start + position]
        return columns(form, self.loop.starts(position))

    def _equation(self, position: int) -> Equation:
        return self.loop.listing.graph.equations[self.loop.start + position]

    # ----- the Graph -----

    def build(self, stacked: Sequence[Role], finals: Sequence[Role]) -> Graph:
        """Make the Graph: it gives what is carried, finals, and what is stacked."""
        build = GraphBuilder()
        atoms: dict[Any, Atom] = {}
        listing = self.loop.listing
        for fixed in self.fixed:
            atoms[fixed] = build.input(self._type(fixed))
        for integer in self.integers:
            atoms["integer", integer] = build.input(INDEX)
        for carried in self.carried:
            type = listing.atoms[self.loop.first + carried.offset].type
            atoms[carried] = build.input(type)
        for role in finals:
            build.input(self._type(role))
        for series in self.series:
            atoms[series] = build.input(self._type(series))
        for slices in self.slices.values():
            output = self._equation(slices.position).outputs[0]
            atoms[Inner(self.loop.offset(slices.position))] = build.input(output.type)
        for key in self.indices:
            shape = self.indices[key].shape[1:]
            atoms["index", key] = build.input(ArrayType(shape, INDEX.dtype))
        for position in sorted(self._live):
            if position not in self.slices:
                self._write(build, position, atoms)
        given = [*map(_next, self.carried), *finals, *stacked]
        return build.finish([self._atom(role, atoms) for role in given])

    def _type(self, role: Role) -> ArrayType:
        listing = self.loop.listing
        if isinstance(role, Fixed | Series):
            if role.dtype is not None:
                return ArrayType((), role.dtype)
            number = role.number if isinstance(role, Fixed) else role.numbers[0]
        else:
            number = self.loop.first + role.offset
        return listing.atoms[number].type

    def _atom(self, role: Role, atoms: dict[Any, Atom]) -> Atom:
        if isinstance(role, Fixed) and role not in self.fixed:
            return self.loop.listing.atom(role.number)
        return atoms[role]

    def _write(
        self, build: GraphBuilder, position: int, atoms: dict[Any, Atom]
    ) -> None:
        equation = self._equation(position)
        roles = self.loop.roles[position]
        offset = self.loop.offset(position)
        if (scattered := self._added(position)) is not None:
            i, giver = scattered
            x = self._atom(roles[i], atoms)
            v = self._atom(self.loop.roles[giver][0], atoms)
            outputs = self._write_added(build, x, v, giver, atoms)
        else:
            inputs = [self._atom(role, atoms) for role in roles]
            if self._moves(position):
                outputs = self._write_moving(build, position, inputs, atoms)
            else:
                row, params = equation.primitive, equation.params
                outputs = build.add(row, inputs, params, equation.source)
        for i, var in enumerate(outputs):
            atoms[Inner(offset + i)] = var

    def _write_moving(
        self,
        build: GraphBuilder,
        position: int,
        inputs: list[Atom],
        atoms: dict[Any, Atom],
    ) -> tuple[Var, ...]:
        """Write an indexing of which the integers are inputs."""
        equation = self._equation(position)
        name, params = equation.primitive.name, dict(equation.params)
        params.update(index=self._index(position), unique=True)
        row = {"getitem": "gather", "scatter": "scatter_add", "update": "update"}[name]
        inputs = [*inputs, *self._integers(position, atoms)]
        return build.add(PRIMITIVES[row], inputs, params, equation.source)

    def _write_added(
        self, build: GraphBuilder, x: Atom, v: Atom, giver: int, atoms: dict[Any, Atom]
    ) -> tuple[Var, ...]:
        """Write x + scatter(v) as an update of x, which need not touch the rest."""
        params = {"index": self._index(giver), "unique": True}
        integers = self._integers(giver, atoms)
        source = self._equation(giver).source
        gather, add, update = (PRIMITIVES[n] for n in ("gather", "add", "update"))
        (old,) = build.add(gather, [x, *integers], params, source)
        (new,) = build.add(add, [old, v], {}, source)
        return build.add(update, [x, new, *integers], params, source)

    def _index(self, position: int) -> Any:
        form, _ = self.loop.listing.places[self.loop.start + position]
        return index_of(form, self.loop.starts(position))

    def _integers(self, position: int, atoms: dict[Any, Atom]) -> list[Atom]:
        return [
            atoms["index", _key(column)] if moves else atoms["integer", int(column[0])]
            for column, moves in self._columns(position)
        ]


def _next(carried: Carried) -> Role:
    """Say what is carried on into the next step."""
    offset, starts = carried.offset, carried.starts
    return Carried(offset, starts[1:]) if len(starts) > 1 else Inner(offset)


def _positions(loop: Loop) -> list[int]:
    """Give the position of the equation of each output of a step."""
    given = loop.listing.given[loop.start : loop.start + loop.period + 1]
    counts = np.diff(given)
    positions: list[int] = np.repeat(np.arange(loop.period), counts).tolist()
    return positions


def _count_readers(loop: Loop) -> dict[int, int]:
    counts: dict[int, int] = {}
    for roles in loop.roles:
        for role in roles:
            if isinstance(role, Inner | Carried):
                counts[role.offset] = counts.get(role.offset, 0) + 1
    return counts


def _key(column: Ints) -> Any:
    return column.shape, column.tobytes()
