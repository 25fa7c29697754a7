"""Runs of f on values that carry others beside them: tangents, or coefficients.

What moves data, or writes to an array, does the same to value and tangents alike;
what an operation does to them, each kind of run says in its `bind`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.graph.types import is_inexact
from wengert.trace.levels import Level, Target
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, record

__all__ = ["Carrier", "Carrying"]


class Carrying(Level):
    """One run on values with a number of tangents."""

    __slots__ = ("directions",)
    kind: ClassVar[Any]  # the class of its Tracers

    def __init__(self, directions: int) -> None:
        super().__init__()
        self.directions = directions

    def pair(self, value: Any, tangents: Sequence[Any]) -> Any:
        """Make a Dual; a value that cannot vary stays as it is."""
        if all(t is None for t in tangents) or not is_inexact(value.dtype):
            return value
        return self.kind(self, value, tangents)

    def lift(self, value: Any) -> Any:
        """Pair a constant with zeros."""
        return self.kind(self, value, [None] * self.directions)

    def owned(self, dual: Any) -> Any:
        """Copy value and tangents."""
        tangents = [None if t is None else owned_value(t) for t in dual.tangents]
        return self.kind(self, owned_value(dual.value), tangents)

    def frozen(self, dual: Any, needed: bool) -> Any:
        """Copy the tangents, which linear operations hand on as they are, and the
        value if needed."""
        tangents = [None if t is None else frozen_value(t) for t in dual.tangents]
        value = frozen_value(dual.value) if needed else dual.value
        return self.kind(self, value, tangents)

    def write(self, dual: Any, value: Any, target: Target) -> None:
        """Write into value and tangents alike."""
        self.check_open()
        tangents: Sequence[Any] = [None] * self.directions
        if type(value) is self.kind and value.level is self:
            value, tangents = value.value, value.tangents
        dual.value = write_value(dual.value, value, target)
        dual.tangents = [
            _written(old, new, dual, target)
            for old, new in zip(dual.tangents, tangents, strict=True)
        ]


def _written(old: Any, new: Any, like: Any, target: Target) -> Any:
    if old is None:
        if new is None:
            return None
        old = np.zeros(like.shape, like.dtype)
    return write_value(old, 0 if new is None else new, target)


class Carrier(Tracer):
    """A value and its tangents; None is zero."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    tangents: Any = vars(Tracer)["own"]

    def __init__(self, level: Level, value: Any, tangents: Sequence[Any]) -> None:
        self.level = level
        self.value = value
        self.tangents = tangents
