"""Writing: what `x[key] = v` and `x += v` do to a Tracer.

The first write makes a Mutable of it, and of the views that share its memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import user_source
from wengert.graph.primitive import Elementwise, Primitive
from wengert.graph.types import ArrayType
from wengert.trace.mutable import Derivation, Mutable, Storage, clone, kept_inputs
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.trace.views import memory, views_of

__all__: list[str] = []


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
        if y is NotImplemented or not isinstance(memory(self), np.ndarray):
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
