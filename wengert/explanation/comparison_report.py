"""The report of a comparison: a row for each method; text, Markdown, HTML, picture."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from wengert.analysis.sizes import show_bytes
from wengert.explanation.comparison_chart import Bar, draw_bars

__all__ = ["Comparison", "Matrix", "Row"]

Matrix = np.ndarray[Any, Any]

_KINK = 1e-3  # relative difference of the slopes on both sides
_SHOWN = 3  # elements of a derivative that a row has room for
_WIDTH = 88
_NONE = "–"


@dataclass(frozen=True, eq=False)
class Row:
    """One method.

    Attributes
    ----------
    method : str
        "reverse mode", "central difference, order 4" …
    scheme : str
        The name in `wengert.numeric.SCHEMES`; empty for what is no difference.
    derivative : array (m, n) or None
        The Jacobian of the m numbers that f returns by its n inputs; None where the
        method cannot compute it.
    error, relative : float
        Largest difference from the reference; and that over its largest element.
    calls, seconds : int, float
        How often f ran, and how long that took: the best of several. Compiled code and
        formulas run without f.
    operations : int or None
        Floating-point operations: of the derivative's Graph, or for differences of f's,
        times its runs; None where there is no Graph.
    memory : int
        Bytes at the worst moment that Python and NumPy allocate; what compiled code
        takes for itself is not seen.
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
    operations: int | None = None
    memory: int = 0
    note: str = ""

    def lines(self, digits: int) -> Iterator[tuple[str, ...]]:
        """Yield the cells of a table: the numbers, if there are any, and the note."""
        if self.derivative is not None:
            error = f"{self.error:.1e}" if self.error else "0"
            micro = f"{self.seconds * 1e6:,.1f}"
            shown = _shown(self.derivative, digits)
            flops = _NONE if self.operations is None else f"{self.operations:,}"
            memory = show_bytes(self.memory)
            yield self.method, shown, error, str(self.calls), flops, memory, micro
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
        said = (
            f"error: largest difference from {self.reference}; calls: of f; "
            "flops: of the Graph;\nmemory: at most, without that of compiled code; "
            "time: best of several"
        )
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
        blanks = [""] * (len(_HEADER) - 2)
        full = ((*map(_escaped, line), *blanks)[: len(_HEADER)] for line in cells)
        lines = [f"| {' | '.join(line)} |" for line in full]
        lines.insert(1, "|:--|:--|" + "--:|" * len(blanks))
        legend = _escaped(self.legend)
        return "\n".join([f"**{_escaped(self.heading)}**", "", *lines, "", legend, ""])

    def html(self, digits: int = 10) -> str:
        """Write a table in HTML, as notebooks show it."""

        def tr(kind: str, line: tuple[str, ...]) -> str:
            wide = f' colspan="{len(_HEADER) - 1}"' if len(line) == 2 else ""
            right = f'{kind} style="text-align: right"'
            opened = (kind, kind + wide, *[right] * (len(_HEADER) - 2))
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
            f"<p>{escape(self.legend)}</p>\n{self.svg()}</div>\n"
        )

    def svg(self, digits: int = 10) -> str:
        """Draw each method's error and time as bars, on logarithmic axes, as SVG.

        `digits` is there for the likeness to the other forms: bars have no more than
        two.
        """
        del digits
        bars = [
            Bar(
                row.method,
                None if row.derivative is None else row.error,
                None if row.derivative is None else row.seconds,
                row.note,
            )
            for row in self.rows
        ]
        return draw_bars(self.heading, bars, f"error against {self.reference}")

    def save(self, path: str | Path) -> None:
        """Write to a file: the picture (.svg), or the table (.txt, .md, .html).

        Raises
        ------
        ValueError
            For another ending.
        """
        forms = {
            ".svg": self.svg, ".txt": self.text, ".md": self.markdown,
            ".html": self.html,
        }  # fmt: skip
        ending = Path(path).suffix.lower()
        if ending not in forms:
            raise ValueError(f"{path}: the ending must be one of {', '.join(forms)}")
        Path(path).write_text(forms[ending](), encoding="utf-8")


_HEADER = ("method", "derivative", "error", "calls", "flops", "memory", "time / µs")
_SIDES = "<<>>>>>"


def _shown(derivative: Matrix, digits: int) -> str:
    # + 0.0 makes -0.0 a zero like any other.
    numbers = [f"{v + 0.0:.{digits}g}" for v in derivative.reshape(-1)[:_SHOWN]]
    more = ["…"][: derivative.size > _SHOWN]
    return numbers[0] if derivative.size == 1 else f"[{', '.join(numbers + more)}]"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|<>#])", r"\\\1", text)
