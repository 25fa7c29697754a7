"""Write LLVM IR for vectors of float64 as formulas: `w.fma(x, y, z)`, `x * y + z`.

`Writer` collects the instructions of one basic block; `Value` is a name in it. A Value
is of kind "f" (float64), "i" (the same 64 bits as an integer) or "b" (truth values),
all of as many lanes as the Writer has; one lane is a scalar, not a vector of one.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Value", "Writer", "float_bits", "float_constant", "vector_type"]

_SCALARS = {"f": "double", "i": "i64", "b": "i1"}


def vector_type(scalar: str, lanes: int) -> str:
    """Name the type of several lanes; of one lane, the scalar type itself."""
    return scalar if lanes == 1 else f"<{lanes} x {scalar}>"


def float_bits(number: float) -> int:
    """Give the 64 bits of a float64 as an integer."""
    return int(struct.unpack("<q", struct.pack("<d", number))[0])


def float_constant(number: float) -> str:
    """Write a float64 as LLVM reads it without rounding."""
    return f"0x{float_bits(number) & (2**64 - 1):016X}"


class Writer:
    """Collect the instructions of a basic block.

    Parameters
    ----------
    lanes : int
    avx512 : bool
        Whether the machine has AVX-512's instructions, which are used for 8 lanes.

    Attributes
    ----------
    lines : list of str
        The instructions so far.
    """

    def __init__(self, lanes: int, *, avx512: bool = False) -> None:
        self.lanes = lanes
        self.lines: list[str] = []
        self._has_avx512 = avx512 and lanes == 8
        self._declared: dict[str, None] = {}

    @property
    def declarations(self) -> tuple[str, ...]:
        """What the instructions call, each once."""
        return tuple(self._declared)

    def type(self, kind: str) -> str:
        """Name the type of Values of a kind."""
        return vector_type(_SCALARS[kind], self.lanes)

    def input(self, name: str) -> Value:
        """Take a float64 parameter of the function by its name, without the %."""
        return Value(self, "f", f"%{name}")

    def emit(self, instruction: str, kind: str) -> Value:
        """Append an instruction, and give its result."""
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {instruction}")
        return Value(self, kind, name)

    def constant(self, number: float | int, kind: str = "f") -> Value:
        """Give a number in every lane."""
        text = float_constant(number) if kind == "f" else str(number)
        if self.lanes > 1:
            text = f"splat ({_SCALARS[kind]} {text})"
        return Value(self, kind, text)

    def intrinsic(self, name: str, *values: Value) -> Value:
        """Call an LLVM intrinsic of floats: `fma`, `fabs`, `rint`."""
        kind = self.type("f")
        arguments = ", ".join(f"{kind} {value.name}" for value in values)
        suffix = f"v{self.lanes}f64" if self.lanes > 1 else "f64"
        symbol = f"@llvm.{name}.{suffix}"
        types = ", ".join([kind] * len(values))
        self._declared[f"declare {kind} {symbol}({types})"] = None
        return self.emit(f"call {kind} {symbol}({arguments})", "f")

    def scaled(self, x: Value, k: Value) -> Value | None:
        """Give x·2ᵏ, rounded once, for a whole k; None where no instruction does it."""
        return self._avx512("scalef", f"# {x.name}, # {k.name}, # {x.name}")

    def mantissa(self, x: Value) -> Value | None:
        """Give m of x = m·2ᵏ, with 1 ≤ m < 2; None where no instruction does it."""
        return self._avx512("getmant", f"# {x.name}, i32 0, # {x.name}")

    def exponent(self, x: Value) -> Value | None:
        """Give k of x = m·2ᵏ as a float; None where no instruction does it."""
        return self._avx512("getexp", f"# {x.name}, # {x.name}")

    def _avx512(self, name: str, operands: str) -> Value | None:
        """Call an instruction for 8 lanes; in the operands, # is the vectors' type.

        The mask that it takes is set everywhere, and 4 is the rounding in force.
        """
        if not self._has_avx512:
            return None
        kind, symbol = self.type("f"), f"@llvm.x86.avx512.mask.{name}.pd.512"
        arguments = f"{operands}, i8 -1, i32 4".replace("#", kind)
        types = re.sub(r" (%\w+|-?\d+)(?=,|$)", "", arguments)
        self._declared[f"declare {kind} {symbol}({types})"] = None
        return self.emit(f"call {kind} {symbol}({arguments})", "f")

    def fma(self, x: Value, y: Value | float, z: Value | float) -> Value:
        """Give x·y + z, rounded once."""
        return self.intrinsic("fma", x, x.like(y), x.like(z))

    def select(self, where: Value, x: Value | float, y: Value | float) -> Value:
        """Give x where true, y elsewhere."""
        kind = self.type("f")
        first, second = (
            v if isinstance(v, Value) else self.constant(v) for v in (x, y)
        )
        return self.emit(
            f"select {self.type('b')} {where.name}, {kind} {first.name}, "
            f"{kind} {second.name}",
            "f",
        )

    def polynomial(self, x: Value, coefficients: Sequence[float]) -> Value:
        """Evaluate a polynomial, lowest power first, by Estrin's scheme.

        Its chain of dependent instructions is as long as the logarithm of the degree,
        for two or three multiplications more than Horner's.
        """
        terms: list[Value | float] = list(coefficients)
        power = x
        while len(terms) > 1:
            pairs = zip(terms[::2], terms[1::2], strict=False)
            odd = terms[-1:] if len(terms) % 2 else []
            terms = [*(self.fma(power, high, low) for low, high in pairs), *odd]
            if len(terms) > 1:
                power = power * power
        return x.like(terms[0])

    def any(self, where: Value) -> str:
        """Name an i1 that tells whether any lane is true."""
        if self.lanes == 1:
            return where.name
        symbol = f"@llvm.vector.reduce.or.v{self.lanes}i1"
        self._declared[f"declare i1 {symbol}({self.type('b')})"] = None
        return self.emit(f"call i1 {symbol}({self.type('b')} {where.name})", "b").name


@dataclass(frozen=True, eq=False)
class Value:
    """The name of a vector, or of a scalar, in the block of a Writer."""

    writer: Writer
    kind: str
    name: str

    def like(self, other: Value | float | int) -> Value:
        """Give another operand: a Value, or a number in every lane."""
        if isinstance(other, Value):
            return other
        return self.writer.constant(other, self.kind)

    def bits(self) -> Value:
        """Read the bits of floats as integers."""
        return self._cast("f", "i")

    def floats(self) -> Value:
        """Read integers as the bits of floats."""
        return self._cast("i", "f")

    def compare(self, relation: str, other: Value | float | int) -> Value:
        """Compare: `ogt`, `oeq`, … of floats; `eq`, `ne`, … of integers."""
        kind = self.writer.type(self.kind)
        instruction = "fcmp" if self.kind == "f" else "icmp"
        operands = f"{kind} {self.name}, {self.like(other).name}"
        return self.writer.emit(f"{instruction} {relation} {operands}", "b")

    def __add__(self, other: Value | float | int) -> Value:
        return self._operate("add", other)

    def __sub__(self, other: Value | float | int) -> Value:
        return self._operate("sub", other)

    def __mul__(self, other: Value | float | int) -> Value:
        return self._operate("mul", other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._operate("div", other)

    def __and__(self, other: Value | int) -> Value:
        return self._operate("and", other)

    def __or__(self, other: Value | int) -> Value:
        return self._operate("or", other)

    def __xor__(self, other: Value | int) -> Value:
        return self._operate("xor", other)

    def __lshift__(self, other: int) -> Value:
        return self._operate("shl", other)

    def __rshift__(self, other: int) -> Value:
        return self._operate("lshr", other)

    def __neg__(self) -> Value:
        kind = self.writer.type("f")
        return self.writer.emit(f"fneg {kind} {self.name}", "f")

    def _operate(self, operation: str, other: Value | float | int) -> Value:
        name = f"f{operation}" if self.kind == "f" else operation
        kind = self.writer.type(self.kind)
        operands = f"{kind} {self.name}, {self.like(other).name}"
        return self.writer.emit(f"{name} {operands}", self.kind)

    def _cast(self, before: str, after: str) -> Value:
        old, new = self.writer.type(before), self.writer.type(after)
        return self.writer.emit(f"bitcast {old} {self.name} to {new}", after)
