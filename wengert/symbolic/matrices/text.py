"""Matrix expressions as text: `−Aᵀ(y − Ax)`. A subclass writes LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import NamedTuple

from wengert.graph import PRIMITIVES
from wengert.symbolic.matrices.algebra import (
    magnitude,
    transpose,
)
from wengert.symbolic.matrices.expressions import (
    Apply,
    Chain,
    Commutation,
    Det,
    Diag,
    DiagOf,
    Expression,
    Hadamard,
    Identity,
    Inverse,
    Kronecker,
    LogDet,
    Max,
    Number,
    Ones,
    Power,
    Scaled,
    Size,
    Softmax,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Value,
    Vec,
    Zero,
    walk,
)
from wengert.symbolic.matrices.functions import norm_of
from wengert.symbolic.matrices.lettering import letter

__all__ = ["TextNotation", "Written"]

# How tightly an expression binds, loosest first.
SUM, ENTRIES, PRODUCT, ATOM = range(4)

_RAISED = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FRACTIONS = {(1, 2): "½", (1, 3): "⅓", (1, 4): "¼", (3, 4): "¾", (2, 3): "⅔"}
_SIGNS = {
    "less": "<",
    "less_equal": "≤",
    "greater": ">",
    "greater_equal": "≥",
    "equal": "=",
    "not_equal": "≠",
}


class Written(NamedTuple):
    """A text, and how tightly it binds."""

    text: str
    level: int


class TextNotation:
    """Write expressions as plain text. A subclass overrides what it writes otherwise.

    Parameters
    ----------
    expressions : sequence of Expression
        What will be written: where a name has several letters, products get spaces.
    """

    minus, entries, divided, tensor = "−", "∘", "⊘", "⊗"
    ones, identity, swap = "1", "I", "K"

    def __init__(self, expressions: Sequence[Expression] = ()) -> None:
        names = {
            one.name
            for expression in expressions
            for one in walk(expression)
            if isinstance(one, Symbol)
        }
        long = any(len(letter(name).rstrip("₀₁₂₃₄₅₆₇₈₉")) > 1 for name in names)
        self.between = " " if long else ""

    def write(self, x: Expression) -> str:
        """Write an expression."""
        return self.written(x).text

    def symbol(self, name: str) -> str:
        """Write a name."""
        return letter(name)

    def size(self, name: str) -> str:
        """Write the name of a size."""
        return name

    def number(self, value: Value) -> str:
        """Write a number that is not negative."""
        if isinstance(value, Fraction):
            pair = (value.numerator, value.denominator)
            return _FRACTIONS.get(pair, str(value))
        return f"{value:.6g}"

    def raised(self, base: str, exponent: str) -> str:
        """Write an exponent: `2`, `-1`, `T`, `-T`."""
        return base + exponent.replace("T", "ᵀ").translate(_RAISED)

    def entry_power(self, base: str, exponent: str) -> str:
        """Write a power of every entry."""
        return f"{base}^∘{exponent}"

    def call(self, name: str, argument: str, exponent: str = "") -> str:
        """Write a function, raised: tanh²(z)."""
        return f"{self.raised(name, exponent)}({argument})"

    def norm(self, of: str, exponent: str, frobenius: bool) -> str:
        """Write ‖x‖²."""
        raised = self.raised(f"‖{of}‖", exponent if exponent != "1" else "")
        return raised + ("_F" if frobenius else "")

    def root(self, of: str) -> str:
        """Write a square root."""
        return f"√({of})"

    def fraction(self, above: Written, below: Sequence[str], single: bool) -> str:
        """Write a quotient."""
        under = "".join(below)
        over = above.text if above.level >= PRODUCT else f"({above.text})"
        return f"{over}/{under}" if single else f"{over}/({under})"

    def parentheses(self, text: str) -> str:
        """Put parentheses around."""
        return f"({text})"

    def modulus(self, text: str) -> str:
        """Write an absolute value."""
        return f"|{text}|"

    def comparison(self, sign: str, left: str, right: str) -> str:
        """Write a statement that counts 1 where it is true."""
        return f"[{left} {sign} {right}]"

    # ----- by kind -----

    def within(self, x: Expression, level: int) -> str:
        """Write an expression where only those that bind as tightly stand bare."""
        text, own = self.written(x)
        return text if own >= level else self.parentheses(text)

    def written(self, x: Expression) -> Written:
        """Write an expression, and say how tightly it binds."""
        match x:
            case Symbol():
                return Written(self.symbol(x.name), ATOM)
            case Number(value):
                sign = self.minus if value < 0 else ""
                return Written(
                    sign + self.number(magnitude(value)), SUM if sign else ATOM
                )
            case Size(name):
                return Written(self.size(name), ATOM)
            case Ones():
                return Written(self._ones(x), ATOM)
            case Zero():
                return Written("0", ATOM)
            case Identity():
                return Written(self.identity, ATOM)
            case Commutation():
                return Written(self.swap, ATOM)
            case Sum() if x.is_row:
                flipped = self.within(transpose(x), ATOM)
                return Written(self.raised(flipped, "T"), ATOM)
            case Sum(terms):
                return Written(self._sum(terms), SUM)
            case Chain(factors):
                return self._chain(factors)
            case Scaled():
                return self._scaled(x)
            case Power():
                return self._power(x)
            case Hadamard(factors):
                return Written(self._entries(factors), ENTRIES)
            case Kronecker(left, right):
                joined = (
                    f"{self.within(left, PRODUCT)} {self.tensor} "
                    f"{self.within(right, PRODUCT)}"
                )
                return Written(joined, ENTRIES)
            case Apply():
                return Written(self._apply(x), ATOM)
            case Transpose(Inverse(of)):
                return Written(self.raised(self.within(of, ATOM), "-T"), ATOM)
            case Transpose(of):
                return Written(self.raised(self.within(of, ATOM), "T"), ATOM)
            case Inverse(of):
                return Written(self.raised(self.within(of, ATOM), "-1"), ATOM)
            case LogDet(of):
                inner = self.modulus(self.call("det", self.write(of)))
                return Written(f"{self.name('log')} {inner}", PRODUCT)
            case Trace() if (norm := norm_of(x)) is not None:
                return Written(self.norm(self.write(norm[0]), "2", True), ATOM)
            case Softmax() | Max() | Trace() | Det() | Diag() | DiagOf() | Vec():
                name = _NAMES[type(x)]
                return Written(self.call(self.name(name), self.write(x.of)), ATOM)
        raise AssertionError(x)

    def name(self, function: str) -> str:
        """Write the name of a function."""
        return function

    def _ones(self, x: Ones) -> str:
        if x.is_row:
            return self.raised(self.ones, "T")
        if x.is_column or x.is_scalar:
            return self.ones
        return self.ones + self.raised(self.ones, "T")

    def _sum(self, terms: Sequence[Expression]) -> str:
        text = self.within(terms[0], SUM)
        for term in terms[1:]:
            written = self.write(term)
            if written.startswith(self.minus):
                text += f" {self.minus} {written[len(self.minus) :]}"
            else:
                text += f" + {written}"
        return text

    def _chain(self, factors: Sequence[Expression]) -> Written:
        if (
            len(factors) == 2
            and factors[0].is_row
            and transpose(factors[0]) == (factors[1])
        ):
            return Written(self.norm(self.write(factors[1]), "2", False), ATOM)
        words = []
        for one, run in groupby(factors):
            count = len(list(run))
            if count == 1:
                words.append(self.within(one, ATOM))
            elif isinstance(one, Inverse):
                words.append(self.raised(self.within(one.of, ATOM), f"-{count}"))
            else:
                base = (
                    self.write(one)
                    if isinstance(one, Symbol)
                    else (self.parentheses(self.write(one)))
                )
                words.append(self.raised(base, str(count)))
        return Written(self.joined(words), PRODUCT)

    def joined(self, words: Sequence[str]) -> str:
        """Write factors beside each other, apart where they would be misread."""
        text = words[0]
        for before, word in pairwise(words):
            apart = _is_call(word) or (_is_call(before) and word[0] != "(")
            text += (self.between or (" " if apart else "")) + word
        return text

    def _scaled(self, x: Scaled) -> Written:
        sign = self.minus if x.coefficient < 0 else ""
        above, below = self._number_parts(magnitude(x.coefficient))
        inverted = [_inverted(s) for s in x.scalars if _is_divisor(s)]
        alone = len(x.scalars) == 1 and x.body is None and not above
        for scalar in x.scalars:
            if not _is_divisor(scalar):
                above.append(self.within(scalar, PRODUCT if alone else ATOM))
        several = len(below) + len(inverted) > 1
        below += [self.within(s, ATOM if several else SUM) for s in inverted]
        single = not several and all(self.written(s).level == ATOM for s in inverted)
        word, level = self._body(x.body, bare=not below)
        top = self._beside([*above, word] if word else above or ["1"])
        if below:
            top, level = self.fraction(Written(top, PRODUCT), below, single), PRODUCT
        return Written(sign + top, SUM if sign else level)

    def _body(self, body: Expression | None, bare: bool) -> Written:
        """Write the matrix behind scalars; one with ∘ or ⊗ is bare without a line."""
        if body is None:
            return Written("", PRODUCT)
        if isinstance(body, Chain):
            return Written(self._chain(body.factors).text, PRODUCT)
        level = ENTRIES if bare and isinstance(body, Hadamard | Kronecker) else PRODUCT
        return Written(self.within(body, level), level)

    def _number_parts(self, value: Value) -> tuple[list[str], list[str]]:
        """Give what a positive number puts above and below a line."""
        if value == 1:
            return [], []
        if isinstance(value, Fraction) and value.denominator != 1:
            if (value.numerator, value.denominator) in _FRACTIONS:
                return [self.number(value)], []
            above = [] if value.numerator == 1 else [str(value.numerator)]
            return above, [str(value.denominator)]
        return [self.number(value)], []

    def _beside(self, words: Sequence[str]) -> str:
        """Write scalars before a matrix: 2x, (xᵀx)I, but det(X) X⁻ᵀ."""
        text = words[0]
        for before, word in pairwise(words):
            called = _is_call(word)
            if before.replace(".", "").isdecimal() or before in _FRACTIONS.values():
                apart = word[0].isdigit() or called
            else:
                plain = len(letter(before)) == 1 or before[0] == "("
                apart = (
                    called or not plain or bool(self.between) or word[0] == self.ones
                )
            dot = before.isdecimal() and word[0] == self.ones
            text += ("·" if dot else " " if apart else "") + word
        return text

    def _power(self, x: Power) -> Written:
        base, exponent = x.base, x.exponent
        if x.is_scalar:
            return self._scalar_power(base, exponent)
        if isinstance(base, Apply) and exponent == int(exponent) and exponent > 1:
            if base.name not in _SIGNS and len(base.arguments) == 1:
                argument = self.write(base.arguments[0])
                name = self.name(_shown(base.name))
                return Written(self.call(name, argument, str(exponent)), ATOM)
        if exponent == -1:
            return Written(self._entries((x,)), ENTRIES)
        if exponent == 2:
            word = self.within(base, ATOM)
            return Written(f"{word} {self.entries} {word}", ENTRIES)
        shown = str(exponent).replace("-", self.minus)
        shown = shown if len(shown) == 1 else f"({shown})"
        return Written(self.entry_power(self.within(base, ATOM), shown), ATOM)

    def _scalar_power(self, base: Expression, exponent: Value) -> Written:
        if exponent < 0:
            below = self.written(_inverted(Power(base, exponent)))
            text = self.fraction(Written("1", ATOM), [below.text], below.level == ATOM)
            return Written(text, PRODUCT)
        norm = norm_of(base)
        if norm is not None:
            vector, frobenius = norm
            shown = 2 * exponent
            if shown == int(shown):
                text = self.norm(self.write(vector), str(int(shown)), frobenius)
                return Written(text, ATOM)
        if exponent == Fraction(1, 2):
            return Written(self.root(self.write(base)), ATOM)
        word = self.within(base, ATOM)
        if exponent == int(exponent):
            return Written(self.raised(word, str(int(exponent))), ATOM)
        return Written(f"{word}^({exponent})", ATOM)

    def _entries(self, factors: Sequence[Expression]) -> str:
        above = [f for f in factors if not _is_below(f)]
        below = [_inverted(f) for f in factors if _is_below(f)]
        level = ATOM
        words = []
        for one in above:
            squared = isinstance(one, Power) and one.exponent == 2
            if squared and not isinstance(one.parts[0], Apply):
                words += [self.within(one.parts[0], level)] * 2
            else:
                words.append(self.within(one, level))
        words = words or [self.ones]
        text = f" {self.entries} ".join(words)
        for one in below:
            text += f" {self.divided} {self.within(one, level)}"
        return text

    def _apply(self, x: Apply) -> str:
        words = [self.write(argument) for argument in x.arguments]
        if x.name in _SIGNS:
            return self.comparison(_SIGNS[x.name], *words)
        if x.name == "absolute":
            return self.modulus(words[0])
        return self.call(self.name(_shown(x.name)), ", ".join(words))


_NAMES: dict[type[Expression], str] = {
    Softmax: "softmax",
    Max: "max",
    Trace: "tr",
    Det: "det",
    Diag: "diag",
    DiagOf: "diag",
    Vec: "vec",
}


def _is_call(word: str) -> bool:
    """Tell tanh(z) from Ax."""
    name = word.partition("(")[0].rstrip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return name in _FUNCTIONS or (name != word and name in PRIMITIVES)


_FUNCTIONS = frozenset((*_NAMES.values(), "σ", "where"))


def _shown(name: str) -> str:
    return {"maximum": "max", "minimum": "min"}.get(name, name)


def _is_divisor(x: Expression) -> bool:
    return isinstance(x, Power) and x.exponent < 0


def _is_below(x: Expression) -> bool:
    return isinstance(x, Power) and x.exponent == -1


def _inverted(x: Expression) -> Expression:
    assert isinstance(x, Power)
    return x.base if x.exponent == -1 else Power(x.base, -x.exponent)
