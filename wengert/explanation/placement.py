"""From a picture and its layout to lengths: boxes, curves, and where the numbers stand.

Lengths are in pixels at the drawing's own size. A drawing with few layers runs from
left to right, one with many from top to bottom, as pages scroll. All is computed
*along* this direction and *across* it, and turned at the end.

The two arrows of an edge run beside each other: the curve of the edge, moved a little
to one side for the value and to the other for the adjoint."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from wengert.explanation.layout import lay_out
from wengert.explanation.lettering import LEADING, LINE, NUMBER, SYMBOL, text_width
from wengert.explanation.picture import Edge, Node, Picture
from wengert.explanation.straighten import straighten

__all__ = [
    "GAP",
    "Arrow",
    "Box",
    "Curve",
    "Placement",
    "Point",
    "beside",
    "place",
    "point_at",
]

Point = tuple[float, float]
# Control points of a cubic Bézier curve.
Curve = tuple[Point, Point, Point, Point]

# From the middle line of an edge to its two arrows.
GAP = 3.0
_PADDING = 10.0
# What lies between two boxes of a layer, and what a passing edge takes beside that.
_BETWEEN, _PASSING = 32.0, 4.0
# Distance of arrows at a box, from left to right and from top to bottom.
_PORTS = (20.0, 30.0)
# The width up to which a drawing runs from left to right.
_WIDE = 1300.0
# Layers are as far apart as to keep arrows from being steeper than this.
_STEEP = 2.2
# Least and greatest distance of layers, from left to right and from top to bottom.
_ACROSS_PAGE, _DOWN_PAGE = (80.0, 240.0), (74.0, 110.0)


@dataclass
class Box:
    """A node in place: its corner and size, and the width of its symbol's part."""

    node: Node
    width: float
    height: float
    divide: float
    x: float = 0.0
    y: float = 0.0


@dataclass
class Arrow:
    """An edge in place.

    Attributes
    ----------
    edge : Edge
    curves : list of Curve
        Of its middle line, from source to target; each begins where the one before it
        ends.
    """

    edge: Edge
    curves: list[Curve] = field(default_factory=list)


@dataclass
class Placement:
    """All boxes and arrows in place, and the size of the whole."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: float
    height: float


def beside(curve: Curve, distance: float) -> Curve:
    """Move a curve to one side, all along by the same distance.

    Its control polygon is moved leg by leg (Tiller & Hanson, 1984, IEEE CG&A 4).

    Examples
    --------
    >>> beside(((0, 0), (1, 0), (2, 0), (3, 0)), 5)
    ((0.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 5.0))
    """
    normals = [_normal(a, b) for a, b in pairwise(curve)]
    joints = [normals[0], *map(_between, pairwise(normals)), normals[-1]]
    moved = [
        (x + distance * nx, y + distance * ny)
        for (x, y), (nx, ny) in zip(curve, joints, strict=True)
    ]
    return (moved[0], moved[1], moved[2], moved[3])


def _normal(a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    return (-dy / length, dx / length)


def _between(normals: tuple[Point, Point]) -> Point:
    """Where two moved legs meet: as far from each leg as its own normal."""
    (ax, ay), (bx, by) = normals
    scale = 1 + ax * bx + ay * by
    return ((ax + bx) / scale, (ay + by) / scale) if scale > 0.2 else (ax, ay)


def point_at(curve: Curve, t: float) -> Point:
    """Give the point of a curve at t, from 0 to 1."""
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    x = sum(w * p[0] for w, p in zip(weights, curve, strict=True))
    y = sum(w * p[1] for w, p in zip(weights, curve, strict=True))
    return (x, y)


def place(picture: Picture) -> Placement:
    """Find a place for everything in a picture.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    Placement

    Raises
    ------
    ImportError
        If the library for layouts is not installed.

    Notes
    -----
    Cost: that of the layout, which grows faster than the number of nodes; some 20 ms
    for 300 of them.
    """
    return _Placer(picture).run()


class _Placer:
    def __init__(self, picture: Picture) -> None:
        self.edges = picture.edges
        self.boxes = [_box(node) for node in picture.nodes]
        self.ends = [(edge.source, edge.target) for edge in self.edges]
        near = any(node.kind.endswith("again") for node in picture.nodes)
        self.order = lay_out(len(self.boxes), self.ends, near)
        self.down = False
        self.measure()
        if self.bands and self.bands[-1][1] > _WIDE:
            self.down = True
            self.measure()

    def measure(self) -> None:
        """Find how large everything is, in the direction that was chosen."""
        sizes = [self.size(box) for box in self.boxes]
        if self.down:
            self.layout = straighten(self.order, self.ends, sizes, _PASSING, _BETWEEN)
        else:  # boxes of about one height stand on a grid
            self.layout = self.order.scaled(max(sizes, default=0.0) + _BETWEEN)
        self.bands = list(self.layers())

    def run(self) -> Placement:
        if not self.down:  # the boxes of a column are equally wide
            for box, (layer, _) in zip(self.boxes, self.layout.nodes, strict=True):
                if not box.node.lines:
                    continue
                box.width = self.bands[layer][1] - self.bands[layer][0]
        for box, (layer, middle) in zip(self.boxes, self.layout.nodes, strict=True):
            start, end = self.bands[layer]
            corner = ((start + end - self.length(box)) / 2, middle - self.size(box) / 2)
            box.x, box.y = self.turned(corner)
        arrows = self.arrows()
        points = [p for arrow in arrows for curve in arrow.curves for p in curve]
        xs = [box.x + box.width for box in self.boxes] + [x for x, _ in points]
        ys = [box.y + box.height for box in self.boxes] + [y for _, y in points]
        self.shift(arrows, xs, ys)
        return Placement(self.boxes, arrows, *self.extent)

    def shift(self, arrows: list[Arrow], xs: list[float], ys: list[float]) -> None:
        """Move all so that the least corner is (0, 0)."""
        left = min([box.x for box in self.boxes] + xs, default=0.0)
        top = min([box.y for box in self.boxes] + ys, default=0.0)
        for box in self.boxes:
            box.x, box.y = box.x - left, box.y - top
        for arrow in arrows:
            arrow.curves = [
                tuple((x - left, y - top) for x, y in curve)  # type: ignore[misc]
                for curve in arrow.curves
            ]
        self.extent = max(xs, default=0.0) - left, max(ys, default=0.0) - top

    # ----- along and across -----

    def turned(self, point: Point) -> Point:
        along, across = point
        return (across, along) if self.down else (along, across)

    def length(self, box: Box) -> float:
        return box.height if self.down else box.width

    def size(self, box: Box) -> float:
        return box.width if self.down else box.height

    def layers(self) -> Iterator[tuple[float, float]]:
        """Give for each layer where it begins and ends, along."""
        lengths = [0.0] * self.layout.depth
        for box, (layer, _) in zip(self.boxes, self.layout.nodes, strict=True):
            lengths[layer] = max(lengths[layer], self.length(box))
        texts = [edge.forward for edge in self.edges]
        texts += [edge.backward or "" for edge in self.edges]
        widest = max((text_width(text, NUMBER) for text in texts), default=0.0)
        least, greatest = _DOWN_PAGE if self.down else _ACROSS_PAGE
        if not self.down:
            least = min(max(least, widest + 44), 1.5 * least)
        start = 0.0
        for length, span in zip(lengths, self.spans(), strict=True):
            yield start, start + length
            start += length + min(max(least, span / _STEEP), greatest)

    def spans(self) -> list[float]:
        """Give for each layer how far across an edge runs from it to the next one."""
        spans = [0.0] * self.layout.depth
        for edge, route in zip(self.edges, self.layout.routes, strict=True):
            ends = self.layout.nodes[edge.source], self.layout.nodes[edge.target]
            for (layer, a), (_, b) in pairwise([ends[0], *route, ends[1]]):
                spans[layer] = max(spans[layer], abs(a - b))
        return spans

    # ----- arrows -----

    def arrows(self) -> list[Arrow]:
        """Draw each edge as S-shaped curves between layers, straight through layers."""
        stops = [self.stops(k) for k in range(len(self.edges))]
        leave = self.ports([s[1][1] for s in stops], [e.source for e in self.edges])
        enter = self.ports([s[-2][1] for s in stops], [e.target for e in self.edges])
        arrows = []
        for k, edge in enumerate(self.edges):
            source, target = self.boxes[edge.source], self.boxes[edge.target]
            first, last = stops[k][0], stops[k][-1]
            begin = (first[0] + self.length(source) / 2, first[1] + leave[k])
            end = (last[0] - self.length(target) / 2, last[1] + enter[k])
            # A box may be shorter than its layer: straight on to where that ends.
            path = [
                begin, (self.band(edge.source)[1], begin[1]), *stops[k][1:-1],
                (self.band(edge.target)[0], end[1]), end,
            ]  # fmt: skip
            bulge = 0.0 if self.layout.routes[k] else 1.5 * self.aside[k]
            curves = [
                self.curve(a, b, bulge) for a, b in pairwise(path) if _apart(a, b)
            ]
            arrows.append(Arrow(edge, curves))
        return arrows

    def stops(self, k: int) -> list[Point]:
        """List the middles of the ends of an edge, and between them what it passes."""
        edge = self.edges[k]
        points = [self.middle(edge.source)]
        for layer, across in self.layout.routes[k]:
            start, end = self.bands[layer]
            way = across + self.aside[k]
            points += [(start, way), (end, way)]
        return [*points, self.middle(edge.target)]

    @cached_property
    def aside(self) -> list[float]:
        """Keep edges apart that join the same two nodes, as in x * x."""
        alike: dict[tuple[int, int], list[int]] = {}
        for k, edge in enumerate(self.edges):
            alike.setdefault((edge.source, edge.target), []).append(k)
        offsets = [0.0] * len(self.edges)
        for edges in alike.values():
            for place, k in enumerate(edges):
                offsets[k] = (place - (len(edges) - 1) / 2) * 4 * GAP
        return offsets

    def band(self, node: int) -> Point:
        return self.bands[self.layout.nodes[node][0]]

    def middle(self, node: int) -> Point:
        return (sum(self.band(node)) / 2, self.layout.nodes[node][1])

    def ports(self, towards: list[float], nodes: list[int]) -> list[float]:
        """Spread the arrows of each node along its side, in the order they come in."""
        at_node: dict[int, list[int]] = {}
        for k, node in enumerate(nodes):
            at_node.setdefault(node, []).append(k)
        offsets = [0.0] * len(nodes)
        for node, edges in at_node.items():
            edges.sort(key=lambda k: (towards[k], k))
            room = self.size(self.boxes[node]) - 16
            step = min(_PORTS[self.down], room / max(1, len(edges) - 1))
            for place, k in enumerate(edges):
                offsets[k] = (place - (len(edges) - 1) / 2) * step
        return offsets

    def curve(self, a: Point, b: Point, bulge: float) -> Curve:
        """Leave a and reach b along the direction of the drawing."""
        bend = (b[0] - a[0]) * (0.5 if a[1] != b[1] else 1 / 3)
        points = (a, (a[0] + bend, a[1] + bulge), (b[0] - bend, b[1] + bulge), b)
        return tuple(map(self.turned, points))  # type: ignore[return-value]


def _apart(a: Point, b: Point) -> bool:
    return math.dist(a, b) > 0.01


def _box(node: Node) -> Box:
    symbol = text_width(node.symbol, SYMBOL, bold=True)
    texts = [text for line in node.lines for text in (line.forward, line.backward)]
    lines = max((text_width(text, LINE) for text in texts), default=0.0)
    divide = max(symbol + 2 * _PADDING, 36.0)
    if not node.lines:
        return Box(node, divide, 28.0, divide)
    rows = sum(2 if line.backward else 1 for line in node.lines)
    height = max(rows * LEADING + 12, 34.0)
    return Box(node, divide + lines + 2 * _PADDING, height, divide)
