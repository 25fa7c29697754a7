"""Writing: a Graph with loops in the place of equal steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph import (
    PRIMITIVES,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Guard,
    Literal,
    Var,
)
from wengert.passes.rolling.bodies import Body
from wengert.passes.rolling.chains import Chain, chains
from wengert.passes.rolling.listing import Listing
from wengert.passes.rolling.owners import Owners
from wengert.passes.rolling.rows import rows_of
from wengert.passes.rolling.stacks import Stacks
from wengert.passes.rolling.steps import FEWEST, Fixed, Inner, Loop, Role, Series

__all__ = ["Shared", "write"]


class Shared:
    """Constant arrays and bodies of loops, each kept once: equal ones are one object.

    So loops that are equal but for what they take are equations of one sign.
    """

    def __init__(self) -> None:
        self.constants: dict[Any, Any] = {}
        self.made: set[int] = set()
        self._bodies: dict[str, Graph] = {}

    def body(self, body: Graph) -> Graph:
        """Give the Graph that is equal to this one, if there was one before."""
        text = str(body)
        # What has no text of its own is printed in angle brackets.
        return body if "<" in text else self._bodies.setdefault(text, body)


def write(listing: Listing, owners: Owners, shared: Shared) -> Graph:
    """Write a Graph with the loops that were found."""
    return _Writer(listing, owners, shared).write()


class _Writer:
    def __init__(self, listing: Listing, owners: Owners, shared: Shared) -> None:
        self.listing, self.owners, self.shared = listing, owners, shared
        self.build = GraphBuilder()
        self.stacks = Stacks(self.build, shared.constants, shared.made)
        self.new: dict[int, Atom] = {}
        self.joined: dict[Any, Atom] = {}
        # What later equations need of each loop: all steps of an output, or the last.
        self.stacked: dict[Loop, set[int]] = {}
        self.finals: dict[Loop, set[int]] = {}
        self.arrays: dict[tuple[Loop, int], Atom] = {}
        for loop in owners.loops:
            self.stacked[loop], self.finals[loop] = set(), set()

    def write(self) -> Graph:
        graph, listing = self.listing.graph, self.listing
        for number, var in enumerate(graph.inputs):
            self.new[number] = self.build.input(var.type)
        self._note_wants()
        at = 0
        for loop in [*self.owners.loops, None]:
            stop = len(graph.equations) if loop is None else loop.start
            for i in range(at, stop):
                self._copy(i, graph.equations[i])
            if loop is not None:
                self._loop(loop)
                at = loop.stop
        self._guards_before()
        return self.build.finish(
            [self.atom(listing.number(atom)) for atom in graph.outputs]
        )

    # ----- what is wanted of loops -----

    def _note_wants(self) -> None:
        listing = self.listing
        graph = listing.graph
        for atom in graph.outputs:
            self._want(listing.number(atom))
        inside = np.zeros(len(graph.equations), bool)
        for loop in self.owners.loops:
            inside[loop.start : loop.stop] = True
            for i in range(loop.start, loop.start + loop.period):
                for guard in listing.guards.get(i, ()):
                    offset = listing.number(guard.var) - loop.first
                    self.stacked[loop].add(offset)
            for roles in loop.roles:
                for role in roles:
                    self._want_role(role)
        for i in np.flatnonzero(~inside).tolist():
            numbers = self._slots(i)
            if self._joins(i, numbers):
                self._want_role(Series(tuple(numbers)))
            else:
                for number in numbers:
                    self._want(number)

    def _want(self, number: int) -> None:
        found = self.owners.find(number)
        if found is not None:
            loop, offset, step = found
            wanted = self.finals if step == loop.length - 1 else self.stacked
            wanted[loop].add(offset)

    def _want_role(self, role: Role) -> None:
        if isinstance(role, Fixed):
            self._want(role.number)
        elif isinstance(role, Series):
            if role.numbers[0] >= 0:
                self._want_series(role.numbers)
        elif not isinstance(role, Inner):
            for number in role.starts:
                self._want(number)

    def _want_series(self, numbers: Sequence[int]) -> None:
        for piece in self.owners.pieces(numbers):
            if piece.loop is None:
                continue
            if len(piece.steps) > 1:
                self.stacked[piece.loop].add(piece.offset)
            else:
                loop = piece.loop
                self._want(loop.first + loop.width * int(piece.steps[0]) + piece.offset)

    def _slots(self, i: int) -> list[int]:
        first = self.listing.first_slot
        numbers: list[int] = self.listing.slots[first[i] : first[i + 1]].tolist()
        return numbers

    def _joins(self, i: int, numbers: list[int]) -> bool:
        """Tell whether an equation joins what loops give, step by step."""
        equation = self.listing.graph.equations[i]
        name = equation.primitive.name
        if name not in ("stack", "concatenate") or len(numbers) < FEWEST:
            return False
        if name == "concatenate" and equation.params["axis"] != 0:
            return False
        if min(numbers) < 0 or len({atom.type for atom in equation.inputs}) > 1:
            return False
        return len(self.owners.pieces(numbers)) <= len(numbers) // 2

    # ----- atoms -----

    def atom(self, number: int) -> Atom:
        """Find what stands for a var or a Literal."""
        if number < 0:
            return self.listing.atom(number)
        if number not in self.new:
            self.new[number] = self._late(number)
        return self.new[number]

    def _late(self, number: int) -> Atom:
        graph = self.listing.graph
        if number < self.listing.before:
            capture = graph.captures[number - len(graph.inputs)]
            return self.build.capture(capture.value)
        found = self.owners.find(number)
        assert found is not None
        loop, offset, step = found
        return self.stacks.entry(self.arrays[loop, offset], step)

    def series(self, role: Series) -> Atom:
        """Find the array that holds what differs from step to step."""
        if role not in self.joined:
            if role.dtype is not None:
                literals = [self.listing.literal(n) for n in role.numbers]
                self.joined[role] = self.stacks.numbers(literals, role.dtype)
            else:
                self.joined[role] = self._joined(role.numbers)
        return self.joined[role]

    def _joined(self, numbers: Sequence[int]) -> Atom:
        parts: list[Atom] = []
        alone: list[int] = []
        for piece in self.owners.pieces(numbers):
            loop, steps = piece.loop, piece.steps.tolist()
            if loop is None:
                alone += steps
            elif len(steps) == 1:
                alone.append(loop.first + loop.width * steps[0] + piece.offset)
            else:
                parts += self._stacked(alone)
                array = self.arrays[loop, piece.offset]
                parts.append(self.stacks.slice(array, piece.steps))
                alone = []
        return self.stacks.join([*parts, *self._stacked(alone)])

    def _stacked(self, alone: list[int]) -> list[Atom]:
        """Stack vars that no loop stacks; best is what they all were read from."""
        if not alone:
            return []
        if (found := self.listing.reads(alone)) is not None:
            return [self.stacks.read(self.atom(found[0]), found[1])]
        if arrays := self.listing.captured(alone):
            if (rows := rows_of(arrays)) is not None:
                return [self.stacks.rows(rows)]
            if self.shared.made.issuperset(map(id, arrays)):
                return [self.stacks.constant(np.stack(arrays))]
        return [self.stacks.stack([self.atom(number) for number in alone])]

    # ----- equations -----

    def _copy(self, i: int, equation: Equation) -> None:
        numbers = self._slots(i)
        given = int(self.listing.given[i])
        if self._joins(i, numbers):
            self.new[given] = self._rejoined(equation, numbers)
        else:
            atoms = [self.atom(number) for number in numbers]
            for k, var in enumerate(self.build.copy(equation, atoms)):
                self.new[given + k] = var
        for guard in self.listing.guards.get(i, ()):
            self._guard(guard)

    def _rejoined(self, equation: Equation, numbers: list[int]) -> Atom:
        array = self.series(Series(tuple(numbers)))
        type = equation.outputs[0].type
        if equation.primitive.name == "concatenate":
            return self.stacks.unfolded(array, type)
        return self.stacks.moved_to(array, equation.params["axis"])

    def _guard(self, guard: Guard) -> None:
        var = self.atom(self.listing.number(guard.var))
        assert isinstance(var, Var)
        self.build.guard(var, guard.told, guard.source)

    def _guards_before(self) -> None:
        for guard in self.listing.graph.guards:
            if self.listing.number(guard.var) < self.listing.before:
                self._guard(guard)

    # ----- loops -----

    def _loop(self, loop: Loop) -> None:
        # In one order, so that equal loops have equal bodies.
        wanted, finals = sorted(self.stacked[loop]), sorted(self.finals[loop])
        found = [
            chain
            for chain in chains(loop, wanted)
            if chain.carried.offset not in wanted
        ]
        ends = {chain.carried.offset for chain in found}
        parts = [link.part for chain in found for link in chain.links]
        given = [offset for offset in finals if offset not in ends]
        body = Body(loop, [*wanted, *given], parts)
        self._write_loop(loop, body, found)

    def _write_loop(self, loop: Loop, body: Body, found: list[Chain]) -> None:
        stacked: dict[Role, None] = {}
        for offset in sorted(self.stacked[loop]):
            if body.position(offset) not in body.slices:
                stacked[Inner(offset)] = None
        for chain in found:
            for link in chain.links:
                if not isinstance(link.part, Fixed | Series):
                    stacked[link.part] = None
        ends = {chain.carried.offset for chain in found}
        lasts = {c.offset: c for c in body.carried if len(c.starts) == 1}
        finals = [
            Inner(offset)
            for offset in sorted(self.finals[loop])
            if offset not in ends
            and offset not in lasts
            and offset not in self.stacked[loop]
        ]
        slices = [
            self.stacks.read(self.atom(s.source), s.spread)
            for s in body.slices.values()
        ]
        for s, array in zip(body.slices.values(), slices, strict=True):
            self.arrays[loop, loop.offset(s.position)] = array
        outputs: list[Var] = []
        if body.carried or stacked or finals:
            outputs = self._scan(loop, body, list(stacked), finals, slices)
        self._take(loop, body, outputs, stacked, finals)
        for chain in found:
            self._write_chain(loop, chain)
        self._write_guards(loop)

    def _scan(
        self,
        loop: Loop,
        body: Body,
        stacked: list[Role],
        finals: list[Inner],
        slices: list[Atom],
    ) -> list[Var]:
        atoms = self.listing.atoms
        consts = [
            *map(self._fixed, body.fixed),
            *(Literal(np.int64(k)) for k in body.integers),
        ]
        carried = [
            self._typed(self.atom(c.starts[0]), atoms[loop.first + c.offset])
            for c in body.carried
        ]
        carried += [
            self.stacks.nothing(atoms[loop.first + role.offset].type) for role in finals
        ]
        series = [self.series(role) for role in body.series]
        indices = [self.stacks.constant(array) for array in body.indices.values()]
        params = {
            "body": self.shared.body(body.build(stacked, finals)),
            "length": loop.length,
            "reverse": False,
            "consts": len(consts),
            "carries": len(carried),
        }
        inputs = [*consts, *carried, *series, *slices, *indices]
        source = self.listing.graph.equations[loop.start].source
        return list(self.build.add(PRIMITIVES["scan"], inputs, params, source))

    def _fixed(self, role: Fixed) -> Atom:
        atom = self.atom(role.number)
        if role.dtype is None or isinstance(atom, Var):
            return atom
        return Literal(role.dtype.type(atom.value))

    def _typed(self, atom: Atom, var: Var) -> Atom:
        if isinstance(atom, Var):
            return atom
        return Literal(var.type.dtype.type(atom.value))

    def _take(
        self,
        loop: Loop,
        body: Body,
        outputs: list[Var],
        stacked: dict[Role, None],
        finals: list[Inner],
    ) -> None:
        """Note which output of a scan stands for what."""
        last = loop.first + loop.width * (loop.length - 1)
        following = iter(outputs)
        for carried in body.carried:
            var = next(following)
            if len(carried.starts) == 1:
                self.new[last + carried.offset] = var
        for role in finals:
            self.new[last + role.offset] = next(following)
        for stack in stacked:
            var = next(following)
            self.joined[loop, stack] = var
            if isinstance(stack, Inner):
                self.arrays[loop, stack.offset] = var

    def _write_chain(self, loop: Loop, chain: Chain) -> None:
        offset = chain.carried.offset
        var = self.listing.atoms[loop.first + offset]
        x = self._typed(self.atom(chain.carried.starts[0]), var)
        parts: list[Atom] = []
        for link in chain.links:
            part = link.part
            if isinstance(part, Fixed):
                parts.append(self._fixed(part))
            elif isinstance(part, Series):
                parts.append(self.series(part))
            else:
                parts.append(self.joined[loop, part])
        last = loop.first + loop.width * (loop.length - 1)
        self.new[last + offset] = self.stacks.write(x, chain, parts)

    def _write_guards(self, loop: Loop) -> None:
        """Ask once after a loop what was asked in each step."""
        listing = self.listing
        for i in range(loop.start, loop.start + loop.period):
            for guard in listing.guards.get(i, ()):
                offset = listing.number(guard.var) - loop.first
                array = self.arrays[loop, offset]
                var, told = self.stacks.ask(array, guard.told)
                self.build.guard(var, told, guard.source)
