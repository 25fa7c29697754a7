"""Matrix expressions: what a derivative is when it is written with whole arrays.

Every expression is a matrix and knows its shape, of names such as "n" and of numbers;
a vector is a column, a scalar is 1 × 1. Expressions are made by the functions of
`algebra.py`, which keep them in one normal form, so that equal ones compare equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

__all__ = [
    "Apply",
    "Chain",
    "Commutation",
    "Det",
    "Diag",
    "DiagOf",
    "Expression",
    "Hadamard",
    "Identity",
    "Inverse",
    "Kronecker",
    "LogDet",
    "Max",
    "Number",
    "Ones",
    "Power",
    "Scaled",
    "Shape",
    "Size",
    "Softmax",
    "Sum",
    "Symbol",
    "Trace",
    "Transpose",
    "Value",
    "Vec",
    "Zero",
    "area",
    "walk",
]

Value = Fraction | float
Shape = tuple[str | int, str | int]


def area(shape: Shape) -> str | int:
    """Name the number of entries of a matrix: m × n has "mn"."""
    rows, columns = shape
    if rows == 1 or columns == 1:
        return columns if rows == 1 else rows
    if isinstance(rows, int) and isinstance(columns, int):
        return rows * columns
    return f"{rows}·{columns}"


@dataclass(frozen=True)
class Expression:
    """Be a matrix. Two are equal if they are written alike."""

    @cached_property
    def shape(self) -> Shape:
        """Rows and columns: names, or numbers."""
        return self._shape()

    def _shape(self) -> Shape:
        return (1, 1)

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        """Give the expressions that it is made of."""
        return self._parts()

    def _parts(self) -> tuple[Expression, ...]:
        return ()

    @cached_property
    def key(self) -> str:
        """Write it so that expressions can be put into an order."""
        return self._key()

    def _key(self) -> str:
        own = [str(v) for v in vars(self).values() if isinstance(v, str | Value)]
        inner = [part.key for part in self.parts]
        return f"{type(self).__name__}({','.join([*own, *inner])})"

    @cached_property
    def weight(self) -> int:
        """Count what there is to read."""
        return self._weight()

    def _weight(self) -> int:
        return 1 + sum(part.weight for part in self.parts)

    @property
    def is_scalar(self) -> bool:
        """Whether it is 1 × 1."""
        return self.shape == (1, 1)

    @property
    def is_column(self) -> bool:
        """Whether it has one column, and more than one row."""
        return self.shape[1] == 1 and self.shape[0] != 1

    @property
    def is_row(self) -> bool:
        """Whether it has one row, and more than one column."""
        return self.shape[0] == 1 and self.shape[1] != 1


@dataclass(frozen=True)
class _Shaped(Expression):
    size: Shape

    def _shape(self) -> Shape:
        return self.size

    def _key(self) -> str:
        return f"{type(self).__name__}{self.size}"


@dataclass(frozen=True)
class Symbol(_Shaped):
    """Stand for an argument, or for a line with a name of its own."""

    name: str
    traits: frozenset[str] = field(default=frozenset(), compare=False)

    def _key(self) -> str:
        return self.name


@dataclass(frozen=True)
class Ones(_Shaped):
    """Be one in every place."""


@dataclass(frozen=True)
class Zero(_Shaped):
    """Be zero in every place."""


@dataclass(frozen=True)
class Identity(Expression):
    """Be the identity matrix."""

    size: str | int

    def _shape(self) -> Shape:
        return (self.size, self.size)

    def _key(self) -> str:
        return f"~I{self.size}"  # behind other terms of a sum


@dataclass(frozen=True)
class Number(Expression):
    """Be a number."""

    value: Value


@dataclass(frozen=True)
class Size(Expression):
    """Be the number of rows or columns with this name."""

    name: str


@dataclass(frozen=True)
class Sum(Expression):
    """Add two or more terms of one shape."""

    terms: tuple[Expression, ...]

    def _shape(self) -> Shape:
        return self.terms[0].shape

    def _parts(self) -> tuple[Expression, ...]:
        return self.terms


@dataclass(frozen=True)
class Chain(Expression):
    """Multiply two or more matrices, none of them 1 × 1."""

    factors: tuple[Expression, ...]

    def _shape(self) -> Shape:
        return (self.factors[0].shape[0], self.factors[-1].shape[1])

    def _parts(self) -> tuple[Expression, ...]:
        return self.factors


@dataclass(frozen=True)
class Scaled(Expression):
    """Multiply a number, scalars, and a matrix if there is one."""

    coefficient: Value
    scalars: tuple[Expression, ...]
    body: Expression | None

    def _shape(self) -> Shape:
        return self.body.shape if self.body else (1, 1)

    def _parts(self) -> tuple[Expression, ...]:
        return (*self.scalars, *((self.body,) if self.body else ()))

    def _weight(self) -> int:
        plain = 0 if abs(self.coefficient) == 1 else 1
        return plain + sum(part.weight for part in self.parts)


@dataclass(frozen=True)
class Power(Expression):
    """Raise every entry to a power."""

    base: Expression
    exponent: Value

    def _shape(self) -> Shape:
        return self.base.shape

    def _parts(self) -> tuple[Expression, ...]:
        return (self.base,)


@dataclass(frozen=True)
class Hadamard(Expression):
    """Multiply two or more matrices of one shape, entry by entry."""

    factors: tuple[Expression, ...]

    def _shape(self) -> Shape:
        return self.factors[0].shape

    def _parts(self) -> tuple[Expression, ...]:
        return self.factors


@dataclass(frozen=True)
class Apply(Expression):
    """Apply a function to every entry; a scalar goes with all entries."""

    name: str
    arguments: tuple[Expression, ...]

    def _shape(self) -> Shape:
        shapes = [part.shape for part in self.arguments if not part.is_scalar]
        return shapes[0] if shapes else (1, 1)

    def _parts(self) -> tuple[Expression, ...]:
        return self.arguments


@dataclass(frozen=True)
class _Unary(Expression):
    of: Expression

    def _parts(self) -> tuple[Expression, ...]:
        return (self.of,)


@dataclass(frozen=True)
class Transpose(_Unary):
    """Swap rows and columns."""

    def _shape(self) -> Shape:
        return (self.of.shape[1], self.of.shape[0])

    def _key(self) -> str:
        return f"{self.of.key}ᵀ"

    def _weight(self) -> int:
        return self.of.weight


@dataclass(frozen=True)
class Inverse(_Unary):
    """Invert a square matrix."""

    def _shape(self) -> Shape:
        return self.of.shape


@dataclass(frozen=True)
class Det(_Unary):
    """Be the determinant."""


@dataclass(frozen=True)
class LogDet(_Unary):
    """Be the logarithm of the determinant's absolute value."""


@dataclass(frozen=True)
class Max(_Unary):
    """Be the largest entry."""


@dataclass(frozen=True)
class Trace(_Unary):
    """Sum the diagonal."""


@dataclass(frozen=True)
class Diag(_Unary):
    """Be the diagonal matrix of a column."""

    def _shape(self) -> Shape:
        return (self.of.shape[0], self.of.shape[0])


@dataclass(frozen=True)
class DiagOf(_Unary):
    """Be the column of the diagonal entries of a square matrix."""

    def _shape(self) -> Shape:
        return (self.of.shape[0], 1)


@dataclass(frozen=True)
class Softmax(_Unary):
    """Be exp(z) divided by its sum, of a column, or of each row of a matrix."""

    def _shape(self) -> Shape:
        return self.of.shape


@dataclass(frozen=True)
class Vec(_Unary):
    """Put the columns of a matrix under each other."""

    def _shape(self) -> Shape:
        return (area(self.of.shape), 1)


@dataclass(frozen=True)
class Kronecker(Expression):
    """Multiply every entry of one matrix by another matrix."""

    left: Expression
    right: Expression

    def _shape(self) -> Shape:
        (a, b), (c, d) = self.left.shape, self.right.shape
        return (area((c, a)), area((d, b)))

    def _parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Commutation(Expression):
    """Be the matrix K with K vec(X) = vec(Xᵀ), of an X with this shape."""

    of: Shape

    def _shape(self) -> Shape:
        rows, columns = self.of
        return (area((columns, rows)), area(self.of))

    def _key(self) -> str:
        return f"K{self.of}"


def walk(expression: Expression) -> Iterator[Expression]:
    """Give an expression and all that it is made of."""
    yield expression
    for part in expression.parts:
        yield from walk(part)
