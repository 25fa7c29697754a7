"""From a Graph to a Program: each group of the plan becomes loops over boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.engines.loops.affine import (
    Box,
    Index,
    fixed,
    identity,
    linear,
)
from wengert.engines.loops.expressions import type_of
from wengert.engines.loops.kinds import LAPACK, REDUCTIONS, STRUCTURED
from wengert.engines.loops.lapack import lower_lapack
from wengert.engines.loops.matrices import Factors
from wengert.engines.loops.memory import arrange
from wengert.engines.loops.neutral import neutral
from wengert.engines.loops.plan import Plan, accumulated, is_partial, make_plan
from wengert.engines.loops.products import lower_product
from wengert.engines.loops.program import (
    Buffer,
    Check,
    Loop,
    Program,
    Reduction,
    Step,
    Store,
    View,
)
from wengert.engines.loops.reading import (
    Cut,
    NotReadable,
    Reader,
    computed_place,
    part_index,
    regions,
    source_index,
    written_index,
)
from wengert.engines.loops.structure import structured
from wengert.graph import Atom, Equation, Graph, Literal, Var
from wengert.primitives.indexing import indexed_shape

__all__ = ["INDEX_ERROR", "lower"]

# What a function answers where an index array points outside of an array.
INDEX_ERROR = 1


def lower(
    graph: Graph, carried: Sequence[tuple[int, int]] = (), threads: int = 1
) -> Program:
    """Make a Program of a Graph of which every equation is lowered.

    A guard that does not hold leaves with the code 2 + its place in `graph.guards`.

    Parameters
    ----------
    graph : Graph
    carried : sequence of (int, int)
        Inputs, and the outputs that may be written over them (see `memory.arrange`).
    threads : int
        Long loops are cut into so many parts; not those in bodies.
    """
    forced: set[Var] = set()
    while True:
        try:
            return _Lowering(graph, make_plan(graph, forced)).run(carried, threads)
        except NotReadable as found:
            if found.var in forced:
                raise AssertionError(f"{found.var} is not readable") from found
            forced.add(found.var)


class _Lowering:
    """One attempt, with what is kept in memory settled."""

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self.graph = graph
        self.plan = plan
        self.views: dict[Var, View] = {}
        self.program = Program([], [], [])
        self.steps: list[Step] = []
        self.group = -1
        self.factors: dict[Any, Factors] = {}
        self._used = {a for e in graph.equations for a in e.inputs}
        self._used |= set(graph.outputs)

    def run(self, carried: Sequence[tuple[int, int]], threads: int) -> Program:
        program, graph = self.program, self.graph
        for var in graph.inputs:
            program.inputs.append(self._given("input", var, len(program.inputs)))
        for capture in graph.captures:
            program.captures.append(
                self._given("capture", capture.var, len(program.captures))
            )
        for k, atom in enumerate(graph.outputs):
            program.outputs.append(_buffer("output", k, atom.type))
            if isinstance(atom, Var) and atom not in self.views:
                self.views[atom] = View.whole(program.outputs[-1], atom.type.shape)
        guards = self._guards()
        for place, group in enumerate(self.plan.groups):
            self.group, self.steps = place, []
            if group.domain is None:
                self._alone(group.equations[0])
            else:
                self._together(group.equations, group.domain)
            self.steps += guards.get(self.group, ())
            program.add(self.steps, group)
        self._copies()
        arrange(program, carried, threads)
        return program

    def _given(self, kind: str, var: Var, place: int) -> Buffer:
        buffer = _buffer(kind, place, var.type)
        self.views[var] = View.whole(buffer, var.type.shape)
        return buffer

    def stored(self, var: Var) -> View:
        """Give a var memory, once."""
        if var not in self.views:
            buffer = _buffer("scratch", 0, var.type)
            self.views[var] = View.whole(buffer, var.type.shape)
        return self.views[var]

    def settle(self, var: Var, view: View) -> None:
        """Say where a var stands; copy it from there if it has a place already."""
        if var not in self.views and type_of(var.type.dtype) == view.buffer.type:
            self.views[var] = view
        target = self.stored(var)
        if target == view:
            return

        def write(reader: Reader, here: Index) -> list[Store]:
            to, at = (
                linear(here, v.strides, v.offset, len(here)) for v in (target, view)
            )
            value = reader.build.load(view.buffer, at, view.buffer.type)
            value = reader.build.cast(value, target.buffer.type)
            return [Store(target.buffer, to, value)]

        self.loops(tuple((0, n) for n in target.shape), write)

    def is_used(self, var: Var) -> bool:
        """Tell whether an equation or an output asks for a var."""
        return var in self._used

    def _guards(self) -> dict[int, list[Check]]:
        guards: dict[int, list[Check]] = {}
        for k, guard in enumerate(self.graph.guards):
            place = self.plan.group_of.get(guard.var, 0)
            check = Check(self.stored(guard.var).buffer, guard.told, 2 + k)
            guards.setdefault(place, []).append(check)
        if guards and not self.plan.groups:
            self.program.add(guards.pop(0))
        return guards

    def _copies(self) -> None:
        """Fill the outputs that are no var of their own."""
        self.group, self.steps = -1, []
        for buffer, atom in zip(self.program.outputs, self.graph.outputs, strict=True):
            if isinstance(atom, Literal) or self.views[atom].buffer is not buffer:
                self._copy(View.whole(buffer, getattr(atom.type, "shape", ())), atom)
        self.program.add(self.steps)

    # ----- loops -----

    def _together(self, equations: Sequence[Equation], domain: tuple[int, ...]) -> None:
        wanted = [e for e in equations if e.outputs[0] in self.plan.stored]
        reductions = [e for e in wanted if self.plan.kinds[e] == "reduction"]
        for equation in reductions:
            self._start(equation)
        if not wanted or 0 in domain:
            return

        def write(reader: Reader, index: Index) -> list[Store | Reduction]:
            writes: list[Store | Reduction] = []
            for equation in equations:
                (output,) = equation.outputs
                if self.plan.kinds[equation] == "reduction":
                    writes.append(self._reduction(reader, equation, index))
                elif output in self.plan.stored:
                    view = self.stored(output)
                    place = linear(index, view.strides, view.offset, len(index))
                    writes.append(Store(view.buffer, place, reader.read(output, index)))
                elif len(equations) > 20:
                    reader.read(output, index)  # so that no chain is too deep
            return writes

        self.loops(tuple((0, n) for n in domain), write)

    def loops(self, box: Box, write: Any) -> None:
        """Add loops over a box, cut where the values ask for it."""
        if any(low >= high for low, high in box):
            return
        waiting = [box]
        while waiting:
            part = waiting.pop()
            reader = Reader(self.plan, self.views, part, self.group, INDEX_ERROR)
            try:
                writes = write(reader, identity(len(part)))
            except Cut as cut:
                low, high = part[cut.axis]
                before, after = part[: cut.axis], part[cut.axis + 1 :]
                waiting.append((*before, (cut.at, high), *after))
                waiting.append((*before, (low, cut.at), *after))
                continue
            self.steps.append(Loop(part, tuple(writes)))

    def _copy(self, target: View, atom: Atom, index: Any = None) -> None:
        """Write an atom into memory."""

        def write(reader: Reader, here: Index) -> list[Store]:
            place = linear(here, target.strides, target.offset, len(here))
            source = here if index is None else index(reader, here)
            value = reader.build.cast(reader.read(atom, source), target.buffer.type)
            return [Store(target.buffer, place, value)]

        self.loops(tuple((0, n) for n in target.shape), write)

    # ----- reductions -----

    def _start(self, equation: Equation) -> None:
        """Put the neutral element where values will be combined."""
        view = self.stored(equation.outputs[0])
        name, type = equation.primitive.name, view.buffer.type
        value = neutral(REDUCTIONS[name], type)

        def write(reader: Reader, here: Index) -> list[Store]:
            place = linear(here, view.strides, view.offset, len(here))
            return [Store(view.buffer, place, reader.build.constant(value, type))]

        self.loops(tuple((0, n) for n in view.shape), write)

    def _reduction(self, reader: Reader, equation: Equation, index: Index) -> Reduction:
        (output,), (x,) = equation.outputs, equation.inputs
        name, params, view = (
            equation.primitive.name,
            equation.params,
            self.views[output],
        )
        value = reader.read(x, index)
        if name in ("any", "all", "count_nonzero"):
            value = reader.build.cast(value, "bool")
        value = reader.build.cast(value, view.buffer.type)
        place, axis = fixed(view.offset, len(index)), 0
        for k, affine in enumerate(index):
            if k not in params["axes"]:
                place = place.plus(affine.scaled(view.strides[axis]))
                axis += 1
            elif params["keepdims"]:
                axis += 1
        return Reduction(REDUCTIONS[name], view.buffer, place, value)

    # ----- steps of their own -----

    def _alone(self, equation: Equation) -> None:
        name, (output, *_) = equation.primitive.name, equation.outputs
        if name in STRUCTURED:
            self.steps.append(structured(self, equation, lower))
        elif name == "matmul":
            lower_product(self, equation)
        elif name in LAPACK:
            lower_lapack(self, equation)
        elif name == "scatter_add":
            self.fill(self.stored(output))
            self._scattered(equation, equation.inputs[0], equation.inputs[1:])
        elif name == "update" and self.plan.kinds[equation] == "opaque":
            self._copy(self.stored(output), equation.inputs[0])
            self._scattered(equation, equation.inputs[1], equation.inputs[2:])
        elif name == "update":
            self._copy(self.stored(output), equation.inputs[0])
            self._region(equation, self.stored(output), equation.inputs[1])
        elif name == "add" and is_partial(equation, self.plan.givers):
            self._accumulate(equation)
        elif name == "scatter":
            self.fill(self.stored(output))
            self._region(equation, self.stored(output), equation.inputs[0])
        elif name in ("concatenate", "stack"):
            self._joined(equation)
        else:
            view = self.stored(output)
            self._copy_of_own(view, equation)

    def _copy_of_own(self, view: View, equation: Equation) -> None:
        (output,) = equation.outputs

        def write(reader: Reader, here: Index) -> list[Store]:
            place = linear(here, view.strides, view.offset, len(here))
            return [Store(view.buffer, place, reader.read(output, here))]

        self.loops(tuple((0, n) for n in view.shape), write)

    def fill(self, view: View) -> None:
        """Write zeros into memory."""
        type = view.buffer.type

        def write(reader: Reader, here: Index) -> list[Store]:
            place = linear(here, view.strides, view.offset, len(here))
            return [Store(view.buffer, place, reader.build.constant(0, type))]

        self.loops(tuple((0, n) for n in view.shape), write)

    def _region(self, equation: Equation, view: View, source: Atom) -> None:
        """Write into the part that a basic index selects."""
        part = _part(view, equation)

        def index(reader: Reader, here: Index) -> Index:
            if equation.primitive.name == "update":
                return part_index(equation, dict(enumerate(here)), reader)
            return here

        self._copy(part, source, index)

    def _accumulate(self, equation: Equation) -> None:
        k = accumulated(equation, self.plan.givers)
        assert k is not None
        scattered, whole = equation.inputs[k], equation.inputs[1 - k]
        assert isinstance(scattered, Var)
        giver = self.plan.givers[scattered]
        view = self.stored(equation.outputs[0])
        self._copy(view, whole)
        part = _part(view, giver)

        def write(reader: Reader, here: Index) -> list[Reduction]:
            place = linear(here, part.strides, part.offset, len(here))
            value = reader.read(giver.inputs[0], here)
            return [Reduction("add", part.buffer, place, value)]

        self.loops(tuple((0, n) for n in part.shape), write)

    def _scattered(
        self, equation: Equation, source: Atom, indices: Sequence[Atom]
    ) -> None:
        """Write, or add, elements at places that are computed."""
        view = self.stored(equation.outputs[0])
        adds = equation.primitive.name == "scatter_add"
        own = [getattr(i.type, "shape", ()) for i in indices]
        shape = indexed_shape(view.shape, equation.params["index"], own)

        def write(reader: Reader, here: Index) -> list[Store | Reduction]:
            place, offset = computed_place(reader, equation, view, indices, here)
            at = written_index(here, getattr(source.type, "shape", ()), reader.rank)
            value = reader.build.cast(reader.read(source, at), view.buffer.type)
            if adds:
                return [Reduction("add", view.buffer, place, value, offset)]
            return [Store(view.buffer, place, value, offset)]

        self.loops(tuple((0, n) for n in shape), write)

    def _joined(self, equation: Equation) -> None:
        (output,), axis = equation.outputs, equation.params["axis"]
        view, start = self.stored(output), 0
        stacked = equation.primitive.name == "stack"
        for atom in equation.inputs:
            shape = getattr(atom.type, "shape", ())
            n = 1 if stacked else shape[axis]
            offset = view.offset + start * view.strides[axis]
            strides = view.strides
            if stacked:
                strides = strides[:axis] + strides[axis + 1 :]
            self._copy(View(view.buffer, shape, strides, offset), atom)
            start += n

    # ----- arrays in memory -----

    def view_of(self, atom: Atom) -> View | None:
        """Find an array in memory, through views of it."""
        if not isinstance(atom, Var):
            return None
        if atom in self.views:
            return self.views[atom]
        equation = self.plan.givers[atom]
        if self.plan.kinds[equation] != "view":
            return None
        source = self.view_of(equation.inputs[0])
        if source is None:
            return None
        shape = atom.type.shape
        if equation.primitive.name == "reshape" and source.is_contiguous:
            return View.whole(source.buffer, shape)._replace(offset=source.offset)
        rank = len(shape)
        box = tuple((0, n) for n in shape)
        index = source_index(equation, identity(rank), box)
        if index is None:
            return None
        place = linear(index, source.strides, source.offset, rank)
        return View(source.buffer, shape, place.coefficients, place.constant)

    def copied(self, atom: Atom) -> View:
        """Copy an atom into memory of its own."""
        shape = getattr(atom.type, "shape", ())
        copy = View.whole(_buffer("scratch", 0, atom.type), shape)
        self._copy(copy, atom)
        return copy


def _part(view: View, equation: Equation) -> View:
    """View the part that the basic index of an update or scatter selects."""
    offset, axes = view.offset, {}
    for (start, step, count, axis), stride in zip(
        regions(equation.params["index"], view.shape), view.strides, strict=True
    ):
        offset += start * stride
        if axis is not None:
            axes[axis] = count, step * stride
    total = 1 + max(axes, default=-1)
    name = equation.primitive.name
    if name == "scatter":
        total = len(getattr(equation.inputs[0].type, "shape", ()))
    pairs = [axes.get(axis, (1, 0)) for axis in range(total)]
    shape = tuple(n for n, _ in pairs)
    return View(view.buffer, shape, tuple(s for _, s in pairs), offset)


def _buffer(kind: str, place: int, type: Any) -> Buffer:
    # Of a Python number, its type is itself (`Literal.type`).
    known = type if hasattr(type, "dtype") else np.asarray(type)
    short = type_of(known.dtype)
    assert short is not None
    return Buffer(kind, place, short, known.size)
