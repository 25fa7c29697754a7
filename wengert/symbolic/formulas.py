"""Formulas of programs: what a function, or its derivative, computes on one path.

Common subexpressions are lines with names, a Wengert list of formulas.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy

from wengert import tree
from wengert.engines.sympy import array_of
from wengert.errors import ArgumentError
from wengert.explanation.naming import name_outputs
from wengert.symbolic.conversion import depth, operations
from wengert.symbolic.exchange import rebuilt
from wengert.symbolic.expression import Expression, variable_of
from wengert.symbolic.lines import LEGIBLE, written
from wengert.symbolic.paths import Path, path_of, path_of_expression
from wengert.symbolic.printing import write_latex, write_text

__all__ = ["Formula", "formula"]

Line = tuple[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Formula:
    """A formula in lines, and the conditions under which it holds.

    Attributes
    ----------
    lines : tuple of (str, SymPy expression)
        Named subexpressions, in order.
    outputs : tuple of (str, array of SymPy expressions)
        What the function returns, by name.
    conditions : tuple of SymPy conditions
        Under which the program takes this path.
    operations : int
        Of the lines and outputs together.
    written_out : int
        How many operations there would be without named lines.
    depth : int
        The longest chain of operations.
    """

    lines: tuple[Line, ...]
    outputs: tuple[Line, ...]
    conditions: tuple[Any, ...]
    operations: int
    written_out: int
    depth: int
    arguments: tuple[Expression, ...]

    @property
    def expression(self) -> Any:
        """The output as one expression of the arguments.

        Raises
        ------
        ArgumentError
            If there are several outputs, or it would be too long to be written.
        """
        if len(self.outputs) != 1:
            names = ", ".join(name for name, _ in self.outputs)
            raise ArgumentError(f"there are several outputs: {names}; see .outputs")
        if self.written_out > LEGIBLE:
            raise ArgumentError(
                f"written out, the formula has {self.written_out:,} operations; "
                "use its .lines, or the function itself"
            )
        known: dict[Any, Any] = {}
        for name, value in self.lines:
            known[sympy.Symbol(name, real=True)] = value.xreplace(known)
        ((_, array),) = self.outputs
        whole = array_of((e.xreplace(known) for e in array.flat), array.shape)
        return rebuilt(whole, self.arguments)

    def latex(self) -> str:
        """Write it in LaTeX, for math mode (package amsmath)."""
        written = [
            f"{_latex_name(name)} &= {write_latex(value)}"
            for name, value in self._all()
        ]
        written += [
            rf"&\text{{where }} {write_latex(_as_array(c))}" for c in self.conditions
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(written) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _all(self) -> list[Line]:
        return [(n, _as_array(e)) for n, e in self.lines] + list(self.outputs)

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self._all())
        indent = "\n" + " " * (width + 3)
        written = [
            f"{name:<{width}} = {write_text(value).replace(chr(10), indent)}"
            for name, value in self._all()
        ]
        written += [f"where {write_text(_as_array(c))}" for c in self.conditions]
        if self.operations < self.written_out:
            written.append(
                f"({self.operations:,} operations; written out {self.written_out:,}; "
                f"depth {self.depth})"
            )
        return "\n".join(written)

    __repr__ = __str__


def formula(f: Any, /, *args: Any, **kwargs: Any) -> Formula:
    """Give what a function, or its derivative, computes, as formulas in lines.

    Parameters
    ----------
    f : callable or Expression
        A function of NumPy code with loops and branches, or a derivative such as
        `grad(g)`; or an expression, which is put into lines.
    *args, **kwargs
        Its arguments: floats and arrays, a point at which f chooses its path;
        symbols, or names of scalar symbols, where it makes no choice. Ints, bools and
        None are built in.

    Returns
    -------
    Formula
        Prints as text; `.latex()`, and by itself in a notebook.

    Raises
    ------
    ArgumentError
        If f has no symbol among its arguments, or returns no number.
    ControlFlowError
        If f asks a symbol for its value.
    EngineError
        If f calls what has no formula.

    Notes
    -----
    The symbols have the names of the arguments. Where a program compares numbers, what
    it was told is a condition; the formula is right while all of them hold.

    Examples
    --------
    >>> from wengert import grad
    >>> def f(x, n):
    ...     y = x
    ...     for _ in range(n):
    ...         y = y * x if x > 0 else -y
    ...     return y
    >>> print(formula(grad(f), 2.0, n=2))
    y = 3*x**2
    where x > 0
    >>> print(formula(grad(f), x=-2.0, n=3))
    y = -1
    where x <= 0
    """
    if not callable(f) or type(f) is Expression:
        return _formula(path_of_expression(f))
    return _formula(path_of(f, args, kwargs))


def _formula(path: Path) -> Formula:
    writer = written(path.graph, path.symbols, _names(path))
    arrays = writer.outputs
    formulas = [e for array in arrays for e in array.flat]
    full: dict[Any, int] = {}
    deep: dict[Any, int] = {}
    for s, e in writer.lines:
        full[s], deep[s] = operations([e], full), depth([e], deep)
    taken = [a.variable.name for a in path.arguments if variable_of(a) is not None]
    roots = name_outputs(lambda y: tree.paths(path.result, y), taken)
    return Formula(
        lines=tuple((s.name, e) for s, e in writer.lines),
        outputs=tuple(zip(roots, arrays, strict=True)),
        conditions=tuple(writer.conditions),
        operations=operations([*(e for _, e in writer.lines), *formulas]),
        written_out=operations(formulas, full),
        depth=depth(formulas, deep),
        arguments=tuple(path.arguments),
    )


def _names(path: Path) -> Iterator[Any]:
    """Name the lines v1, v2 …, or by another letter if an argument is called so."""
    taken = {s.name for array in path.symbols for s in array.flat}
    letter = next(
        letter
        for letter in ("v", "w", "t", "line")
        if not any(re.fullmatch(letter + r"\d+", name) for name in taken)
    )
    return (sympy.Symbol(f"{letter}{k}", real=True) for k in itertools.count(1))


def _latex_name(name: str) -> str:
    """Write a name, `∂y/∂x` as a fraction."""
    if not name.startswith("∂"):
        return write_latex(_as_array(sympy.Symbol(name)))
    written = re.sub("[⁰¹²³⁴-⁹]", _power, name).replace("∂", r"\partial ")
    above, _, below = written.partition("/")
    return rf"\frac{{{above}}}{{{below}}}"


def _power(match: re.Match[str]) -> str:
    return f"^{unicodedata.digit(match[0])}"


def _as_array(e: Any) -> Any:
    return array_of([e], ())
