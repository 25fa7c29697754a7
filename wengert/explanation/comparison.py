"""One derivative by every method, side by side: its value, its error and its time.

Forward mode, reverse mode, the complex step and each finite difference of
`wengert.numeric` compute the same Jacobian. Law: all of them agree, to rounding for the
first three, to the truncation and rounding errors of its step for a difference; where
they do not, f has a kink there, or is no analytic function, or a rule is wrong.

Example: for f = x² at 3, central differences give 6 to about 1e-10, forward differences
to about 1e-8, the complex step and both modes exactly.
"""

from __future__ import annotations

import math
import re
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from wengert import numeric, tree
from wengert.errors import ArgumentError, WengertError
from wengert.explanation.inputs import Inputs
from wengert.explanation.naming import name_outputs
from wengert.explanation.values import show_value
from wengert.numeric.schemes import Scheme
from wengert.operators import grad, jacfwd, jacrev, trace
from wengert.operators.arguments import Output, Wrt, name_of

__all__ = ["Comparison", "Row", "compare"]

Matrix = np.ndarray[Any, Any]

# What takes the imaginary part away, so that a complex step comes out wrong.
_NOT_ANALYTIC = frozenset(
    {"absolute", "angle", "conjugate", "fabs", "imag", "norm", "real", "sign"}
)
_WRONG = 1e-6  # relative error above which a complex step is no rounding error
_TRUSTED = ("reverse mode", "forward mode", "complex step", "extrapolation")
_KINK = 1e-3  # relative difference of the slopes on both sides
_SHOWN = 3  # elements of a derivative that a row has room for
_WIDTH = 88


@dataclass(frozen=True, eq=False)
class Row:
    """One method.

    Attributes
    ----------
    method : str
        "reverse mode", "central difference, order 4" …
    scheme : str
        The name in `wengert.numeric.SCHEMES`; empty for the two modes.
    derivative : array (m, n) or None
        The Jacobian of the m numbers that f returns by its n inputs; None where the
        method cannot compute it.
    error, relative : float
        Largest difference from the reference; and that over its largest element.
    calls, seconds : int, float
        How often f ran, and how long that took: the best of several.
    note : str
        Why there is no derivative, or a wrong one.
    """

    method: str
    scheme: str
    derivative: Matrix | None = None
    error: float = math.nan
    relative: float = math.nan
    calls: int = 0
    seconds: float = math.nan
    note: str = ""

    def lines(self, digits: int) -> Iterator[tuple[str, ...]]:
        """Yield the cells of a table: the numbers, if there are any, and the note."""
        if self.derivative is not None:
            error = f"{self.error:.1e}" if self.error else "0"
            micro = f"{self.seconds * 1e6:,.1f}"
            shown = _shown(self.derivative, digits)
            yield self.method, shown, error, str(self.calls), micro
        if self.note:
            yield "" if self.derivative is not None else self.method, self.note


@dataclass(frozen=True, eq=False)
class Comparison:
    """The derivative by every method; prints as a table.

    Attributes
    ----------
    heading : str
        What was computed, of which function, and where: `∂y/∂x of f at x = 2`.
    reference : str
        The method from which errors are measured.
    rows : tuple of Row
    """

    heading: str
    reference: str
    rows: tuple[Row, ...]

    def __getitem__(self, method: str) -> Row:
        """Find a row by its method or scheme."""
        for row in self.rows:
            if method in (row.method, row.scheme):
                return row
        raise KeyError(method)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()

    @property
    def legend(self) -> str:
        """Say what the columns mean, and whether the point is a kink."""
        said = f"error: largest difference from {self.reference}; time: best of several"
        right = self["ridders_forward"].derivative
        left = self["ridders_backward"].derivative
        if right is not None and left is not None:
            size = np.max(np.abs(right), initial=_KINK)
            if np.any(np.abs(right - left) > _KINK * size):
                said += "\nslopes from left and right differ: a kink or jump"
        return said

    def text(self, digits: int = 10) -> str:
        """Write a table for a terminal."""
        cells = [_HEADER, *(line for row in self.rows for line in row.lines(digits))]
        numbers = zip(*(line for line in cells if len(line) > 2), strict=True)
        widths = [max(map(len, column)) for column in numbers]
        widths[0] = max(len(line[0]) for line in cells)
        written = [self.heading, ""]
        for line in cells:
            if len(line) > 2:
                columns = zip(line, _SIDES, widths, strict=True)
                padded = (f"{cell:{side}{width}}" for cell, side, width in columns)
                written.append("  ".join(padded).rstrip())
            else:
                method = f"{line[0]:<{widths[0]}}  "
                width, blank = max(50, _WIDTH - len(method)), " " * len(method)
                for part in textwrap.wrap(line[1], width):
                    written.append(method + part)
                    method = blank
        return "\n".join([*written, "", self.legend])

    def markdown(self, digits: int = 10) -> str:
        """Write a table in Markdown."""
        cells = [_HEADER, *(line for row in self.rows for line in row.lines(digits))]
        full = ((*map(_escaped, line), "", "", "")[:5] for line in cells)
        lines = [f"| {' | '.join(line)} |" for line in full]
        lines.insert(1, "|:--|:--|--:|--:|--:|")
        legend = _escaped(self.legend)
        return "\n".join([f"**{_escaped(self.heading)}**", "", *lines, "", legend, ""])

    def html(self, digits: int = 10) -> str:
        """Write a table in HTML, as notebooks show it."""

        def tr(kind: str, line: tuple[str, ...]) -> str:
            wide = ' colspan="4"' if len(line) == 2 else ""
            right = f'{kind} style="text-align: right"'
            opened = (kind, kind + wide, right, right, right)
            cells = zip(opened, map(escape, line), strict=False)
            inner = "".join(f"<{tag}>{cell}</{kind}>" for tag, cell in cells)
            return f"<tr>{inner}</tr>"

        body = [tr("td", line) for row in self.rows for line in row.lines(digits)]
        rows = "\n".join(body)
        return (
            '<div class="wengert-compare"><table>\n'
            f"<caption>{escape(self.heading)}</caption>\n"
            f"<thead>{tr('th', _HEADER)}</thead>\n"
            f"<tbody>\n{rows}\n</tbody></table>\n"
            f"<p>{escape(self.legend)}</p></div>\n"
        )


_HEADER = ("method", "derivative", "error", "calls of f", "time / µs")
_SIDES = "<<>>>"


def compare(
    f: Callable[..., Any], argnums: Wrt = None, budget: float = 0.02
) -> Callable[..., Comparison]:
    """Make the function that differentiates f by every method, side by side.

    Parameters
    ----------
    f : callable
        Of numbers, arrays or pytrees of them, to the same.
    argnums : int or sequence of int, optional
        Which arguments to differentiate in; default all that are floats or arrays of
        floats.
    budget : float
        Seconds for which each method runs again and again to be timed.

    Returns
    -------
    callable
        Takes f's arguments, gives a Comparison: `print` it, or read its rows.

    Raises
    ------
    ArgumentError
        If there is nothing to differentiate in. Errors of f itself are passed on; what
        goes wrong in one method stands in its row.

    Notes
    -----
    Cost: about 100·n evaluations of f for n inputs, and `budget` for each method.
    See Griewank & Walther (2008), ch. 1.

    Examples
    --------
    >>> found = compare(lambda x: x**3)(2.0)
    >>> found["reverse mode"].derivative
    array([[12.]])
    >>> bool(1e-9 < found["forward"].error < 1e-6)
    True
    """

    def compared(*args: Any, **kwargs: Any) -> Comparison:
        inputs = Inputs(f, args, kwargs, argnums)
        counted = _Counted(_of_leaves(inputs, f, args, kwargs), name_of(f))
        xs, rows = inputs.leaves, []
        with np.errstate(all="ignore"):
            value = counted(*xs)
            ys = [np.asarray(y) for y in Output(f, has_aux=False).take(value)]
            if not ys:
                raise ArgumentError(f"{name_of(f)} returned {value!r}: no number")
            for method, scheme, run in _methods(counted, ys, xs):
                counted.calls = 0
                try:
                    with warnings.catch_warnings():
                        # That f drops the imaginary part is a reason, not a warning.
                        warnings.simplefilter("error", np.exceptions.ComplexWarning)
                        derivative = _matrix(run(), ys, xs)
                    calls, seconds = counted.calls, _measure(run, budget)
                    row = Row(method, scheme, derivative, 0.0, 0.0, calls, seconds)
                except Exception as error:
                    row = Row(method, scheme, note=_reason(error))
                rows.append(row)
            reference, rows = _judge(rows)
            rows = _doubt(rows, counted, xs)
        named = zip(inputs.names, xs, strict=True)
        point = ", ".join(f"{name} = {show_value(x, 6)}" for name, x in named)
        outputs = name_outputs(lambda y: tree.paths(value, y), inputs.names)
        symbol = f"∂{_names(outputs)}/∂{_names(inputs.names)}"
        return Comparison(
            f"{symbol} of {name_of(f)} at {point}", reference, tuple(rows)
        )

    return compared


class _Counted:
    """Count the calls of a function of leaves."""

    def __init__(self, f: Callable[..., Any], name: str) -> None:
        self.f, self.calls, self.__name__ = f, 0, name

    def __call__(self, *leaves: Any) -> Any:
        self.calls += 1
        return self.f(*leaves)


def _of_leaves(inputs: Inputs, f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Give f as a function of the inputs: itself, if it has no other arguments."""
    structures = (tree.flatten(argument)[1] for argument in args)
    plain = all(structure is tree.LEAF for structure in structures)
    if plain and not kwargs and len(args) == len(inputs.leaves):
        return f
    return lambda *leaves: inputs.call(leaves)


def _methods(
    f: Callable[..., Any], ys: list[Any], xs: Sequence[Any]
) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Yield the name, the scheme and the computation of each method."""
    every = tuple(range(len(xs)))
    complexes = [v for v in (*xs, *ys) if v.dtype.kind == "c"]
    holomorphic = 0 < len(complexes) == len(xs) + len(ys)
    is_real = len(ys) == 1 and ys[0].shape == () and ys[0].dtype.kind != "c"
    forward = jacfwd(f, every, holomorphic=holomorphic)
    backward = grad(f, every) if is_real else jacrev(f, every, holomorphic=holomorphic)
    yield "forward mode", "", lambda: forward(*xs)
    yield "reverse mode", "", lambda: backward(*xs)

    def difference(name: str) -> Callable[[], Any]:
        def by(x: Any) -> Any:
            return f(*x)

        return lambda: numeric.jacobian(by, tuple(xs), name, holomorphic=holomorphic)

    # The complex step, which is exact too, stands beside the modes.
    for scheme in sorted(numeric.SCHEMES.values(), key=lambda s: not s.imaginary):
        yield _label(scheme), scheme.name, difference(scheme.name)


def _label(scheme: Scheme) -> str:
    if scheme.imaginary:
        return "complex step"
    if scheme.extrapolated:
        side = {0: "", 1: " from the right", -1: " from the left"}[scheme.side]
        return f"extrapolation{side}"
    name = scheme.name.rstrip("0123456789")
    order = "" if name == scheme.name else f", order {scheme.order}"
    return f"{name} difference{order}"


def _measure(run: Callable[[], Any], budget: float) -> float:
    """Give the seconds that one run takes: the best of several, as long as they fit."""
    best, spent = math.inf, 0.0
    while spent < budget or not spent:
        started = time.perf_counter()
        for _ in range(number := max(1, int(budget / 10 / best))):  # to one reading
            run()
        elapsed = max(time.perf_counter() - started, 1e-9)
        best, spent = min(best, elapsed / number), spent + elapsed
    return best


def _matrix(result: Any, ys: Sequence[Any], xs: Sequence[Any]) -> Matrix:
    """Put the blocks of a Jacobian together: outputs by inputs."""
    found = iter(tree.flatten(result)[0])
    return np.block(
        [[np.reshape(next(found), (y.size, x.size)) for x in xs] for y in ys]
    )


def _judge(rows: list[Row]) -> tuple[str, list[Row]]:
    """Choose the method to measure errors from, and measure them."""
    found = {row.method: row.derivative for row in rows if row.derivative is not None}
    order = [method for method in (*_TRUSTED, *found) if method in found]
    known = [method for method in order if not np.any(np.isnan(found[method]))]
    if not order:
        return "nothing: no method gave a derivative", rows
    best = (known or order)[0]
    reference = found[best]
    size = float(np.max(np.abs(reference), initial=0.0))
    judged = []
    for row in rows:
        if row.derivative is not None:
            # Equal infinities have no difference.
            same = row.derivative == reference
            gap = np.where(same, 0.0, np.abs(row.derivative - reference))
            error = float(np.max(gap, initial=0.0))
            relative = error / size if size else error
            row = replace(row, error=error, relative=relative)
        judged.append(row)
    return best, judged


def _doubt(rows: list[Row], f: Callable[..., Any], xs: Sequence[Any]) -> list[Row]:
    """Say why a complex step is wrong: an analytic f would leave rounding errors."""
    (step,) = (row for row in rows if row.scheme == "complex")
    (forward,) = (row for row in rows if row.method == "forward mode")
    if not (step.relative > _WRONG and forward.relative < _WRONG):
        return rows
    equations = trace(f, *xs).equations
    used = sorted({equation.primitive.name for equation in equations} & _NOT_ANALYTIC)
    note = "wrong: f is not analytic in complex numbers"
    if used:
        note += f", since it contains {', '.join(used)}"
    return [replace(row, note=note) if row is step else row for row in rows]


def _reason(error: Exception) -> str:
    """Say in one line why a method failed."""
    message = " ".join(str(error).split("\n", 1)[0].split())
    if found := re.match(r"ufunc '(\w+)' (not supported|did not contain)", message):
        return f"{found[1]} does not take numbers of this kind"
    if not isinstance(error, WengertError):
        return f"{type(error).__name__}: {message}"
    # Advice on what to call instead is of no use in a table of all there is.
    return re.split(r"[.;] [Pp]erhaps you meant", message)[0]


def _shown(derivative: Matrix, digits: int) -> str:
    # + 0.0 makes -0.0 a zero like any other.
    numbers = [f"{v + 0.0:.{digits}g}" for v in derivative.reshape(-1)[:_SHOWN]]
    more = ["…"][: derivative.size > _SHOWN]
    return numbers[0] if derivative.size == 1 else f"[{', '.join(numbers + more)}]"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join([*names[:4], *["…"][: len(names) > 4]])
    return shown if len(names) == 1 else f"({shown})"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|<>#])", r"\\\1", text)
