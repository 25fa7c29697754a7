"""Batches: run a function once for many members, by the batch rules of its rows.

Law: the run gives for member k what f gives for the values of member k.

Worked example, `f(x) = x * sin(x)` on x (n,): a `Batched` of the shape () stands for x,
and holds all n numbers; `sin` and `multiply` are each one call on n numbers.

A level as the others: the values inside may be Tracers of older levels, and newer
levels may hold Batched values. So batches nest, with each other and with derivatives.

Python can be told a value that is the same for all members, and of no other. Where it
asks for one, the run stops with a MemberValueError, and who started the run takes the
members one by one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.errors import MemberValueError, user_source
from wengert.graph.primitive import Linear, Primitive, Structured
from wengert.graph.types import ArrayType
from wengert.primitives.batched_index import update_parts
from wengert.primitives.batches import looped, spread
from wengert.trace import standing
from wengert.trace.levels import Level, Target, run
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.trace.views import memory, shares_memory
from wengert.transforms.structured import batch_structured

__all__ = ["Batched", "Batching", "batch_function"]


class Batching(Level):
    """One run for all members of a batch.

    Attributes
    ----------
    size : int
        The number of members.
    asked : MemberValueError or None
        What was raised where Python asked for a value, even if f has caught it.
    """

    __slots__ = ("asked", "size")
    has_values: ClassVar[bool] = False
    has_examples: ClassVar[bool] = True

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.asked: MemberValueError | None = None

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Apply the batch rule of the row to the values inside."""
        self.check_open()
        mapped = tuple(map(self.owns, inputs))
        x = [v.stack if m else v for v, m in zip(inputs, mapped, strict=True)]
        if isinstance(row, Structured):
            return self._structured(row, x, mapped, params)
        rule: Any = row.batch or looped
        y = rule(row, x, mapped, **params)
        if row.is_tuple:
            return tuple(Batched(self, part) for part in y)
        if isinstance(row, Linear) and y.ndim == 1 and shares_memory(y, x[0]):
            # A number is no view: what is written to the array later must not reach it.
            y = np.copy(y)
        return Batched(self, y)

    def owns(self, x: Any) -> bool:
        """Tell whether x is a Tracer of this very run."""
        return type(x) is Batched and x.level is self

    def _structured(
        self, row: Structured, x: Sequence[Any], mapped: Sequence[bool], params: Any
    ) -> tuple[Any, ...]:
        y, ours = batch_structured(row, x, mapped, self.size, params)
        pairs = zip(y, ours, strict=True)
        return tuple(Batched(self, v) if own else v for v, own in pairs)

    def lift(self, value: Any) -> Batched:
        """Give each member a copy."""
        return Batched(self, np.copy(spread(value, False, self.size)))

    def owned(self, batched: Any) -> Batched:
        """Copy the values of all members, each of which is then dense."""
        stack = batched.stack
        if isinstance(stack, Tracer):
            return Batched(self, owned_value(stack))
        return Batched(self, np.array(stack, order="C"))

    def frozen(self, batched: Any, needed: bool) -> Any:
        """Copy the values if the operation may keep them."""
        return Batched(self, frozen_value(batched.stack)) if needed else batched

    def write(self, batched: Any, value: Any, target: Target) -> None:
        """Write to all members at once."""
        self.check_open()
        given = (value, *target.indices)
        mapped = tuple(map(self.owns, given))
        x = [v.stack if m else v for v, m in zip(given, mapped, strict=True)]
        shape = (self.size, *batched.shape)
        v, index, indices = update_parts(shape, x, mapped, target.at)
        batched.hold(
            write_value(batched.stack, v, Target(index, indices, target.unique))
        )

    def agreed(self, batched: Any, what: str) -> Any:
        """Give the value that all members have.

        Raises
        ------
        MemberValueError
            If it differs.
        """
        self.check_open()
        stack = batched.stack
        if not self.size:
            return batched.value
        if bool(np.all(stack == stack[0])):
            return stack[0]
        raise self.refuse(batched, what)

    def refuse(self, batched: Any, what: str) -> MemberValueError:
        """Make the error of a question of Python's, and remember it."""
        self.asked = MemberValueError(
            f"{what} {ArrayType.of(batched)!r} that differs between the members of a "
            f"batch (at {user_source()})"
        )
        self.asked.level, self.asked.source = self, user_source()
        return self.asked


class Batched(Tracer):
    """The values of all members, under the shape of one.

    Attributes
    ----------
    stack : array or Tracer of an older level
        With the batch as its first axis.
    value : array
        That of the first member, as an example of shape and layout.
    """

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    stack: Any = vars(Tracer)["own"]
    level: Batching

    def __init__(self, level: Batching, stack: Any) -> None:
        self.level = level
        self.hold(stack)

    def hold(self, stack: Any) -> None:
        """Take other values."""
        self.stack = stack
        array = memory(stack)
        self.value = (
            array[0] if self.level.size else np.zeros(array.shape[1:], array.dtype)[()]
        )

    @property
    def whole(self) -> Any:
        """The values of all members."""
        return self.stack

    def __bool__(self) -> bool:
        return bool(
            self.level.agreed(self, "Python asks (if, while, and, or) for a value")
        )

    def __int__(self) -> int:
        return int(self.level.agreed(self, "Python asks (int) for a value"))

    def __index__(self) -> int:
        if self.dtype.kind not in "iub":
            return super().__index__()
        what = "Python asks (an index, a count, range) for a value"
        try:
            return operator.index(self.level.agreed(self, what))
        except MemberValueError:
            if standing.known.active:
                raise
            # A plain array may be indexed, which a stand-in for it can be.
            self.level.asked = None
            raise self._leak(
                "the index of a plain array", "np.take(array, i)"
            ) from None

    def __repr__(self) -> str:
        return f"Batched({self.stack!r})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(
            self.level.agreed(self, "Python writes into a text a value"), spec
        )


install_operators(Batched)


def batch_function(
    f: Callable[..., Sequence[Any]],
    inputs: Sequence[Any],
    mapped: Sequence[bool],
    size: int,
) -> tuple[list[Any], list[bool]]:
    """Run f once for all members.

    Parameters
    ----------
    f : callable
        Takes as many values as there are inputs, returns a flat sequence of outputs.
    inputs : sequence
        Those that are mapped have the batch as their first axis.
    mapped : sequence of bool
    size : int

    Returns
    -------
    outputs : list
    mapped : list of bool
        Which of them have the batch as their first axis; the others are the same for
        all members.

    Raises
    ------
    MemberValueError
        If Python asks for a value that differs between members.
    """
    level = Batching(size)
    tracers = [
        Batched(level, x) if m else x for x, m in zip(inputs, mapped, strict=True)
    ]
    outputs = run(level, f, tracers)
    if level.asked is not None:
        raise level.asked
    ours = list(map(level.owns, outputs))
    values = [y.stack if own else y for y, own in zip(outputs, ours, strict=True)]
    return values, ours
