"""LLVM IR as text: types, constants, and a function being written line by line."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from wengert.engines.loops.expressions import FLOATS, Type

__all__ = ["NAMES", "Function", "constant", "in_memory", "vector"]

# The LLVM type of a value; bools are i1 in registers and i8 in memory.
NAMES = {
    "f64": "double", "f32": "float", "bool": "i1",
    "i8": "i8", "i16": "i16", "i32": "i32", "i64": "i64",
    "u8": "i8", "u16": "i16", "u32": "i32", "u64": "i64",
}  # fmt: skip


def vector(type: Type, width: int) -> str:
    """Name the type of `width` values; of 0, the type of a scalar."""
    return f"<{width} x {NAMES[type]}>" if width else NAMES[type]


def in_memory(type: Type, width: int) -> str:
    """Name the type that stands in memory for it."""
    element = "i8" if type == "bool" else NAMES[type]
    return f"<{width} x {element}>" if width else element


def constant(value: object, type: Type, width: int = 0) -> str:
    """Write a number, or a vector of that number, without its type."""
    if type in FLOATS:
        assert isinstance(value, int | float)
        word = "0x" + struct.pack(">d", float(value)).hex().upper()
    else:
        word = str(int(value))  # type: ignore[call-overload]
        if type == "bool":
            word = "true" if value else "false"
    return f"splat ({NAMES[type]} {word})" if width else word


class Function:
    """The lines of one function, with names for values and blocks."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0
        self.block = "entry"

    def value(self, text: str) -> str:
        """Add an instruction that gives a value; return the name of that."""
        self._count += 1
        name = f"%v{self._count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """Add an instruction that gives none."""
        self.lines.append(f"  {text}")

    def name_block(self) -> str:
        """Make the name of a block that will come."""
        self._count += 1
        return f"b{self._count}"

    def start(self, block: str) -> None:
        """Begin a block."""
        self.lines.append(f"{block}:")
        self.block = block

    def leave_unless(
        self, good: str, code: str, before: Callable[[], None] | None = None
    ) -> None:
        """Return a code where an i1 is false; `before` adds what is done first."""
        failed, on = self.name_block(), self.name_block()
        self.do(f"br i1 {good}, label %{on}, label %{failed}")
        self.start(failed)
        if before is not None:
            before()
        self.do(f"ret i64 {code}")
        self.start(on)

    def hole(self) -> int:
        """Leave a place for a line that is not yet known (a phi), and give it."""
        self.lines.append("")
        return len(self.lines) - 1

    # ----- vectors -----

    def splat(self, name: str, type: Type, width: int) -> str:
        """Fill a vector with a scalar."""
        word, scalar = vector(type, width), vector(type, 0)
        one = self.value(f"insertelement {word} poison, {scalar} {name}, i64 0")
        return self.value(
            f"shufflevector {word} {one}, {word} poison, "
            f"<{width} x i32> zeroinitializer"
        )

    def reversed(self, name: str, type: Type, width: int) -> str:
        """Turn a vector round."""
        word = vector(type, width)
        order = ", ".join(f"i32 {k}" for k in range(width - 1, -1, -1))
        return self.value(
            f"shufflevector {word} {name}, {word} poison, <{width} x i32> <{order}>"
        )

    def assembled(self, parts: Sequence[str], type: Type, width: int) -> str:
        """Make a vector of scalars."""
        word, scalar, name = vector(type, width), vector(type, 0), "poison"
        for k, part in enumerate(parts):
            name = self.value(f"insertelement {word} {name}, {scalar} {part}, i64 {k}")
        return name
