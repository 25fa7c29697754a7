"""Where the nodes of a drawing stand: in layers, with few crossings.

The method is Sugiyama's (Sugiyama, Tagawa & Toda, 1981, IEEE Trans. SMC 11): nodes get
layers so that every edge points one way, the order within a layer is chosen to cross
few edges, and long edges are routed through each layer that they pass. The library
fast-sugiyama does it; it is loaded when the first drawing is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

__all__ = ["Layout", "Place", "lay_out"]

# A layer (0 for the first), and a position across it in multiples of a node's own size.
Place = tuple[int, float]

# What a passing edge takes of a layer, compared with a node.
_THREAD = 0.3
# Layers of a drawing up to which the inputs stand in the first layer, as in textbooks.
# Beyond, they stand near their first use, for shorter edges.
_SHALLOW = 8


@dataclass(frozen=True)
class Layout:
    """Places of nodes, and the places that edges pass on their way.

    Attributes
    ----------
    nodes : list of (int, float)
        For each node its layer and its position across the layer.
    routes : list of list of (int, float)
        For each edge the places it passes in the layers between its ends.
    """

    nodes: list[Place]
    routes: list[list[Place]]

    @property
    def depth(self) -> int:
        """The number of layers."""
        return 1 + max((layer for layer, _ in self.nodes), default=-1)

    def scaled(self, factor: float) -> Layout:
        """Give the same layout in another unit of length across."""
        nodes = [(layer, across * factor) for layer, across in self.nodes]
        routes = [[(layer, a * factor) for layer, a in route] for route in self.routes]
        return Layout(nodes, routes)


def lay_out(count: int, edges: Sequence[tuple[int, int]], near: bool = False) -> Layout:
    """Place `count` nodes, numbered from 0, and route the edges between them.

    Parameters
    ----------
    count : int
    edges : sequence of (int, int)
        Source and target of each, without cycles; the same edge may stand there twice.
    near : bool
        Whether each input stands near its first use, rather than in the first layer.

    Returns
    -------
    Layout

    Raises
    ------
    ImportError
        If the library fast-sugiyama is not installed.

    Examples
    --------
    >>> layout = lay_out(3, [(0, 1), (1, 2), (0, 2)])
    >>> [layer for layer, _ in layout.nodes]
    [0, 1, 2]
    >>> [[layer for layer, _ in route] for route in layout.routes]
    [[], [], [1]]
    """
    nodes: dict[int, Place] = {}
    routes: dict[tuple[int, int], list[Place]] = {}
    left = 0.0
    for places, links in _components(edges, near):
        shift = left - min(across for _, across in places.values())
        placed = {n: (layer, across + shift) for n, (layer, across) in places.items()}
        left = 1 + max(across for _, across in placed.values())
        nodes.update((n, place) for n, place in placed.items() if n < count)
        for source, path in _paths(links, count):
            routes[source, path[-1]] = [placed[n] for n in path[:-1]]
    for node in range(count):
        if node not in nodes:  # without edges, as an input that nothing uses
            nodes[node] = (0, left)
            left += 1
    return Layout([nodes[n] for n in range(count)], [routes[edge] for edge in edges])


def _components(
    edges: Sequence[tuple[int, int]], near: bool
) -> list[tuple[dict[int, Place], list[tuple[int, int]]]]:
    """Lay out each connected part: places of nodes and of passing edges, and links."""
    if not edges:
        return []
    unique = list(dict.fromkeys(edges))
    # The library numbers passing edges from the number of its nodes on, so that its
    # nodes have to be 0, 1, 2 …, and ours get their own numbers back.
    known = sorted({node for edge in unique for node in edge})
    number = {node: i for i, node in enumerate(known)}
    free = known[-1] + 1

    def own(n: Any) -> int:
        return known[n] if n < len(known) else free + int(n)

    numbered = [(number[source], number[target]) for source, target in unique]
    layouts = _laid_out(numbered, "up")
    if near or any(height >= _SHALLOW for _, _, height, _ in layouts):
        layouts = _laid_out(numbered, "minimize")
    components = []
    for positions, _, _, links in layouts:
        top = max(y for _, (_, y) in positions)
        places = {own(n): (round(top - y), float(x)) for n, (x, y) in positions}
        _orient(places, free)
        components.append((places, [(own(a), own(b)) for a, b in links or ()]))
    components.sort(key=lambda component: min(component[0]))
    return components


def _laid_out(edges: list[tuple[int, int]], ranking: Literal["up", "minimize"]) -> Any:
    try:
        import fast_sugiyama
    except ImportError as error:
        raise ImportError(
            "a drawing as SVG needs the library fast-sugiyama for its layout: "
            'pip install "fast-sugiyama>=0.5". The formats "dot" and "mermaid" do '
            "without it."
        ) from error
    return fast_sugiyama.from_edges(
        edges,
        vertex_spacing=1.0,
        minimum_length=1,
        dummy_vertices=True,
        dummy_size=_THREAD,
        ranking_type=ranking,
        crossing_minimization="barycenter",
    )


def _orient(places: dict[int, Place], free: int) -> None:
    """Mirror a part in which nodes of a layer stand against their own order."""
    by_layer: dict[int, list[int]] = {}
    for node in sorted(node for node in places if node < free):
        by_layer.setdefault(places[node][0], []).append(node)
    ascending = 0
    for layer in by_layer.values():
        for a, b in pairwise(layer):
            ascending += 1 if places[a][1] < places[b][1] else -1
    if ascending < 0:
        for node, (number, across) in places.items():
            places[node] = (number, -across)


def _paths(links: list[tuple[int, int]], count: int) -> list[tuple[int, list[int]]]:
    """Join the links of each edge: its source, and what follows up to its target."""
    following: dict[int, list[int]] = {}
    for source, target in links:
        following.setdefault(source, []).append(target)
    paths = []
    for source in [node for node in following if node < count]:
        for node in following[source]:
            path = [node]
            while path[-1] >= count:
                path.append(following[path[-1]][0])
            paths.append((source, path))
    return paths
