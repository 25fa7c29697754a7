"""The rules of `simplify`: a table of small functions, each with its law.

A rule is shown a `Term`, the equation to be, and gives what stands for it: a var that
is there already, a simpler Term, or None where it does not apply. `simplify` sees to
the types: what is of another type is no simplification.

Laws hold bit for bit, NaNs apart, of which the sign may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import Source
from wengert.graph import (
    ArrayType,
    Atom,
    Equation,
    GraphBuilder,
    Literal,
    Primitive,
    Var,
    lookup,
)

__all__ = ["GIVERS", "LOOKING", "RULES", "Rule", "Term"]


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """An equation to be, and the Terms so far, which gave its inputs."""

    primitive: Primitive
    inputs: tuple[Atom, ...]
    params: Mapping[str, Any]
    type: ArrayType
    givers: Mapping[Var, Term]

    @classmethod
    def of(cls, equation: Equation, givers: Mapping[Var, Term]) -> Term:
        """Make the Term of an equation with one output."""
        (output,) = equation.outputs
        return cls(
            equation.primitive, equation.inputs, equation.params, output.type, givers
        )

    @property
    def is_real(self) -> bool:
        """Whether the output is of no complex dtype."""
        return self.type.dtype.kind != "c"

    def giver(self, index: int, name: str) -> Term | None:
        """Find the Term that gives an input, if it is of the primitive of this name."""
        atom = self.inputs[index]
        giver = self.givers.get(atom) if isinstance(atom, Var) else None
        return giver if giver and giver.primitive.name == name else None

    def equals(self, index: int, number: float) -> bool:
        """Tell whether an input is a Literal of this value, of any dtype."""
        atom = self.inputs[index]
        return isinstance(atom, Literal) and bool(atom.value == number)

    def apply(self, name: str, *inputs: Atom, **params: Any) -> Term | None:
        """Put a primitive in the place of this one; None if it gives another type."""
        primitive = lookup(name)
        if primitive is None:
            return None
        try:
            given = primitive.type(*(atom.type for atom in inputs), **params)
        except (TypeError, ValueError):
            return None
        if given != self.type:
            return None
        return Term(primitive, inputs, params, self.type, self.givers)

    def enter(self, build: GraphBuilder, source: Source | None) -> tuple[Var, ...]:
        """Add the equation to a Graph."""
        return build.add(self.primitive, self.inputs, self.params, source)


Rule = Callable[[Term], Atom | Term | None]

# ----- sums -----


def add_nothing(t: Term) -> Atom | None:
    """x + (-0.0) = x = (-0.0) + x; but -0.0 + 0.0 = 0.0, so +0.0 stays."""
    if _is_zero(t, 1, negative=True):
        return t.inputs[0]
    return t.inputs[1] if _is_zero(t, 0, negative=True) else None


def subtract_nothing(t: Term) -> Atom | None:
    """x - 0.0 = x."""
    return t.inputs[0] if _is_zero(t, 1, negative=False) else None


def add_negative(t: Term) -> Term | None:
    """x + (-y) = x - y, and (-x) + y = y - x."""
    x, y = t.inputs
    if (negated := _negated(t, 1)) is not None:
        return t.apply("subtract", x, negated)
    if (negated := _negated(t, 0)) is not None:
        return t.apply("subtract", y, negated)
    return None


def subtract_negative(t: Term) -> Term | None:
    """x - (-y) = x + y."""
    negated = _negated(t, 1)
    return None if negated is None else t.apply("add", t.inputs[0], negated)


def negative_twice(t: Term) -> Atom | None:
    """-(-x) = x."""
    return _negated(t, 0)


def itself(t: Term) -> Atom:
    """+x = x, and a copy of x is x: values in a Graph do not change."""
    return t.inputs[0]


# ----- products, real ones: (a + bi)·(1 + 0i) may turn the sign of a zero -----


def multiply_by_one(t: Term) -> Atom | None:
    """x·1 = x = 1·x, for real x."""
    if not t.is_real:
        return None
    if t.equals(1, 1):
        return t.inputs[0]
    return t.inputs[1] if t.equals(0, 1) else None


def multiply_by_minus_one(t: Term) -> Term | None:
    """x·(-1) = -x = (-1)·x, for real x of a dtype with a sign."""
    if t.type.dtype.kind not in "fi":
        return None
    if t.equals(1, -1):
        return t.apply("negative", t.inputs[0])
    return t.apply("negative", t.inputs[1]) if t.equals(0, -1) else None


def divide_by_one(t: Term) -> Atom | None:
    """x/1 = x, for real x."""
    return t.inputs[0] if t.is_real and t.equals(1, 1) else None


def divide_by_minus_one(t: Term) -> Term | None:
    """x/(-1) = -x, for real x."""
    by_minus_one = t.is_real and t.equals(1, -1)
    return t.apply("negative", t.inputs[0]) if by_minus_one else None


def cancel_signs(t: Term) -> Term | None:
    """(-x)·(-y) = x·y and (-x)/(-y) = x/y, for real x and y."""
    x, y = _negated(t, 0), _negated(t, 1)
    if x is None or y is None or not t.is_real:
        return None
    return t.apply(t.primitive.name, x, y)


def scale_by_number(t: Term) -> Term | None:
    """scale(x, c) = x·c for a finite number c ≠ 0: there is no zero to win over x."""
    for atom in t.inputs:
        if isinstance(atom, Literal) and np.isfinite(atom.value) and atom.value != 0:
            return t.apply("multiply", *t.inputs)
    return None


def power_one(t: Term) -> Atom | None:
    """x**1 = x, for real x."""
    return t.inputs[0] if t.is_real and t.equals(1, 1) else None


def power_two(t: Term) -> Term | None:
    """x**2 = square x, for real arrays x, as NumPy itself computes it.

    For a single number NumPy asks the C library's pow, whose last bit may differ.
    """
    applies = t.is_real and t.type.shape != () and t.equals(1, 2)
    return t.apply("square", t.inputs[0]) if applies else None


def spread_within(t: Term) -> Term | None:
    """broadcast(x) + y = x + y where y has the shape already, and so for -, · and /.

    Each of them is rounded right, so that an element is the same however it is come by.
    """
    return _without_spreading(t) if t.is_real else None


def spread_choice(t: Term) -> Term | None:
    """where(c, broadcast(x), y) = where(c, x, y) if c or y has the shape already."""
    return _without_spreading(t)


# ----- shapes -----


def same_type(t: Term) -> Atom | None:
    """reshape, broadcast or cast of x to what x is = x; so is x joined to nothing."""
    return t.inputs[0] if len(t.inputs) == 1 else None


def shape_again(t: Term) -> Term | None:
    """reshape(reshape(x)) = reshape(x), and so for broadcast_to."""
    name = t.primitive.name
    inner = t.giver(0, name)
    return t.apply(name, inner.inputs[0], **t.params) if inner else None


def spread_reshaped(t: Term) -> Term | None:
    """broadcast(reshape(x)) = broadcast(x) if reshape adds axes in front only."""
    x = _spread_from(t, 0)
    return None if x is None else t.apply("broadcast_to", x, **t.params)


def stack_one(t: Term) -> Term | None:
    """stack of x alone = reshape(x)."""
    alone = len(t.inputs) == 1
    return t.apply("reshape", *t.inputs, shape=t.type.shape) if alone else None


def transpose_nothing(t: Term) -> Atom | None:
    """transpose(x) = x if every axis stays where it is."""
    axes = t.params["axes"]
    return t.inputs[0] if axes == tuple(range(len(axes))) else None


def transpose_again(t: Term) -> Term | None:
    """transpose(transpose(x, p), q) = transpose(x, p∘q)."""
    inner = t.giver(0, "transpose")
    if inner is None:
        return None
    axes = tuple(inner.params["axes"][i] for i in t.params["axes"])
    return t.apply("transpose", inner.inputs[0], axes=axes)


def flip_twice(t: Term) -> Atom | None:
    """flip(flip(x)) = x along the same axes."""
    inner = t.giver(0, "flip")
    return inner.inputs[0] if inner and inner.params == t.params else None


def read_written(t: Term) -> Atom | None:
    """getitem(scatter(x, i), i) = x: what was written is read."""
    inner = t.giver(0, "scatter")
    same = inner and inner.params["index"] == t.params["index"]
    return inner.inputs[0] if inner and same else None


# ----- dtypes and complex numbers -----


def cast_through(t: Term) -> Term | None:
    """cast(cast(x, wide), dtype) = cast(x, dtype) if `wide` holds every x."""
    inner = t.giver(0, "cast")
    if inner is None:
        return None
    narrow, wide = inner.inputs[0].type.dtype, inner.type.dtype
    if not (narrow.kind in "fc" and np.can_cast(narrow, wide, "safe")):
        return None
    return t.apply("cast", inner.inputs[0], **t.params)


def conjugate_twice(t: Term) -> Atom | None:
    """conj(conj(x)) = x, and conj(x) = x for real x."""
    if t.is_real:
        return t.inputs[0]
    inner = t.giver(0, "conjugate")
    return inner.inputs[0] if inner else None


def real_of_real(t: Term) -> Atom:
    """Re x = x for real x: for complex x it is of another type."""
    return t.inputs[0]


def _negated(t: Term, index: int) -> Atom | None:
    """Find y where the input is -y, and of the dtype of the result.

    Integers must not be widened in between: -(-128) is -128 for eight bits.
    """
    giver = t.giver(index, "negative")
    same = giver is not None and giver.type.dtype == t.type.dtype
    return giver.inputs[0] if giver and same else None


def _without_spreading(t: Term) -> Term | None:
    for index in range(len(t.inputs)):
        x = _spread_from(t, index)
        if x is not None:
            inputs = (*t.inputs[:index], x, *t.inputs[index + 1 :])
            if simpler := t.apply(t.primitive.name, *inputs):
                return simpler
    return None


def _spread_from(t: Term, index: int) -> Atom | None:
    """Find x where the input is x but for what broadcasting does by itself."""
    if spread := t.giver(index, "broadcast_to"):
        return spread.inputs[0]
    shaped = t.giver(index, "reshape")
    if shaped is None or not isinstance(x := shaped.inputs[0], Var):
        return None
    front = len(shaped.type.shape) - x.type.ndim
    return x if shaped.type.shape == (1,) * front + x.type.shape else None


def _is_zero(t: Term, index: int, *, negative: bool) -> bool:
    """Tell whether an input is a Literal 0, in all parts with this sign if signed."""
    atom = t.inputs[index]
    if not isinstance(atom, Literal) or atom.value != 0:
        return False
    zero = np.asarray(atom.value).astype(t.type.dtype)
    parts = {"f": (zero,), "c": (zero.real, zero.imag)}.get(zero.dtype.kind, ())
    return all(np.signbit(part) == negative for part in parts)


RULES: dict[str, tuple[Rule, ...]] = {
    "add": (add_nothing, add_negative, spread_within),
    "subtract": (subtract_nothing, subtract_negative, spread_within),
    "negative": (negative_twice,),
    "positive": (itself,),
    "copy": (itself,),
    "multiply": (multiply_by_one, multiply_by_minus_one, cancel_signs, spread_within),
    "divide": (divide_by_one, divide_by_minus_one, cancel_signs, spread_within),
    "scale": (scale_by_number, spread_within),
    "power": (power_one, power_two),
    "reshape": (same_type, shape_again),
    "broadcast_to": (same_type, shape_again, spread_reshaped),
    "where": (spread_choice,),
    "stack": (stack_one,),
    "concatenate": (same_type,),
    "transpose": (transpose_nothing, transpose_again),
    "flip": (flip_twice,),
    "getitem": (read_written,),
    "cast": (same_type, cast_through),
    "discretize": (same_type,),
    "conjugate": (conjugate_twice,),
    "real": (real_of_real,),
}

# The primitives that rules find behind an input.
GIVERS = frozenset(
    (
        "broadcast_to",
        "cast",
        "conjugate",
        "flip",
        "negative",
        "reshape",
        "scatter",
        "transpose",
    )
)

# Those of which every rule looks at a Literal, or behind an input.
LOOKING = frozenset(
    (
        "add",
        "divide",
        "flip",
        "getitem",
        "multiply",
        "negative",
        "power",
        "scale",
        "subtract",
        "where",
    )
)
