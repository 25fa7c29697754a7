"""Recorders: the fast way onto the tape, for elementwise operations, slices and sums.

An elementwise row with one or two inputs is turned, once, into a function that computes
and records it, and one that pulls a cotangent through its entries, with everything that
can be known beforehand known beforehand. What they do is what `Tape.bind` and
`transforms.rules.pullback` do; operations that are not of the common kind (a list as
operand, a Tracer of another level) are left to those. So are, for slices and sums, all
but the plainest: `x[i]`, `x[i:j]` and the sum of all elements of an array.

Entries: `(pull, parent, x, y)` for one input; `(pull, parent, a, b, y, like)` for two
of which one is traced; `(pull, parent, a, b, y, other parent, like, other like)` for
both; `(pull, parent, key, shape, dtype)` for slices, `(pull, parent, shape)` for sums.
A value that the pullback does not need is None; so is `like`, the shape and dtype that
the cotangent must be brought back to, where these are the output's own.
"""

from __future__ import annotations

import dataclasses
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from wengert.errors import ArgumentError, user_source
from wengert.graph.dependence import needs
from wengert.graph.primitive import FACES, Constant, Elementwise, Primitive
from wengert.graph.types import ArrayType
from wengert.primitives.arithmetic import power, square
from wengert.primitives.indexing import Index, getitem, scatter_
from wengert.primitives.shaping import broadcast_to_
from wengert.trace.tracer import PLAIN, Tracer, record
from wengert.trace.views import note
from wengert.transforms.buffer import Buffer
from wengert.transforms.rules import fit

__all__ = [
    "SAVED",
    "SIDES",
    "append",
    "plain_key",
    "pull_slice",
    "reader",
    "recorder_maker",
    "totaller",
]

Entry = tuple[Any, ...]
Product = Callable[[Any, Any], Any]
Recorder = Callable[..., Any]
Place = Callable[[Any, Entry], Any]

# Of entries that hold values: (where one stands, where the parent stands whose value it
# is). At 0 stands no parent: there it is the entry's own value, y.
SAVED: dict[Any, tuple[tuple[int, int], ...]] = {}
# The pull of a row's entries with two parents → those of its entries with one of them.
SIDES: dict[Any, tuple[Any, Any]] = {}


def append(tape: Any, entry: Entry) -> int:
    """Put an entry on a tape, and give its index.

    Where another thread of f's own has appended after it, it is no longer the last.
    Append order stays an order in which parents come first.
    """
    entries = tape.entries
    entries.append(entry)
    k = len(entries) - 1
    while entries[k] is not entry:
        k -= 1
    return k


def recorder_maker(
    node: type[Any], place: Place = append
) -> Callable[[Primitive], Recorder]:
    """Make the function that makes the recorder of a row, for this class of Tracer.

    Parameters
    ----------
    node : type
    place : callable
        From a tape and an entry to what its pullback knows the result by.
    """

    def make(row: Primitive) -> Recorder:
        if isinstance(row, Constant):
            return _constant(row, node)
        if isinstance(row, Elementwise) and None not in row.partials:
            if len(row.partials) == 1 and row.name != "absolute":
                return _unary(row, node, place)
            if row is power:
                # By `**`, which on scalars differs from np.square in the last bit.
                squared = dataclasses.replace(square, impl=lambda x: x**2)
                general = _binary(row, node, place)
                return _power(general, _unary(squared, node, place), node)
            if len(row.partials) == 2:
                return _binary(row, node, place)
        # The absolute value of a complex number is real: its pullback is no product.
        return record(row)

    return make


def _constant(row: Constant, Node: type[Any]) -> Recorder:
    slow, impl = record(row), row.impl

    def constant(*inputs: Any) -> Any:
        if len(inputs) == 2:
            x, y = inputs
            if type(x) is Node and type(y) in PLAIN and type(x.value) in PLAIN:
                x.level.check_open()
                return impl(x.value, y)
        return slow(*inputs)

    return constant


def _power(general: Recorder, squared: Recorder, Node: type[Any]) -> Recorder:
    """Square where the exponent is the number 2, as NumPy itself does."""

    def recorder(x: Any, y: Any) -> Any:
        if type(y) is int and y == 2 and type(x) is Node:
            return squared(x)
        return general(x, y)

    return recorder


def _unary(row: Elementwise, Node: type[Any], place: Place) -> Recorder:
    impl = row.impl
    (partial,) = row.partials
    needed = needs(partial)
    needs_y, needs_x = -1 in needed, 0 in needed
    pull = _unary_pull(partial)
    pull.__name__ = row.name
    SAVED[pull] = ((2, 1), (3, 0))
    make: Any = Node.__new__

    def unary(x: Any) -> Any:
        tape = x.level
        v = x.value
        node = make(Node)
        node.level = tape
        node.value = y = impl(v)
        entry = (pull, x.index, v if needs_x else None, y if needs_y else None)
        node.index = place(tape, entry)
        return node

    return unary


def _binary(row: Elementwise, Node: type[Any], place: Place) -> Recorder:
    impl = row.impl
    p, q = row.partials
    p_needs, q_needs = needs(p), needs(q)
    both = {*p_needs, *q_needs}
    p_y, p_a, p_b = (k in p_needs for k in (-1, 0, 1))
    q_y, q_a, q_b = (k in q_needs for k in (-1, 0, 1))
    r_y, r_a, r_b = (k in both for k in (-1, 0, 1))
    pull_left, pull_right = _binary_pull(p), _binary_pull(q)
    pull_both = _both_pull(p, q)
    for pull in (pull_left, pull_right, pull_both):
        pull.__name__ = row.name
    SAVED[pull_left], SAVED[pull_right] = ((2, 1), (4, 0)), ((3, 1), (4, 0))
    SAVED[pull_both] = ((2, 1), (3, 5), (4, 0))
    SIDES[pull_both] = pull_left, pull_right
    slow = record(row)
    make: Any = Node.__new__

    def binary(x: Any, y: Any) -> Any:
        if type(x) is Node:
            tape = x.level
            a = x.value
            kind = type(y)
            if kind is Node:
                if y.level is not tape:
                    return slow(x, y)
                b = y.value
                z = impl(a, b)
                if a.shape == b.shape and a.dtype is b.dtype:
                    like_a = like_b = None
                else:
                    like_a, like_b = _like(a, z), _like(b, z)
                entry: Entry = (
                    pull_both, x.index, a if r_a else None, b if r_b else None,
                    z if r_y else None, y.index, like_a, like_b,
                )  # fmt: skip
            elif kind is float or kind is int:
                z = impl(a, y)
                # Of the same shape; but for some ufuncs of SciPy, of the same dtype.
                entry = (
                    pull_left, x.index, a if p_a else None, y, z if p_y else None,
                    None if z.dtype is a.dtype else _like(a, z),
                )  # fmt: skip
            elif kind in PLAIN:
                z = impl(a, y)
                if p_b and kind is ndarray:
                    y = tape.captured.keep(y)
                entry = (
                    pull_left, x.index, a if p_a else None, y if p_b else None,
                    z if p_y else None, _like(a, z),
                )  # fmt: skip
            else:
                return slow(x, y)
        elif type(x) in PLAIN and type(y) is Node:
            tape = y.level
            b = y.value
            z = impl(x, b)
            if q_a and type(x) is ndarray:
                x = tape.captured.keep(x)
            entry = (
                pull_right, y.index, x if q_a else None, b if q_b else None,
                z if q_y else None, _like(b, z),
            )  # fmt: skip
        else:
            return slow(x, y)
        node = make(Node)
        node.level = tape
        node.value = z
        node.index = place(tape, entry)
        return node

    return binary


def _like(x: Any, y: Any) -> ArrayType | None:
    """Give what the cotangent of x must be brought back to, if that is not y's form."""
    if x.shape == y.shape and x.dtype is y.dtype:
        return None
    if y.dtype.kind == "O":
        raise ArgumentError(
            "a traced value meets an array of Python objects, which has no derivative "
            f"(at {user_source()}). Convert it with a.astype(float)."
        )
    return ArrayType(x.shape, x.dtype)


_BOUNDS = frozenset({int, type(None)})


def plain_key(key: Any) -> bool:
    """Tell whether a key is an int, or a slice with bounds that are ints or None."""
    return type(key) is int or (
        type(key) is slice
        and type(key.start) in _BOUNDS
        and type(key.stop) in _BOUNDS
        and type(key.step) in _BOUNDS
    )


def reader(Node: type[Any], place: Place = append) -> Recorder:
    """Make `x[key]`: fast for an int or a slice, by `getitem` for any other key."""
    make: Any = Node.__new__

    def read(x: Any, key: Any) -> Any:
        v = x.value
        if type(v) is not ndarray or not plain_key(key):
            return getitem(x, key)
        tape = x.level
        node = make(Node)
        node.level = tape
        node.value = y = v[key]
        if type(y) is ndarray:
            node.origin = (x, None, key)
            note(x, node)
        entry = (pull_slice, x.index, key, v.shape, v.dtype)
        node.index = place(tape, entry)
        return node

    return read


def totaller(Node: type[Any], place: Place = append) -> Recorder:
    """Make the sum over all elements, fast where the value is an array."""
    make: Any = Node.__new__

    def total(x: Any) -> Any:
        v = x.value
        if type(v) is not ndarray:
            return FACES[np.sum](x)
        tape = x.level
        node = make(Node)
        node.level = tape
        node.value = np.add.reduce(v, axis=None)
        entry = (_pull_total, x.index, v.shape)
        node.index = place(tape, entry)
        return node

    return total


# ----- pulls: a cotangent through one entry -----


def _unary_pull(partial: Any) -> Any:
    if not callable(partial):
        return _linear_pull(partial)

    def pull(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
        _, i, x, y = entry
        x_bar = product(y_bar, partial(y, x))
        bar = bars[i]
        bars[i] = x_bar if bar is None else bar + x_bar

    return pull


def _binary_pull(partial: Any) -> Any:
    if not callable(partial):
        return _linear_pull(partial)

    def pull(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
        _, i, a, b, z, like = entry
        x_bar = product(y_bar, partial(z, a, b))
        if like is not None:
            x_bar = fit(x_bar, like)
        bar = bars[i]
        bars[i] = x_bar if bar is None else bar + x_bar

    return pull


def _both_pull(p: Any, q: Any) -> Any:
    p_varies, q_varies = callable(p), callable(q)
    p_times, q_times = _factor(p), _factor(q)
    if p_times is operator.pos and not q_varies:
        return _sum_pull(q_times)

    def pull(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
        _, i, a, b, z, j, like_a, like_b = entry
        x_bar = product(y_bar, p(z, a, b)) if p_varies else p_times(y_bar)
        if like_a is not None:
            x_bar = fit(x_bar, like_a)
        bar = bars[i]
        bars[i] = x_bar if bar is None else bar + x_bar
        x_bar = product(y_bar, q(z, a, b)) if q_varies else q_times(y_bar)
        if like_b is not None:
            x_bar = fit(x_bar, like_b)
        bar = bars[j]
        bars[j] = x_bar if bar is None else bar + x_bar

    return pull


def _linear_pull(factor: float) -> Any:
    is_one, times = factor == 1, _factor(factor)

    def pull(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
        x_bar = y_bar if is_one else times(y_bar)
        like = entry[5] if len(entry) > 5 else None
        if like is not None:
            x_bar = fit(x_bar, like)
        i = entry[1]
        bar = bars[i]
        bars[i] = x_bar if bar is None else bar + x_bar

    return pull


def _sum_pull(times: Callable[[Any], Any]) -> Any:
    """Pull through a sum or a difference: ȳ to the left, ±ȳ to the right."""
    is_sum = times is operator.pos

    def pull(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
        i, j, like_a, like_b = entry[1], entry[5], entry[6], entry[7]
        x_bar = y_bar if like_a is None else fit(y_bar, like_a)
        bar = bars[i]
        bars[i] = x_bar if bar is None else bar + x_bar
        x_bar = y_bar if is_sum else times(y_bar)
        if like_b is not None:
            x_bar = fit(x_bar, like_b)
        bar = bars[j]
        bars[j] = x_bar if bar is None else bar + x_bar

    return pull


def _factor(factor: Any) -> Callable[[Any], Any]:
    """Make the multiplication by a partial derivative that is a number."""
    if factor == 1:
        return operator.pos
    return operator.neg if factor == -1 else lambda y_bar: y_bar * factor


def pull_slice(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    """Pull through `x[key]`, in place: n reads of single elements cost O(n)."""
    _, i, key, shape, dtype = entry
    bar = bars[i]
    if isinstance(y_bar, Tracer) or isinstance(bar, Tracer):
        x_bar = scatter_(y_bar, index=Index((key,)), shape=shape)
        bars[i] = x_bar if bar is None else bar + x_bar
        return
    if type(bar) is not Buffer:
        bars[i] = bar = Buffer(bar, ArrayType(shape, dtype))
    part = bar.array
    if type(key) is int:
        part[key] += y_bar
    else:
        part = part[key]
        part += y_bar


def _pull_total(bars: list[Any], y_bar: Any, entry: Entry, product: Product) -> None:
    _, i, shape = entry
    if type(y_bar) is np.float64 and math.prod(shape) <= 1000:
        # What the row broadcast_to does for small arrays, without the call of the row.
        x_bar = np.empty(shape)
        x_bar.fill(y_bar)
    else:
        x_bar = broadcast_to_(y_bar, shape=shape)
    bar = bars[i]
    bars[i] = x_bar if bar is None else bar + x_bar
