"""Expressions: what one turn of a loop computes for one element, as a shared DAG.

An `Expression` is a node; equal nodes are one object, since a `Builder` keeps them, so
that what two results have in common is computed once. The operations are those that
both LLVM and C have; NumPy's meaning is spelled out with them in `scalars.py`.

The few rewritings made here hold for all floating-point numbers: x·1, x·(−1), −(−x),
constants folded. Nothing else is touched.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from wengert.engines.loops.affine import Affine

__all__ = ["FLOATS", "INTEGERS", "Builder", "Expression", "Type", "type_of"]

# The types of values, by the short names of `graph.types.dtype_name`.
Type = str
FLOATS = frozenset({"f64", "f32"})
INTEGERS = frozenset({"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"})

_TYPES = {
    np.dtype(name): short
    for name, short in (
        ("f8", "f64"), ("f4", "f32"), ("?", "bool"),
        ("i1", "i8"), ("i2", "i16"), ("i4", "i32"), ("i8", "i64"),
        ("u1", "u8"), ("u2", "u16"), ("u4", "u32"), ("u8", "u64"),
    )
}  # fmt: skip


def type_of(dtype: Any) -> Type | None:
    """Give the type that stands for a dtype; None where native code has none."""
    return _TYPES.get(dtype)


class Expression:
    """One operation on one element.

    Attributes
    ----------
    op : str
        "constant", "load", "gather", an operation, or "call".
    type : Type
    args : tuple of Expression
    info : object
        Of a constant the value; of a load (buffer, Affine); of a call the function.
    moves : int
        Bit k is set if the value depends on the k-th counter of the loop nest.
    """

    __slots__ = ("args", "info", "moves", "op", "type")

    def __init__(
        self, op: str, type: Type, args: tuple[Expression, ...], info: Any, moves: int
    ) -> None:
        self.op = op
        self.type = type
        self.args = args
        self.info = info
        self.moves = moves

    @property
    def is_constant(self) -> bool:
        """Whether it is a number that is known now."""
        return self.op == "constant"


class Builder:
    """Make expressions, each once."""

    def __init__(self) -> None:
        self._known: dict[Any, Expression] = {}

    def __len__(self) -> int:
        return len(self._known)

    def _make(
        self, op: str, type: Type, args: tuple[Expression, ...], info: Any = None
    ) -> Expression:
        key = op, type, tuple(map(id, args)), info
        found = self._known.get(key)
        if found is None:
            moves = 0
            for arg in args:
                moves |= arg.moves
            found = self._known[key] = Expression(op, type, args, info, moves)
        return found

    # ----- leaves -----

    def constant(self, value: Any, type: Type) -> Expression:
        """Make a number."""
        if type in FLOATS:
            value = float(value)
            if type == "f32":
                with np.errstate(over="ignore"):
                    value = float(np.float32(value))
            key: Any = struct.pack("<d", value)
        else:
            value = key = bool(value) if type == "bool" else wrapped(int(value), type)
        known = self._known.get(("constant", type, key))
        if known is None:
            known = Expression("constant", type, (), value, 0)
            self._known["constant", type, key] = known
        return known

    def absent(self, type: Type) -> Expression:
        """Make the zero that stands where nothing was put: x + absent is x."""
        return self._make("constant", type, (), 0 if type in INTEGERS else 0.0)

    def load(self, buffer: Any, place: Affine, type: Type) -> Expression:
        """Read memory at a place that moves with the counters."""
        key = "load", buffer, place
        found = self._known.get(key)
        if found is None:
            moves = 0
            for k, coefficient in enumerate(place.coefficients):
                if coefficient:
                    moves |= 1 << k
            found = Expression("load", type, (), (buffer, place), moves)
            self._known[key] = found
        return found

    def gather(
        self, buffer: Any, place: Affine, offset: Expression, type: Type
    ) -> Expression:
        """Read memory at `place + offset`, an i64 that is computed."""
        made = self._make("gather", type, (offset,), (buffer, place))
        for k, coefficient in enumerate(place.coefficients):
            if coefficient:
                made.moves |= 1 << k
        return made

    def checked(self, x: Expression, n: int, code: int) -> Expression:
        """Take an i64 as an index of an axis of length n, from its end if negative; out
        of range, the function fails with a code, and the index is 0."""
        return self._make("checked", "i64", (x,), (n, code))

    def counter(self, place: Affine) -> Expression:
        """Make an i64 out of the counters."""
        if not any(place.coefficients):
            return self.constant(place.constant, "i64")
        made = self._make("counter", "i64", (), place)
        for k, coefficient in enumerate(place.coefficients):
            if coefficient:
                made.moves |= 1 << k
        return made

    # ----- arithmetic, on two values of one type -----

    def add(self, x: Expression, y: Expression) -> Expression:
        """x + y."""
        nothing = self.absent(x.type)
        if x is nothing or y is nothing:
            return y if x is nothing else x
        if x.type in INTEGERS and x.is_constant and x.info == 0:
            return y
        if x.is_constant and y.is_constant:
            return self._folded(x, y, lambda a, b: a + b)
        if y.op == "neg":
            return self.sub(x, y.args[0])
        if x.op == "neg":
            return self.sub(y, x.args[0])
        return self._make("add", x.type, (x, y))

    def sub(self, x: Expression, y: Expression) -> Expression:
        """x − y."""
        if x.is_constant and y.is_constant:
            return self._folded(x, y, lambda a, b: a - b)
        if y.op == "neg":
            return self._make("add", x.type, (x, y.args[0]))
        return self._make("sub", x.type, (x, y))

    def mul(self, x: Expression, y: Expression) -> Expression:
        """x · y."""
        if x.is_constant and y.is_constant:
            return self._folded(x, y, lambda a, b: a * b)
        for one, other in ((x, y), (y, x)):
            if one.is_constant and one.info == 1:
                return other
            if one.is_constant and one.info == -1 and x.type in FLOATS:
                return self.neg(other)
        if x.op == "neg" and x.type in FLOATS:
            return self.neg(self.mul(x.args[0], y))
        if y.op == "neg" and x.type in FLOATS:
            return self.neg(self.mul(x, y.args[0]))
        return self._make("mul", x.type, (x, y))

    def div(self, x: Expression, y: Expression) -> Expression:
        """x / y, of floats."""
        if y.is_constant and y.info == 1:
            return x
        if y.is_constant and _is_power_of_two(y.info):
            return self.mul(x, self.constant(1 / y.info, x.type))
        return self._make("div", x.type, (x, y))

    def neg(self, x: Expression) -> Expression:
        """−x."""
        if x is self.absent(x.type):
            return x
        if x.is_constant:
            return self.constant(-x.info, x.type)
        return x.args[0] if x.op == "neg" else self._make("neg", x.type, (x,))

    def integer(self, op: str, x: Expression, y: Expression) -> Expression:
        """Apply "quotient", "remainder", "and", "or", "xor", "shl" or "shr" to
        integers; the first two towards −∞, as Python does, and 0 where y is 0."""
        return self._make(op, x.type, (x, y))

    # ----- comparing and choosing -----

    def compare(self, op: str, x: Expression, y: Expression) -> Expression:
        """Apply "lt", "le", "gt", "ge", "eq" or "ne": false with a nan, but "ne"."""
        if x.is_constant and y.is_constant:
            a, b = x.info, y.info
            told = {
                "lt": a < b, "le": a <= b, "gt": a > b,
                "ge": a >= b, "eq": a == b, "ne": a != b,
            }[op]  # fmt: skip
            return self.constant(told, "bool")
        return self._make(op, "bool", (x, y))

    def both(self, x: Expression, y: Expression) -> Expression:
        """x and y."""
        for one, other in ((x, y), (y, x)):
            if one.is_constant:
                return other if one.info else one
        return self._make("and", "bool", (x, y))

    def either(self, x: Expression, y: Expression) -> Expression:
        """x or y."""
        for one, other in ((x, y), (y, x)):
            if one.is_constant:
                return one if one.info else other
        return self._make("or", "bool", (x, y))

    def differ(self, x: Expression, y: Expression) -> Expression:
        """x or y, but not both, of bools."""
        return self._make("xor", "bool", (x, y))

    def invert(self, x: Expression) -> Expression:
        """Not x, of a bool; ~x, of an integer."""
        if x.is_constant and x.type == "bool":
            return self.constant(not x.info, "bool")
        return x.args[0] if x.op == "not" else self._make("not", x.type, (x,))

    def select(self, which: Expression, x: Expression, y: Expression) -> Expression:
        """x where `which` is true, otherwise y."""
        if which.is_constant:
            return x if which.info else y
        return x if x is y else self._make("select", x.type, (which, x, y))

    # ----- the rest -----

    def cast(self, x: Expression, type: Type) -> Expression:
        """Convert, as NumPy's astype does."""
        if x.type == type:
            return x
        if type == "bool":
            return self.compare("ne", x, self.constant(0, x.type))
        if x.is_constant and (type in FLOATS or x.type not in FLOATS):
            return self.constant(x.info, type)
        return self._make("cast", type, (x,))

    def unary(self, op: str, x: Expression) -> Expression:
        """Apply "abs", "sqrt", "floor", "ceil", "trunc" or "rint" to a float."""
        if x.is_constant and op == "sqrt" and x.info >= 0 and x.type == "f64":
            return self.constant(math.sqrt(x.info), x.type)
        return self._make(op, x.type, (x,))

    def copysign(self, x: Expression, y: Expression) -> Expression:
        """|x| with the sign of y."""
        return self._make("copysign", x.type, (x, y))

    def call(self, function: str, *args: Expression) -> Expression:
        """Call a mathematical function on floats of one type."""
        return self._make("call", args[0].type, args, function)

    def _folded(self, x: Expression, y: Expression, f: Any) -> Expression:
        with np.errstate(all="ignore"):
            return self.constant(f(x.info, y.info), x.type)


def wrapped(value: int, type: Type) -> int:
    """Bring an integer into the range of its type, as overflow does."""
    bits = int(type[1:])
    value &= (1 << bits) - 1
    return value - (1 << bits) if type[0] == "i" and value >> (bits - 1) else value


def _is_power_of_two(value: float) -> bool:
    mantissa, exponent = math.frexp(value)
    return abs(mantissa) == 0.5 and -1000 < exponent < 1000
