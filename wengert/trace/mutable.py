"""Arrays that are written to: `y[i] = v`, `y += v`, and views that see it.

A Tracer stands for one value and never changes. The array that a user writes to is a
`Mutable`: it holds the Tracer of what the array is now, and replaces it at each write.
Every Tracer of an array can become one, in place, at the first write to it or to a view
of it; nothing is slower for those that never are written to.

Example, `y = 2 * x; v = y[1:]; y[2] = x[0]; v.sum()`: at the third statement y becomes
a Mutable, and v, a view of it, too. Asked for its sum, v finds that y has been written
to since, and is derived from it anew, as `getitem` of what y is now.

Costs: the first write copies the array, since pullbacks may have kept it; later writes
cost what they write. Whatever of it an operation keeps for its pullback is copied then.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.errors import ArgumentError, MissingRuleError, user_source
from wengert.graph.dependence import active_inputs, needed_inputs
from wengert.graph.primitive import FACES, PRIMITIVES, Linear, Primitive
from wengert.graph.types import ArrayType, is_inexact
from wengert.primitives.axes import as_array
from wengert.primitives.indexing import Index, getitem, getitem_, resolve
from wengert.trace.levels import Level, Target, compute
from wengert.trace.statement import is_stored, truncated
from wengert.trace.tracer import Recorders, Tracer
from wengert.trace.views import Pick, Recall, memory, places, shares_memory

__all__ = ["Mutable", "frozen_value", "owned_value", "write_value"]


class Storage:
    """What an array is now.

    Attributes
    ----------
    now : Tracer or ndarray
        An ndarray where nothing traced has been written yet.
    owned : bool
        Whether nothing else refers to `now` and its memory.
    version : int
        How many times it has changed.
    """

    __slots__ = ("now", "owned", "version")

    def __init__(self, now: Any, owned: bool) -> None:
        self.now, self.owned, self.version = now, owned, 0

    @property
    def root(self) -> Storage:
        """Itself: a view has another."""
        return self

    def current(self) -> Any:
        """Give the Tracer of what the array is now."""
        return self.now

    def layout(self) -> Any:
        """Give the memory of what the array is now."""
        return memory(self.now)

    def own(self) -> None:
        """Copy the array, unless nothing else refers to it."""
        if not self.owned:
            now = self.now
            traced = isinstance(now, Tracer)
            self.now = now.level.owned(now) if traced else owned_value(now)
            self.owned = True
            self.version += 1

    def put(self, key: Any, value: Any) -> bool:
        """Write to an int or a slice, where that can be done fast."""
        now = self.now
        if (
            self.owned
            and type(value) is type(now) is not np.ndarray
            and value.level is now.level
            and now.level.put(now, key, value)
        ):
            self.version += 1
            return True
        return False

    def write(self, value: Any, target: Target) -> None:
        """Write a plain value or a Tracer."""
        now = self.now
        _check_dtype(now, value)
        tracers = [x for x in (now, value, *target.indices) if isinstance(x, Tracer)]
        if not tracers:
            self.own()
            self.now[target.key] = value
        else:
            newest: Level = max((x.level for x in tracers), key=_number)
            if _is_whole(now, value, target) and value.level is newest:
                self.now, self.owned = clone(value), False
            else:
                self.own()
                self._write(value, target, newest)
        self.version += 1

    def _write(self, value: Any, target: Target, newest: Level) -> None:
        now = self.now
        if not isinstance(now, Tracer):
            now = newest.lift(now)
        elif now.level is not newest:
            # A value of a newer derivative: what the array was is constant for it.
            now = newest.lift(made(Storage(now, owned=True)))
        newest.write(now, value, target)
        self.now = now


class Derivation:
    """What a view is now: `row` of its parent, which is an array or a view. For the row
    None it is `parent[params]`, for an int or a slice."""

    __slots__ = ("_now", "_params", "_row", "_version", "parent", "root")

    def __init__(
        self,
        parent: Storage | Derivation,
        row: Any,
        params: Any,
        now: Any,
        version: int,
    ) -> None:
        self.parent = parent
        self._row = row
        self._params = params
        self.root: Storage = parent.root
        self._now = now
        self._version = version

    @property
    def row(self) -> Any:
        """The primitive that makes the view, or a Recall."""
        return getitem_ if self._row is None else self._row

    @property
    def params(self) -> Mapping[str, Any]:
        """Its parameters."""
        return {"index": Index((self._params,))} if self._row is None else self._params

    @property
    def is_picked(self) -> bool:
        """Whether it is, or is a view of, a part that no one knows yet."""
        above = self.parent
        return isinstance(self._row, Pick) or (
            isinstance(above, Derivation) and above.is_picked
        )

    def current(self) -> Any:
        """Give the Tracer of what the view is now."""
        if self._version != self.root.version:
            base = self.parent.current()
            by_row = isinstance(base, Tracer) and not isinstance(self._row, Recall)
            self._now = (
                base.level.bind(self.row, (base,), self.params)
                if by_row
                else self.row.impl(base, **self.params)
            )
            self._version = self.root.version
        return self._now

    def layout(self) -> Any:
        """Give the view's part of the memory of what the array is now."""
        return self.row.impl(self.parent.layout(), **self.params)

    def _of(self, base: Any) -> Any:
        """Give the view's part of an array that stands for the root."""
        parent = self.parent
        above = base if isinstance(parent, Storage) else parent._of(base)
        return self.row.impl(above, **self.params)

    def write(self, value: Any, key: Any) -> None:
        """Write through the view, into the array that it is a view of."""
        if isinstance(self._row, Pick):
            self._write_picked(value, key)
            return
        if isinstance(self.parent, Derivation) and self.parent.is_picked:
            whole = made(Storage(self.parent.current(), owned=False))
            compute(self.row, (whole,), self.params)[key] = value
            self.parent.write(whole.settled(), Ellipsis)
            return
        if key is Ellipsis and self.parent is self.root and self.row is getitem_:
            if self._row is not None or not self.root.put(self._params, value):
                self.root.write(value, Target(self.params["index"], (), True))
            self._refresh(value)
            return
        self.root.own()
        mine, base = self.layout(), self.root.layout()
        if not shares_memory(mine, base) or not base.flags.forc:
            # What the array is now is laid out in another order: reshape copies.
            base = np.empty(base.shape, base.dtype)
            mine = self._of(base)
        if not mine.flags.writeable:
            raise ValueError("assignment destination is read-only")
        if mine.dtype != base.dtype:
            raise MissingRuleError(
                f"a traced array is written to through its {self.row.name} part (at "
                f"{user_source()}). Write to the array itself: z[...] = x + 1j * y."
            )
        index, indices, unique = resolve(mine.shape, key)
        found: tuple[Any, ...]
        if indices:
            key = Target(index, indices, unique).key
            found = tuple(getitem(axis, key) for axis in places(mine, base))
        else:
            all_of_it = index if Ellipsis in index else (*index, Ellipsis)
            found = places(mine[all_of_it], base)
        if found and found[0].shape == ():
            found = tuple(map(int, found))
        self.root.write(value, Target(*resolve(base.shape, found)[:2], unique))

    def _write_picked(self, value: Any, key: Any) -> None:
        # Where the elements stand in the array, no one knows yet: the view is written
        # to apart, and then as a whole.
        if key is not Ellipsis or np.shape(value) != self.current().shape:
            whole = made(Storage(self.current(), owned=False))
            whole[key] = value
            value = whole.settled()
        parent, at = self.parent, self._row.key
        if isinstance(parent, Storage):
            parent.write(value, Target(*resolve(parent.now.shape, at)))
        else:
            parent.write(value, at)
        self._refresh(value)

    def _refresh(self, value: Any) -> None:
        # After `view[...] = value` the view is the value, and `x[i:j] += v`, which
        # writes the view to x[i:j] once more, finds that it is there already.
        now = self._now
        if (
            isinstance(value, Tracer)
            and value.shape == now.shape
            and value.dtype == now.dtype
        ):
            self._now, self._version = clone(value), self.root.version


class Mutable(Tracer):
    """An array that is written to, or a view of one."""

    __slots__ = ()
    recorders: ClassVar[Recorders]
    is_mutable: ClassVar[bool] = True
    state: Any = vars(Tracer)["own"]  # the same slot: a Storage or a Derivation

    @staticmethod
    def of(array: Any) -> Mutable:
        """Make one of a plain array that nothing else refers to."""
        return made(Storage(array, owned=True))

    @property
    def level(self) -> Any:
        """The level of what is written so far; that of plain arrays is the oldest."""
        now = self.state.current()
        return now.level if isinstance(now, Tracer) else _PLAIN

    @property
    def value(self) -> Any:
        """What is inside the Tracer, or the plain array."""
        now = self.state.current()
        return now.value if isinstance(now, Tracer) else now

    def settled(self) -> Any:
        """Give what the array is now, as a Tracer or an ndarray."""
        return self.state.current()

    def derived(self, y: Any, row: Any) -> Any:
        """Let y, which `row` has made of this array, be a view of it."""
        if type(y) is Mutable:
            y = y.settled()
        return made(Derivation(self.state, row, {}, y, self.state.root.version))

    def apply(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Apply a primitive where this array is among the inputs."""
        x = [_frozen(v, row, i, len(inputs)) for i, v in enumerate(inputs)]
        y = compute(row, x, params)
        if not isinstance(row, Linear):
            return y if any(isinstance(v, Tracer) for v in x) else _mutable_if_array(y)
        if len(inputs) == 1 and row.outputs == 1 and shares_memory(y, x[0]):
            state = self.state
            return made(Derivation(state, row, params, y, state.root.version))
        ys: tuple[Any, ...] = y if row.is_tuple else (y,)
        ys = tuple(
            FACES[np.copy](part) if any(shares_memory(part, v) for v in x) else part
            for part in ys
        )
        if not any(isinstance(v, Tracer) for v in x):
            ys = tuple(map(_mutable_if_array, ys))
        return ys if row.is_tuple else ys[0]

    def __getitem__(self, key: Any) -> Any:
        if type(key) in _SIMPLE:
            state = self.state
            now = state.current()
            if isinstance(now, Tracer):
                y = now.level.read(now, key)
                if y is not None:
                    if y.shape == ():
                        return y
                    version = state.root.version
                    return made(Derivation(state, None, key, y, version))
        return getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        state = self.state
        if isinstance(value, Mutable):
            if _is_there(value.state, state, key):
                return
            value = value.settled()
        if type(key) in _SIMPLE and type(state) is Storage and state.put(key, value):
            return
        if isinstance(value, list | tuple):
            value = as_array(value)
        if isinstance(key, Tracer) and key.dtype == bool:
            key, value = _without_mask(self, key, value)
        if isinstance(state, Storage):
            state.write(value, Target(*resolve(state.now.shape, key)))
        else:
            state.write(value, key)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        now = self.state.current()
        if isinstance(now, Tracer):
            return now.__array__(dtype, copy)
        return np.array(now, dtype) if copy else np.asarray(now, dtype)

    def __bool__(self) -> bool:
        return bool(self.state.current())

    def __int__(self) -> int:
        now = self.state.current()
        if isinstance(now, Tracer) and is_stored(sys._getframe(1)):
            raise truncated(now)
        return int(now)

    def __index__(self) -> int:
        return self.state.current().__index__()  # type: ignore[no-any-return]

    def __float__(self) -> Any:
        return float(self.state.current())

    def __complex__(self) -> Any:
        return complex(self.state.current())


_SIMPLE = frozenset({int, slice})


class _Plain(Level):
    """The level of arrays to which nothing traced has been written: below all."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0


_PLAIN = _Plain()


def clone(x: Tracer) -> Any:
    twin = type(x).__new__(type(x))
    twin.level, twin.value, twin.own = x.level, x.value, x.own
    return twin


def made(state: Storage | Derivation) -> Mutable:
    array = Mutable.__new__(Mutable)
    array.state = state
    return array


def _mutable_if_array(y: Any) -> Any:
    if type(y) is np.ndarray and is_inexact(y.dtype):
        return Mutable.of(y)
    return y


def owned_value(value: Any) -> Any:
    """Copy a value so that it can be written to; inside Tracers, when it is."""
    if isinstance(value, Mutable):
        value = value.settled()
    if isinstance(value, Tracer):
        return made(Storage(value, owned=False))
    return np.array(value, order="K")


def frozen_value(value: Any) -> Any:
    """Copy a value that may be written to, so that it can be kept."""
    if isinstance(value, Mutable):
        value = value.settled()
        if isinstance(value, Tracer):
            return value.level.frozen(value, True)
    return value.copy() if type(value) is np.ndarray else value


def write_value(array: Any, value: Any, target: Target) -> Any:
    """Write a value inside a Tracer; give the array, which becomes a Mutable where it
    was plain and what is written is not."""
    if not isinstance(array, Tracer) and any(
        isinstance(x, Tracer) for x in (value, *target.indices)
    ):
        array = Mutable.of(array)
    array[target.key] = value
    return array


def _frozen(x: Any, row: Primitive, i: int, count: int) -> Any:
    if not isinstance(x, Mutable):
        return x
    now = x.state.current()
    needed = i in kept_inputs(row, count)
    if isinstance(now, Tracer):
        return now.level.frozen(now, needed)
    return now.copy() if needed and count > 1 else now


def kept_inputs(row: Primitive, count: int) -> set[int]:
    """Give the inputs whose values some pullback of the row needs."""
    kept = _KEPT.get((row, count))
    if kept is None:
        kept = needed_inputs(row, count, active_inputs(row, count))
        if PRIMITIVES.get(row.name) is row:  # not a row that a user's call made
            _KEPT[row, count] = kept
    return kept


_KEPT: dict[tuple[Primitive, int], set[int]] = {}


def _number(level: Level) -> int:
    return level.number


def _check_dtype(now: Any, value: Any) -> None:
    if (
        isinstance(value, Tracer)
        and is_inexact(value.dtype)
        and not is_inexact(now.dtype)
    ):
        raise ArgumentError(
            f"a traced value {ArrayType.of(value)!r} is written into an array of dtype "
            f"{now.dtype} (at {user_source()}), which would round it and end its "
            "derivative. Make the array of floats, np.zeros(n); to round, say so: "
            "np.rint(x)."
        )


def _is_whole(now: Any, value: Any, target: Target) -> bool:
    return (
        target.at == (Ellipsis,)
        and isinstance(value, Tracer)
        and value.shape == now.shape
        and value.dtype == now.dtype
    )


def _is_there(view: Any, state: Any, key: Any) -> bool:
    """Tell whether `x[key] = view` writes what is there: the end of `x[key] += v`."""
    if type(view) is not Derivation or view.parent is not state:
        return False
    if view._row is None:
        return _same(view._params, key)
    parts = key if isinstance(key, tuple) else (key,)
    index = view.params["index"] if view.row is getitem_ else ()
    return len(index) == len(parts) and all(map(_same, index, parts))


def _without_mask(x: Any, mask: Tracer, value: Any) -> tuple[Any, Any]:
    """Turn `x[mask] = value` into `x[...] = np.where(mask, value, x)`, which need not
    know how many places a traced mask names, unless there is a value for each of them.
    """
    rest = x.ndim - mask.ndim
    whole = mask.ndim and mask.shape == x.shape[: mask.ndim]
    if not whole or np.ndim(value) > rest:
        return mask, value
    value = as_array(value)
    if not np.can_cast(value.dtype, x.dtype, "same_kind"):
        return mask, value
    mask = mask.reshape(*mask.shape, *(1,) * rest)
    now = FACES[np.where](mask, value.astype(x.dtype), x.settled())
    if now.shape != x.shape:
        return mask, value
    return Ellipsis, now


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and type(a) in _SIMPLE and a == b)
