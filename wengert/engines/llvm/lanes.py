"""IR functions of vectors, made of functions of narrower ones or of scalars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wengert.engines.llvm.vectors import vector_type

__all__ = ["PURE", "Shape", "VectorFunction", "in_pieces", "lane_by_lane"]

# The C library's functions set `errno` and flags, which no one here reads.
PURE = "nounwind willreturn memory(none)"

_SCALARS = {"f64": "double", "f32": "float"}


class VectorFunction(NamedTuple):
    """A function for IR, and the IR that it needs.

    Attributes
    ----------
    symbol : str
        Its name, without the @. It takes vectors of the width asked for, or scalars for
        width 1, and gives one.
    parts : tuple of str
        Declarations and definitions, each to stand once in a module: `join_functions`.
    """

    symbol: str
    parts: tuple[str, ...]


class Shape(NamedTuple):
    """Which function, of what: its name, "f64" or "f32", lanes, and arguments."""

    name: str
    dtype: str
    width: int
    arity: int

    @property
    def scalar(self) -> str:
        """The type of a lane."""
        return _SCALARS[self.dtype]

    @property
    def type(self) -> str:
        """The type of each argument and of the result."""
        return vector_type(self.scalar, self.width)

    @property
    def parameters(self) -> str:
        """The parameters by name: `<4 x double> %x, <4 x double> %y`."""
        return ", ".join(f"{self.type} %{letter}" for letter in "xyz"[: self.arity])

    def symbol(self, ending: str = "") -> str:
        """Name the function of this shape."""
        return f"wengert_{self.name}_{self.dtype}x{self.width}{ending}"

    def define(self, lines: Iterable[str], inline: bool, ending: str = "") -> str:
        """Write its definition from the instructions of its body."""
        head = f"define internal {self.type} @{self.symbol(ending)}({self.parameters})"
        attribute = "alwaysinline" if inline else "noinline"
        return "\n".join([f"{head} {PURE} {attribute} {{", *lines, "}"])

    def declare(self, symbol: str) -> str:
        """Write the declaration of a function of another name."""
        types = ", ".join([self.type] * self.arity)
        return f"declare {self.type} @{symbol}({types}) {PURE}"


# ----- one lane after the other -----


def lane_by_lane(
    shape: Shape, symbol: str, *, special: bool, inline: bool
) -> VectorFunction:
    """Make a function of vectors that calls a C function for each lane.

    Parameters
    ----------
    shape : Shape
    symbol : str
        The C function's name.
    special : bool
        Whether it is SciPy's: of float64, whatever the shape says, with an i32 more.
    inline : bool
        Whether to inline it where it has one lane; of more it is a function always.
    """
    lane = Shape(shape.name, "f64" if special else shape.dtype, 1, shape.arity)
    types = ", ".join([lane.scalar] * shape.arity) + (", i32" if special else "")
    declaration = f"declare {lane.scalar} @{symbol}({types}) {PURE}"
    lines, result = [], "poison"
    for number in range(shape.width):
        end = ", i32 0" if special else ""
        new, value = _one_lane(shape, lane, symbol, number, end)
        lines += new
        if shape.width > 1:
            lines.append(
                f"  %r{number} = insertelement {shape.type} {result}, "
                f"{shape.scalar} {value}, i64 {number}"
            )
            value = f"%r{number}"
        result = value
    lines.append(f"  ret {shape.type} {result}")
    definition = shape.define(lines, inline and shape.width == 1, "_lanes")
    return VectorFunction(shape.symbol("_lanes"), (declaration, definition))


def _one_lane(
    shape: Shape, lane: Shape, symbol: str, number: int, end: str
) -> tuple[list[str], str]:
    """Write the call for one lane; give the lines and the name of its result."""
    lines, arguments = [], []
    for letter in "xyz"[: shape.arity]:
        name = f"%{letter}"
        if shape.width > 1:
            name = f"%{letter}{number}"
            lines.append(
                f"  {name} = extractelement {shape.type} %{letter}, i64 {number}"
            )
        if lane.dtype != shape.dtype:
            lines.append(f"  %{letter}w{number} = fpext float {name} to double")
            name = f"%{letter}w{number}"
        arguments.append(f"{lane.scalar} {name}")
    call = f"call {lane.scalar} @{symbol}({', '.join(arguments)}{end})"
    lines.append(f"  %c{number} = {call}")
    if lane.dtype == shape.dtype:
        return lines, f"%c{number}"
    lines.append(f"  %n{number} = fptrunc double %c{number} to float")
    return lines, f"%n{number}"


# ----- in pieces -----


def in_pieces(shape: Shape, made: dict[int, VectorFunction]) -> VectorFunction:
    """Make a function of wide vectors from functions of the widths that there are.

    Parameters
    ----------
    shape : Shape
    made : dict of int to VectorFunction
        A function for each width that has one.
    """
    if shape.width in made:
        return made[shape.width]
    pieces = _cut(shape.width, sorted(made))
    lines, result = [], "poison"
    for number, (start, lanes) in enumerate(pieces):
        lines += _piece(shape, number, start, lanes, made[lanes].symbol)
        filled = range(min(start, shape.width))
        mask = [*filled, *(shape.width + i for i in range(start, shape.width))]
        lines.append(
            f"  %r{number} = shufflevector {shape.type} {result}, {shape.type} "
            f"%w{number}, {_mask(mask)}"
        )
        result = f"%r{number}"
    lines.append(f"  ret {shape.type} {result}")
    parts = [part for _, lanes in pieces for part in made[lanes].parts]
    definition = shape.define(lines, inline=True)
    return VectorFunction(shape.symbol(), (*dict.fromkeys(parts), definition))


def _cut(width: int, widths: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a width into pieces (start, lanes): the widest first, one to end with."""
    pieces, start = [], 0
    while start < width:
        enough = [lanes for lanes in widths if lanes >= width - start]
        lanes = enough[0] if enough else widths[-1]
        pieces.append((start, lanes))
        start += lanes
    return pieces


def _piece(shape: Shape, number: int, start: int, lanes: int, symbol: str) -> list[str]:
    """Write the call for one piece: `%w` holds its lanes in their places."""
    narrow = vector_type(shape.scalar, lanes)
    # Lanes beyond the end are ones, which no function minds.
    ones = f"{shape.type} splat ({shape.scalar} 1.0)"
    cut = _mask([min(start + i, shape.width) for i in range(lanes)])
    lines, arguments = [], []
    for letter in "xyz"[: shape.arity]:
        name = f"%{letter}{number}"
        whole = f"{shape.type} %{letter}"
        lines.append(f"  {name} = shufflevector {whole}, {ones}, {cut}")
        arguments.append(f"{narrow} {name}")
    call = f"call {narrow} @{symbol}({', '.join(arguments)})"
    lines.append(f"  %c{number} = {call}")
    places = [i - start if 0 <= i - start < lanes else -1 for i in range(shape.width)]
    lines.append(
        f"  %w{number} = shufflevector {narrow} %c{number}, {narrow} poison, "
        f"{_mask(places)}"
    )
    return lines


def _mask(places: Sequence[int]) -> str:
    """Write the mask of a shufflevector; -1 is a lane that no one reads."""
    inner = ", ".join("i32 poison" if i < 0 else f"i32 {i}" for i in places)
    return f"<{len(places)} x i32> <{inner}>"
