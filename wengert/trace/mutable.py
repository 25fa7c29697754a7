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

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.errors import ArgumentError, MissingRuleError, user_source
from wengert.graph.dependence import active_inputs, needed_inputs
from wengert.graph.primitive import FACES, Linear, Primitive
from wengert.graph.types import ArrayType, is_inexact
from wengert.primitives.axes import as_array
from wengert.primitives.indexing import Index, getitem, getitem_, resolve
from wengert.trace.levels import Level, Target, bind
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.trace.views import memory, places, shares_memory, views_of

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
                self.now, self.owned = _clone(value), False
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
            now = newest.lift(_made(Storage(now, owned=True)))
        newest.write(now, value, target)
        self.now = now


class Derivation:
    """What a view is now: `row` of its parent, which is an array or a view."""

    __slots__ = ("_now", "_version", "params", "parent", "root", "row")

    def __init__(
        self,
        parent: Storage | Derivation,
        row: Primitive,
        params: Mapping[str, Any],
        now: Any,
        version: int,
    ) -> None:
        self.parent, self.row, self.params = parent, row, params
        self.root: Storage = parent.root
        self._now, self._version = now, version

    def current(self) -> Any:
        """Give the Tracer of what the view is now."""
        if self._version != self.root.version:
            base = self.parent.current()
            traced = isinstance(base, Tracer)
            self._now = (
                base.level.bind(self.row, (base,), self.params)
                if traced
                else self.row.impl(base, **self.params)
            )
            self._version = self.root.version
        return self._now

    def layout(self) -> Any:
        """Give the view's part of the memory of what the array is now."""
        return self.row.impl(self.parent.layout(), **self.params)

    def write(self, value: Any, key: Any) -> None:
        """Write through the view, into the array that it is a view of."""
        if self.row is getitem_ and self.parent is self.root and key is Ellipsis:
            self.root.write(value, Target(self.params["index"], (), True))
            self._refresh(value)
            return
        self.root.own()
        mine, base = self.layout(), self.root.layout()
        if not mine.flags.writeable:
            raise ValueError("assignment destination is read-only")
        if mine.dtype != base.dtype:
            raise MissingRuleError(
                f"a traced array is written to through its {self.row.name} part (at "
                f"{user_source()}). Write to the array itself: z[...] = x + 1j * y."
            )
        index, indices, unique = resolve(mine.shape, key)
        if indices:
            key = Target(index, [_untraced(i) for i in indices], unique).key
            found = tuple(axis[key] for axis in places(mine, base))
        else:
            whole = index if Ellipsis in index else (*index, Ellipsis)
            found = places(mine[whole], base)
        if found and found[0].shape == ():
            found = tuple(map(int, found))
        self.root.write(value, Target(*resolve(base.shape, found)[:2], unique))

    def _refresh(self, value: Any) -> None:
        # After `view[...] = value` the view is the value, and `x[i:j] += v`, which
        # writes the view to x[i:j] once more, finds that it is there already.
        now = self._now
        if (
            isinstance(value, Tracer)
            and value.shape == now.shape
            and value.dtype == now.dtype
        ):
            self._now, self._version = _clone(value), self.root.version


def _untraced(indices: Any) -> Any:
    if isinstance(indices, Tracer):
        raise MissingRuleError(
            "a view of a traced array is written to at traced indices (at "
            f"{user_source()}). Write to the array itself."
        )
    return indices


class Mutable(Tracer):
    """An array that is written to, or a view of one."""

    __slots__ = ()
    recorders: ClassVar[Recorders]
    is_mutable: ClassVar[bool] = True
    state: Any = vars(Tracer)["own"]  # the same slot: a Storage or a Derivation

    @staticmethod
    def of(array: Any) -> Mutable:
        """Make one of a plain array that nothing else refers to."""
        return _made(Storage(array, owned=True))

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

    def apply(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Apply a primitive where this array is among the inputs."""
        x = [_frozen(v, row, i, len(inputs)) for i, v in enumerate(inputs)]
        y = bind(row, x, params)
        if not isinstance(row, Linear):
            return y if any(isinstance(v, Tracer) for v in x) else _mutable_if_array(y)
        if len(inputs) == 1 and row.outputs == 1 and shares_memory(y, x[0]):
            state = self.state
            return _made(Derivation(state, row, params, y, state.root.version))
        ys = y if row.outputs > 1 else (y,)
        ys = tuple(
            FACES[np.copy](part) if any(shares_memory(part, v) for v in x) else part
            for part in ys
        )
        if not any(isinstance(v, Tracer) for v in x):
            ys = tuple(map(_mutable_if_array, ys))
        return ys if row.outputs > 1 else ys[0]

    def __getitem__(self, key: Any) -> Any:
        now = self.state.current()
        if type(key) is int and len(now.shape) == 1:
            return now[key]  # an element, which is no view
        return getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        state = self.state
        if isinstance(value, Mutable):
            if _is_there(value.state, state, key):
                return
            value = value.settled()
        elif isinstance(value, list | tuple):
            value = as_array(value)
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
        return int(self.state.current())

    def __index__(self) -> int:
        return self.state.current().__index__()  # type: ignore[no-any-return]

    def __float__(self) -> Any:
        return float(self.state.current())

    def __complex__(self) -> Any:
        return complex(self.state.current())


class _Plain(Level):
    """The level of arrays to which nothing traced has been written: below all."""

    def __init__(self) -> None:
        self.number, self.open = 0, True


_PLAIN = _Plain()


def _recorder(row: Primitive) -> Any:
    slow = record(row)

    def recorder(*inputs: Any) -> Any:
        count = len(inputs)
        x = [_frozen(v, row, i, count) for i, v in enumerate(inputs)]
        for v in x:
            if isinstance(v, Tracer):
                return type(v).recorders[row.numpy[0]](*x)
        return slow(*inputs)

    return recorder if row.numpy and not isinstance(row, Linear) else slow


Mutable.recorders = Recorders(_recorder)
install_operators(Mutable)


# ----- becoming mutable -----


def _written(self: Tracer, key: Any, value: Any) -> None:
    """Be `x[key] = value`."""
    _become_mutable(self)
    self[key] = value


Tracer.__setitem__ = _written  # type: ignore[index]


def _become_mutable(x: Tracer) -> None:
    if x.is_mutable:
        return
    if isinstance(memory(x), np.generic):
        raise TypeError(
            f"a traced scalar {ArrayType.of(x)!r} cannot be written into, "
            f"at {user_source()}, as NumPy's scalars cannot"
        )
    top = x
    while (origin := getattr(top, "origin", None)) is not None:
        top = origin[0]
    _convert(top, Storage(_clone(top), owned=False))


def _convert(x: Tracer, state: Storage | Derivation) -> None:
    views = list(views_of(x))
    x.value = x.views = x.level = x.origin = None
    x.own = state
    x.__class__ = Mutable
    for view in views:
        _, row, params = view.origin
        if row is None:
            row, params = getitem_, {"index": Index((params,))}
        _convert(view, Derivation(state, row, params, _clone(view), 0))


def _clone(x: Tracer) -> Any:
    twin = type(x).__new__(type(x))
    twin.level, twin.value, twin.own = x.level, x.value, x.own
    return twin


def _made(state: Storage | Derivation) -> Mutable:
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
        return _made(Storage(value, owned=False))
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
    needed = i in _kept(row, count)
    if isinstance(now, Tracer):
        return now.level.frozen(now, needed)
    return now.copy() if needed and count > 1 else now


@functools.cache
def _kept(row: Primitive, count: int) -> set[int]:
    """Give the inputs whose values some pullback of the row needs."""
    return needed_inputs(row, count, active_inputs(row, count))


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
    return (
        type(view) is Derivation
        and view.parent is state
        and view.row is getitem_
        and view.params["index"] == (key if isinstance(key, tuple) else (key,))
    )


# ----- in-place operators -----


def _in_place(name: str) -> Any:
    def in_place(self: Any, other: Any) -> Any:
        y = getattr(self, f"__{name}__")(other)
        if y is NotImplemented or not isinstance(memory(self), np.ndarray):
            return y  # a scalar: x += y means x = x + y
        if y.shape != self.shape:
            raise ValueError(
                f"non-broadcastable output operand with shape {self.shape} doesn't "
                f"match the broadcast shape {y.shape} (at {user_source()})"
            )
        if not np.can_cast(y.dtype, self.dtype, "same_kind"):
            raise TypeError(
                f"cannot cast the result of x.__i{name}__(y) from {y.dtype} to "
                f"{self.dtype} (at {user_source()})"
            )
        self[...] = y
        return self

    return in_place


for _name in (
    "add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "matmul",
    "and", "or", "xor", "lshift", "rshift",
):  # fmt: skip
    setattr(Tracer, f"__i{_name}__", _in_place(_name))
