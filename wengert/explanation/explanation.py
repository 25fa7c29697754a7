"""explain: show how a derivative comes about, line by line, as a lecture does."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wengert.errors import ArgumentError
from wengert.explanation import anomalies
from wengert.explanation.anomalies import Anomaly
from wengert.explanation.draw import draw
from wengert.explanation.html import html
from wengert.explanation.latex import latex
from wengert.explanation.lookup import find
from wengert.explanation.markdown import markdown
from wengert.explanation.seeds import Seed
from wengert.explanation.sweeps import Sweeps
from wengert.explanation.tables import Tables, make_tables
from wengert.explanation.text import text
from wengert.operators.arguments import Wrt

__all__ = ["Explanation", "explain"]

_FORMATS = {
    ".svg": "svg", ".dot": "dot", ".gv": "dot",
    ".mmd": "mermaid", ".mermaid": "mermaid",
}  # fmt: skip
_LIMIT = 200  # lines of a table, unless asked otherwise


def explain(
    f: Callable[..., Any],
    argnums: Wrt = None,
    seed: Seed = None,
    seed_bar: Seed = None,
    digits: int = 4,
) -> Callable[..., Explanation]:
    """Make the function that explains f and its derivative at a point.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code.
    argnums : int or sequence of int, optional
        Which positional arguments are inputs. By default all floats and
        floating-point arrays are; Python ints, if there is nothing else.
    seed : optional
        Tangents of the inputs, for the forward sweep: the name of an input (ones for
        it, zeros for the others), a dict by name, or one number or array for each.
        Default: the first input.
    seed_bar : optional
        Adjoints of the outputs, for the reverse sweep, given likewise. Default: ones.
    digits : int, default 4
        Significant digits in the tables.

    Returns
    -------
    callable
        Takes f's arguments, gives an `Explanation`.

    Raises
    ------
    ArgumentError
        If f has no floating-point argument, or does not return numbers; if a seed
        names no input.
    ShapeError
        If a seed does not fit.

    Notes
    -----
    Cost: one run of f, one sweep each for tangents and adjoints, and up to a
    millisecond for each line that is shown. All intermediate values are kept.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 1–3.

    Examples
    --------
    >>> import numpy as np
    >>> print(explain(lambda x: x * np.sin(x))(2.0))
    y = f(x)
    <BLANKLINE>
    Forward primal trace
      v₀ = x        2
      v₁ = sin v₀   0.9093
      v₂ = v₀·v₁    1.819
      y  = v₂       1.819
    <BLANKLINE>
    Forward tangent trace, seed ẋ = 1
      v̇₀ = ẋ               1
      v̇₁ = v̇₀·cos v₀       −0.4161
      v̇₂ = v̇₀·v₁ + v̇₁·v₀   0.077
      ẏ  = v̇₂              0.077
    <BLANKLINE>
    Reverse adjoint trace, seed ȳ = 1
      v̄₂  = ȳ           1
      v̄₀  = v̄₂·v₁       0.9093
      v̄₁  = v̄₂·v₀       2
      v̄₀ += v̄₁·cos v₀   0.077
    <BLANKLINE>
    Gradient, by the one reverse sweep
      ∂y/∂x = v̄₀   0.077
    """

    @functools.wraps(f, updated=())
    def explained(*args: Any, **kwargs: Any) -> Explanation:
        return Explanation(Sweeps.of(f, args, kwargs, argnums, seed, seed_bar), digits)

    return explained


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """The tables of the three sweeps, in every form. Prints as plain text.

    Attributes
    ----------
    sweeps : Sweeps
        Graph, values, tangents and adjoints.
    digits : int
        Significant digits in the tables.
    """

    sweeps: Sweeps
    digits: int = 4

    @cached_property
    def tables(self) -> Tables:
        """The tables as data: primal, tangent, adjoint, derivative."""
        return make_tables(self.sweeps)

    @property
    def value(self) -> Any:
        """What f returned; a tuple, if that is several arrays or numbers."""
        values = tuple(self.sweeps.value(atom) for atom in self.sweeps.graph.outputs)
        return values[0] if len(values) == 1 else values

    @property
    def gradient(self) -> Any:
        """The adjoints of the inputs, arranged as the arguments are.

        For a scalar output and the default seed it is the gradient, otherwise the
        transposed Jacobian times `seed_bar`. A tuple, if there are several arguments.
        """
        adjoints = [self.sweeps.adjoints[var] for var in self.sweeps.graph.inputs]
        return self.sweeps.inputs.arrange(adjoints)

    def adjoint(self, name: str) -> Any:
        """Give the adjoint of a value, by its name.

        Parameters
        ----------
        name : str
            Of an input or output (`w2`, `y`), of what `checkpoint_name` has named, or
            of a line (`v₃`, or `v3`).

        Returns
        -------
        array or number
            The derivative of the output with respect to it.

        Raises
        ------
        ArgumentError
            If there is no value of this name.

        Examples
        --------
        >>> e = explain(lambda x1, x2: x1 * x2)(2.0, 5.0)
        >>> float(e.adjoint("x1")), float(e.adjoint("v₁"))
        (5.0, 1.0)
        """
        return self.sweeps.adjoints[find(self.sweeps, name)]

    def tangent(self, seed: Seed) -> Explanation:
        """Give the same explanation with another seed of the tangent sweep.

        Parameters
        ----------
        seed : str, dict, sequence, number or array
            As for `explain`.

        Examples
        --------
        >>> e = explain(lambda x1, x2: x1 * x2)(2.0, 5.0)
        >>> e.tangent("x2").tables.tangent.lines[-1].value
        np.float64(2.0)
        """
        return Explanation(self.sweeps.with_seed(seed), self.digits)

    def text(self, digits: int | None = None, limit: int | None = _LIMIT) -> str:
        """Write the tables as plain text.

        Parameters
        ----------
        digits : int, optional
            Significant digits, instead of those chosen at first.
        limit : int or None
            Lines of a table that are shown at most; None shows all.
        """
        return text(self._heading(), self.tables, digits or self.digits, limit)

    def markdown(self, digits: int | None = None, limit: int | None = _LIMIT) -> str:
        """Write the tables in Markdown; parameters as for `text`."""
        return markdown(self._heading(), self.tables, digits or self.digits, limit)

    def latex(self, digits: int | None = None, limit: int | None = _LIMIT) -> str:
        """Write the tables in LaTeX, for the body of a document; see `text`."""
        return latex(self._heading(), self.tables, digits or self.digits, limit)

    def html(self, digits: int | None = None, limit: int | None = _LIMIT) -> str:
        """Write the tables as an HTML element; parameters as for `text`."""
        return html(self._heading(), self.tables, digits or self.digits, limit)

    def first_nan(self) -> Anomaly | None:
        """Find the first line that made a nan or inf out of finite numbers.

        Returns
        -------
        Anomaly or None
            Prints as a report with values and the user's line.

        Examples
        --------
        >>> import numpy as np
        >>> explain(lambda x: np.log(x - 3.0))(2.0).first_nan().line.name
        'v₂'
        """
        return anomalies.first_nan(self.sweeps)

    def graph(self, format: str = "svg") -> str:
        """Draw both sweeps as one picture: values forward, adjoints back.

        Parameters
        ----------
        format : {"svg", "dot", "mermaid"}
        """
        return draw(self.sweeps, format)

    def save_graph(self, path: str | os.PathLike[str]) -> str:
        """Draw both sweeps into a file, and give its name.

        Parameters
        ----------
        path : str or path
            Its ending tells the format: .svg, .dot or .gv, .mmd or .mermaid.

        Raises
        ------
        ArgumentError
            If the ending is none of these.
        """
        path = os.fspath(path)
        ending = os.path.splitext(path)[1].lower()
        if ending not in _FORMATS:
            raise ArgumentError(
                f"{path!r} does not tell the format of the drawing. "
                f"Let it end with one of {', '.join(_FORMATS)}."
            )
        drawing = self.graph(_FORMATS[ending])
        with open(path, "w", encoding="utf-8") as file:
            file.write(drawing)
        return path

    def _heading(self) -> str:
        call = f"{self.sweeps.title}({', '.join(self.sweeps.inputs.names)})"
        heading = f"{', '.join(self.sweeps.results)} = {call}"
        return heading if len(heading) <= 79 else f"{heading[:78]}…"

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        count = len(self.sweeps.graph.equations)
        return f"<Explanation of {self._heading()}: {count} lines>"
