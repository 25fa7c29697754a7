"""The report of sparsity: pattern, colours, sweeps saved; text and picture."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.explanation.markdown import escaped

__all__ = ["SparsityReport"]

_TEXT_ROWS, _TEXT_COLUMNS = 24, 36  # characters of Braille: 4 by 2 dots each
_CELLS = 96  # in the picture, along each side
_SIDE = 420.0  # pixels


@dataclass(frozen=True, eq=False)
class SparsityReport:
    """Which entries of a derivative can differ from zero, and how few sweeps show them.

    Attributes
    ----------
    title : str
    pattern : csr_array of bool (m, n)
        Raveled outputs by raveled inputs.
    columns, rows : array of int
        The colour of each column and row: its forward, or reverse, sweep; -1 for none.
    is_symmetric : bool
        Whether it is a Hessian, of which each product shows rows and columns.
    """

    title: str
    pattern: Any
    columns: Any
    rows: Any
    is_symmetric: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix."""
        m, n = self.pattern.shape
        return int(m), int(n)

    @property
    def forward(self) -> int:
        """The number of forward sweeps; of products, for a Hessian."""
        return int(self.columns.max(initial=-1)) + 1

    @property
    def reverse(self) -> int:
        """The number of reverse sweeps."""
        return int(self.rows.max(initial=-1)) + 1

    @property
    def sweeps(self) -> int:
        """The number of sweeps."""
        return self.forward + self.reverse

    @property
    def dense_sweeps(self) -> int:
        """The number of sweeps without colours: one for each column, or each row."""
        return min(self.shape)

    @property
    def density(self) -> float:
        """The share of entries that can differ from zero."""
        return float(self.pattern.nnz) / max(self.shape[0] * self.shape[1], 1)

    def text(self) -> str:
        """Write the report as plain text, the pattern in dots of Braille."""
        return "\n".join([*self._facts(), "", *_braille(self.pattern)])

    def markdown(self) -> str:
        """Write the report in Markdown."""
        heading, *facts = self._facts()
        lines = [f"**{escaped(heading)}**", "", *(f"* {escaped(f)}" for f in facts)]
        return "\n".join([*lines, "", "```", *_braille(self.pattern), "```", ""])

    def svg(self) -> str:
        """Draw the pattern: a square for each entry, or a shade for each patch of
        entries. The colour is that of the sweep."""
        counts = _binned(self.pattern, _CELLS, _CELLS)
        hues = self._hues(counts.shape)
        side = _SIDE / max(*counts.shape, 1)
        height, width = (round(n * side, 2) for n in counts.shape)
        most = counts.max(initial=1)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width + 2}" '
            f'height="{height + 2}" viewBox="-1 -1 {width + 2} {height + 2}">',
            f"<title>{html.escape(self.title)}</title>",
            f'<rect width="{width}" height="{height}" fill="none" '
            'stroke="currentColor" stroke-opacity="0.4"/>',
        ]
        for i, j in zip(*np.nonzero(counts), strict=True):
            opacity = 0.35 + 0.65 * counts[i, j] / most
            parts.append(
                f'<rect x="{j * side:.2f}" y="{i * side:.2f}" width="{side:.2f}" '
                f'height="{side:.2f}" fill="{hues(i, j)}" '
                f'fill-opacity="{opacity:.2f}"/>'
            )
        return "\n".join([*parts, "</svg>", ""])

    def html(self) -> str:
        """Write the report as an HTML element, with the picture."""
        heading, *facts = (html.escape(fact) for fact in self._facts())
        items = "".join(f"<li>{fact}</li>" for fact in facts)
        return (
            f'<div class="wengert-sparsity">\n<p><strong>{heading}</strong></p>\n'
            f"<ul>{items}</ul>\n{self.svg()}</div>\n"
        )

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<SparsityReport of {self._facts()[0]}>"

    def _repr_html_(self) -> str:
        return self.html()

    def _facts(self) -> list[str]:
        (m, n), nnz = self.shape, self.pattern.nnz
        return [
            f"{self.title}: {m:,} × {n:,}, {nnz:,} entries ({self.density:.2%})",
            f"{self._ways()} instead of {self.dense_sweeps:,}{self._saved()}",
        ]

    def _ways(self) -> str:
        if self.is_symmetric:
            return _plural(self.forward, "product with the Hessian", "products with it")
        ways = [
            _plural(count, f"{name} sweep", f"{name} sweeps")
            for name, count in (("forward", self.forward), ("reverse", self.reverse))
            if count
        ]
        return " and ".join(ways) or "no sweeps"

    def _saved(self) -> str:
        if not 0 < self.sweeps < self.dense_sweeps:
            return ""
        return f": {self.dense_sweeps / self.sweeps:,.3g} times fewer"

    def _hues(self, bins: tuple[int, int]) -> Any:
        """Give the colour of a cell, where each is one entry; else that of the page."""
        if bins != self.shape:
            return lambda i, j: "currentColor"

        def hue(i: int, j: int) -> str:
            sweep = self.columns[j]
            if sweep < 0:
                sweep = self.forward + self.rows[i]
            # Steps of the golden angle keep neighbours apart.
            return f"hsl({(sweep * 137.508 + 210) % 360:.0f} 65% 50%)"

        return hue


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _binned(pattern: Any, most_rows: int, most_columns: int) -> Any:
    """Count the entries in a grid of patches, of one entry where that fits."""
    m, n = pattern.shape
    height, width = min(m, most_rows), min(n, most_columns)
    rows = np.repeat(np.arange(m), np.diff(pattern.indptr))
    places = (rows * height // max(m, 1)) * width + (
        pattern.indices.astype(np.int64) * width // max(n, 1)
    )
    counts = np.bincount(places, minlength=height * width)
    return counts.reshape(height, width)


def _braille(pattern: Any) -> list[str]:
    """Draw in characters of 4 by 2 dots."""
    dots = _binned(pattern, 4 * _TEXT_ROWS, 2 * _TEXT_COLUMNS) > 0
    padded = np.pad(
        dots, [(0, -n % k) for n, k in zip(dots.shape, (4, 2), strict=True)]
    )
    lines = []
    for top in range(0, padded.shape[0], 4):
        cells = padded[top : top + 4].reshape(4, -1, 2)
        codes = np.einsum("iaj,ij->a", cells.astype(int), _DOTS)
        lines.append("".join(chr(0x2800 + code) for code in codes))
    return lines


# The bits of Unicode's Braille patterns, by the place of the dot.
_DOTS = np.array([[1, 8], [2, 16], [4, 32], [64, 128]])
