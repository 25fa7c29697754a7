"""Formulas as small trees, and the constructors that tidy them up.

```
formula  ::=  Symbol | Number | Negated | Sum | Product | Power | Matrix | Call | Infix
           |  Root | Modulus | Item | Component | Transposed | Group | Derivative
```

A formula is a line of a table; how it is written is the matter of a notation (plain
text, LaTeX). The constructors in lower case do what a lecturer does without a word:
ones are left out, signs come to the front, `a·(1/b)` is `a/b`, `x^1` is `x`.

Examples
--------
>>> v1, bar = Symbol("v₁"), Symbol("v₂", "bar")
>>> written = product(bar, negated(quotient(Number(1), v1)))
>>> written == Negated(Product(factors=(bar,), divisors=(v1,)))
True
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

__all__ = [
    "Call",
    "Component",
    "Derivative",
    "Formula",
    "Group",
    "Infix",
    "Item",
    "Matrix",
    "Modulus",
    "Negated",
    "Number",
    "Power",
    "Product",
    "Root",
    "Sum",
    "Symbol",
    "Transposed",
    "literal",
    "negated",
    "power",
    "product",
    "quotient",
    "size",
    "symbols",
    "total",
]


@dataclass(frozen=True)
class Formula:
    """Be the base of all nodes."""

    def parts(self) -> Iterator[Formula]:
        """Yield the formulas that this one is made of."""
        for entry in fields(self):
            value = getattr(self, entry.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Formula):
                    yield part


@dataclass(frozen=True)
class Symbol(Formula):
    """A name: `v₁`, with a "dot" for its tangent or a "bar" for its adjoint."""

    name: str
    accent: str = ""


@dataclass(frozen=True)
class Number(Formula):
    """A number that is not negative, or is no number at all."""

    value: Any


@dataclass(frozen=True)
class Negated(Formula):
    """−a."""

    of: Formula


@dataclass(frozen=True)
class Sum(Formula):
    """a + b − c: the terms, some of them Negated."""

    terms: tuple[Formula, ...]


@dataclass(frozen=True)
class Product(Formula):
    """a·b/c."""

    factors: tuple[Formula, ...]
    divisors: tuple[Formula, ...] = ()


@dataclass(frozen=True)
class Power(Formula):
    """A power, such as aᵇ."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True)
class Matrix(Formula):
    """A b: a product of matrices, or a linear map applied to a vector."""

    factors: tuple[Formula, ...]


@dataclass(frozen=True)
class Call(Formula):
    """`name(a, b, axis=0)`; the mark ᵀ makes it the adjoint of the linear map."""

    name: str
    arguments: tuple[Formula, ...]
    parameters: tuple[str, ...] = ()
    adjoint: bool = False


@dataclass(frozen=True)
class Infix(Formula):
    """`a < b`, `a mod b`: an operator that is no sum and no product."""

    operator: str
    left: Formula
    right: Formula


@dataclass(frozen=True)
class Root(Formula):
    """√a."""

    of: Formula


@dataclass(frozen=True)
class Modulus(Formula):
    """|a|."""

    of: Formula


@dataclass(frozen=True)
class Item(Formula):
    """a[index]: the index holds text and formulas in turn."""

    of: Formula
    index: tuple[str | Formula, ...]


@dataclass(frozen=True)
class Component(Formula):
    """The i-th (from 1) of several results."""

    of: Formula
    number: int


@dataclass(frozen=True)
class Transposed(Formula):
    """Aᵀ."""

    of: Formula


@dataclass(frozen=True)
class Group(Formula):
    """(a, b)."""

    members: tuple[Formula, ...]


@dataclass(frozen=True)
class Derivative(Formula):
    """∂y/∂x."""

    of: Formula
    by: Formula


def literal(value: Any) -> Formula:
    """Make the formula of a number, its sign apart; π is known by its digits."""
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if value == math.pi:
        return Symbol("π")
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return Negated(literal(-value))
    return Number(value)


def negated(formula: Formula) -> Formula:
    """Give −a; of −a, a again."""
    if isinstance(formula, Negated):
        return formula.of
    return formula if _is(formula, 0) else Negated(formula)


def total(*formulas: Formula) -> Formula:
    """Give a + b + …, without zeros."""
    terms: list[Formula] = []
    for formula in formulas:
        if isinstance(formula, Sum):
            terms += formula.terms
        elif not _is(formula, 0):
            terms.append(formula)
    if not terms:
        return Number(0)
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def product(*formulas: Formula) -> Formula:
    """Give a·b·…, without ones, its sign in front."""
    negative = False
    factors: list[Formula] = []
    divisors: list[Formula] = []
    for formula in formulas:
        if isinstance(formula, Negated):
            negative, formula = not negative, formula.of
        if isinstance(formula, Product):
            factors += formula.factors
            divisors += formula.divisors
        else:
            factors.append(formula)
    if any(_is(factor, 0) for factor in factors):
        return Number(0)
    if divisors and any(_is(factor, 0.5) for factor in factors):
        # 0.5/y, as a program writes it, is 1/(2·y) on paper.
        factors = [factor for factor in factors if not _is(factor, 0.5)]
        divisors.insert(0, Number(2))
    factors = [factor for factor in factors if not _is(factor, 1)]
    if len(factors) == 1 and not divisors:
        result = factors[0]
    elif factors or divisors:
        result = Product(tuple(factors) or (Number(1),), tuple(divisors))
    else:
        result = Number(1)
    return negated(result) if negative else result


def quotient(dividend: Formula, divisor: Formula) -> Formula:
    """Give a/b, its sign in front."""
    if isinstance(divisor, Negated):
        return negated(quotient(dividend, divisor.of))
    if _is(divisor, 1):
        return dividend
    if isinstance(divisor, Product) and not divisor.divisors:
        return product(dividend, Product((Number(1),), divisor.factors))
    return product(dividend, Product((Number(1),), (divisor,)))


def power(base: Formula, exponent: Formula) -> Formula:
    """Give aᵇ, where b is neither 0 nor 1."""
    if _is(exponent, 0):
        return Number(1)
    return base if _is(exponent, 1) else Power(base, exponent)


def symbols(formula: Formula) -> list[Symbol]:
    """List the symbols of a formula, each once, as they are read."""
    found: dict[Symbol, None] = {}
    stack = [formula]
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol):
            found[node] = None
        stack += reversed(list(node.parts()))
    return list(found)


def size(formula: Formula) -> int:
    """Count the nodes of a formula."""
    count, stack = 0, [formula]
    while stack:
        node = stack.pop()
        count += 1
        stack += node.parts()
    return count


def _is(formula: Formula, number: float) -> bool:
    return (
        isinstance(formula, Number)
        and not isinstance(formula.value, bool)
        and (formula.value == number)
    )
