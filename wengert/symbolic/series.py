"""Taylor's series: polynomials near a point, and derivatives read off an expansion."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from wengert.engines.sympy import array_of
from wengert.errors import ArgumentError, NotScalarError
from wengert.symbolic.conversion import elements
from wengert.symbolic.derivatives import diff, gradient, jacobian
from wengert.symbolic.exchange import rebuilt
from wengert.symbolic.expression import Expression, as_expression, symbol, variable_of
from wengert.symbolic.nodes import within_rules
from wengert.symbolic.printing import write_latex, write_text

__all__ = ["Expansion", "expand", "taylor"]


def taylor(e: Any, x: Expression, x0: Any = 0, n: int = 5) -> Any:
    """Give the Taylor polynomial of an expression in one symbol.

    Parameters
    ----------
    e : Expression
        Of any shape.
    x : Expression
        A scalar symbol.
    x0 : number or Expression
        The point of the expansion.
    n : int
        The degree.

    Returns
    -------
    Expression
        Of the shape of e.

    Raises
    ------
    ArgumentError
        If x is no scalar symbol, n no whole number ≥ 0, or e has no such polynomial
        at x0.

    Notes
    -----
    n derivatives, put together by Taylor's formula; where a removable singularity
    stands at x0, by their limits.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x = symbols("x")
    >>> taylor(np.sin(x) / x, x, 0, 4)
    x**4/120 - x**2/6 + 1
    """
    variable = variable_of(x)
    if variable is None or variable.type.shape != ():
        raise ArgumentError(f"taylor needs a scalar symbol, not {x!r}")
    if type(n) is not int or n < 0:
        raise ArgumentError(f"the degree is a whole number ≥ 0, not {n!r}")
    e = as_expression(e)
    (at,), (place,) = (v.flat for v in elements([variable, as_expression(x0).variable]))
    total = array_of([sympy.Integer(0)] * e.size, e.shape)
    derivative = e
    for k in range(n + 1):
        if k:
            derivative = diff(derivative, x, 1)
        (formulas,) = elements([derivative.variable])
        coefficients = [_value(d, at, place, e) for d in formulas.flat]
        power = (at - place) ** k / sympy.factorial(k)
        total = array_of(
            (t + c * power for t, c in zip(total.flat, coefficients, strict=True)),
            e.shape,
        )
    return rebuilt(total, [e, x, as_expression(x0)])


def _value(formula: Any, at: Any, place: Any, e: Expression) -> Any:
    value = formula.subs(at, place)
    if value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        value = sympy.limit(sympy.together(formula), at, place)
    if value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.AccumBounds):
        raise ArgumentError(
            f"{e} has no Taylor polynomial at {at} = {place}: the value or a "
            "derivative is not finite there"
        )
    return value


@dataclass(frozen=True, eq=False, repr=False)
class Expansion:
    """f(x + δ) to second order. Prints as the formula, with its parts below.

    Attributes
    ----------
    name : str
        Of the function.
    x, delta : Expression
        The point and the step, of one shape.
    value : Expression
        f(x).
    gradient, hessian : Expression
        Of the shape of x, once and twice.
    """

    name: str
    x: Any
    delta: Any
    value: Any
    gradient: Any
    hessian: Any

    @functools.cached_property
    def first(self) -> Any:
        """The term linear in δ: ⟨∇f(x), δ⟩."""
        with within_rules():
            return as_expression(np.sum(self.gradient * self.delta))

    @functools.cached_property
    def second(self) -> Any:
        """The term quadratic in δ: ½⟨δ, ∇²f(x) δ⟩."""
        with within_rules():
            axes = self.x.ndim
            turned = (
                np.tensordot(self.hessian, self.delta, axes)
                if axes
                else (self.hessian * self.delta)
            )
            return as_expression(0.5 * np.sum(self.delta * turned))

    @property
    def polynomial(self) -> Any:
        """All three terms together."""
        return self.value + self.first + self.second

    def latex(self) -> str:
        """Write it in LaTeX, for math mode (package amsmath)."""
        lines = [
            f"{self._left(True)} + {self._terms(True)}",
            *(
                rf"{name} &= {write_latex(elements([e.variable])[0])}"
                for name, e in self._parts(True)
            ),
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        lines = [f"{self._left(False)} + {self._terms(False)}"]
        parts = self._parts(False)
        width = max(len(name) for name, _ in parts)
        for name, e in parts:
            text = write_text(elements([e.variable])[0])
            indent = "\n" + " " * (width + 5)
            lines.append(f"  {name:<{width}} = {text.replace(chr(10), indent)}")
        return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines())

    __repr__ = __str__

    def _symbols(self, latex: bool) -> tuple[str, str]:
        return _name(self.x, latex), _name(self.delta, latex)

    def _left(self, latex: bool) -> str:
        x, d = self._symbols(latex)
        name = self._function(latex)
        return f"{name}({x} + {d}) {'&' * latex}= {name}({x})"

    def _function(self, latex: bool) -> str:
        if latex and len(self.name) > 1:
            return rf"\mathrm{{{self.name}}}".replace("_", r"\_")
        return self.name

    def _parts(self, latex: bool) -> list[tuple[str, Expression]]:
        at = f"({self._symbols(latex)[0]})"
        names = self._names(latex)
        return [
            (self._function(latex) + at, self.value),
            (names[0] + at, self.gradient),
            (names[1] + at, self.hessian),
        ]

    def _names(self, latex: bool) -> tuple[str, str]:
        name = self._function(latex)
        if self.x.shape == ():
            marks = ("'", "''") if latex else ("′", "″")
            return name + marks[0], name + marks[1]
        nabla, square = (r"\nabla", "^2") if latex else ("∇", "²")
        between = " " if latex else ""
        return nabla + between + name, nabla + square + between + name

    def _terms(self, latex: bool) -> str:
        first, second = self._names(latex)
        x, d = self._symbols(latex)
        half, dots = (r"\tfrac{1}{2}", r"\ldots") if latex else ("½", "…")
        left, right = (r"\langle ", r" \rangle") if latex else ("⟨", "⟩")
        if self.x.shape == ():
            square = "^2" if latex else "²"
            blank = r"\, " if latex else "·"
            return (
                f"{first}({x}){blank}{d} + {half}{blank}{second}({x}){blank}{d}{square}"
                f" + {dots}"
            )
        applied = f"{second}({x}) {d}" if self.x.ndim == 1 else f"{second}({x})[{d}]"
        return (
            f"{left}{first}({x}), {d}{right} + "
            f"{half}{left}{d}, {applied}{right} + {dots}"
        )


def expand(f: Any, x: Any, delta: Any = "δ") -> Expansion:
    """Expand a scalar function to second order, and read gradient and Hessian off.

    Parameters
    ----------
    f : callable or Expression
        A function of x, or an expression that holds x.
    x : Expression or list of scalar ones
        A symbol, or an array of symbols of any shape. A list of scalars is a vector.
    delta : Expression or str
        The step, of the shape of x, or its name.

    Returns
    -------
    Expansion

    Raises
    ------
    NotScalarError
        If f is no scalar.

    Examples
    --------
    >>> from wengert.symbolic import symbol, symbols
    >>> print(expand(lambda x: x**3, symbols("x")))
    f(x + δ) = f(x) + f′(x)·δ + ½·f″(x)·δ² + …
      f(x)  = x**3
      f′(x) = 3*x**2
      f″(x) = 6*x
    >>> x = symbol("x", shape=2)
    >>> print(expand(lambda x: x[0] ** 2 * x[1], x))
    f(x + δ) = f(x) + ⟨∇f(x), δ⟩ + ½⟨δ, ∇²f(x) δ⟩ + …
      f(x)   = x[0]**2*x[1]
      ∇f(x)  = [2*x[0]*x[1], x[0]**2]
      ∇²f(x) = [[2*x[1], 2*x[0]],
                [2*x[0], 0]]
    """
    point = as_expression(x)
    value = as_expression(f(point) if _is_function(f) else f)
    if value.shape != ():
        raise NotScalarError(f"expand needs a scalar f, not one of shape {value.shape}")
    step = symbol(delta, point.shape) if isinstance(delta, str) else delta
    step = as_expression(step)
    first = gradient(value, x)
    name = getattr(f, "__name__", "f") if _is_function(f) else "f"
    return Expansion(
        name.replace("<lambda>", "f"), point, step, value, first, jacobian(first, x)
    )


def _name(x: Expression, latex: bool) -> str:
    """Write a symbol, of an array the name of the whole."""
    variable = variable_of(x)
    if variable is None or variable.type.shape == ():
        return x.latex() if latex else str(x)
    return symbol(variable.name).latex() if latex else variable.name


def _is_function(f: Any) -> bool:
    return callable(f) and type(f) is not Expression
