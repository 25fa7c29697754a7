"""One derivative by every method, side by side: its value, its error and its time.

Forward mode, reverse mode, the complex step and each finite difference of
`wengert.numeric` compute the same Jacobian. Law: all of them agree, to rounding for the
first three, to the truncation and rounding errors of its step for a difference; where
they do not, f has a kink there, or is no analytic function, or a rule is wrong.

Example: for f = x² at 3, central differences give 6 to about 1e-10, forward differences
to about 1e-8, the complex step and both modes exactly.
"""

from __future__ import annotations

import html as escaping
import re
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert import numeric, tree
from wengert.errors import WengertError
from wengert.explain.inputs import Inputs
from wengert.explain.values import show_value
from wengert.numeric.schemes import Scheme
from wengert.operators import grad, jacfwd, jacrev, trace
from wengert.operators.arguments import Wrt, name_of

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
    error : float
        Largest difference from the reference; NaN without a derivative.
    relative : float
        The same, over the largest element of the reference.
    calls : int or None
        How often f ran.
    seconds : float
        Of one computation, the best of several; NaN without a derivative.
    note : str
        Why there is no derivative, or a wrong one.
    """

    method: str
    scheme: str
    derivative: Matrix | None = None
    error: float = float("nan")
    relative: float = float("nan")
    calls: int | None = None
    seconds: float = float("nan")
    note: str = ""

    def cells(self, digits: int) -> tuple[str, str, str, str, str]:
        """Write the row: method, derivative, error, calls of f, time in µs."""
        if self.derivative is None:
            return self.method, self.note, "", "", ""
        return (
            self.method,
            _shown(self.derivative, digits),
            f"{self.error:.1e}" if self.error else "0",
            str(self.calls),
            f"{self.seconds * 1e6:,.1f}",
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """The derivative by every method; prints as a table.

    Attributes
    ----------
    function, point : str
        What was differentiated, and where: `x1 = 2, x2 = 5`.
    symbol : str
        What was computed: `∂y/∂(x1, x2)`.
    reference : str
        The method from which errors are measured.
    rows : tuple of Row
    """

    function: str
    point: str
    symbol: str
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
    def heading(self) -> str:
        """Say what is compared."""
        return f"{self.symbol} of {self.function} at {self.point}"

    @property
    def legend(self) -> str:
        """Say what the columns mean, and whether the point is a kink."""
        said = f"error: largest difference from {self.reference}; time: best of several"
        right = self["ridders_forward"].derivative
        left = self["ridders_backward"].derivative
        if right is None or left is None:
            return said
        gap = np.abs(right - left)
        size = np.maximum(np.abs(right), np.abs(left))
        if np.any(gap > _KINK * np.max(size, initial=0.0)):
            said += (
                "\nthe slopes from the left and from the right differ: a kink or jump"
            )
        return said

    def text(self, digits: int = 10) -> str:
        """Write a table for a terminal."""
        rows = [row.cells(digits) for row in self.rows]
        full = [
            cells
            for cells, row in zip(rows, self.rows, strict=True)
            if row.derivative is not None
        ]
        widths = [max(map(len, column)) for column in zip(_HEADER, *full, strict=True)]
        widths[0] = max(widths[0], *(len(row.method) for row in self.rows))
        lines = [self.heading, "", _line(_HEADER, widths)]
        for cells, row in zip(rows, self.rows, strict=True):
            if row.derivative is not None:
                lines.append(_line(cells, widths))
            if row.note:
                indent = " " * (widths[0] + 2)
                first = indent if row.derivative is not None else row.method
                lines += textwrap.wrap(
                    row.note,
                    max(_WIDTH, widths[0] + 42),
                    initial_indent=f"{first:<{widths[0] + 2}}",
                    subsequent_indent=indent,
                )
        return "\n".join([*lines, "", self.legend])

    def markdown(self, digits: int = 10) -> str:
        """Write a table in Markdown."""
        lines = [f"**{_escaped(self.heading)}**", ""]
        lines += [f"| {' | '.join(_HEADER)} |", "|:--|:--|--:|--:|--:|"]
        for row in self.rows:
            cells = list(row.cells(digits))
            if row.derivative is not None and row.note:
                cells[1] += f" ({row.note})"
            lines.append(f"| {' | '.join(map(_escaped, cells))} |")
        return "\n".join([*lines, "", _escaped(self.legend), ""])

    def html(self, digits: int = 10) -> str:
        """Write a table in HTML, as notebooks show it."""

        def cell(kind: str, text: str, side: str = "left", span: int = 1) -> str:
            wide = f' colspan="{span}"' if span > 1 else ""
            escaped = escaping.escape(text)
            return f'<{kind}{wide} style="text-align: {side}">{escaped}</{kind}>'

        head = (cell("th", *pair) for pair in zip(_HEADER, _SIDES, strict=True))
        lines = [
            '<div class="wengert-compare">',
            "<table>",
            f"<caption>{escaping.escape(self.heading)}</caption>",
            f"<thead><tr>{''.join(head)}</tr></thead>",
            "<tbody>",
        ]
        for row in self.rows:
            cells = row.cells(digits)
            if row.derivative is None:
                written = [cell("td", cells[0]), cell("td", row.note, span=4)]
            else:
                written = [
                    cell("td", *pair) for pair in zip(cells, _SIDES, strict=True)
                ]
            lines.append(f"<tr>{''.join(written)}</tr>")
            if row.derivative is not None and row.note:
                note = cell("td", "") + cell("td", row.note, span=4)
                lines.append(f"<tr>{note}</tr>")
        legend = f"<p>{escaping.escape(self.legend)}</p>"
        return "\n".join([*lines, "</tbody>", "</table>", legend, "</div>", ""])


_HEADER = ("method", "derivative", "error", "calls of f", "time / µs")
_SIDES = ("left", "left", "right", "right", "right")


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
        Seconds that each method is timed for, at least one run.

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
    Cost: about n times 100 evaluations of f for n inputs, and `budget` for each of 16
    methods.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 1; W. Squire and G. Trapp
    (1998), SIAM Review 40(1), 110–112, for the complex step.

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
            ys = [np.asarray(y) for y in tree.flatten(value)[0]]
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
        shown = zip(inputs.names, map(show_value, xs), strict=True)
        point = ", ".join(f"{name} = {x}" for name, x in shown)
        symbol = _symbol(tree.paths(value, "y"), inputs.names)
        return Comparison(name_of(f), point, symbol, reference, tuple(rows))

    return compared


class _Counted:
    """Count the calls of a function of leaves."""

    def __init__(self, f: Callable[..., Any], name: str) -> None:
        self.f, self.calls, self.__name__ = f, 0, name

    def __call__(self, *leaves: Any) -> Any:
        self.calls += 1
        return self.f(*leaves)


def _of_leaves(inputs: Inputs, f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Give f as a function of the inputs: f itself where these are all its arguments."""
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
    forward = jacfwd(f, every, holomorphic=holomorphic)
    if len(ys) == 1 and ys[0].shape == () and ys[0].dtype.kind != "c":
        backward = grad(f, every)
    else:
        backward = jacrev(f, every, holomorphic=holomorphic)
    yield "forward mode", "", lambda: forward(*xs)
    yield "reverse mode", "", lambda: backward(*xs)

    def of_tuple(x: Any) -> Any:
        return f(*x)

    def difference(scheme: str) -> Callable[[], Any]:
        x = tuple(xs)
        return lambda: numeric.jacobian(of_tuple, x, scheme, holomorphic=holomorphic)

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
    started = time.perf_counter()
    run()
    best = spent = time.perf_counter() - started
    while spent < budget:
        number = max(1, int(budget / 10 / best))  # several to a reading
        started = time.perf_counter()
        for _ in range(number):
            run()
        elapsed = time.perf_counter() - started
        best, spent = min(best, elapsed / number), spent + elapsed
    return best


def _matrix(result: Any, ys: Sequence[Any], xs: Sequence[Any]) -> Matrix:
    """Put the blocks of a Jacobian together: outputs by inputs."""
    blocks = iter(tree.flatten(result)[0])
    return np.vstack(
        [
            np.hstack([np.reshape(next(blocks), (y.size, x.size)) for x in xs])
            for y in ys
        ]
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
    # The modes must agree, and all be finite (a NaN fails both comparisons).
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
    if not isinstance(error, WengertError):
        return f"{type(error).__name__}: {message}"
    # Advice on what to call instead is of no use in a table of all there is.
    return re.split(r"[.;] [Pp]erhaps you meant", message)[0]


def _shown(derivative: Matrix, digits: int) -> str:
    numbers = [_number(v, digits) for v in derivative.reshape(-1)[:_SHOWN]]
    if derivative.size == 1:
        return numbers[0]
    more = ", …" if derivative.size > _SHOWN else ""
    return f"[{', '.join(numbers)}{more}]"


def _number(value: Any, digits: int) -> str:
    return f"{value + 0.0:.{digits}g}"  # + 0.0 makes -0.0 a zero like any other


def _symbol(outputs: Sequence[str], names: Sequence[str]) -> str:
    return f"∂{_group(outputs)}/∂{_group(names)}"


def _group(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"({', '.join([*names[:4], *(['…'] if len(names) > 4 else [])])})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        f"{cell:<{width}}" if side == "left" else f"{cell:>{width}}"
        for cell, width, side in zip(cells, widths, _SIDES, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|<>#])", r"\\\1", text)
