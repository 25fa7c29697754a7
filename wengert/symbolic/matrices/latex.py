"""Matrix expressions in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from wengert.symbolic.matrices.expressions import Value
from wengert.symbolic.matrices.lettering import letter_latex
from wengert.symbolic.matrices.text import TextNotation, Written

__all__ = ["LatexNotation"]

_KNOWN = frozenset(
    "arccos arcsin arctan cos cosh det exp log max min sin sinh tan tanh".split()
)
_SIGNS = {"≤": r"\le", "≥": r"\ge", "≠": r"\ne"}


class LatexNotation(TextNotation):
    """Write expressions in LaTeX."""

    minus, entries, divided, tensor = "-", r"\odot", r"\oslash", r"\otimes"
    ones, identity, swap = r"\mathbf{1}", "I", "K"

    def symbol(self, name: str) -> str:
        """Write a name."""
        return letter_latex(name)

    def size(self, name: str) -> str:
        """Write the name of a size."""
        return name.replace("·", r" \cdot ")

    def number(self, value: Value) -> str:
        """Write a number that is not negative."""
        if isinstance(value, Fraction) and value.denominator != 1:
            return rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
        return str(value) if isinstance(value, Fraction) else f"{value:.6g}"

    def raised(self, base: str, exponent: str) -> str:
        """Write an exponent."""
        if not exponent:
            return base
        shown = exponent.replace("T", r"\top").replace("−", "-")
        return f"{base}^{{{shown}}}"

    def entry_power(self, base: str, exponent: str) -> str:
        """Write a power of every entry."""
        return rf"{base}^{{\odot {exponent}}}"

    def call(self, name: str, argument: str, exponent: str = "") -> str:
        """Write a function, raised."""
        shown = name if name.startswith("\\") else self.name(name)
        return rf"{self.raised(shown, exponent)}\left({argument}\right)"

    def name(self, function: str) -> str:
        """Write the name of a function."""
        if function.startswith("\\"):
            return function
        if function == "σ":
            return r"\sigma"
        if function in _KNOWN:
            return "\\" + function
        plain = function.replace("_", r"\_")
        return rf"\operatorname{{{plain}}}"

    def norm(self, of: str, exponent: str, frobenius: bool) -> str:
        """Write ‖x‖²."""
        base = rf"\lVert {of} \rVert" + ("_F" if frobenius else "")
        return self.raised(base, exponent if exponent != "1" else "")

    def root(self, of: str) -> str:
        """Write a square root."""
        return rf"\sqrt{{{of}}}"

    def fraction(self, above: Written, below: Sequence[str], single: bool) -> str:
        """Write a quotient."""
        del single
        return rf"\frac{{{above.text}}}{{{' '.join(below)}}}"

    def parentheses(self, text: str) -> str:
        """Put parentheses around."""
        return rf"\left({text}\right)"

    def modulus(self, text: str) -> str:
        """Write an absolute value."""
        return rf"\left|{text}\right|"

    def comparison(self, sign: str, left: str, right: str) -> str:
        """Write a statement that counts 1 where it is true."""
        return rf"\left[{left} {_SIGNS.get(sign, sign)} {right}\right]"

    def joined(self, words: Sequence[str]) -> str:
        """Write factors beside each other."""
        return " ".join(words)

    def _beside(self, words: Sequence[str]) -> str:
        return " ".join(words)
