"""Stacks: what the steps of a loop take and give, as arrays with an axis of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph import PRIMITIVES, ArrayType, Atom, GraphBuilder, Literal, Var
from wengert.passes.rolling.chains import Chain, Link
from wengert.passes.rolling.places import Spread
from wengert.primitives.indexing import Index

__all__ = ["Stacks"]


class Stacks:
    """Write the equations that surround a loop into a Graph.

    Equal constant arrays are one object, here and in all the Graphs that `constants`
    is handed on to: so the steps around the loop find them to be equal. `made` collects
    the ids of those that are no captures of the first Graph.
    """

    def __init__(
        self, build: GraphBuilder, constants: dict[Any, Any], made: set[int]
    ) -> None:
        self.build = build
        self._constants = constants
        self._made = made

    def add(self, name: str, *inputs: Atom, **params: Any) -> Var:
        """Add an equation with one output."""
        (var,) = self.build.add(PRIMITIVES[name], inputs, params)
        return var

    def constant(self, array: Any) -> Var:
        """Capture a constant array."""
        key = array.dtype, array.shape, array.tobytes()
        array = self._constants.setdefault(key, array)
        self._made.add(id(array))
        return self.build.capture(array)

    def rows(self, array: Any) -> Var:
        """Capture an array that shares its memory with captured arrays."""
        key = array.__array_interface__["data"][0], array.strides, array.shape
        return self.build.capture(self._constants.setdefault(key, array))

    def numbers(self, literals: Sequence[Literal], dtype: Any) -> Var:
        """Stack numbers."""
        return self.constant(np.array([x.value for x in literals], dtype))

    def stack(self, atoms: Sequence[Atom]) -> Var:
        """Stack vars along a new first axis."""
        return self.add("stack", *atoms, axis=0)

    def join(self, parts: Sequence[Atom]) -> Atom:
        """Join arrays along the first axis."""
        return parts[0] if len(parts) == 1 else self.add("concatenate", *parts, axis=0)

    def slice(self, x: Atom, steps: Any) -> Atom:
        """Read some steps, in equal distances, from all of them."""
        start, step = int(steps[0]), int(steps[1] - steps[0])
        length: int = x.type.shape[0]
        if start == 0 and step == 1 and len(steps) == length:
            return x
        stop = start + len(steps) * step
        key = slice(start, stop if stop >= 0 else None, step)
        return self.add("getitem", x, index=Index((key,)))

    def read(self, x: Atom, told: Spread) -> Atom:
        """Read from x what each step reads, the axis of steps in front."""
        if not told.indices:
            y = self.add("getitem", x, index=told.at)
        else:
            indices = [self.constant(array) for array in told.indices]
            y = self.add("gather", x, *indices, index=told.at, unique=told.unique)
        return self._moved(y, told.axis, 0)

    def write(self, x: Atom, chain: Chain, parts: Sequence[Atom]) -> Atom:
        """Write into x what the links of a chain write in all steps."""
        for link, part in zip(chain.links, parts, strict=True):
            if link.adds:
                x = self.add("add", x, self._scattered(x.type, link, part))
            else:
                assert link.spread is not None
                inputs, params = self._placed(link.spread, part)
                x = self.add("update", x, *inputs, **params)
        return x

    def _scattered(self, type: ArrayType, link: Link, part: Atom) -> Atom:
        shape = type.shape
        if link.spread is None:
            total = self.add("sum", part, axes=(0,), keepdims=False)
            return self.add("scatter", total, index=link.index, shape=shape)
        inputs, params = self._placed(link.spread, part)
        if not link.spread.indices:
            return self.add("scatter", *inputs, index=link.spread.at, shape=shape)
        return self.add("scatter_add", *inputs, shape=shape, **params)

    def _placed(self, told: Spread, part: Atom) -> tuple[list[Atom], dict[str, Any]]:
        """Give what to write, the axis of steps in its place, and where."""
        if getattr(part.type, "shape", ()):
            part = self._moved(part, 0, told.axis)
        indices = [self.constant(array) for array in told.indices]
        return [part, *indices], {"index": told.at, "unique": told.unique}

    def _moved(self, x: Atom, source: int, target: int) -> Atom:
        if source == target:
            return x
        axes = list(range(len(x.type.shape)))
        axes.insert(target, axes.pop(source))
        return self.add("transpose", x, axes=tuple(axes))

    def nothing(self, type: ArrayType) -> Atom:
        """Give zeros, to stand before the first step for what is only given."""
        zero = Literal(type.dtype.type(0))
        if not type.shape:
            return zero
        return self.add("broadcast_to", zero, shape=type.shape)

    def unfolded(self, x: Atom, type: ArrayType) -> Atom:
        """Join what is stacked, along the first axis of the parts."""
        return self.add("reshape", x, shape=type.shape)

    def moved_to(self, x: Atom, axis: int) -> Atom:
        """Move the axis of steps."""
        return self._moved(x, 0, axis)

    def entry(self, x: Atom, step: int) -> Var:
        """Read one step."""
        return self.add("getitem", x, index=Index((step,)))

    def ask(self, x: Atom, told: bool | int) -> tuple[Var, bool]:
        """Ask whether every step tells what was told, and say what the answer is."""
        axes = tuple(range(len(x.type.shape)))
        if type(told) is bool:
            if x.type.dtype != bool:
                x = self.add("not_equal", x, Literal(0))
            name = "all" if told else "any"
            return self.add(name, x, axes=axes, keepdims=False), told
        equal = self.add("equal", x, Literal(told))
        return self.add("all", equal, axes=axes, keepdims=False), True
