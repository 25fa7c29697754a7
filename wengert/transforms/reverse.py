"""Reverse mode: record a function on a tape, then sweep back over it.

Law: `pullback(ȳ) = Jᵀȳ`, at a small multiple of the cost of f, whatever the number of
inputs (Griewank & Walther, 2008, ch. 3–4).

Worked example, `f(x) = x * sin(x)` at 2. The run of f leaves the tape

    0  (input)
    1  pull of sin       ← 0      keeps x = 2
    2  pull of multiply  ← 0, 1   keeps 2 and sin 2

and the sweep, with ȳ = 1 at index 2: x̄₀ = sin 2, x̄₁ = 2; then at 1: x̄₀ += 2·cos 2.

A tape is a flat list, so no chain is too long for the stack. An entry of it is a tuple
that starts with the function that pulls a cotangent through; those of elementwise
operations, the bulk of any program, are made by recorders specialised to their row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, NoReturn

import numpy as np

from wengert.graph.dependence import active_inputs, needed_inputs, needs_output
from wengert.graph.primitive import FACES, PRIMITIVES, Linear, Primitive, Structured
from wengert.graph.types import ArrayType, is_inexact
from wengert.primitives.indexing import gather_, getitem_
from wengert.primitives.updating import last_writes
from wengert.trace.captured import Captured
from wengert.trace.levels import Level, Target, compute, escaped, run
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, install_operators
from wengert.transforms.buffer import Buffer
from wengert.transforms.pullback import Pullback
from wengert.transforms.recorders import (
    append,
    plain_key,
    pull_slice,
    reader,
    recorder_maker,
    totaller,
)
from wengert.transforms.rules import (
    fit,
    or_zeros,
    pullback,
    rescue,
    zero_where_all_is,
)
from wengert.transforms.structured import record_structured
from wengert.transforms.writing import pull_write

__all__ = [
    "Node",
    "Tape",
    "opening",
    "pull_any",
    "pull_attached",
    "pull_slot",
    "pull_structured",
    "record_function",
    "transposed",
]

Entry = tuple[Any, ...]
Product = Callable[[Any, Any], Any]


class Tape(Level):
    """The growing list of one reverse-mode run."""

    __slots__ = ("captured", "entries")
    kind: ClassVar[Any]  # the class of its Tracers: Node

    def __init__(self) -> None:
        super().__init__()
        self.entries: Any = []
        self.captured = Captured()

    def input(self, value: Any) -> Any:
        """Put a value on the tape as an input."""
        return self._node(value, ())

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside, and record the pullback."""
        self.check_open()
        if len(inputs) == 1 and row.outputs == 1 and type(row) is Linear:
            return self._linear(row, inputs[0], params)
        x, ours, kind = [], 0, self.kind
        for i, v in enumerate(inputs):
            if type(v) is kind and v.level is self:
                ours |= 1 << i
                v = v.value
            x.append(v)
        if isinstance(row, Structured):
            return self._structured(row, x, inputs, params)
        y = compute(row, x, params)
        plan = _PLANS.get((row, len(x), ours)) or _plan(row, len(x), ours)
        if not plan.wanted or not _differentiable(y):
            return y
        parents = [inputs[i].index for i in plan.wanted]
        for i in plan.unneeded:
            if hasattr(x[i], "dtype"):
                x[i] = ArrayType(x[i].shape, x[i].dtype)
        for i in plan.constants:
            if type(x[i]) is np.ndarray:
                x[i] = self.captured.keep(x[i])
        kept = tuple(x)
        if row.is_tuple:
            return self._nodes(row, kept, y, params, plan.wanted, parents)
        if row is gather_:
            return self._node(y, (_pull_read, parents[0], row, kept, params))
        y_kept = y if plan.needs_output else None
        entry = (pull_any, parents, row, kept, y_kept, params, plan.wanted)
        return self._node(y, entry)

    def _structured(
        self, row: Structured, x: list[Any], inputs: Sequence[Any], params: Any
    ) -> tuple[Any, ...]:
        ours = [type(v) is self.kind and v.level is self for v in inputs]
        for i, v in enumerate(x):
            if type(v) is np.ndarray and not ours[i]:
                x[i] = self.captured.keep(v)
        # What the pullback will need is computed too, and may be infinite.
        with np.errstate(all="ignore"):
            recorded = record_structured(row, x, ours, params)
        places = [i for i, own in enumerate(ours) if own]
        parents = [inputs[i].index for i in places]
        y = recorded.outputs
        k = self._append((pull_structured, parents, recorded.pull, places))
        return tuple(
            self._node(part, (pull_slot, k, j, len(y))) if moved else part
            for j, (part, moved) in enumerate(zip(y, recorded.moved, strict=True))
        )

    def pullback(self, *parts: Any) -> Pullback:
        """Make the pullback of the run, of what `Pullback` takes."""
        return Pullback(*parts)

    def attach(
        self,
        values: Sequence[Any],
        parents: Sequence[Node],
        pull: Callable[[Sequence[Any]], Sequence[Any]],
    ) -> list[Any]:
        """Put values on the tape that were computed elsewhere.

        Parameters
        ----------
        values : sequence of arrays, NumPy scalars or Tracers of older levels
        parents : sequence of Node
        pull : callable
            From a cotangent for each value (zeros where it is zero) to one for each
            parent, of its shape and dtype, or None for zero.
        """
        likes = [ArrayType(y.shape, y.dtype) for y in values]
        k = self._append((pull_attached, [v.index for v in parents], pull, likes))
        return [
            self._node(y, (pull_slot, k, j, len(values))) if is_inexact(y.dtype) else y
            for j, y in enumerate(values)
        ]

    def _linear(self, row: Linear, node: Any, params: Mapping[str, Any]) -> Any:
        # The way of most operations that are not elementwise: slices, sums, reshapes.
        v = node.value
        if isinstance(v, Tracer):
            y = compute(row, (v,), params)
        else:
            y = row.impl(v, **params)
        if y.dtype.kind not in "fc":
            return y
        pull = _pull_read if row is getitem_ else _pull_linear
        kept = (ArrayType(v.shape, v.dtype),)
        return self._node(y, (pull, node.index, row, kept, params))

    def _node(self, value: Any, entry: Entry) -> Any:
        return self._twin(self._append(entry), value)

    def _append(self, entry: Entry) -> int:
        return append(self, entry)

    def _nodes(
        self,
        row: Primitive,
        kept: Any,
        y: tuple[Any, ...],
        params: Any,
        wanted: Any,
        parents: Any,
    ) -> tuple[Any, ...]:
        # The operation has an entry of its own, whose cotangent is a list with a slot
        # for each output; each differentiable output is a node that fills its slot.
        k = self._append((pull_any, parents, row, kept, y, params, wanted))
        return tuple(
            self._node(part, (pull_slot, k, j, len(y)))
            if is_inexact(part.dtype)
            else part
            for j, part in enumerate(y)
        )

    def lift(self, value: Any) -> Any:
        """Put a constant on the tape: nothing is pulled through it."""
        return self._node(value, (_pull_nothing,))

    def owned(self, node: Any) -> Any:
        """Copy the value; on the tape it is the same."""
        return self._twin(node.index, owned_value(node.value))

    def frozen(self, node: Any, needed: bool) -> Any:
        """Copy the value if a pullback will need it; on the tape it is the same."""
        return self._twin(node.index, frozen_value(node.value)) if needed else node

    def write(self, node: Any, value: Any, target: Target) -> None:
        """Write into the value inside, and record how the cotangent parts."""
        self.check_open()
        j = None
        if type(value) is self.kind and value.level is self:
            j, value = value.index, value.value
        node.value = write_value(node.value, value, target)
        key, lasting, like = target.key, None, None
        if j is not None:
            like = ArrayType(value.shape, value.dtype)
            if not target.unique:
                lasting = last_writes(node.shape, target.at, target.indices)
        if target.indices:
            kept = [
                self.captured.keep(i) if type(i) is np.ndarray else i
                for i in target.indices
            ]
            key = target._replace(indices=kept).key
        node.index = self._append((pull_write, node.index, j, key, like, lasting))

    def read(self, node: Any, key: Any) -> Any:
        """Be `node[key]` for an int or a slice of an array."""
        value = node.value
        if type(value) is not np.ndarray or value.ndim == 0 or not plain_key(key):
            return None
        entry = (pull_slice, node.index, key, value.shape, value.dtype)
        return self._node(value[key], entry)

    def put(self, node: Any, key: Any, value: Any) -> bool:
        """Write a Node of the right shape to an int or a slice of an array."""
        array, v = node.value, value.value
        if (
            type(array) is not np.ndarray
            or isinstance(v, Tracer)
            or array.ndim == 0
            or array.dtype is not v.dtype
            or not plain_key(key)
            or array[key].shape != v.shape
        ):
            return False
        array[key] = v
        entry = (pull_write, node.index, value.index, key, None, None)
        node.index = self._append(entry)
        return True

    def mark(self) -> int:
        """Give the length of the tape."""
        return len(self.entries)

    def rewind(self, mark: int) -> None:
        """Cut the tape."""
        del self.entries[mark:]

    def _twin(self, index: Any, value: Any) -> Any:
        node = self.kind.__new__(self.kind)
        node.value = value
        node.level = self
        node.index = index
        return node

    def close(self) -> None:
        """End the run: where the entries were is what raises, so that no operation has
        to ask whether the tape is open."""
        super().close()
        self.entries = _CLOSED


class _Closed:
    """Stand where the entries were: to ask for an index is to use a dead Tracer."""

    def __len__(self) -> int:
        raise escaped()

    def append(self, _: Entry) -> NoReturn:
        raise escaped()


_CLOSED = _Closed()


class _Plan(NamedTuple):
    """What the pullback of a row needs, where some of its inputs are on the tape."""

    wanted: Sequence[int]
    unneeded: Sequence[int]
    constants: Sequence[int]  # needed, and not on the tape
    needs_output: bool


_PLANS: dict[tuple[Primitive, int, int], _Plan] = {}


def _plan(row: Primitive, count: int, ours: int) -> _Plan:
    wanted = [i for i in active_inputs(row, count) if ours >> i & 1]
    needed = needed_inputs(row, count, wanted)
    unneeded = [i for i in range(count) if i not in needed]
    constants = [i for i in needed if not ours >> i & 1]
    plan = _Plan(wanted, unneeded, constants, needs_output(row, wanted))
    # A row of the user's own is made for one call, and would be kept for ever.
    if PRIMITIVES.get(row.name) is row:
        _PLANS[row, count, ours] = plan
    return plan


def _differentiable(y: Any) -> bool:
    if type(y) is tuple:
        return any(is_inexact(part.dtype) for part in y)
    return is_inexact(y.dtype)


# ----- pulls: a cotangent through one entry -----


def pull_any(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    """Pull through an operation of any row, by rules.py."""
    _, parents, row, x, y, params, wanted = entry
    x_bars = pullback(row, x, y, y_bar, params, wanted, product, transposed)
    for i, x_bar in zip(parents, x_bars, strict=True):
        if x_bar is not None:
            bar = bars[i]
            bars[i] = x_bar if bar is None else bar + x_bar


def _pull_linear(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    _, i, row, x, params = entry
    x_bar = row.transpose(x, y_bar, **params)
    if type(x_bar) is tuple:
        (x_bar,) = x_bar
    if x_bar.dtype != x[0].dtype:
        x_bar = fit(x_bar, x[0])
    bar = bars[i]
    bars[i] = x_bar if bar is None else bar + x_bar


def _pull_nothing(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    pass


def pull_structured(
    bars: list[Any], y_bars: Any, entry: Entry, product: Product
) -> None:
    """Pull through a branch or a loop."""
    _, parents, pull, places = entry
    x_bars = pull(y_bars)
    if product is rescue:
        given = tuple(y_bar for y_bar in y_bars if y_bar is not None)
        x_bars = zero_where_all_is(given, x_bars)
    for i, place in zip(parents, places, strict=True):
        x_bar = x_bars[place]
        if x_bar is not None:
            bar = bars[i]
            bars[i] = x_bar if bar is None else bar + x_bar


def pull_attached(bars: list[Any], y_bars: Any, entry: Entry, product: Product) -> None:
    """Pull through what was computed elsewhere."""
    _, parents, pull, likes = entry
    y_bars = tuple(map(or_zeros, y_bars, likes))
    x_bars = pull(y_bars)
    if product is rescue:
        x_bars = zero_where_all_is(y_bars, x_bars)
    for i, x_bar in zip(parents, x_bars, strict=True):
        if x_bar is not None:
            bar = bars[i]
            bars[i] = x_bar if bar is None else bar + x_bar


def pull_slot(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    """Pull from one of several outputs to the operation that gave them."""
    _, k, j, count = entry
    parts = bars[k]
    if parts is None:
        parts = bars[k] = [None] * count
    parts[j] = y_bar if parts[j] is None else parts[j] + y_bar


def _pull_read(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    _, i, row, x, params = entry
    bar = bars[i]
    if isinstance(y_bar, Tracer) or isinstance(bar, Tracer) or _traced(x[1:]):
        _pull_linear(bars, y_bar, entry, product)
        return
    if type(bar) is not Buffer:
        bars[i] = bar = Buffer(bar, x[0])
    bar.scatter(y_bar, x[1:], **params)


def _traced(x: tuple[Any, ...]) -> bool:
    return any(isinstance(v, Tracer) for v in x)


# ----- Node, and running functions -----


class Node(Tracer):
    """A value on a tape."""

    __slots__ = ()
    recorders: ClassVar[Recorders]
    index: Any = vars(Tracer)["own"]
    total: ClassVar[Callable[[Any], Any]]

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if function is np.sum and len(args) == 1 and args[0] is self and not kwargs:
            return self.total()
        return super().__array_function__(function, types, args, kwargs)

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        """Be np.sum of this array."""
        if args or kwargs:
            return FACES[np.sum](self, *args, **kwargs)
        return self.total()


Node.recorders = Recorders(recorder_maker(Node))
Node.total = totaller(Node)
Node.__getitem__ = reader(Node)  # type: ignore[method-assign]
install_operators(Node)
Tape.kind = Node


class Opening(threading.local):
    """The kind of tape that runs begin with, in this thread; see watching.py."""

    kind: type[Tape] = Tape


opening = Opening()


def record_function(
    f: Callable[..., Sequence[Any]], inputs: Sequence[Any], tape: Tape | None = None
) -> tuple[list[Any], Pullback]:
    """Run f on Tracers and keep its tape.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are inputs, returns a flat sequence of outputs.
    inputs : sequence of inexact arrays, NumPy scalars or Tracers
    tape : Tape, optional
        An empty one, whose Tracers are of another class than Node.

    Returns
    -------
    outputs : list
        Plain values (or Tracers of older levels).
    pullback : Pullback
    """
    tape = opening.kind() if tape is None else tape
    nodes = [tape.input(x) for x in inputs]
    entries = tape.entries
    outputs = run(tape, f, nodes)
    values, indices = [], []
    for y in outputs:
        ours = type(y) is tape.kind and y.level is tape
        values.append(y.value if ours else y)
        indices.append(y.index if ours else -1)
    likes = [ArrayType(x.shape, x.dtype) for x in inputs]
    return values, tape.pullback(entries, tape.captured, likes, indices, values)


def transposed(row: Any) -> Callable[..., tuple[Any, ...]]:
    """Give the pullback of a row that states its pushforward only, by transposing it:
    the pushforward is linear in the seed, so one sweep over a run of it will do."""

    def pull(y: Any, x: Any, y_bar: Any, **params: Any) -> tuple[Any, ...]:
        zeros = [np.zeros(x[i].shape, x[i].dtype)[()] for i in row.active]

        def push(*seeds: Any) -> Sequence[Any]:
            x_dot: list[Any] = [None] * len(x)
            for i, seed in zip(row.active, seeds, strict=True):
                x_dot[i] = seed
            y_dot = row.jvp(y, x, tuple(x_dot), **params)
            return y_dot if row.is_tuple else (y_dot,)

        _, pull_back = record_function(push, zeros, Tape())
        return tuple(pull_back(y_bar if row.is_tuple else (y_bar,)))

    return pull
