"""Tracer: a value that NumPy and Python compute with as if it were an array.

Ufuncs reach it by `__array_ufunc__`, other NumPy functions by `__array_function__`,
operators and methods by their own names; each ends at a primitive's row. What would
turn it into a plain number (`float(x)`, `np.asarray(x)`) raises: a number has no
derivative.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NoReturn

import numpy as np

from wengert.errors import TracerLeakError, user_source
from wengert.graph.primitive import FACES, Primitive, lookup
from wengert.graph.types import ArrayType
from wengert.primitives import indexing
from wengert.primitives.shaping import cast
from wengert.trace import dispatch
from wengert.trace.flat import Flat
from wengert.trace.levels import bind
from wengert.trace.statement import is_stored, may_rebind, truncated
from wengert.trace.views import memory

__all__ = ["SUBCLASSES", "Recorders", "Tracer", "install_operators"]

# What arithmetic accepts as a constant without a closer look. Not complex: see `bind`.
PLAIN = frozenset(
    {float, int, bool, np.ndarray, np.float64, np.float32, np.int64, np.bool_}
    | {np.complex128, np.complex64}
)

# Subclasses of ndarray, registered by their libraries, that are meant as plain arrays.
SUBCLASSES: set[type] = set()

# What a guard cannot tell: see Level.noted.
TEXT = "puts a traced value into a text"

_CLASS: Any = vars(object)["__class__"]


class Recorders(dict[Callable[..., Any], Callable[..., Any]]):
    """Ufunc → the function that records it, made from the ufunc's row on first use."""

    def __init__(self, make: Callable[[Primitive], Callable[..., Any]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, ufunc: Callable[..., Any]) -> Callable[..., Any]:
        if lookup(ufunc) is None and ufunc not in FACES:
            dispatch.open_special()
        row = lookup(ufunc)
        if row is not None:
            recorder = self._make(row)
        elif ufunc in FACES:
            recorder = FACES[ufunc]
        else:
            raise KeyError(ufunc)
        self[ufunc] = recorder
        return recorder


def record(row: Primitive) -> Callable[..., Any]:
    """Make a recorder that leaves everything to `bind`."""

    def recorder(*inputs: Any) -> Any:
        inputs = tuple(map(operand, inputs))
        if any(x is NotImplemented for x in inputs):
            return NotImplemented
        return bind(row, inputs, {})

    return recorder


def operand(x: Any) -> Any:
    """Accept what NumPy arithmetic accepts; NotImplemented for foreign objects."""
    if type(x) in SUBCLASSES:
        return x.view(np.ndarray)
    if type(x) in PLAIN or isinstance(x, (Tracer, np.ndarray, np.generic)):
        return x
    if isinstance(x, list | tuple):
        return dispatch.as_array(x)
    if isinstance(x, int | float | complex):
        return x
    return NotImplemented


class Tracer:
    """Be the base of the values that a level traces.

    Attributes
    ----------
    value : array, NumPy scalar or Tracer of an older level
    level : Level of trace/levels.py
    own : object
        What the level's kind of Tracer has besides: an index on the tape, tangents…
        All kinds have the same slots, so that a Tracer can become one that is written
        to (trace/mutable.py).
    origin : tuple
        Of a view of another Tracer: (that one, row, params). See trace/views.py.
    """

    __slots__ = ("__weakref__", "level", "origin", "own", "value")
    __array_priority__ = 1000.0
    recorders: ClassVar[Recorders] = Recorders(record)
    __wengert_bind__ = staticmethod(bind)
    is_mutable: ClassVar[bool] = False

    value: Any
    level: Any
    own: Any
    origin: Any
    reshape: ClassVar[Callable[..., Any]]
    transpose: ClassVar[Callable[..., Any]]

    # ----- NumPy's protocols -----

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        if method == "__call__" and not kwargs:
            try:
                recorder = self.recorders[ufunc]
            except KeyError:
                raise dispatch.missing(ufunc, inputs) from None
            return recorder(*inputs)
        if method == "__call__" and kwargs.get("out", (None,))[0] is inputs[0]:
            references = sys.getrefcount(inputs[0])
            if may_rebind(inputs[0], references, sys._getframe(1)):
                return dispatch.rebound(ufunc, inputs)
        return dispatch.ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        return dispatch.function(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise self._leak("a plain NumPy array", "np.stack, np.concatenate or np.where")

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Give the module that holds the functions of the array API standard."""
        self.stand_in.__array_namespace__(api_version=api_version)  # knows the versions
        return importlib.import_module("wengert.numpy")

    @property
    def device(self) -> str:
        """Where the array lives, in the words of the array API standard."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """Be the array itself, since there is one device only."""
        self.stand_in.to_device(device, stream=stream)  # refuses other devices
        return self

    @property
    def stand_in(self) -> Any:
        """A plain array of the same shape and dtype that takes no memory."""
        return np.broadcast_to(np.zeros((), self.dtype), self.shape)

    # ----- leaving the trace -----

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        if self.dtype.kind in "fc" and is_stored(sys._getframe(1)):
            raise truncated(self)
        return int(self.value)

    def __index__(self) -> int:
        if self.dtype.kind not in "iub":
            raise TracerLeakError(
                f"{self._what()} is no integer, and cannot be an index, a count or a "
                f"length (at {user_source()}). Perhaps you meant int(x)? A rounded "
                "value has derivative zero."
            )
        return operator.index(self.value)

    def __float__(self) -> NoReturn:
        raise self._leak("a Python float", "the NumPy function: np.exp for math.exp")

    def __complex__(self) -> NoReturn:
        raise self._leak("a Python complex", "NumPy's complex functions")

    def __round__(self, digits: int | None = None) -> Any:
        return int(np.rint(self)) if digits is None else np.round(self, digits)

    def __trunc__(self) -> int:
        return int(self)

    def __floor__(self) -> int:
        return int(np.floor(self))

    def __ceil__(self) -> int:
        return int(np.ceil(self))

    def __copy__(self) -> Any:
        return FACES[np.copy](self)

    def __deepcopy__(self, memo: Any) -> Any:
        return FACES[np.copy](self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise self._leak("bytes, by pickle", "its value after the derivative")

    def __hash__(self) -> NoReturn:
        raise TracerLeakError(
            f"{self._what()} cannot be a dictionary key, a set element or a cached "
            f"argument (at {user_source()}): caches would mix up derivatives. "
            "Use its position or name as the key."
        )

    @property
    def whole(self) -> Any:
        """All that is inside: `value`, but for a batch, whose value is an example."""
        return self.value

    def settled(self) -> Any:
        """Give the Tracer of what the array is now: itself, unless it is Mutable."""
        return self

    def _leak(self, target: str, instead: str) -> TracerLeakError:
        return TracerLeakError(
            f"{self._what()} would turn into {target} and lose its derivative "
            f"(at {user_source()}). Use {instead} on it; for its value alone, "
            "wengert.stop_gradient(x)."
        )

    def _what(self) -> str:
        return f"a traced value {ArrayType.of(self)}"

    # ----- being an array -----

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        return self.value.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.value.size  # type: ignore[no-any-return]

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.dtype.itemsize

    @property
    def T(self) -> Any:
        """The array with its axes reversed."""
        return FACES[np.transpose](self)

    @property
    def mT(self) -> Any:
        """The array with its last two axes exchanged."""
        return FACES[np.swapaxes](self, -1, -2)

    @property
    def real(self) -> Any:
        """The real part."""
        return dispatch.function(np.real, (self,), {})

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return dispatch.function(np.imag, (self,), {})

    @property
    def flat(self) -> Any:
        """The elements in C order, as a vector; writing to it writes to the array."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        Flat(self)[:] = value

    @property
    def __class__(self) -> Any:
        """What `isinstance(x, …)` shall see: an array, or a NumPy scalar.

        So code that asks for np.ndarray or float takes the branch that it takes in a
        plain run. `type(x)` tells what it really is.
        """
        is_array = self.is_mutable or isinstance(memory(self), np.ndarray)
        return np.ndarray if is_array else self.dtype.type

    @__class__.setter
    def __class__(self, kind: type) -> None:
        _CLASS.__set__(self, kind)

    def __len__(self) -> int:
        if self.shape == ():
            raise TypeError("len() of an unsized traced value (shape ())")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if self.shape == ():
            raise TypeError("iteration over a traced value of shape ()")
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Any:
        return indexing.getitem(self, index)

    def astype(
        self,
        dtype: Any,
        order: str = "K",  # noqa: ARG002
        casting: str = "unsafe",
        subok: bool = True,  # noqa: ARG002
        copy: bool = True,
    ) -> Any:
        """Convert the elements; to integers or booleans, the derivative ends."""
        if not copy and self.dtype == np.dtype(dtype):
            return self
        if not np.can_cast(self.dtype, dtype, casting):  # type: ignore[arg-type]
            raise TypeError(
                f"cannot cast from {self.dtype} to {np.dtype(dtype)} by the rule "
                f"{casting!r} (at {user_source()})"
            )
        if np.dtype(dtype).kind not in "fciub":
            raise self._leak(f"an array of {np.dtype(dtype)}", "a dtype of numbers")
        return cast(self, dtype=np.dtype(dtype))

    def conj(self) -> Any:
        """Conjugate each element; a real array is handed on as it is."""
        if self.dtype.kind != "c":
            return self
        return dispatch.function(np.conjugate, (self,), {})

    conjugate = conj

    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Any:
        """Give the slices along an axis where the condition holds."""
        return dispatch.function(np.compress, (condition, self, axis, out), {})

    def flatten(self, order: str = "C") -> Any:
        """Give the elements as a new vector."""
        return FACES[np.copy](FACES[np.ravel](self, order=order))

    def item(self, *index: Any) -> Any:
        """Give one element, still traced: a plain number would have no derivative."""
        if not index and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a scalar")
        if len(index) > 1 or (index and isinstance(index[0], tuple)):
            return self[index if len(index) > 1 else index[0]]
        return self.flatten()[index[0] if index else 0]

    def tolist(self) -> Any:
        """Give the elements as nested lists, still traced."""
        return self if self.shape == () else [row.tolist() for row in self]

    def __contains__(self, item: Any) -> bool:
        return bool((self == item).any())

    def __repr__(self) -> str:
        self.level.noted(TEXT)
        return f"Tracer({self.value!r})"

    __str__ = __repr__  # a bare number could be read back, without its derivative

    def __format__(self, spec: str) -> str:
        self.level.noted(TEXT)
        return format(self.value, spec)

    def __getattr__(self, name: str) -> NoReturn:
        # Reached only for names that are not found: say more for what arrays have.
        if hasattr(np.ndarray, name) and not name.startswith("__"):
            raise AttributeError(
                f"{self._what()} has no rule for the array attribute .{name} "
                f"(at {user_source()}); docs/coverage.md lists what has one"
            )
        raise AttributeError(f"a traced value has no attribute {name!r}")


_BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "pow": np.power, "mod": np.remainder, "floordiv": np.floor_divide,
    "matmul": np.matmul, "divmod": np.divmod, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift,
    "rshift": np.right_shift,
}  # fmt: skip
_COMPARE = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
_UNARY = {
    "neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert,
}  # fmt: skip


def install_operators(cls: type[Tracer]) -> type[Tracer]:
    """Give a Tracer class Python's operators, each straight to its recorder."""
    for name, ufunc in _BINARY.items():
        recorder = cls.recorders[ufunc]
        setattr(cls, f"__{name}__", recorder)
        setattr(cls, f"__r{name}__", _reflected(recorder))
    for name, ufunc in (_COMPARE | _UNARY).items():
        setattr(cls, f"__{name}__", cls.recorders[ufunc])
    return cls


def _reflected(recorder: Callable[..., Any]) -> Callable[..., Any]:
    def reflected(self: Any, other: Any) -> Any:
        return recorder(other, self)

    return reflected


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return dispatch.function(function, (self, *args), kwargs)

    method.__doc__ = f"Be np.{function.__name__} of this array."
    return method


def _shape_method(function: Callable[..., Any]) -> Callable[..., Any]:
    # x.reshape(2, 3) and x.reshape((2, 3)) alike; x.transpose() has no argument.
    def method(self: Any, *shape: Any, **kwargs: Any) -> Any:
        if len(shape) == 1 and (shape[0] is None or not isinstance(shape[0], int)):
            (shape,) = shape
        args = () if shape == () and function is np.transpose else (shape,)
        return dispatch.function(function, (self, *args), kwargs)

    method.__doc__ = f"Be np.{function.__name__} of this array."
    return method


_METHODS: tuple[Callable[..., Any], ...] = (
    np.all, np.any, np.argmax, np.argmin, np.argsort, np.clip, np.copy,
    np.cumprod, np.cumsum, np.diagonal, np.dot, np.max, np.mean, np.min, np.nonzero,
    np.prod, np.ravel, np.repeat, np.round, np.searchsorted, np.squeeze, np.std, np.sum,
    np.swapaxes, np.take, np.trace, np.var,
)  # fmt: skip
for _function in _METHODS:
    setattr(Tracer, _function.__name__, _method(_function))
Tracer.reshape = _shape_method(np.reshape)
Tracer.transpose = _shape_method(np.transpose)
