"""Boxes: Tracers that look and behave as those of HIPS autograd.

They differ from wengert's own in what clients of autograd can see: the class and its
name, `_value`, `_trace` and `_node`; they are no instances of ndarray, can be
dictionary keys and elements of object arrays, and cannot be written into: `y += x`
makes a new box. A box that outlives its trace is of no account, and no error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from wengert import tree
from wengert.trace.levels import Level
from wengert.trace.tracer import (
    SUBCLASSES,
    Recorders,
    Tracer,
    install_operators,
    record,
)
from wengert.transforms.recorders import reader, recorder_maker, totaller

__all__ = [
    "ArrayBox",
    "Box",
    "DictBox",
    "SequenceBox",
    "TangentBox",
    "as_numbers",
    "getval",
    "is_opaque",
    "isbox",
]


class Box(Tracer):
    """Be the base of all boxes, and the registry of the types that have one.

    Attributes
    ----------
    type_mappings : dict
        Type of a value → class of its box. Clients add their own subclasses of ndarray.
    types : set
        The classes of boxes.
    """

    __slots__ = ()
    __array_priority__ = 90.0
    type_mappings: ClassVar[dict[Any, Any]] = {}
    types: ClassVar[set[Any]] = set()

    index: Any = vars(Tracer)["own"]
    _value = property(lambda self: self.value)
    _trace = property(lambda self: self.level.number)
    # Not an array, for isinstance, and of the name under which clients know it.
    __class__ = property(lambda self: type(self))

    @property
    def __array__(self) -> Any:
        """Be absent, so that NumPy puts boxes into object arrays as they are."""
        raise AttributeError("__array__")

    @property
    def _node(self) -> Any:
        return self.level.node_of(self)

    @classmethod
    def register(cls, value_type: type) -> None:
        """Say that values of a type are boxed in this class."""
        Box.types.add(cls)
        Box.type_mappings[value_type] = cls
        Box.type_mappings[cls] = cls
        if issubclass(value_type, np.ndarray) and value_type is not np.ndarray:
            SUBCLASSES.add(value_type)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle {type(self).__name__}")

    def __str__(self) -> str:
        return f"Autograd {type(self).__name__} with value {self.value!s}"

    __repr__ = __str__


def _refuse_write(self: Any, *_: Any) -> None:
    raise TypeError(
        f"{type(self).__name__} does not support item assignment. Build the array "
        "from its parts: np.array([...]), np.concatenate or np.where."
    )


Box.__setitem__ = _refuse_write  # type: ignore[index]


def _rebinding(name: str) -> Callable[[Any, Any], Any]:
    def in_place(self: Any, other: Any) -> Any:
        return getattr(self, name)(other)

    return in_place


for _name in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "matmul"):
    setattr(Box, f"__i{_name}__", _rebinding(f"__{_name}__"))


class ArrayBox(Box):
    """Be a traced array or number."""

    __slots__ = ()
    __array_priority__ = 100.0
    recorders: ClassVar[Recorders]
    total: ClassVar[Callable[[Any], Any]]

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        out = kwargs.get("out")
        if out is not None and not any(isinstance(y, Tracer) for y in out):
            # ndarray += box gives a box, as if ndarray had no such operator.
            if method != "__call__" or out[0] is not inputs[0]:
                return NotImplemented
            del kwargs["out"]
        if any(map(_answers_itself, inputs)):
            return NotImplemented
        inputs = tuple(map(as_numbers, inputs))
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        args = tuple(map(as_numbers, args))
        return super().__array_function__(function, types, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        import autograd.numpy

        return autograd.numpy

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        """Be np.sum of this array."""
        return (
            self.total() if not args and not kwargs else np.sum(self, *args, **kwargs)
        )


def _answers_itself(x: Any) -> bool:
    """Tell an operand that is no array and would rather answer a ufunc itself."""
    kind = type(x)
    return (
        kind is not np.ndarray
        and not isinstance(x, Tracer | np.generic | np.ndarray)
        and getattr(kind, "__array_ufunc__", None) is not None
    )


ArrayBox.recorders = Recorders(recorder_maker(ArrayBox))
ArrayBox.total = totaller(ArrayBox)
ArrayBox.__getitem__ = reader(ArrayBox)  # type: ignore[method-assign]
install_operators(ArrayBox)


def _of_objects(recorder: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Let the right operand be an array of Python objects, some of them boxes."""

    def operator(self: Any, other: Any) -> Any:
        if type(other) is np.ndarray and other.dtype.kind == "O":
            other = as_numbers(other)
        return recorder(self, other)

    return operator


def _install_for_objects(cls: type[Any]) -> None:
    for name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
        setattr(cls, f"__{name}__", _of_objects(getattr(cls, f"__{name}__")))


_install_for_objects(ArrayBox)


class TangentBox(ArrayBox):
    """Be a traced array of forward mode, or of a trace with nodes of the client's."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    tangents: Any = vars(Tracer)["own"]
    node: Any = vars(Tracer)["own"]
    total = lambda self: np.sum(self)
    __getitem__ = Tracer.__getitem__

    def __init__(self, level: Level, value: Any, own: Any) -> None:
        self.level, self.value, self.own = level, value, own


install_operators(TangentBox)
_install_for_objects(TangentBox)

# The names that clients compare with: str(type(x)), and type(x).__module__.
for _class in (ArrayBox, TangentBox):
    _class.__module__ = "autograd.numpy.numpy_boxes"
    _class.__name__ = _class.__qualname__ = "ArrayBox"
ArrayBox.register(np.ndarray)
Box.types.add(TangentBox)
for _type in (
    float, np.longdouble, np.float64, np.float32, np.float16,
    complex, np.clongdouble, np.complex64, np.complex128,
):  # fmt: skip
    ArrayBox.register(_type)


# ----- boxes of containers -----


class _Held(type):
    """The type of SequenceBox and DictBox: containers that hold boxes."""

    containers: tuple[type, ...] = ()

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.containers) and _holds_box(x)

    def register(cls, value_type: type) -> None:
        """Accept a type: containers are traced by what they hold."""
        Box.type_mappings[value_type] = cls


class _Container(metaclass=_Held):
    """Be the base of both."""


class SequenceBox(_Container):
    """Stand for tuples and lists that hold boxes."""

    containers = (tuple, list)


class DictBox(_Container):
    """Stand for dictionaries that hold boxes."""

    containers = (dict,)


SequenceBox.register(tuple)
SequenceBox.register(list)
DictBox.register(dict)


def _holds_box(x: Any) -> bool:
    return any(isinstance(leaf, Tracer) for leaf in tree.flatten(x)[0])


# ----- in and out of boxes -----


def isbox(x: Any) -> bool:
    """Tell whether x is a box (or any other Tracer)."""
    return isinstance(x, Tracer)


def is_opaque(x: Any) -> bool:
    """Tell a value of a client's own type, or its box, from numbers and containers."""
    kind = Box.type_mappings.get(type(x))
    return isinstance(kind, type) and not issubclass(kind, ArrayBox | _Container)


def getval(x: Any) -> Any:
    """Take what is in a box, or in the boxes of a container, out of all of them."""
    while isinstance(x, Tracer):
        x = x.value
    if isinstance(x, list | tuple | dict) and _holds_box(x):
        return tree.map_leaves(getval, x)
    return x


def as_numbers(x: Any) -> Any:
    """Make a plain array of a registered subclass; stack the boxes of an object array;
    leave everything else alone."""
    if isinstance(x, np.ndarray):
        if x.dtype == object:
            if any(isinstance(v, Tracer) for v in x.flat):
                return np.reshape(np.stack([_as_scalar(v) for v in x.flat]), x.shape)
        elif type(x) is not np.ndarray and type(x) in Box.type_mappings:
            return x.view(np.ndarray)
    return x


def _as_scalar(x: Any) -> Any:
    return x if isinstance(x, Tracer) else np.asarray(x, float if x is None else None)
