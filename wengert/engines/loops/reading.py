"""Reading: what one element of a var is, as an Expression.

`Reader.read(var, index)` answers for an index that moves with the counters of a loop
nest. A var that is kept in memory is loaded. Of any other, the equation that gives it
is followed back: an elementwise one computes on the elements of its inputs, a view
reads at another index, a piecewise one reads here or there. Where that depends on the
counters, `Cut` says at which turn the loop has to be cut in two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.engines.loops.affine import (
    Affine,
    Box,
    Index,
    broadcast_index,
    fixed,
    linear,
    reach,
    reshaped_index,
    strides_of,
)
from wengert.engines.loops.expressions import Builder, Expression, type_of
from wengert.engines.loops.kinds import dtype_of
from wengert.engines.loops.plan import Plan
from wengert.engines.loops.program import View
from wengert.engines.loops.scalars import COMPARISONS, SCALARS
from wengert.graph import Equation, Var

__all__ = ["Cut", "NotReadable", "Reader"]


class Cut(Exception):
    """The box has to be cut: counter `axis` at `at`."""

    def __init__(self, axis: int, at: int) -> None:
        super().__init__(axis, at)
        self.axis = axis
        self.at = at


class NotReadable(Exception):
    """The elements of a var are at no affine index: it has to be kept in memory."""

    def __init__(self, var: Var) -> None:
        super().__init__(var)
        self.var = var


class Reader:
    """Read elements within one box of one group."""

    def __init__(
        self, plan: Plan, views: dict[Var, View], box: Box, group: int, fail: Any
    ) -> None:
        self.build = Builder()
        self.box = box
        self.rank = len(box)
        self._plan = plan
        self._views = views
        self._group = group
        self.fail = fail
        self._known: dict[Any, Expression] = {}

    def read(self, atom: Any, index: Index) -> Expression:
        """Give one element; NotReadable or Cut where that cannot be."""
        if not isinstance(atom, Var):
            type = type_of(dtype_of(atom))
            assert type is not None
            return self.build.constant(atom.value, type)
        key = atom, index
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(atom, index)
        return found

    def _read(self, var: Var, index: Index) -> Expression:
        view = self._views.get(var)
        # What this very loop writes is not in memory yet, but its parts are at hand.
        own = self._plan.group_of.get(var) == self._group
        if view is not None and not own:
            place = linear(index, view.strides, view.offset, self.rank)
            return self.build.load(view.buffer, place, view.buffer.type)
        equation = self._plan.givers[var]
        kind = self._plan.kinds[equation]
        if kind == "elementwise":
            return self.elementwise(equation, index)
        return _RULES[equation.primitive.name](self, equation, index)

    def view_of(self, atom: Any) -> View | None:
        """Find an array that is kept in memory, and that this loop does not write."""
        if self._plan.group_of.get(atom) == self._group:
            return None
        return self._views.get(atom)

    def elementwise(self, equation: Equation, index: Index) -> Expression:
        """Compute one element of an elementwise equation."""
        name, build = equation.primitive.name, self.build
        whole = equation.outputs[0].type.shape
        parts = [self._operand(atom, index, whole) for atom in equation.inputs]
        to = type_of(equation.outputs[0].type.dtype)
        assert to is not None
        if name in ("cast", "discretize"):
            return build.cast(parts[0], to)
        if name == "where":
            which = build.cast(parts[0], "bool")
            return build.select(which, *(build.cast(x, to) for x in parts[1:]))
        if name in ("copy", "real", "conjugate"):
            return build.cast(parts[0], to)
        common = to
        if name in COMPARISONS:
            common = _common(equation)
        elif to == "bool":
            common = ""
        if common:
            parts = [build.cast(x, common) for x in parts]
        return SCALARS[name](build, *parts)

    def _operand(self, atom: Any, index: Index, whole: tuple[int, ...]) -> Expression:
        shape = getattr(atom.type, "shape", ())
        if shape == whole:
            return self.read(atom, index)
        return self.read(atom, broadcast_index(index, shape))

    # ----- deciding where an index is -----

    def inside(self, var: Var, affine: Affine, low: int, high: int) -> bool:
        """Tell whether an index is in [low, high) over all of the box, or nowhere."""
        first, last = reach(affine, self.box)
        if low <= first and last < high:
            return True
        if last < low or first >= high:
            return False
        moving = [k for k, c in enumerate(affine.coefficients) if c]
        if len(moving) != 1:
            raise NotReadable(var)
        (k,) = moving
        step = affine.coefficients[k]
        # The first turn at which the index has crossed a bound.
        bound = low if min(first, last) < low else high
        start, end = self.box[k]
        for_sure = bound - affine.constant
        at = -(-for_sure // step) if step > 0 else for_sure // step + 1
        if not start < at < end:
            raise NotReadable(var)
        raise Cut(k, at)


def _common(equation: Equation) -> str:
    types = [
        a.type.dtype if hasattr(a.type, "dtype") else a.type for a in equation.inputs
    ]
    type = type_of(np.result_type(*types))
    assert type is not None
    return type


Rule = Callable[[Reader, Equation, Index], Expression]
_RULES: dict[str, Rule] = {}


def _reads(name: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        _RULES[name] = rule
        return rule

    return enter


# ----- views -----


def source_index(equation: Equation, index: Index, box: Box) -> Index | None:
    """Give the index into the source of a view, of what stands at an index into it."""
    name, params = equation.primitive.name, equation.params
    shape = equation.inputs[0].type.shape
    rank = len(box)
    if name == "transpose":
        source = [fixed(0, rank)] * len(shape)
        for affine, axis in zip(index, params["axes"], strict=True):
            source[axis] = affine
        return tuple(source)
    if name == "broadcast_to":
        return broadcast_index(index, shape)
    if name == "reshape":
        return reshaped_index(index, params["shape"], shape, box)
    if name == "flip":
        axes = params["axis"]
        return tuple(
            affine.scaled(-1, n - 1) if axis in axes else affine
            for axis, (affine, n) in enumerate(zip(index, shape, strict=True))
        )
    assert name == "getitem"
    return _sliced(params["index"], shape, index, rank)


def regions(
    key: Sequence[Any], shape: tuple[int, ...]
) -> list[tuple[int, int, int, int | None]]:
    """Give for each axis of an array the start, step and length of what a basic index
    selects of it, and the axis of the result that runs over it; None for an int."""
    consumed = sum(part is not None and part is not Ellipsis for part in key)
    rest = len(shape) - consumed
    parts = list(key) if any(p is Ellipsis for p in key) else [*key, Ellipsis]
    found: list[tuple[int, int, int, int | None]] = []
    axis = 0
    for part in parts:
        if part is None:
            axis += 1
        elif part is Ellipsis:
            for n in shape[len(found) : len(found) + rest]:
                found.append((0, 1, n, axis))
                axis += 1
        else:
            n = shape[len(found)]
            if isinstance(part, slice):
                span = range(*part.indices(n))
                found.append((span.start, span.step, len(span), axis))
                axis += 1
            else:
                found.append((int(part) % n if n else 0, 1, 1, None))
    return found


def _sliced(key: Any, shape: tuple[int, ...], index: Index, rank: int) -> Index:
    return tuple(
        fixed(start, rank) if axis is None else index[axis].scaled(step, start)
        for start, step, _, axis in regions(key, shape)
    )


def _view(reader: Reader, equation: Equation, index: Index) -> Expression:
    if equation.primitive.name == "reshape":
        # In memory, where the elements of the source stand in order, it is no change.
        view = reader.view_of(equation.inputs[0])
        if view is not None and view.is_contiguous:
            shape = equation.params["shape"]
            place = linear(index, strides_of(shape), view.offset, reader.rank)
            return reader.build.load(view.buffer, place, view.buffer.type)
    source = source_index(equation, index, reader.box)
    if source is None:
        atom = equation.inputs[0]
        assert isinstance(atom, Var)
        raise NotReadable(atom)
    return reader.read(equation.inputs[0], source)


for _name in ("transpose", "broadcast_to", "reshape", "flip", "getitem"):
    _RULES[_name] = _view

# ----- pieces -----


def _region_index(
    reader: Reader, equation: Equation, shape: tuple[int, ...], index: Index
) -> dict[int, Affine] | None:
    """Give the index into the part that a basic index selects; None outside of it."""
    (output, *_) = equation.outputs
    found: dict[int, Affine] = {}
    for (start, step, count, axis), affine in zip(
        regions(equation.params["index"], shape), index, strict=True
    ):
        if count == 0:
            return None
        if step < 0:
            start, step = start + step * (count - 1), -step
            reverse = True
        else:
            reverse = False
        if not reader.inside(output, affine, start, start + step * (count - 1) + 1):
            return None
        place = affine.scaled(1, -start)
        if step != 1:
            if any(c % step for c in place.coefficients):
                raise NotReadable(output)
            if place.constant % step:
                return None
            place = Affine(
                place.constant // step, tuple(c // step for c in place.coefficients)
            )
        if axis is not None:
            found[axis] = place.scaled(-1, count - 1) if reverse else place
    return found


@_reads("scatter")
def _scatter(reader: Reader, equation: Equation, index: Index) -> Expression:
    (source,) = equation.inputs
    found = _region_index(reader, equation, equation.params["shape"], index)
    if found is None:
        (output,) = equation.outputs
        type = type_of(output.type.dtype)
        assert type is not None
        return reader.build.absent(type)
    rank = reader.rank
    shape = getattr(source.type, "shape", ())
    at = tuple(found.get(axis, fixed(0, rank)) for axis in range(len(shape)))
    return reader.read(source, at)


@_reads("update")
def _update(reader: Reader, equation: Equation, index: Index) -> Expression:
    x, v = equation.inputs
    (output,) = equation.outputs
    found = _region_index(reader, equation, output.type.shape, index)
    if found is None:
        return reader.read(x, index)
    to = type_of(output.type.dtype)
    assert to is not None
    return reader.build.cast(reader.read(v, part_index(equation, found, reader)), to)


def part_index(equation: Equation, found: dict[int, Affine], reader: Reader) -> Index:
    """Give the index into what is written, which is broadcast to the region."""
    shape = getattr(equation.inputs[1].type, "shape", ())
    axes = 1 + max(found, default=-1)
    whole = tuple(found.get(axis, fixed(0, reader.rank)) for axis in range(axes))
    return written_index(whole, shape, reader.rank)


def written_index(index: Index, shape: tuple[int, ...], rank: int) -> Index:
    """Give the index into an array of this shape that is assigned to a region."""
    # NumPy drops leading axes of length 1 that the region lacks.
    excess = len(shape) - len(index)
    lead = tuple(fixed(0, rank) for _ in range(excess))
    return broadcast_index((*lead, *index), shape)


@_reads("concatenate")
def _concatenate(reader: Reader, equation: Equation, index: Index) -> Expression:
    axis = equation.params["axis"]
    (output,) = equation.outputs
    to = type_of(output.type.dtype)
    assert to is not None
    start = 0
    for atom in equation.inputs:
        n = atom.type.shape[axis]
        if n and reader.inside(output, index[axis], start, start + n):
            moved = (*index[:axis], index[axis].scaled(1, -start), *index[axis + 1 :])
            return reader.build.cast(reader.read(atom, moved), to)
        start += n
    raise NotReadable(output)


@_reads("stack")
def _stack(reader: Reader, equation: Equation, index: Index) -> Expression:
    axis = equation.params["axis"]
    (output,) = equation.outputs
    to = type_of(output.type.dtype)
    assert to is not None
    for k, atom in enumerate(equation.inputs):
        if reader.inside(output, index[axis], k, k + 1):
            rest = (*index[:axis], *index[axis + 1 :])
            return reader.build.cast(reader.read(atom, rest), to)
    raise NotReadable(output)


@_reads("roll")
def _roll(reader: Reader, equation: Equation, index: Index) -> Expression:
    params, (source,), (output,) = equation.params, equation.inputs, equation.outputs
    moved = list(index)
    for shift, axis in zip(params["shift"], params["axis"], strict=True):
        n = source.type.shape[axis]
        shift %= n
        if not shift:
            continue
        ahead = reader.inside(output, moved[axis], shift, n)
        moved[axis] = moved[axis].scaled(1, -shift if ahead else n - shift)
    return reader.read(source, tuple(moved))


# ----- reading at places that are computed -----


@_reads("gather")
def _gather(reader: Reader, equation: Equation, index: Index) -> Expression:
    x, *indices = equation.inputs
    assert isinstance(x, Var)
    view = reader.view_of(x)
    if view is None:
        raise NotReadable(x)
    place, offset = computed_place(reader, equation, view, indices, index)
    return reader.build.gather(view.buffer, place, offset, view.buffer.type)


def computed_place(
    reader: Reader, equation: Equation, view: View, indices: Sequence[Any], index: Index
) -> tuple[Affine, Expression]:
    """Find the element that an index with arrays means.

    Parameters
    ----------
    view : View
        The array that is read or written there.
    indices : sequence of atoms
        The index arrays.
    index : Index
        Into the result of reading.

    Returns
    -------
    place, offset : Affine, Expression
        In elements from the start of the buffer: their sum.
    """
    build, rank = reader.build, reader.rank
    key = list(equation.params["index"])
    at_end = key.index(Ellipsis) if Ellipsis in key else len(key)
    rest = len(view.shape) - len(key) + (Ellipsis in key)
    key[at_end : at_end + 1] = [slice(None)] * rest
    many = len(np.broadcast_shapes(*(getattr(i.type, "shape", ()) for i in indices)))
    offset = build.constant(0, "i64")
    place, axis, following = fixed(view.offset, rank), 0, iter(indices)
    at: Index | None = None
    for n, stride, part in zip(view.shape, view.strides, key, strict=True):
        if isinstance(part, slice):
            place = place.plus(index[axis].scaled(stride))
            axis += 1
            continue
        if at is None:
            at = index[axis : axis + many]
            axis += many
        atom = next(following)
        shape = getattr(atom.type, "shape", ())
        wanted = build.cast(reader.read(atom, broadcast_index(at, shape)), "i64")
        checked = build.checked(wanted, n, reader.fail)
        step = build.mul(checked, build.constant(stride, "i64"))
        offset = build.add(offset, step)
    return place, offset
