"""Tensors: values that one computes with line by line, and asks for gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.errors import (
    ArgumentError,
    NotScalarError,
    ShapeError,
    TracerLeakError,
    user_source,
)
from wengert.graph.primitive import FACES
from wengert.graph.types import ArrayType, is_inexact
from wengert.imperative.hooks import Handle, add_hook
from wengert.imperative.ledger import Ledger, ledger_for
from wengert.imperative.recording import recording
from wengert.imperative.sweep import Sweep
from wengert.imperative.vertices import LEAF, Vertex, leaf, place
from wengert.imperative.writing import replace, write
from wengert.trace.tracer import Recorders, Tracer, install_operators
from wengert.transforms.recorders import reader, recorder_maker, totaller

__all__ = ["Tensor", "seed_of", "tensor"]


class Tensor(Tracer):
    """Be a number or array, and know how it was made. `tensor` makes them.

    NumPy's functions, operators and methods work on it and give tensors; what has no
    derivative (comparisons, `argmax`) gives plain arrays.
    """

    __slots__ = ()
    recorders: ClassVar[Recorders]
    total: ClassVar[Callable[[Any], Any]]
    index: Any = vars(Tracer)["own"]  # a Vertex, or None for a constant
    __class__ = property(lambda self: type(self))

    # ----- gradients -----

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded."""
        return self.index is not None

    @requires_grad.setter
    def requires_grad(self, required: bool) -> None:
        self.requires_grad_(required)

    def requires_grad_(self, required: bool = True) -> Tensor:
        """Say whether operations on it are recorded from now on.

        Raises
        ------
        ArgumentError
            If it has no floating-point dtype, or was computed of others that require a
            gradient.
        """
        if not self.is_leaf:
            if required:
                return self
            raise ArgumentError(
                "only of a leaf can be said that it requires no gradient "
                f"(at {user_source()}). Use y = y.detach()."
            )
        if not required:
            self.index = None
        elif self.index is None:
            if not is_inexact(self.dtype):
                raise ArgumentError(
                    f"a tensor {ArrayType.of(self)!r} cannot require a gradient (at "
                    f"{user_source()}): that needs floating-point numbers. Use "
                    "tensor(a, dtype=float, requires_grad=True)."
                )
            self.index = leaf()
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether it was not computed of tensors that require a gradient."""
        return self.index is None or self.index.entry is LEAF

    @property
    def grad_fn(self) -> Vertex | None:
        """What it was made by, with `name` and `next_functions`; None for a leaf."""
        return None if self.is_leaf else self.index

    @property
    def grad(self) -> Tensor | None:
        """The sum of the gradients that `backward()` has brought here."""
        return None if self.index is None else self.index.known.grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            value = tensor(value)
            if value.shape != self.shape:
                raise ShapeError(
                    f"a gradient of shape {value.shape} for a tensor of shape "
                    f"{self.shape} (at {user_source()})"
                )
        if self.index is not None or value is not None:
            self._vertex("a gradient").noted.grad = value

    def retain_grad(self) -> None:
        """Have `backward()` keep the gradient of this intermediate tensor too."""
        self._vertex("retain_grad()").noted.retains = True

    @property
    def retains_grad(self) -> bool:
        """Whether `backward()` keeps the gradient of this intermediate tensor."""
        return not self.is_leaf and bool(self.index.known.retains)

    @property
    def name(self) -> str | None:
        """A name by which `grad` finds it in a graph."""
        return None if self.index is None else self.index.known.label

    @name.setter
    def name(self, name: str | None) -> None:
        self._vertex("a name").noted.label = name

    def register_hook(self, hook: Callable[[Tensor], Any]) -> Handle:
        """Have a function see the gradient of this tensor in every sweep.

        Parameters
        ----------
        hook : callable
            Takes the gradient, a tensor; gives another in its place, or None. In the
            rare sweep that meets 0·inf, and is repeated, it is called twice.

        Returns
        -------
        Handle
            `handle.remove()` takes it away again.
        """
        return add_hook(self._vertex("a hook"), hook)

    def _vertex(self, what: str) -> Vertex:
        if self.index is None:
            raise ArgumentError(
                f"{what} of a tensor that requires no gradient (at {user_source()}). "
                "Say tensor(a, requires_grad=True), or x.requires_grad_()."
            )
        vertex: Vertex = self.index
        return vertex

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """Add this tensor's gradient to the `grad` of all leaves that it was made of.

        Parameters
        ----------
        gradient : tensor or array of this shape, optional
            The cotangent ȳ; needed where this is not one real number.
        retain_graph : bool, optional
            Whether the graph can be swept again; by default as `create_graph`.
        create_graph : bool
            Whether the gradients are themselves recorded, for higher derivatives.
        inputs : sequence of Tensor, optional
            Add to the `grad` of these alone.

        Raises
        ------
        NotScalarError
            If this is not one real number, and no gradient is given.
        FreedGraphError
            If the graph was swept before.

        Notes
        -----
        Cost: ≤ 4 evaluations of what was recorded (Griewank & Walther, 2008, ch. 4).
        """
        vertex = self._vertex("backward()")
        wanted = None if inputs is None else [x._vertex("inputs=") for x in inputs]
        seed = seed_of(self, gradient, "backward()")
        sweep = Sweep(self.level, [vertex], [self.value], wanted, create_graph)
        sweep.run([seed], create_graph if retain_graph is None else retain_graph)
        before, recording.on = recording.on, create_graph
        try:
            for at, bar in sweep.found.items():
                x_bar = bar if self.level.holds(bar) else self.level.constant(bar)
                notes = at.noted
                notes.grad = x_bar if notes.grad is None else notes.grad + x_bar
        finally:
            recording.on = before

    # ----- leaving the graph -----

    def detach(self) -> Tensor:
        """Give a tensor of the same value, of which nothing is recorded.

        What is written to one of the two is not seen in the other.
        """
        ledger: Ledger = self.level
        constant: Tensor = ledger.constant(self.value)
        return constant

    def detach_(self) -> Tensor:
        """Forget how it was made."""
        self.index = None
        return self

    @property
    def data(self) -> Tensor:
        """The value alone, as `detach()` gives it; to set it is not recorded."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        before, recording.on = recording.on, False
        try:
            replace(self, value)
        finally:
            recording.on = before

    def clone(self) -> Tensor:
        """Give a copy that is recorded."""
        copied: Tensor = FACES[np.copy](self)
        return copied

    def numpy(self) -> Any:
        """Give the value as an array, which cannot be written to.

        Raises
        ------
        TracerLeakError
            If it requires a gradient: say `x.detach().numpy()`.
        """
        if self.index is not None:
            raise self._leak("a plain NumPy array", "x.detach().numpy(), or NumPy")
        array = np.asarray(self.value).view()
        array.flags.writeable = False
        return array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        array = self.numpy()
        return np.array(array, dtype) if copy else np.asarray(array, dtype)

    def item(self, *index: Any) -> Any:
        """Give one element as a Python number, without its derivative."""
        return self.value.item(*index)

    def tolist(self) -> Any:
        """Give the elements as nested lists of Python numbers."""
        return self.value.tolist()

    def __float__(self) -> float:  # type: ignore[override]
        return float(self._number("a Python float"))

    def __complex__(self) -> complex:  # type: ignore[override]
        return complex(self._number("a Python complex"))

    def _number(self, target: str) -> Any:
        if self.index is not None and recording.on:
            raise self._leak(
                target, "x.item(), if the value is meant; NumPy's function"
            )
        return self.value

    def _leak(self, target: str, instead: str) -> TracerLeakError:
        return TracerLeakError(
            f"a tensor {ArrayType.of(self)!r} that requires a gradient would turn into "
            f"{target} and lose its derivative (at {user_source()}). Use {instead} "
            "on it."
        )

    def settled(self) -> Any:
        """Give what leaves a function under a derivative: of a tensor of a traced
        value, that value."""
        value = self.value
        return value.settled() if isinstance(value, Tracer) else self

    # ----- writing -----

    def __setitem__(self, key: Any, value: Any) -> None:
        write(self, key, value)

    def zero_(self) -> Tensor:
        """Write zeros."""
        return self.fill_(0)

    def fill_(self, value: Any) -> Tensor:
        """Write one value everywhere."""
        return self.copy_(
            np.asarray(value, self.dtype) if np.isscalar(value) else value
        )

    def copy_(self, value: Any) -> Tensor:
        """Write a value of this shape, or one that is broadcast to it."""
        replace(self, value)
        return self

    def add_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Be `x += alpha * other`."""
        return self.copy_(self + alpha * other)

    def sub_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Be `x -= alpha * other`."""
        return self.copy_(self - alpha * other)

    def mul_(self, other: Any) -> Tensor:
        """Be `x *= other`."""
        return self.copy_(self * other)

    def div_(self, other: Any) -> Tensor:
        """Be `x /= other`."""
        return self.copy_(self / other)

    # ----- being a value -----

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        """Be np.sum of this tensor."""
        if args or kwargs:
            return FACES[np.sum](self, *args, **kwargs)
        return self.total()

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __deepcopy__(self, memo: Any) -> Tensor:
        if not self.is_leaf:
            raise ArgumentError(
                f"a tensor that was computed cannot be copied deeply (at "
                f"{user_source()}): its graph would be lost. Use y.detach()."
            )
        twin = self.detach().requires_grad_(self.requires_grad)
        memo[id(self)] = twin
        return twin

    def __repr__(self) -> str:
        value = self.value
        if not isinstance(value, Tracer):
            value = np.array2string(np.asarray(value), separator=", ", prefix="tensor(")
        said = [str(value)]
        if self.dtype not in (float, int, bool):
            said.append(f"dtype={self.dtype}")
        if not self.is_leaf:
            said.append(f"grad_fn={self.index!r}")
        elif self.requires_grad:
            said.append("requires_grad=True")
        if self.name is not None:
            said.append(f"name={self.name!r}")
        return f"tensor({', '.join(said)})"

    __str__ = __repr__


Tensor.recorders = Recorders(recorder_maker(Tensor, place))
Tensor.total = totaller(Tensor, place)
Tensor.__getitem__ = reader(Tensor, place)  # type: ignore[method-assign]
install_operators(Tensor)
Ledger.kind = Tensor


def _in_place(name: str) -> Callable[[Any, Any], Any]:
    def in_place(self: Any, other: Any) -> Any:
        y = getattr(self, f"__{name}__")(other)
        if y is not NotImplemented:
            replace(self, y)
            return self
        return y

    return in_place


for _name in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "matmul"):
    setattr(Tensor, f"__i{_name}__", _in_place(_name))


def tensor(
    data: Any,
    dtype: Any = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Make a tensor, a leaf of graphs to come.

    Parameters
    ----------
    data : number, array, nested lists of numbers, tensor or traced value
        It is copied.
    dtype : dtype, optional
        By default NumPy's own for the data.
    requires_grad : bool
        Whether operations on it are recorded.
    name : str, optional
        A name by which `grad` finds it.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If the data are no numbers, or integers of which a gradient is required.

    Examples
    --------
    >>> x = tensor(3.0, requires_grad=True)
    >>> y = np.exp(-x) * x
    >>> y.backward()
    >>> x.grad
    tensor(-0.09957414)
    """
    if isinstance(data, Tensor):
        data = data.value
    elif isinstance(data, Tracer):
        data = data.settled()
    if not isinstance(data, Tracer):
        data = np.array(data, dtype)
        if data.dtype.kind not in "fciub":
            raise ArgumentError(
                f"a tensor of {data.dtype} (at {user_source()}): it needs numbers."
            )
        data.flags.writeable = False
        data = data[()]
    elif dtype is not None:
        data = data.astype(dtype)
    made: Tensor = ledger_for(data).constant(data)
    if requires_grad:
        made.requires_grad_()
    if name is not None:
        made.name = name
    return made


def seed_of(y: Tensor, gradient: Any, what: str) -> Any:
    """Give the cotangent to begin a sweep with.

    Raises
    ------
    NotScalarError, ShapeError
        If it must be given, or does not fit.
    """
    if gradient is None:
        if y.size != 1 or y.dtype.kind == "c":
            raise NotScalarError(
                f"{what} of a tensor {ArrayType.of(y)!r} (at {user_source()}): a "
                "gradient can be created by itself only for one real number. Perhaps "
                "you meant y.sum()? Or say how its elements are weighed: "
                "y.backward(gradient=…), grad(y, x, grad_outputs=…)."
            )
        return np.ones(y.shape, y.dtype)[()]
    if not isinstance(gradient, Tracer):
        gradient = np.array(gradient)[()]
    if gradient.shape != y.shape:
        raise ShapeError(
            f"{what}: a gradient of shape {gradient.shape} for a tensor of shape "
            f"{y.shape} (at {user_source()}). Give the weight of each element."
        )
    return gradient if gradient.dtype == y.dtype else gradient.astype(y.dtype)
