"""Two-sided colouring: some rows by reverse sweeps, the rest by forward ones.

An arrow, with a full row and a full column, needs n sweeps of one mode; of both, three.
The full rows are taken by reverse mode; in what is left, columns are coloured. Or full
columns are taken by forward mode, and the rows of what is left are coloured. Where
"full" begins is tried out.

References
----------
Coleman & Verma (1998), The efficient computation of sparse Jacobian matrices using
automatic differentiation, SIAM J. Sci. Comput. 19(4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from wengert.analysis.coloring.columns import color_columns

__all__ = ["REVERSE_COST", "TwoSided", "color_two_sided"]

# A reverse sweep costs about so many forward ones.
REVERSE_COST = 1.5


class TwoSided(NamedTuple):
    """Colours of columns and rows.

    Attributes
    ----------
    columns : array (n,) of int
        -1 where no forward sweep is for the column.
    rows : array (m,) of int
        -1 where no reverse sweep is for the row.
    """

    columns: Any
    rows: Any

    @property
    def forward(self) -> int:
        """The number of forward sweeps."""
        return int(self.columns.max(initial=-1)) + 1

    @property
    def reverse(self) -> int:
        """The number of reverse sweeps."""
        return int(self.rows.max(initial=-1)) + 1

    @property
    def cost(self) -> float:
        """What the sweeps cost, in forward ones."""
        return self.forward + REVERSE_COST * self.reverse


def color_two_sided(pattern: Any, mode: str = "auto") -> TwoSided:
    """Choose forward and reverse sweeps that together show each entry.

    Parameters
    ----------
    pattern : csr_array (m, n)
    mode : "auto", "forward" or "reverse"

    Returns
    -------
    TwoSided

    Examples
    --------
    >>> arrow = np.eye(60)
    >>> arrow[0] = arrow[:, 0] = 1
    >>> found = color_two_sided(scipy.sparse.csr_array(arrow))
    >>> found.forward, found.reverse
    (2, 1)
    """
    pattern = scipy.sparse.csr_array(pattern)
    m, n = pattern.shape
    if mode == "forward":
        return TwoSided(color_columns(pattern), np.full(m, -1))
    if mode == "reverse":
        return TwoSided(np.full(n, -1), color_columns(pattern.T.tocsr()))
    best = TwoSided(color_columns(pattern), np.full(m, -1))
    lengths, heights = np.diff(pattern.indptr), _heights(pattern)
    if best.cost <= _FEW:
        return best
    for candidate in _candidates(pattern, lengths, heights, best.cost):
        if candidate.cost < best.cost:
            best = candidate
    return best


_FEW = 8  # sweeps, with which no search is worth its time


def _candidates(
    pattern: Any, lengths: Any, heights: Any, cost: float
) -> Iterator[TwoSided]:
    turned = pattern.T.tocsr()
    # No colouring has fewer colours than the fullest column has entries.
    if REVERSE_COST * int(heights.max(initial=0)) < cost:
        yield TwoSided(np.full(pattern.shape[1], -1), color_columns(turned))
    for full in _thresholds(lengths):
        found = _split(pattern, lengths > full, cost)
        if found is not None:
            yield TwoSided(*found)
    for full in _thresholds(heights):
        found = _split(turned, heights > full, cost / REVERSE_COST, 1 / REVERSE_COST)
        if found is not None:
            yield TwoSided(*found[::-1])


def _split(
    pattern: Any, full: Any, cost: float, factor: float = REVERSE_COST
) -> tuple[Any, Any] | None:
    """Colour the columns of the rows that are not full, and the full rows, of which a
    sweep costs `factor` times as much; None if that cannot come below a cost."""
    entries = np.repeat(full, np.diff(pattern.indptr))
    rest, taken = _kept(pattern, ~entries), _kept(pattern, entries)
    longest = int(np.diff(rest.indptr).max(initial=0))
    if longest + factor * int(_heights(taken).max(initial=0)) >= cost:
        return None
    return color_columns(rest), color_columns(taken.T.tocsr())


def _kept(pattern: Any, entries: Any) -> Any:
    counts = np.concatenate([[0], np.cumsum(entries)])
    indptr = counts[pattern.indptr]
    indices = pattern.indices[entries]
    return scipy.sparse.csr_array(
        (np.ones(len(indices), bool), indices, indptr), shape=pattern.shape
    )


def _thresholds(lengths: Any) -> list[int]:
    """Give a few lengths above which a row may be called full: those before a gap."""
    found = np.unique(lengths)
    if len(found) < 2:
        return []
    gaps = found[1:] / np.maximum(found[:-1], 1)
    largest = np.argsort(-gaps, kind="stable")[:3]
    return [int(found[k]) for k in largest if gaps[k] >= _GAP]


_GAP = 1.5


def _heights(pattern: Any) -> Any:
    return np.bincount(pattern.indices, minlength=pattern.shape[1])
