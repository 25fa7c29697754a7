"""Writing: what `x[key] = v` and `x += v` do to a Tracer.

The first write makes a Mutable of it, and of the views that share its memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import FACES, Elementwise, Primitive
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array
from wengert.trace.mutable import Derivation, Mutable, Storage, clone, kept_inputs
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.trace.views import memory, views_of

__all__ = ["after_write"]


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
    _convert(top, Storage(clone(top), owned=False))


def _convert(x: Tracer, state: Storage | Derivation) -> None:
    views = list(views_of(x))
    x.value = x.level = x.origin = None
    x.own = state
    x.__class__ = Mutable
    for view in views:
        _, row, params = view.origin
        _convert(view, Derivation(state, row, params, clone(view), 0))


def after_write(
    x: Tracer, key: Any, value: Any, owned: bool
) -> list[tuple[Tracer, Any]]:
    """Tell what an array and all its views are after `x[key] = value`, and leave the
    Tracers as they are: for levels whose Tracers do not become Mutable.

    Parameters
    ----------
    x : Tracer
        The array, or a view of it.
    owned : bool
        Whether nothing else refers to the array's memory.
    """
    top = x
    while (origin := getattr(top, "origin", None)) is not None:
        top = origin[0]
    states: dict[int, Any] = {id(top): Storage(clone(top), owned)}
    family = [top]
    for member in family:
        for view in views_of(member):
            _, row, params = view.origin
            state = states[id(member)]
            states[id(view)] = Derivation(state, row, params, clone(view), 0)
            family.append(view)
    array = Mutable.__new__(Mutable)
    array.state = states[id(x)]
    array[key] = value
    return [(member, states[id(member)].current()) for member in family]


# ----- operators -----


def _recorder(row: Primitive) -> Any:
    slow = record(row)
    if not row.numpy or not isinstance(row, Elementwise):
        return slow
    (ufunc, *_), count = row.numpy, len(row.partials)
    kept = [i in kept_inputs(row, count) for i in range(count)]

    def recorder(*inputs: Any) -> Any:
        x, kind = [], None
        for v, needed in zip(inputs, kept, strict=True):
            if type(v) is Mutable:
                now = v.state.current()
                if isinstance(now, Tracer):
                    v = now.level.frozen(now, needed)
                    kind = type(v)
                else:
                    v = now.copy() if needed else now
            elif isinstance(v, Tracer):
                kind = type(v)
            x.append(v)
        if kind is None:
            return slow(*inputs)
        return kind.recorders[ufunc](*x)

    return recorder


Mutable.recorders = Recorders(_recorder)
install_operators(Mutable)


def _in_place(name: str) -> Any:
    operator_name = f"__{name}__"

    def in_place(self: Any, other: Any) -> Any:
        y = getattr(self, operator_name)(other)
        seen_as: type = self.__class__
        if y is NotImplemented or seen_as is not np.ndarray:
            return y  # a scalar: x += y means x = x + y
        if type(self) is Mutable and type(self.state) is Derivation:
            like = self.state.current()
        else:
            like = self
        if y.shape != like.shape:
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


# ----- methods that write -----


def _method(name: str) -> Any:
    """Be a method that does what a function of NumPy does to its first argument."""

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        FACES[getattr(np, name)](self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"Be np.{name} of this array."
    return method


def _fill(self: Any, value: Any) -> None:
    """Write one value everywhere."""
    value = as_array(value)
    if value.shape != ():
        value = value.reshape(())  # an error where it has several elements
    self[...] = value


def _sort(self: Any, axis: int = -1, kind: Any = None, order: Any = None) -> None:
    """Sort in place."""
    self[...] = FACES[np.sort](_copy(self), axis, kind, order)


def _partition(self: Any, kth: Any, axis: int = -1, kind: str = "introselect") -> None:
    """Partition in place."""
    self[...] = FACES[np.partition](_copy(self), kth, axis, kind)


def _copy(x: Any) -> Any:
    return FACES[np.copy](x)


def _set_real(self: Any, value: Any) -> None:
    imag = self.imag if self.dtype.kind == "c" else None
    self[...] = value if imag is None else _real(value) + 1j * _copy(imag)


def _set_imag(self: Any, value: Any) -> None:
    if self.dtype.kind != "c":
        raise TypeError(f"a real array has no imaginary part (at {user_source()})")
    self[...] = _copy(self.real) + 1j * _real(value)


def _real(value: Any) -> Any:
    value = as_array(value)
    if value.dtype.kind == "c":
        raise TypeError(
            f"a part of a complex array is real, not {value.dtype} (at {user_source()})"
        )
    return value


def _set_shape(self: Any, shape: Any) -> None:
    raise MissingRuleError(
        f"the shape of a traced array cannot be set (at {user_source()}). Write "
        "y = y.reshape(shape)."
    )


def _resize(self: Any, *_: Any, **__: Any) -> None:
    """Refuse to change the shape in place."""
    raise MissingRuleError(
        f"a traced array cannot be resized in place (at {user_source()}). Make a new "
        "one: np.resize, np.pad or np.concatenate."
    )


for _name, _function in {
    "fill": _fill, "sort": _sort, "partition": _partition, "resize": _resize,
    "put": _method("put"),
}.items():  # fmt: skip
    setattr(Tracer, _name, _function)
for _name, _setter in {
    "real": _set_real, "imag": _set_imag, "shape": _set_shape
}.items():  # fmt: skip
    setattr(Tracer, _name, vars(Tracer)[_name].setter(_setter))
