"""Star colouring of a symmetric pattern: the entries of a Hessian from few products.

Neighbours differ in colour, and on every path of four vertices there are three colours:
so each two colours make a forest of stars. An entry h[i, j] is then alone, among those
of its colour, in row i or in row j, and is read from there.

Vertices with far more neighbours than the others (the hub of an arrow) each get a
colour of their own, and are left out of the search.

References
----------
Gebremedhin, Tarafdar, Manne & Pothen (2007), New acyclic and star coloring algorithms
with application to computing Hessians, SIAM J. Sci. Comput. 29(3), algorithm 4.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from wengert.analysis.coloring.columns import color_columns

__all__ = ["adjacency", "color_star", "hubs"]

_MOST_PAIRS = 4_000_000


def color_star(pattern: Any) -> Any:
    """Colour a symmetric pattern such that entries can be read directly.

    Parameters
    ----------
    pattern : csr_array (n, n)
        Symmetric.

    Returns
    -------
    array (n,) of int
        From 0; -1 for a vertex without entries.

    Notes
    -----
    Cost: of the order of the sum of the squares of the lengths of rows.

    Examples
    --------
    >>> arrow = np.eye(6)
    >>> arrow[0] = arrow[:, 0] = 1
    >>> color_star(scipy.sparse.csr_array(arrow))
    array([0, 1, 1, 1, 1, 1])
    """
    pattern = scipy.sparse.csr_array(pattern)
    filled = np.diff(pattern.indptr) > 0
    full = hubs(pattern)
    colors = np.full(pattern.shape[0], -1)
    colors[full] = np.arange(len(full))
    rest = np.setdiff1d(np.flatnonzero(filled), full)
    colors[rest] = len(full) + _colored(pattern[rest][:, rest])
    return colors


def hubs(pattern: Any) -> Any:
    """Find the vertices that have far more neighbours than most."""
    lengths = np.diff(pattern.indptr)
    some = lengths[lengths > 0]
    if not len(some):
        return np.zeros(0, int)
    return np.flatnonzero(lengths > 4 * np.median(some) + 16)


def adjacency(pattern: Any) -> list[list[int]]:
    """List the neighbours of each vertex, itself not among them."""
    indices, indptr = pattern.indices.tolist(), pattern.indptr.tolist()
    return [
        [w for w in indices[indptr[v] : indptr[v + 1]] if w != v]
        for v in range(pattern.shape[0])
    ]


def _colored(pattern: Any) -> Any:
    # Columns that meet nowhere make a star colouring too, and bands by formula.
    by_columns = color_columns(pattern)
    by_columns = np.where(by_columns < 0, 0, by_columns)  # of what had hubs only
    lengths = np.diff(pattern.indptr).astype(np.int64)
    if by_columns.max(initial=0) < 3 or int((lengths**2).sum()) > _MOST_PAIRS:
        return by_columns
    found = _Stars(adjacency(pattern)).colors
    return found if found.max(initial=0) < by_columns.max(initial=0) else by_columns


class _Stars:
    """The algorithm: colours so far, and for each edge the star that it belongs to."""

    def __init__(self, near: list[list[int]]) -> None:
        self._near = near
        count = len(near)
        self._colors = [-1] * count
        self._forbidden: list[int] = [-1] * (count + 1)
        self._first: list[tuple[int, int]] = [(-1, -1)] * (count + 1)
        self._treated = [-1] * count
        self._star: dict[tuple[int, int], int] = {}
        self._hub: list[int] = []
        for v in range(count):
            self._color(v)

    @property
    def colors(self) -> Any:
        """The colours."""
        return np.array(self._colors, int)

    def _color(self, v: int) -> None:
        colors, forbidden = self._colors, self._forbidden
        for w in self._near[v]:
            color = colors[w]
            if color < 0:
                continue
            forbidden[color] = v
            p, q = self._first[color]
            if p == v:  # a second neighbour of this colour: v will be in the middle
                if self._treated[q] != v:
                    self._treat(v, q)
                self._treat(v, w)
            else:
                self._first[color] = v, w
                for x in self._near[w]:
                    if x != v and colors[x] >= 0 and x == self._hub_of(w, x):
                        forbidden[colors[x]] = v
        color = 0
        while forbidden[color] == v:
            color += 1
        colors[v] = color
        self._enter(v)

    def _treat(self, v: int, w: int) -> None:
        for x in self._near[w]:
            if x != v and self._colors[x] >= 0:
                self._forbidden[self._colors[x]] = v
        self._treated[w] = v

    def _enter(self, v: int) -> None:
        """Put the edges from v to coloured neighbours into stars."""
        colors = self._colors
        for w in self._near[v]:
            if colors[w] < 0:
                continue
            like = next(
                (x for x in self._near[w] if x != v and colors[x] == colors[v]), None
            )
            if like is not None:
                star = self._star_of(w, like)
                self._hub[star] = w
            else:
                p, q = self._first[colors[w]]
                if p == v and q != w:
                    star = self._star_of(v, q)
                    self._hub[star] = v
                else:
                    star = len(self._hub)
                    self._hub.append(-1)
            self._star[(v, w) if v < w else (w, v)] = star

    def _star_of(self, v: int, w: int) -> int:
        return self._star[(v, w) if v < w else (w, v)]

    def _hub_of(self, v: int, w: int) -> int:
        return self._hub[self._star_of(v, w)]
