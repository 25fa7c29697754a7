"""Expressions as people write them: text, and LaTeX.

SymPy writes; derivatives of unknown functions are written u'(x), and elements of arrays
with their indices below.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from sympy import Float
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

__all__ = ["write_latex", "write_text"]

_ELEMENT = re.compile(r"(.+)\[([\d, ]+)\]$")


def write_text(array: Any) -> str:
    """Write an array of expressions: a formula, or `[a, b]` in rows.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> u = sympy.Function("u")(x)
    >>> print(write_text(np.array([2 * x * sympy.cos(x), u.diff()])))
    [2*x*cos(x), u'(x)]
    """
    if array.ndim == 0:
        return str(_TEXT.doprint(array[()]))
    between = ", " if array.ndim == 1 else ",\n" + "\n" * (array.ndim - 2)
    rows = between.join(write_text(row) for row in map(np.asarray, array))
    return f"[{rows}]".replace("\n", "\n ")


def write_latex(array: Any) -> str:
    r"""Write an array of expressions in LaTeX: a formula, a column, or a matrix.

    Examples
    --------
    >>> import sympy
    >>> print(write_latex(np.array(sympy.Symbol("x[0]") ** 2, object)))
    x_{0}^{2}
    """
    if array.ndim == 0:
        return str(_LATEX.doprint(array[()]))
    if array.ndim > 2:
        parts = ", \\; ".join(write_latex(part) for part in array)
        return rf"\left[ {parts} \right]"
    rows = array.reshape(len(array), -1)
    lines = " \\\\ ".join(" & ".join(_LATEX.doprint(e) for e in row) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def _primes(derivative: Any) -> tuple[Any, Any, str] | None:
    """Read u'(x), of one variable, as its function, argument and primes."""
    function = derivative.expr
    counts = derivative.variable_count
    if not hasattr(function, "name") or len(counts) != 1 or len(function.args) != 1:
        return None
    ((_, count),) = counts
    marks = "'" * int(count) if count < 4 else f"^({count})"
    return function, function.args[0], marks


class _Text(StrPrinter):  # type: ignore[misc]
    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Relational(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_Derivative(self, expr: Any) -> str:
        found = _primes(expr)
        if found is None:
            return str(super()._print_Derivative(expr))
        function, argument, marks = found
        return f"{function.name}{marks}({self._print(argument)})"

    def _print_Subs(self, expr: Any) -> str:
        # u'(2*x): SymPy says, u'(t) at t = 2*x.
        found = _primes(expr.expr) if expr.expr.is_Derivative else None
        if found is None or len(expr.point) != 1:
            return str(super()._print_Subs(expr))
        return f"{found[0].name}{found[2]}({self._print(expr.point[0])})"


class _Latex(LatexPrinter):  # type: ignore[misc]
    def _print_Float(self, expr: Any) -> str:
        return str(super()._print_Float(Float(repr(float(expr)))))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        match = _ELEMENT.match(expr.name)
        if match is None:
            return str(super()._print_Symbol(expr, style))
        return f"{match[1]}_{{{match[2].replace(' ', '')}}}"

    def _print_Derivative(self, expr: Any) -> str:
        found = _primes(expr)
        if found is None:
            return str(super()._print_Derivative(expr))
        return self._primed(found, found[1])

    def _print_Subs(self, expr: Any) -> str:
        found = _primes(expr.expr) if expr.expr.is_Derivative else None
        if found is None or len(expr.point) != 1:
            return str(super()._print_Subs(expr))
        return self._primed(found, expr.point[0])

    def _primed(self, found: tuple[Any, Any, str], argument: Any) -> str:
        function, _, marks = found
        marks = f"^{{{marks[1:]}}}" if marks.startswith("^") else marks
        return rf"{function.name}{marks}\left({self._print(argument)}\right)"


_TEXT = _Text()
_LATEX = _Latex()
