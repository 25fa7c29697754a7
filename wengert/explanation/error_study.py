"""The error of a difference against its step: the V of truncation and rounding.

Law, for a scheme of order p with truncation constant C and weights W:

    error(δ) ≈ C·|f⁽ᵖ⁺¹⁾|·δᵖ + W·ε/δ,    ε the noise of f, at least u|f|,

least near the bottom of the V; for forward differences δ = √(2ε/L), L = ½|f''|.
Example: exp at 0 has f = f'' = 1, so δ = √(4u) ≈ 2e-8, where the error is about 2e-8;
the central difference has its bottom near 7e-6, at an error of about 2e-11.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wengert import numeric, tree
from wengert.errors import ArgumentError, NanError
from wengert.explanation.values import show_value
from wengert.numeric.differences import line_through, noise_along
from wengert.numeric.points import Line
from wengert.numeric.schemes import Scheme, difference, find_scheme
from wengert.operators import jvp
from wengert.operators.arguments import name_of

__all__ = ["ErrorCurve", "ErrorStudy", "error_study"]

Floats = npt.NDArray[np.float64]

_DECADES, _IN_EACH = 16, 4


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """One scheme.

    Attributes
    ----------
    scheme : str
        A name of `numeric.SCHEMES`.
    steps, errors : array (k,)
        From long to short; the largest error of any output.
    bound : array (k,)
        What the law says; NaN where f⁽ᵖ⁺¹⁾ could not be estimated.
    best : float
        The step of the least error.
    predicted : float
        The bottom of `bound`; NaN where there is none: f⁽ᵖ⁺¹⁾ or f vanishes, or the
        scheme is the complex step.
    """

    scheme: str
    steps: Floats
    errors: Floats
    bound: Floats
    best: float
    predicted: float

    @property
    def least(self) -> float:
        """The least error, that at the best step."""
        return float(np.nanmin(self.errors))

    def error_at(self, step: float) -> float:
        """Give the measured error at the step nearest to this one."""
        nearest = np.argmin(np.abs(np.log(self.steps / step)))
        return float(self.errors[nearest])


@dataclass(frozen=True, eq=False)
class ErrorStudy:
    """Errors against steps: prints as a table, shows as a picture.

    Attributes
    ----------
    heading : str
        What was differentiated, and where.
    reference : str
        What errors are measured from: "forward mode", "the derivative given", or
        "extrapolation, ± 2e-12".
    curves : tuple of ErrorCurve
        One a scheme; `steps`, `errors`, `best` and `predicted` are the first one's.
    """

    heading: str
    reference: str
    curves: tuple[ErrorCurve, ...]

    @property
    def steps(self) -> Floats:
        """The steps, from long to short."""
        return self.curves[0].steps

    @property
    def errors(self) -> Floats:
        """The errors of the first scheme."""
        return self.curves[0].errors

    @property
    def best(self) -> float:
        """The step at which the first scheme erred least."""
        return self.curves[0].best

    @property
    def predicted(self) -> float:
        """The best step of the first scheme by the law: √(2u|f|/L) for "forward"."""
        return self.curves[0].predicted

    def __getitem__(self, scheme: str) -> ErrorCurve:
        """Find the curve of a scheme.

        Raises
        ------
        KeyError
            Where it was not studied.
        """
        for curve in self.curves:
            if curve.scheme == scheme:
                return curve
        raise KeyError(scheme)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<ErrorStudy: {self.heading}>"

    def _repr_html_(self) -> str:
        return self.html()

    # ----- text -----

    def text(self) -> str:
        """Write a table for a terminal: a line each decade, then the best steps."""
        head, *body = self._table()
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) for cell, width in zip(row, widths, strict=True)
            )
            for row in (head, *body)
        ]
        legend = f"errors are measured from {self.reference}"
        return "\n".join([self.heading, "", *lines, "", *self._bests(), legend])

    def _table(self) -> Iterator[tuple[str, ...]]:
        yield ("step", *(curve.scheme for curve in self.curves))
        for k in range(0, len(self.steps), _IN_EACH if len(self.steps) > 20 else 1):
            errors = (f"{curve.errors[k]:.1e}" for curve in self.curves)
            yield (f"{self.steps[k]:.1e}", *errors)

    def _bests(self) -> Iterator[str]:
        width = max(len(curve.scheme) for curve in self.curves)
        for curve in self.curves:
            said = f"{curve.scheme:<{width}}  error {curve.least:.1e} at "
            said += f"step {curve.best:.1e}"
            if np.isnan(curve.predicted):
                yield said + "; by theory, no best step"
            else:
                reached = curve.error_at(curve.predicted)
                yield said + f"; by theory {curve.predicted:.1e} ({reached:.1e} there)"

    def html(self) -> str:
        """Write the picture, if matplotlib is installed, and the table, as HTML."""
        head, *body = self._table()
        rows = [
            "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in row)
            for kind, row in (("th", head), *(("td", row) for row in body))
        ]
        table = "\n".join(f"<tr>{row}</tr>" for row in rows)
        said = "<br>".join(map(escape, self._bests()))
        try:
            drawn = self.svg()
        except ImportError:
            drawn = ""
        return (
            f'<div class="wengert-error-study">\n{drawn}'
            f"<p>{said}<br>errors are measured from {escape(self.reference)}</p>\n"
            f"<details><summary>{escape(self.heading)}</summary>\n"
            f"<table>\n{table}\n</table></details></div>\n"
        )

    # ----- picture -----

    def plot(self, axes: Any = None) -> Any:
        """Draw errors against steps with matplotlib.

        Parameters
        ----------
        axes : matplotlib Axes, optional
            Where; by default in a figure of its own.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            Where matplotlib, the extra `plot`, is not installed.
        """
        if axes is None:
            # A figure by itself: no window, and nothing for pyplot to keep.
            axes = _matplotlib().Figure(figsize=(7, 4.2), layout="tight").subplots()
        for number, curve in enumerate(self.curves):
            colour = f"C{number}"
            seen = np.where(curve.errors > 0, curve.errors, np.nan)
            axes.loglog(
                curve.steps, seen, ".-", color=colour, lw=0.8, label=curve.scheme
            )
            if np.isnan(curve.predicted):
                continue
            axes.loglog(curve.steps, curve.bound, "--", color=colour, lw=1, alpha=0.6)
            name = "√(2u|f|/L)" if curve.scheme == "forward" else "best by theory"
            label = f"{name} = {curve.predicted:.1e}"
            axes.axvline(curve.predicted, color=colour, ls=":", lw=1.2, label=label)
        axes.set(xlabel="step δ", ylabel="error", title=self.heading)
        self._limit(axes)
        axes.grid(alpha=0.25)
        axes.legend(fontsize="small")
        return axes

    def _limit(self, axes: Any) -> None:
        """Leave out what the law says far below and above what was measured."""
        errors = np.concatenate([curve.errors for curve in self.curves])
        shown = errors[np.isfinite(errors) & (errors > 0)]
        if shown.size:
            axes.set_ylim(shown.min() / 5, shown.max() * 5)

    def svg(self) -> str:
        """Draw as `plot` does, as SVG.

        Raises
        ------
        ImportError
            As `plot`.
        """
        written = io.StringIO()
        self._write(written, "svg")
        text = written.getvalue()
        return text[text.index("<svg") :]  # without the prolog, to stand in HTML

    def save(self, path: str | Path) -> None:
        """Draw as `plot` does, to a file: "x.png", "x.svg" or "x.pdf".

        Raises
        ------
        ImportError
            As `plot`.
        """
        self._write(Path(path), Path(path).suffix.lstrip(".").lower() or "png")

    def _write(self, target: Any, form: str) -> None:
        # Equal studies give equal files.
        fixed: Any = {"svg.hashsalt": "wengert", "svg.fonttype": "none"}
        metadata = {"png": {"Software": None}, "svg": {"Date": None}}.get(form, {})
        figure = self.plot().figure
        with _matplotlib().rc_context(fixed):
            figure.savefig(target, format=form, dpi=150, metadata=metadata)


class _Matplotlib:
    def __init__(self) -> None:
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        self.rc_context, self.Figure = rc_context, Figure


def _matplotlib() -> _Matplotlib:
    try:
        return _Matplotlib()
    except ImportError as missing:
        raise ImportError(
            "pictures of error studies need matplotlib: pip install 'wengert[plot]'"
        ) from missing


# ----- the study -----


def error_study(
    f: Callable[[Any], Any],
    x: Any,
    v: Any = None,
    scheme: str | Sequence[str] = ("forward", "central"),
    steps: npt.ArrayLike | None = None,
    exact: Any = None,
) -> ErrorStudy:
    """Measure the error of differences at many steps, beside what theory says.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real floating
    v : tree like x, optional
        The direction; by default all ones.
    scheme : str or sequence of str
        Names of `numeric.SCHEMES` with one step: not the extrapolated ones.
    steps : array (k,), optional
        Positive; by default 65 from the size of x down to 1e-16 of it.
    exact : tree like f(x), optional
        J(x)·v. By default it is found by forward mode, or, where f cannot be traced,
        by extrapolation.

    Returns
    -------
    ErrorStudy
        Prints as a table; `.plot()`, `.save("v.png")`, `.svg()` draw it.

    Raises
    ------
    ArgumentError
        For steps that are not positive and finite, an extrapolated or unknown scheme,
        arguments that are not floating.
    NanError
        Where f is NaN at x.

    Notes
    -----
    Cost: for each scheme, the number of steps times its points, and 9 + p calls of f
    for its noise and f⁽ᵖ⁺¹⁾, p the scheme's order.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 1.

    Examples
    --------
    >>> study = error_study(np.exp, 0.0)
    >>> bool(0.3 < study.predicted / np.sqrt(4 * 2.0**-53) < 3)
    True
    >>> bool(study["central"].least < study["forward"].least / 100)
    True
    """
    names = (scheme,) if isinstance(scheme, str) else tuple(scheme)
    schemes = [_single(find_scheme(name)) for name in names]
    if not schemes:
        raise ArgumentError("there is no scheme to study")
    ones = tree.map_leaves(np.ones_like, x) if v is None else v
    with np.errstate(all="ignore"):
        lines = [line_through(f, x, ones, found) for found in schemes]
        origin = lines[0].origin
        if np.any(np.isnan(origin)):
            raise NanError(f"{name_of(f)} is NaN at x: there is no derivative to study")
        lengths = _valid(steps, lines[0].reach)
        right, reference = _exact(f, x, ones, exact, lines[0])
        pairs = zip(lines, schemes, strict=True)
        curves = tuple(_study(line, found, lengths, right) for line, found in pairs)
    heading = f"error of the derivative of {name_of(f)} at {_point(x)}"
    return ErrorStudy(heading, reference, curves)


def _point(x: Any) -> str:
    leaves = zip(tree.paths(x, "x"), tree.flatten(x)[0], strict=True)
    return ", ".join(f"{name} = {show_value(leaf, 6)}" for name, leaf in leaves)


def _single(scheme: Scheme) -> Scheme:
    if scheme.extrapolated:
        raise ArgumentError(
            f"{scheme.name} takes many steps at once, so that its error is no function "
            "of one; study the scheme that it extrapolates, 'central' or 'forward'"
        )
    return scheme


def _valid(steps: npt.ArrayLike | None, reach: float) -> Floats:
    if steps is None:
        powers = -np.arange(_DECADES * _IN_EACH + 1) / _IN_EACH
        return np.asarray(reach * 10.0**powers)
    given = np.asarray(steps)
    if given.ndim != 1 or not given.size or given.dtype.kind not in "iuf":
        raise ArgumentError(
            f"steps must be a row of numbers, not of shape {given.shape} and dtype "
            f"{given.dtype}"
        )
    if not np.all(np.isfinite(given) & (given > 0)):
        wrong = given[~(np.isfinite(given) & (given > 0))][0]
        raise ArgumentError(f"steps must be positive and finite; one is {wrong}")
    return np.sort(given.astype(float))[::-1]


def _exact(
    f: Callable[[Any], Any], x: Any, v: Any, exact: Any, line: Line
) -> tuple[Any, str]:
    """Give J·v, flat, and how it was found."""
    if exact is not None:
        return line.values.pack(exact), "the derivative given"
    try:
        return line.values.pack(jvp(f, (x,), (v,))[1]), "forward mode"
    except Exception:
        # Whatever f does to what it cannot take; as a black box it works.
        found = numeric.estimate(f, x, v)
        worst = max(np.max(e, initial=0.0) for e in tree.flatten(found.error)[0])
        return line.values.pack(found.value), f"extrapolation, ± {worst:.0e}"


def _study(line: Line, scheme: Scheme, steps: Floats, exact: Any) -> ErrorCurve:
    found = [difference(line, scheme, step) for step in steps]
    gaps = [np.max(np.abs(value - exact), initial=0.0) for value in found]
    errors = np.array(gaps, float)
    bound, predicted = np.full(steps.shape, np.nan), np.nan
    if not scheme.imaginary:
        noise = float(np.max(noise_along(line), initial=0.0))
        magnitude = noise / line.roundoff
        slope = _steepest(line, scheme, noise)
        dtype = np.float64 if line.roundoff < 2.0**-30 else np.float32
        bound = numeric.error_bound(steps, magnitude, slope, scheme.name, dtype)
        if 0 < magnitude < np.inf and 0 < slope < np.inf:
            predicted = numeric.optimal_step(magnitude, slope, scheme.name, dtype)
    if np.all(np.isnan(errors)):
        raise NanError("f is NaN beside x at every step; try a one-sided scheme")
    best = float(steps[np.nanargmin(errors)])
    return ErrorCurve(scheme.name, steps, errors, bound, best, predicted)


def _steepest(line: Line, scheme: Scheme, noise: float) -> float:
    """Estimate the largest |f⁽ᵖ⁺¹⁾|, by one difference of that order."""
    order = scheme.order + 1
    # Truncation and rounding are then alike, both of the order of the step's square.
    rough = noise / (float(np.max(np.abs(line.origin), initial=0.0)) or 1.0)
    rough = min(max(rough, line.roundoff), 2.0**-order)
    step = line.reach * (2.0**order * rough) ** (1 / (order + 2))
    middle = 0.0 if scheme.side else order / 2
    side = scheme.side or 1
    total = sum(
        (-1) ** (order - k) * comb(order, k) * line(side * (k - middle) * step)
        for k in range(order + 1)
    )
    slopes = np.abs(total) / step**order
    # What rounding alone would show is no derivative.
    floor = 2.0**order * noise / step**order
    return float(np.max(np.where(slopes > 2 * floor, slopes, 0.0), initial=0.0))
