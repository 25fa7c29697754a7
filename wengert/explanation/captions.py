"""Where the numbers at arrows stand: beside their own arrow, on nothing else.

Each number has a few places to choose from, along its arrow and on either side of it.
It takes the one that covers least: boxes and other numbers above all, then lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from wengert.explanation.lettering import NUMBER, text_width
from wengert.explanation.placement import (
    GAP,
    Arrow,
    Curve,
    Placement,
    Point,
    beside,
    point_at,
)

__all__ = ["Caption", "place_captions"]

_HEIGHT = NUMBER + 1
_CELL = 60.0
_STEPS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9)
_SAMPLES = 24
# How far from the arrow, and whether on the wrong side of it.
_SIDES = ((3.0, False), (6.0, False), (10.0, False), (15.0, False), (3.0, True))

_ROUNDS = 3
# What it costs to stand on a box, on another number, and beside the wrong arrow, where
# to stand on a point of a line costs 1. Rather on a number, which will move.
_ON_BOX, _ON_NUMBER, _ON_WRONG_SIDE = 40.0, 14.0, 18.0

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Caption:
    """A number in place: its middle."""

    text: str
    backward: bool
    x: float
    y: float


def place_captions(placement: Placement) -> list[Caption]:
    """Choose the places of the numbers at all arrows, one by one, some rounds."""
    return _Chooser(placement).run()


class _Chooser:
    def __init__(self, placement: Placement) -> None:
        self.boxes, self.numbers, self.lines = _Plane(), _Plane(), _Plane()
        for box in placement.boxes:
            self.boxes.add((box.x, box.y, box.x + box.width, box.y + box.height))
        for arrow in placement.arrows:
            for curve in arrow.curves:
                for moved in _ways(arrow, curve):
                    for i in range(_SAMPLES + 1):
                        x, y = point_at(moved, i / _SAMPLES)
                        self.lines.add((x, y, x, y))
        self.texts: list[tuple[str, bool]] = []
        self.choices: list[list[tuple[Rectangle, float]]] = []
        joined: set[tuple[int, int]] = set()
        for arrow in placement.arrows:
            ends = (arrow.edge.source, arrow.edge.target)
            for text, backward in _texts(arrow):
                # In x * x, one number says what both arrows carry forward.
                if backward or ends not in joined:
                    width = text_width(text, NUMBER) + 4
                    self.texts.append((text, backward))
                    self.choices.append(self.priced(arrow, width, backward))
            joined.add(ends)

    def priced(
        self, arrow: Arrow, width: float, backward: bool
    ) -> list[tuple[Rectangle, float]]:
        return [
            (
                rectangle,
                price
                + self.lines.count(rectangle)
                + _ON_BOX * self.boxes.count(rectangle),
            )
            for rectangle, price in _candidates(arrow, width, backward)
        ]

    def run(self) -> list[Caption]:
        chosen: list[Rectangle | None] = [None] * len(self.texts)
        for _ in range(_ROUNDS):
            for k, choices in enumerate(self.choices):
                own = chosen[k]
                if own is not None:
                    self.numbers.remove(own)
                best = min(choices, key=self.price)[0]
                self.numbers.add(best)
                chosen[k] = best
        return [
            Caption(text, backward, (r[0] + r[2]) / 2, (r[1] + r[3]) / 2)
            for (text, backward), r in zip(self.texts, chosen, strict=True)
            if r is not None
        ]

    def price(self, choice: tuple[Rectangle, float]) -> float:
        rectangle, price = choice
        return price + _ON_NUMBER * self.numbers.count(rectangle)


def _texts(arrow: Arrow) -> Iterator[tuple[str, bool]]:
    yield arrow.edge.forward, False
    if arrow.edge.backward is not None:
        yield arrow.edge.backward, True


def _ways(arrow: Arrow, curve: Curve) -> list[Curve]:
    if arrow.edge.backward is None:
        return [curve]
    return [beside(curve, -GAP), beside(curve, GAP)]


def _candidates(
    arrow: Arrow, width: float, backward: bool
) -> Iterator[tuple[Rectangle, float]]:
    """Give places for a number, each with what speaks against it beforehand."""
    both = arrow.edge.backward is not None
    # Values stand on the side of their arrow: above it, or to its right going down.
    side = (1.0 if backward else -1.0) * (GAP if both else 0.0)
    for rank, curve in enumerate(_long_curves(arrow)):
        for order, t in enumerate(_STEPS):
            for far, flipped in _SIDES:
                sign = math.copysign(1.0, side) if side else -1.0
                sign = -sign if flipped else sign
                x, y = _aside(curve, t, sign, width, abs(side) + far)
                cost = 0.3 * order + 1.0 * rank + 0.4 * (far - 3)
                cost += _ON_WRONG_SIDE * flipped
                half = width / 2
                yield (x - half, y - _HEIGHT / 2, x + half, y + _HEIGHT / 2), cost


def _long_curves(arrow: Arrow) -> list[Curve]:
    """List the parts of an arrow that have room: nearest to the target, first."""
    lengths = [(math.dist(c[0], c[3]), i) for i, c in enumerate(arrow.curves)]
    return [arrow.curves[i] for length, i in reversed(lengths) if length > 30] or [
        arrow.curves[max(lengths)[1]]
    ]


def _aside(curve: Curve, t: float, sign: float, width: float, far: float) -> Point:
    """Give the middle of a text so that it clears the curve at t by `far`."""
    x, y = point_at(curve, t)
    (ax, ay), (bx, by) = point_at(curve, max(0, t - 0.05)), point_at(curve, t + 0.05)
    length = math.hypot(bx - ax, by - ay) or 1.0
    nx, ny = -(by - ay) / length * sign, (bx - ax) / length * sign
    # The text's own half extent in that direction.
    reach = far + abs(nx) * width / 2 + abs(ny) * _HEIGHT / 2
    return (x + nx * reach, y + ny * reach)


class _Plane:
    """Rectangles by the cells of a grid, to count those that another one meets."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[Rectangle]] = {}

    def add(self, rectangle: Rectangle) -> None:
        for cell in self.covered(rectangle):
            self.cells.setdefault(cell, []).append(rectangle)

    def remove(self, rectangle: Rectangle) -> None:
        for cell in self.covered(rectangle):
            self.cells[cell].remove(rectangle)

    def count(self, rectangle: Rectangle) -> int:
        left, top, right, bottom = rectangle
        met = {
            other
            for cell in self.covered(rectangle)
            for other in self.cells.get(cell, ())
            if other[0] < right
            and left < other[2]
            and other[1] < bottom
            and top < other[3]
        }
        return len(met)

    @staticmethod
    def covered(rectangle: Rectangle) -> Iterator[tuple[int, int]]:
        left, top, right, bottom = (int(v // _CELL) for v in rectangle)
        for i in range(left, right + 1):
            for j in range(top, bottom + 1):
                yield (i, j)
