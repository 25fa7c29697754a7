"""Where nodes stand across their layers: in a given order, with straight long arrows.

Nodes of one layer keep their order and their distance. Within that, each wants to stand
in the middle of its neighbours of the layer before, or after; passing edges want it
most, and what ends at a leaf wants it least, so that long edges and chains of
operations run straight (Gansner, Koutsofios, North & Vo, 1993, IEEE Trans. Softw. Eng.
19)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from wengert.explanation.layout import Layout, Place

__all__ = ["straighten"]

_PASSES = 8
# How much an edge wants to be straight: one that passes on both ends, on one, on none.
_WEIGHTS = (1.0, 2.0, 8.0)
_LEAF = 0.02


def straighten(
    layout: Layout,
    edges: Sequence[tuple[int, int]],
    sizes: Sequence[float],
    passing: float,
    between: float,
) -> Layout:
    """Give a layout of the same layers and orders, its lengths in pixels.

    Parameters
    ----------
    layout : Layout
        Of these edges.
    edges : sequence of (int, int)
    sizes : sequence of float
        What each node takes of its layer.
    passing : float
        What a passing edge takes.
    between : float
        Least distance of two nodes.

    Returns
    -------
    Layout

    Examples
    --------
    >>> from wengert.explanation.layout import lay_out
    >>> edges = [(0, 2), (1, 2)]
    >>> placed = straighten(lay_out(3, edges), edges, [10, 10, 10], 0, 5)
    >>> [across for _, across in placed.nodes]
    [0.0, 15.0, 7.5]
    """
    straightener = _Straightener(layout, edges, sizes, passing, between)
    straightener.run()
    return straightener.result()


class _Straightener:
    """Items are the nodes, and after them the places that edges pass."""

    def __init__(
        self,
        layout: Layout,
        edges: Sequence[tuple[int, int]],
        sizes: Sequence[float],
        passing: float,
        between: float,
    ) -> None:
        self.layout, self.between = layout, between
        self.places: list[Place] = list(layout.nodes)
        self.sizes = list(sizes)
        self.routes: list[list[int]] = []
        known: dict[tuple[int, int], list[int]] = {}
        for edge, route in zip(edges, layout.routes, strict=True):
            if edge not in known:
                start = len(self.places)
                known[edge] = list(range(start, start + len(route)))
                self.places += route
                self.sizes += [passing] * len(route)
            self.routes.append(known[edge])
        self.links(list(known.items()))
        self.layers: list[list[int]] = [[] for _ in range(layout.depth)]
        for item in sorted(range(len(self.places)), key=lambda i: self.places[i][1]):
            self.layers[self.places[item][0]].append(item)
        unit = max(self.sizes, default=0.0) + between
        self.across = [across * unit for _, across in self.places]

    def links(self, routes: list[tuple[tuple[int, int], list[int]]]) -> None:
        """Note for each item its neighbours before and after it, with their weights."""
        count = len(self.layout.nodes)
        self.before: list[list[tuple[int, float]]] = [[] for _ in self.places]
        self.after: list[list[tuple[int, float]]] = [[] for _ in self.places]
        arriving = {target for (_, target), _ in routes}
        # What uses an operation's result stands below that rather than below an input.
        chained = {target for (source, target), _ in routes if source in arriving}
        for (source, target), route in routes:
            path = [source, *route, target]
            leaf = source not in arriving and target in chained
            for a, b in pairwise(path):
                last = leaf and b == target
                weight = _LEAF if last else _WEIGHTS[(a >= count) + (b >= count)]
                self.after[a].append((b, weight))
                self.before[b].append((a, weight))

    def run(self) -> None:
        for _ in range(_PASSES):
            for layer in self.layers:
                self.settle(layer, self.before)
            for layer in reversed(self.layers):
                self.settle(layer, self.after)

    def settle(self, layer: list[int], links: list[list[tuple[int, float]]]) -> None:
        """Move the items of a layer as near to where they want to be as there is room.

        Of all positions that keep order and distance, those that minimise the weighted
        squares of what is missing: pooling adjacent violators.
        """
        blocks: list[tuple[float, float, int]] = []  # position, weight, number of items
        offsets = self.offsets(layer)
        for item, offset in zip(layer, offsets, strict=True):
            weight = sum(w for _, w in links[item])
            wish = self.across[item]
            if weight:
                wish = sum(w * self.across[other] for other, w in links[item]) / weight
            block = (wish - offset, max(weight, _LEAF), 1)
            while blocks and blocks[-1][0] > block[0]:
                x, w, n = blocks.pop()
                both = w + block[1]
                block = ((x * w + block[0] * block[1]) / both, both, n + block[2])
            blocks.append(block)
        starts = [x for x, _, n in blocks for _ in range(n)]
        for item, start, offset in zip(layer, starts, offsets, strict=True):
            self.across[item] = start + offset

    def offsets(self, layer: list[int]) -> list[float]:
        """Give how far each item is from the first one, if all stand close."""
        offsets, end = [], 0.0
        for item in layer:
            half = self.sizes[item] / 2
            offsets.append(end + half)
            end += 2 * half + self.between
        return offsets

    def result(self) -> Layout:
        least = min(self.across, default=0.0)
        placed = [
            (layer, across - least)
            for (layer, _), across in zip(self.places, self.across, strict=True)
        ]
        nodes = placed[: len(self.layout.nodes)]
        return Layout(nodes, [[placed[i] for i in route] for route in self.routes])
