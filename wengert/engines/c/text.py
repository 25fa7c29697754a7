"""C as text: types, constants, indices, and a function being written line by line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.engines.loops.expressions import FLOATS, Type

__all__ = ["MEMORY", "VALUES", "Function", "constant", "index_text", "limits"]

_INTEGERS = {
    "i8": "int8_t", "i16": "int16_t", "i32": "int32_t", "i64": "int64_t",
    "u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t",
}  # fmt: skip
# What stands in memory; a bool there is a byte, of which any but 0 is true.
MEMORY = {"f64": "double", "f32": "float", "bool": "uint8_t", **_INTEGERS}
# What a computed value is; a bool is an int, 0 or 1, as comparisons give it.
VALUES = {**MEMORY, "bool": "int"}


def constant(value: Any, type: Type) -> str:
    """Write a number so that it reads back as the same bits.

    Examples
    --------
    >>> constant(0.1, "f64"), constant(0.1, "f32"), constant(-2.0, "f64")
    ('0.1', '0.1f', '(-2.0)')
    >>> constant(-(2**63), "i64"), constant(7, "u64"), constant(True, "bool")
    ('INT64_MIN', 'UINT64_C(7)', '1')
    """
    if type in FLOATS:
        text = _float(float(value), type)
    else:
        text = _integer(int(value), type)
    return f"({text})" if text.startswith("-") else text


def _float(value: float, type: Type) -> str:
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if math.isnan(value):
        return f"{sign}NAN"
    if math.isinf(value):
        return f"{sign}INFINITY"
    if type == "f64":
        return repr(value)
    text = str(np.float32(value))
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _integer(value: int, type: Type) -> str:
    if type in ("i32", "i64") and value == limits(type)[0]:
        return f"INT{type[1:]}_MIN"
    if type == "i64":
        return f"INT64_C({value})" if abs(value) >> 31 else str(value)
    if type == "u64":
        return f"UINT64_C({value})"
    return f"{value}u" if type == "u32" else str(value)


def limits(type: Type) -> tuple[int, int]:
    """Give the least and the greatest number of an integer type."""
    if type == "bool":
        return 0, 1
    bits = int(type[1:])
    if type[0] == "u":
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def index_text(constant: int, terms: Sequence[tuple[int, str]]) -> str:
    """Write a sum of counters, each with its coefficient.

    Examples
    --------
    >>> index_text(3, [(5, "i0"), (1, "i1")]), index_text(9, [(-1, "i0")])
    ('5*i0 + i1 + 3', '9 - i0')
    """
    positive = [_term(k, name) for k, name in terms if k > 0]
    if constant > 0 or not positive:
        # First what is not negative: so no sum on the way leaves the array.
        positive = [*positive, str(constant)]
    elif constant < 0:
        positive[-1] += f" - {-constant}"
    return " + ".join(positive) + "".join(
        f" - {_term(-k, name)}" for k, name in terms if k < 0
    )


def _term(coefficient: int, name: str) -> str:
    return name if coefficient == 1 else f"{coefficient}*{name}"


class Function:
    """The lines of one function body, and names for what it computes.

    Attributes
    ----------
    lines : list of str
    fails : bool
        Whether it can return a code that is not 0.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.fails = False
        self._depth = 1
        self._count = 0

    def do(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self._depth + text)

    def open(self, text: str = "") -> None:
        """Add a line that begins a block."""
        self.do(f"{text} {{" if text else "{")
        self._depth += 1

    def close(self, text: str = "") -> None:
        """End a block."""
        self._depth -= 1
        self.do(f"}}{text}")

    def name(self, letter: str) -> str:
        """Make a name that is new in this function."""
        self._count += 1
        return f"{letter}{self._count}"

    def value(self, type: str, text: str) -> str:
        """Compute a value of a C type; return its name."""
        name = self.name("v")
        self.do(f"const {type} {name} = {text};")
        return name

    def leave_if(self, bad: str, code: str) -> None:
        """Return a code where something is not as it should be."""
        self.fails = True
        self.do(f"if ({bad}) return {code};")
