"""A derivative that was found, as text, LaTeX, and NumPy code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

import numpy as np

from wengert.symbolic.matrices.code import (
    code_of,
    helpers_for,
    python_name,
    size_names,
)
from wengert.symbolic.matrices.expressions import Expression, Shape
from wengert.symbolic.matrices.latex import LatexNotation
from wengert.symbolic.matrices.lettering import letter
from wengert.symbolic.matrices.lines import Line
from wengert.symbolic.matrices.text import TextNotation

__all__ = ["Argument", "MatrixDerivative", "by_columns"]


@dataclass(frozen=True)
class Argument:
    """An array among the arguments: its path, NumPy's shape, and the matrix's."""

    path: str
    axes: tuple[int, ...]
    shape: Shape

    @property
    def is_plain(self) -> bool:
        """Whether NumPy's shape is that of code: a vector has one axis."""
        return 1 not in self.axes


@dataclass(frozen=True)
class MatrixDerivative:
    """Hold a derivative as matrix expressions. Prints as text.

    Attributes
    ----------
    kind : str
        "gradient", "jacobian" or "hessian".
    name : str
        What f is called.
    arguments : tuple of Argument
        The arrays that f takes.
    wrt : tuple of Argument
        Those that it was differentiated by.
    expressions : tuple of Expression
        One for each of these; empty where no matrix expression was found.
    lines : tuple of (name, Expression)
        What the expressions use.
    sizes : dict
        Name → size, where the formula holds for these sizes only; else empty.
    reason : str
        Why there is no matrix expression; empty if there is.
    source : str
        NumPy code where there is no matrix expression.
    """

    kind: str
    name: str
    arguments: tuple[Argument, ...]
    wrt: tuple[Argument, ...]
    expressions: tuple[Expression, ...]
    lines: tuple[Line, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    source: str = ""

    @property
    def is_lifted(self) -> bool:
        """Whether matrix expressions were found."""
        return not self.reason

    @property
    def shapes(self) -> dict[str, Shape]:
        """Give the shape of each array, of names and numbers: a vector is a column."""
        return {argument.path: argument.shape for argument in self.arguments}

    @property
    def text(self) -> str:
        """Write one derivative without what it is called, `−Aᵀ(y − Ax)`; several, and
        one that has lines, as they print."""
        if not self.is_lifted:
            return ""
        lines, results = self._written(TextNotation)
        if not lines and len(results) == 1:
            return results[0]
        return str(self).rpartition("\n")[0]

    def __str__(self) -> str:
        shapes = ", ".join(
            f"{letter(a.path)} {_show_shape(a.shape)}" for a in self.arguments
        )
        if not self.is_lifted:
            return (
                f"No matrix form: {self.reason}.\nThe same in NumPy's lines:\n\n"
                f"{self.source}"
            )
        lines, results = self._written(TextNotation)
        said = [f"{name} = {text}" for name, text in lines]
        said += [
            f"{self._left(letter(a.path), letter)} = {text}"
            for a, text in zip(self.wrt, results, strict=True)
        ]
        if self.sizes:
            given = ", ".join(f"{name} = {n}" for name, n in self.sizes.items())
            shapes += f"; for {given} only"
        return "\n".join([*said, f"({shapes})"])

    def latex(self) -> str:
        """Write LaTeX: an equation, or a block of aligned ones.

        Raises nothing; where there is no matrix expression, the code stands verbatim.
        """
        if not self.is_lifted:
            return f"\\begin{{verbatim}}\n{self.source}\\end{{verbatim}}"
        lines, results = self._written(LatexNotation)
        write = LatexNotation().symbol
        rows = [f"{name} &= {text}" for name, text in lines]
        rows += [
            f"{self._latex_left(write(a.path))} &= {text}"
            for a, text in zip(self.wrt, results, strict=True)
        ]
        if len(rows) == 1:
            return rows[0].replace(" &= ", " = ")
        inner = " \\\\\n".join(rows)
        return f"\\begin{{aligned}}\n{inner}\n\\end{{aligned}}"

    def _repr_latex_(self) -> str:
        """Show it in a notebook."""
        return f"$\\displaystyle {self.latex()}$" if self.is_lifted else ""

    def numpy(self) -> str:
        """Write a NumPy module: a function of the arrays, in their order.

        With several arrays to differentiate by it returns a tuple. The matrix of
        an array by an array takes both by columns, as vec does.
        """
        if not self.is_lifted:
            return self.source
        used = [*self.expressions, *(made for _, made in self.lines)]
        sizes = {name: f"size_{name}" for name in size_names(used)}
        body = [f"{python_name(n)} = {code_of(made, sizes)}" for n, made in self.lines]
        results = [
            self._result(argument, code_of(made, sizes))
            for argument, made in zip(self.wrt, self.expressions, strict=True)
        ]
        body.append(_return(results))
        text = "\n".join(body)
        sizes = {size: name for size, name in sizes.items() if name in text}
        body = [*self._shaping(), *self._sizing(sizes), *body]
        parameters = ", ".join(python_name(a.path) for a in self.arguments)
        parts = ["import numpy as np\n", *helpers_for(body)]
        parts.append(
            f"def {self.kind}({parameters}):\n" + indent("\n".join(body), "    ") + "\n"
        )
        return "\n\n".join(parts)

    def function(self) -> Callable[..., Any]:
        """Run the code, and give its function."""
        namespace: dict[str, Any] = {}
        exec(compile(self.numpy(), f"<{self.kind} of {self.name}>", "exec"), namespace)
        made: Callable[..., Any] = namespace[self.kind]
        return made

    # ----- parts -----

    def _written(
        self, notation: type[TextNotation]
    ) -> tuple[list[tuple[str, str]], list[str]]:
        writer = notation([*self.expressions, *(made for _, made in self.lines)])
        lines = [(writer.symbol(n), writer.write(made)) for n, made in self.lines]
        return lines, [writer.write(x) for x in self.expressions]

    def _left(self, by: str, name: Callable[[str], str]) -> str:
        if self.kind == "hessian":
            return f"∂²{name(self.name)}/∂{by}∂{by}ᵀ"
        return f"∂{name(self.name)}/∂{by}"

    def _latex_left(self, by: str) -> str:
        f = LatexNotation().symbol(self.name)
        if self.kind == "hessian":
            return rf"\frac{{\partial^2 {f}}}{{\partial {by}\,\partial {by}^\top}}"
        return rf"\frac{{\partial {f}}}{{\partial {by}}}"

    def _shaping(self) -> list[str]:
        lines = []
        for argument in self.arguments:
            if not argument.is_plain:
                name = python_name(argument.path)
                to = "()" if argument.shape == (1, 1) else "-1"
                lines.append(f"{name} = np.reshape({name}, {to})")
        return lines

    def _sizing(self, sizes: Mapping[str, str]) -> list[str]:
        lines = []
        for size, name in sorted(sizes.items()):
            for argument in self.arguments:
                if size in argument.shape:
                    axis = argument.shape.index(size)
                    axis = 0 if 1 in argument.shape else axis
                    array = python_name(argument.path)
                    lines.append(f"{name} = {array}.shape[{axis}]")
                    break
        return lines

    def _result(self, argument: Argument, code: str) -> str:
        if self.kind == "gradient" and not argument.is_plain:
            to = tuple(1 if n == 1 else -1 for n in argument.axes)
            return f"np.reshape({code}, {to})"
        return code


def _return(results: Sequence[str]) -> str:
    line = f"return {', '.join(results)}"
    if len(line) <= 80 or len(results) == 1:
        return line
    return "return (\n" + "".join(f"    {one},\n" for one in results) + ")"


def _show_shape(shape: Shape) -> str:
    rows, columns = shape
    if columns == 1:
        return "scalar" if rows == 1 else str(rows)
    return f"{rows}×{columns}"


def by_columns(
    derivative: Any, of: Sequence[int], by: Sequence[int]
) -> np.ndarray[Any, Any]:
    """Write a Jacobian array as the matrix of vec f by vec x."""
    k, n = len(of), len(by)
    axes = [*reversed(range(k)), *reversed(range(k, k + n))]
    rows = int(np.prod(of)) if k else 1
    turned: np.ndarray[Any, Any] = np.transpose(derivative, axes).reshape(rows, -1)
    return turned
