"""How a formula is written: as plain text here, in LaTeX by a subclass.

A notation knows how tightly each kind of formula binds, and puts parentheses only where
one would be misread: `v̄₁·sin(v₀)/v₂`, but `v̄₁·sin v₀`.

Examples
--------
>>> from wengert.explanation.formula import Call, Sum, Symbol, power, product, Number
>>> v = Symbol("v₀")
>>> PLAIN.write(product(Symbol("v₂", "bar"), Sum((v, Number(1))), Call("sin", (v,))))
'v̄₂·(v₀ + 1)·sin v₀'
>>> PLAIN.write(power(v, Number(-2)))
'v₀⁻²'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np

from wengert.explanation.formula import (
    Call,
    Component,
    Derivative,
    Formula,
    Group,
    Infix,
    Item,
    Matrix,
    Modulus,
    Negated,
    Number,
    Power,
    Product,
    Root,
    Sum,
    Symbol,
    Transposed,
)
from wengert.explanation.naming import subscript
from wengert.explanation.values import MINUS, show_literal

__all__ = ["PLAIN", "Notation", "split_name"]

# How tightly a formula binds, loosest first.
_INFIX, _SUM, _PRODUCT, _CALL, _POWER, _ATOM = range(6)
# Letters alone if digits end the name, otherwise the whole identifier.
_NAME = re.compile(r"[^\W\d_₀-₉]+(?=[\d₋₀-₉]*(?:$|\W))|[^\W\d]\w*")
_STATEMENTS = frozenset("<≤>≥=≠∧∨⊻")
_SUPERSCRIPTS = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ACCENTS = {"dot": "\N{COMBINING DOT ABOVE}", "bar": "\N{COMBINING MACRON}"}


class Notation:
    """Write formulas as plain text. A subclass overrides what it writes otherwise."""

    times, minus, adjoint, juxtaposed = "·", MINUS, "ᵀ", " "

    def write(self, formula: Formula) -> str:
        """Write a formula."""
        return self._written(formula)[0]

    # ----- what a notation may override -----

    def symbol(self, name: str, accent: str) -> str:
        """Write a name, its accent on a single letter: `ẋ1`, `x̄[0]`, `theta_bar`."""
        if not accent:
            return name
        word, rest = split_name(name)
        if len(word) > 1:
            return re.sub(r"^\w+", rf"\g<0>_{accent}", name)
        return unicodedata.normalize("NFC", word + _ACCENTS[accent]) + rest

    def number(self, value: Any) -> str:
        """Write a number that is not negative."""
        return show_literal(value)

    def name(self, function: str) -> str:
        """Write the name of a function."""
        return function

    def code(self, text: str) -> str:
        """Write a piece of a program: an index, a parameter."""
        return text

    def fraction(self, above: Formula, below: Formula) -> str:
        """Write a quotient."""
        return f"{self.factor(above)}/{self.within(below, _CALL)}"

    def superscript(self, base: str, exponent: Formula) -> str:
        """Write a power of a base that is written already."""
        written = self.write(exponent)
        if set(written) <= set("−0123456789"):
            return base + written.translate(_SUPERSCRIPTS)
        return f"{base}^{self.within(exponent, _POWER)}"

    def root(self, of: Formula) -> str:
        """Write a square root."""
        return f"√{self.within(of, _ATOM)}"

    def modulus(self, of: str) -> str:
        """Write an absolute value."""
        return f"|{of}|"

    def application(self, name: str, argument: str) -> str:
        """Write a function before its argument, without parentheses."""
        return f"{name} {argument}"

    def component(self, of: str, number: int) -> str:
        """Write one of several results."""
        return of + subscript(number)

    def parentheses(self, written: str, formula: Formula) -> str:
        """Put parentheses; a statement becomes 1 or 0 by brackets, as Iverson's do."""
        return f"[{written}]" if self.is_statement(formula) else f"({written})"

    def derivative(self, of: Formula, by: Formula) -> str:
        """Write ∂y/∂x."""
        return f"∂{self.write(of)}/∂{self.write(by)}"

    # ----- parentheses where needed -----

    def is_statement(self, formula: Formula) -> bool:
        """Tell whether a formula is true or false, such as `a < b`."""
        return isinstance(formula, Infix) and formula.operator in _STATEMENTS

    def within(self, formula: Formula, binding: int) -> str:
        """Write a formula where only those that bind as tightly stand bare."""
        if isinstance(formula, Call) and binding > _CALL:
            return self._call(formula, bare=False)
        written, own = self._written(formula)
        return written if own >= binding else self.parentheses(written, formula)

    def factor(self, formula: Formula) -> str:
        """Write a factor that something may follow: `sin(v₀)`, never `sin v₀`."""
        if isinstance(formula, Product):
            return self._product(formula, followed=True)
        return self.within(formula, _POWER)

    def _written(self, formula: Formula) -> tuple[str, int]:
        match formula:
            case Symbol(name, accent):
                return self.symbol(name, accent), _ATOM
            case Number(value):
                return self.number(value), _SUM if np.iscomplexobj(value) else _ATOM
            case Negated(of):
                return self.minus + self.within(of, _PRODUCT), _SUM
            case Sum(terms):
                return self._sum(terms), _SUM
            case Product():
                return self._product(formula), _PRODUCT
            case Matrix(factors):
                written = [self.within(factor, _POWER) for factor in factors]
                return self.juxtaposed.join(written), _PRODUCT
            case Power(base, exponent):
                return self.superscript(self.within(base, _ATOM), exponent), _POWER
            case Call():
                bare = self._is_bare(formula)
                return self._call(formula, bare=True), _CALL if bare else _ATOM
            case Infix(operator, left, right):
                a, b = self.within(left, _SUM), self.within(right, _SUM)
                return f"{a} {self.name(operator)} {b}", _INFIX
            case Root(of):
                return self.root(of), _ATOM
            case Modulus(of):
                return self.modulus(self.write(of)), _ATOM
            case Item(of, index):
                written = [
                    self.code(part) if isinstance(part, str) else self.write(part)
                    for part in index
                ]
                return f"{self.within(of, _ATOM)}[{''.join(written)}]", _ATOM
            case Component(of, number):
                return self.component(self.factor(of), number), _ATOM
            case Transposed(of):
                return self.within(of, _ATOM) + self.adjoint, _ATOM
            case Group(members):
                return f"({', '.join(map(self.write, members))})", _ATOM
            case Derivative(of, by):
                return self.derivative(of, by), _PRODUCT
        raise AssertionError(formula)

    def _sum(self, terms: tuple[Formula, ...]) -> str:
        written = self.within(terms[0], _SUM)
        for term in terms[1:]:
            if isinstance(term, Negated):
                written += f" {self.minus} {self.within(term.of, _PRODUCT)}"
            else:
                written += f" + {self.within(term, _PRODUCT)}"
        return written

    def _product(self, formula: Product, followed: bool = False) -> str:
        factors, divisors = formula.factors, formula.divisors
        if divisors:
            above = factors[0] if len(factors) == 1 else Product(factors)
            below = divisors[0] if len(divisors) == 1 else Product(divisors)
            return self.fraction(above, below)
        written = [self.factor(factor) for factor in factors[:-1]]
        last = factors[-1]
        written.append(self.factor(last) if followed else self.within(last, _CALL))
        return self.times.join(written)

    def _is_bare(self, call: Call) -> bool:
        return (
            len(call.arguments) == 1
            and not call.parameters
            and self._written(call.arguments[0])[1] == _ATOM
            and not isinstance(call.arguments[0], Group)
        )

    def _call(self, call: Call, bare: bool) -> str:
        name = self.name(call.name) + (self.adjoint if call.adjoint else "")
        arguments = list(map(self.write, call.arguments))
        if bare and self._is_bare(call):
            return self.application(name, arguments[0])
        return f"{name}({', '.join([*arguments, *map(self.code, call.parameters)])})"


def split_name(name: str) -> tuple[str, str]:
    """Split a name into its letters and the rest: `x1` → x, 1; `w['a']` → w, ['a'].

    Examples
    --------
    >>> split_name("x1"), split_name("w2_out['a']"), split_name("v₋₁")
    (('x', '1'), ('w2_out', "['a']"), ('v', '₋₁'))
    """
    match = _NAME.match(name)
    return (match[0], name[match.end() :]) if match else (name[:1], name[1:])


PLAIN = Notation()
