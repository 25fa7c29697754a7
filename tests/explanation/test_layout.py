"""Layers, straight chains, and arrows side by side."""

from itertools import combinations

import numpy as np
import pytest

from wengert.explanation.layout import Layout, lay_out
from wengert.explanation.placement import beside, point_at
from wengert.explanation.straighten import straighten


def test_layers_ascend_along_every_edge():
    edges = [(0, 2), (1, 2), (2, 3), (0, 3), (0, 3), (5, 6)]
    layout = lay_out(8, edges)
    layers = [layer for layer, _ in layout.nodes]
    for (source, target), route in zip(edges, layout.routes, strict=True):
        passed = [layers[source], *(layer for layer, _ in route), layers[target]]
        assert passed == list(range(passed[0], passed[-1] + 1)) and len(passed) > 1
    assert len(set(layout.nodes)) == 8


def test_the_layout_of_nothing_is_empty():
    assert lay_out(0, []) == Layout([], [])
    assert lay_out(0, []).depth == 0


def test_straightening_keeps_order_and_distance_and_makes_chains_straight():
    edges = [(0, 1), (1, 2), (2, 3), (4, 1), (5, 2), (6, 3)]
    order = lay_out(7, edges, near=True)
    placed = straighten(order, edges, [10.0] * 7, 2, 5)
    chain = [placed.nodes[k][1] for k in (1, 2, 3)]
    assert max(chain) - min(chain) < 1
    for a, b in combinations(range(7), 2):
        if order.nodes[a][0] == order.nodes[b][0]:
            before = order.nodes[a][1] < order.nodes[b][1]
            gap = placed.nodes[b][1] - placed.nodes[a][1]
            assert (gap if before else -gap) >= 15 - 1e-9


def test_the_two_ways_of_an_arrow_are_equally_far_apart():
    curve = ((0.0, 0.0), (50.0, 0.0), (50.0, 80.0), (100.0, 80.0))
    left, right = beside(curve, -3), beside(curve, 3)
    for k in range(11):
        (ax, ay), (bx, by) = point_at(left, k / 10), point_at(right, k / 10)
        assert np.hypot(ax - bx, ay - by) == pytest.approx(6, rel=0.25)
