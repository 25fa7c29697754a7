"""The record of a primitive: all the mathematics of one operation, in one row.

Six kinds of row, each of which states its one fact once:

* `Elementwise`  the partial derivatives, as functions of output and inputs
* `Linear`       the transpose; the pushforward is the operation itself
* `Multilinear`  linear in each of several arguments apart: one transpose for each
* `General`      pushforward and pullback, by hand
* `Constant`     derivative zero, or none: comparisons, floor, argmax
* `Structured`   a branch or a loop: its params hold Graphs, of which transforms/ makes
  the derivative

Every rule takes output, inputs (a tuple), seed, then keyword parameters, in that order,
and is written in plain NumPy: run on arrays it gives numbers, run on Tracers equations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

__all__ = [
    "FACES",
    "PRIMITIVES",
    "Constant",
    "Elementwise",
    "General",
    "Kink",
    "Linear",
    "Missing",
    "Multilinear",
    "Primitive",
    "Sample",
    "Structured",
    "answers",
    "lookup",
    "register",
]

Rule = Callable[..., Any]


class Missing:
    """Say that a rule is missing, and why: never `None`, never silence. It is false."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Missing({self.why!r})"


class Sample(NamedTuple):
    """Valid inputs of a primitive, away from its kinks."""

    inputs: tuple[Any, ...]
    params: Mapping[str, Any] = {}


class Kink(NamedTuple):
    """A point where a convention is chosen: the gradient of Σy that the row states."""

    inputs: tuple[Any, ...]
    gradient: tuple[Any, ...]
    params: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class Primitive:
    """Hold what every row has. Equal only to itself; called like the function it is.

    Attributes
    ----------
    name : str
        Unique; printed in Graphs.
    numpy : tuple of callables
        The NumPy callables that it answers as they are, aliases included. Those with a
        signature of their own (axis, keepdims…) are answered by a face: see `answers`.
    impl : callable
        `(*x, **params) → y` on arrays; a tuple where `outputs` is not 1. Params are
        hashable.
    type : callable
        `(*types, **params) → ArrayType`, or a tuple of them.
    cost : callable
        `(types, y_type, **params) → flops`.
    samples : callable
        `(rng, dtype) → iterable of Sample`.
    kinks : tuple of Kink
    dtypes : str
        Kinds of dtype the derivative is defined for: "f", "fc".
    ref : str
        Where the mathematics stands.
    symbol : str
        How a formula writes it: an infix operator, `ln`, … The name, if empty.
    outputs : int
        Number of outputs; other than one means that impl returns a tuple: 0, of as many
        as the type rule gives.
    written : callable or None
        `(types, params) → Closed`, or None: the same in other primitives, for engines
        that do not know this one. Rows of users' functions have it.
    batch : callable or Missing
        `(row, x, mapped, **params) → y`: the operation on the members of a batch. The
        inputs that are mapped have the batch as their first axis, and so has each
        output. Without it, the members are taken one by one. See primitives/batches.py.
    taylor : callable or None
        `(y, x, order, **params) → iterator` of the coefficients 1, 2, … of y, for
        series whose coefficients are read by index when they are needed, None for
        zero (primitives/power_series.py). None, for a row or a call, says that the
        derivative gives them (transforms/recurrences.py).
    """

    name: str
    numpy: tuple[Callable[..., Any], ...]
    impl: Rule
    type: Rule
    cost: Rule
    samples: Callable[..., Iterable[Sample]]
    ref: str
    kinks: tuple[Kink, ...] = ()
    dtypes: str = "fc"
    symbol: str = ""
    outputs: int = 1
    written: Rule | None = None
    batch: Rule | Missing = Missing("no rule")
    taylor: Rule | None = None

    @property
    def is_tuple(self) -> bool:
        """Whether impl returns a tuple."""
        return self.outputs != 1

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Apply the primitive to arrays, or record it where an input is a Tracer.

        Tracers are known by their method `__wengert_bind__`, since the floor that holds
        them stands above this one.
        """
        for x in inputs:
            bind = getattr(type(x), "__wengert_bind__", None)
            if bind is not None:
                return bind(self, inputs, params)
        return self.evaluate(inputs, params)

    def evaluate(self, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Apply the primitive to arrays."""
        y = self.impl(*inputs, **params)
        # 1j * np.float64(2) is Python's product, and a Python number has no dtype.
        return np.complex128(y) if type(y) is complex else y

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Elementwise(Primitive):
    """An operation on each element: `partials[i]` is `(y, *x) → ∂y/∂xᵢ`, or a number.

    A lambda parameter whose name starts with an underscore is not needed by the rule,
    and the trace does not keep its value for it. A partial of None says that the
    derivative in that argument is zero or undefined (an exponent of ldexp, say).
    """

    partials: tuple[Rule | float | None, ...]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Linear(Primitive):
    """An operation linear, jointly, in the inputs `linear_in` (all, if None).

    `transpose(x, y_bar, **params)` gives x̄ of the only linear input, or a tuple over
    the linear inputs. Of the linear inputs it is shown the types only: no value is
    kept.
    """

    transpose: Rule
    linear_in: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Multilinear(Primitive):
    """An operation linear in each input apart.

    `transpose(i, x, y_bar, **params)` gives x̄ᵢ.
    """

    transpose: Rule


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class General(Primitive):
    """An operation with its own pushforward and pullback.

    `jvp(y, x, x_dot, **params) → y_dot`, where `x_dot` is as long as `x` and holds None
    for a zero tangent. `vjp(y, x, y_bar, **params)` → tuple of x̄ of the `active` ones;
    where it is Missing, the pullback is the transposed pushforward. With several
    outputs, `y`, `y_dot` and `y_bar` are tuples of arrays. In each input of `linear_in`
    by itself the operation is linear, as `solve` is in the right-hand side.
    """

    jvp: Rule
    vjp: Rule | Missing
    active: tuple[int, ...] = (0,)
    linear_in: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Constant(Primitive):
    """An operation whose derivative is zero wherever it exists: `why` says so."""

    why: str = field(default="piecewise constant")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Structured(Primitive):
    """A branch or a loop, whose params hold Graphs without captures and guards.

    Its derivative is made of those of the Graphs, in transforms/structured.py.
    """

    outputs: int = 0


_Row = TypeVar("_Row", bound="Primitive")

PRIMITIVES: dict[str, Primitive] = {}
FACES: dict[Callable[..., Any], Callable[..., Any]] = {}
_BY_CALLABLE: dict[Callable[..., Any], Primitive] = {}


def register(row: _Row) -> _Row:
    """Enter a row under its name and its NumPy callables, and return it.

    Raises
    ------
    ValueError
        If the name or a callable is taken: a fact would stand in two places.
    """
    if row.name in PRIMITIVES:
        raise ValueError(f"primitive {row.name!r} is registered twice")
    for function in row.numpy:
        _refuse_second(function, row.name)
        _BY_CALLABLE[function] = row
    PRIMITIVES[row.name] = row
    return row


def answers(*functions: Callable[..., Any]) -> Callable[[Rule], Rule]:
    """Answer NumPy callables by a face: a function with NumPy's own signature, written
    in plain NumPy and calls of rows."""

    def enter(face: Rule) -> Rule:
        for function in functions:
            _refuse_second(function, face.__name__)
            FACES[function] = face
        return face

    return enter


def lookup(key: str | Callable[..., Any]) -> Primitive | None:
    """Find a primitive by its name or by a NumPy callable; None if there is none."""
    return PRIMITIVES.get(key) if isinstance(key, str) else _BY_CALLABLE.get(key)


def _refuse_second(function: Callable[..., Any], by: str) -> None:
    if function in _BY_CALLABLE or function in FACES:
        raise ValueError(f"{function!r} is answered twice, again by {by!r}")
