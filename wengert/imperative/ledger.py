"""The level of tensors: it stays open, and its graphs are freed piece by piece.

Tensors of plain arrays have one level, the oldest of all: within `grad(f)`, a tensor
from outside is a constant that goes on recording by itself. A tensor made of a traced
value has a level just above that value's own, so that derivatives stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary, ref

from wengert.errors import ArgumentError, user_source
from wengert.graph.primitive import Primitive
from wengert.graph.types import is_inexact
from wengert.imperative.recording import recording
from wengert.imperative.uses import Uses
from wengert.imperative.vertices import Entry, Vertex, place
from wengert.trace.levels import compute
from wengert.trace.tracer import Tracer
from wengert.transforms.reverse import Tape

__all__ = ["Ledger", "ledger_for"]


class Ledger(Tape):
    """A level whose Tracers are tensors, each with a vertex, or None, for its index."""

    __slots__ = ("__weakref__",)

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.captured: Any = Uses()
        self.views = Views()

    def constant(self, value: Any) -> Any:
        """Make a tensor that requires no gradient."""
        return self._twin(None, value)

    def lift(self, value: Any) -> Any:
        """Make a tensor of what is constant at this level."""
        return self.constant(value)

    def tensor_of(self, vertex: Vertex, value: Any) -> Any:
        """Make a tensor of a value that belongs to a vertex."""
        return self._twin(vertex, value)

    def holds(self, x: Any) -> bool:
        """Tell tensors of this level."""
        return type(x) is self.kind and x.level is self

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside; record it, if one of the tensors asks for it
        and nobody forbids it."""
        inputs = [
            v.value if self.holds(v) and not (recording.on and v.index) else v
            for v in inputs
        ]
        if any(map(self.holds, inputs)):
            self._check_levels(inputs)
            return self._as_tensors(super().bind(row, inputs, params))
        return self._as_tensors(compute(row, inputs, params))

    def _check_levels(self, inputs: Sequence[Any]) -> None:
        for v in inputs:
            if type(v) is self.kind and v.level is not self and v.requires_grad:
                raise ArgumentError(
                    "a tensor of a traced value meets one that requires a gradient and "
                    f"was made outside of that derivative (at {user_source()}), which "
                    "no backward() could reach from here. Use x.detach() of the one "
                    "from outside, or hand it in as an argument of the function."
                )

    def _as_tensors(self, y: Any) -> Any:
        if type(y) is tuple:
            return tuple(map(self._as_tensors, y))
        return y if self.holds(y) or not is_inexact(y.dtype) else self.constant(y)

    def _append(self, entry: Entry) -> Any:
        return place(self, entry)

    def _nodes(self, *args: Any) -> tuple[Any, ...]:
        parts = super()._nodes(*args)
        for part in parts:
            if self.holds(part) and part.index is not None:
                _, whole, j, _ = part.index.entry
                whole.noted.parts[j] = ref(part.index)
        return parts

    def close(self) -> None:
        """Stay open."""


class Views(dict[int, list[Any]]):
    """Of tensors by their ids, weak references to their views, for as long as the
    tensor lives."""

    def __init__(self) -> None:
        super().__init__()
        self._guards: dict[int, Any] = {}

    def __setitem__(self, key: int, views: list[Any]) -> None:
        def forget(_: Any) -> None:
            self.pop(key, None)
            self._guards.pop(key, None)

        self._guards[key] = ref(views[0]().origin[0], forget)
        super().__setitem__(key, views)


_OLDEST = Ledger(1)
_within: WeakValueDictionary[int, Ledger] = WeakValueDictionary()


def ledger_for(value: Any) -> Ledger:
    """Give the level for tensors of a value: one for all plain ones, one for all that
    are traced at the same level."""
    if not isinstance(value, Tracer):
        return _OLDEST
    value.level.check_open()
    number = value.level.number + 1
    ledger = _within.get(number)
    if ledger is None:
        # Of two threads, which then trace at one level, the first gives the level.
        ledger = _within.setdefault(number, Ledger(number))
    return ledger
