"""The table of edges: complete, named after rows, and right where rows state a kink."""

import numpy as np
import pytest

import wengert.primitives.special  # noqa: F401
from wengert.analysis.kinks import COMPLEX, EDGES, STEADY
from wengert.graph.primitive import PRIMITIVES

STATED = {
    f"{name} at {kink.inputs}": (row, kink)
    for name, row in PRIMITIVES.items()
    for kink in row.kinks
    if name in EDGES
}
# Conventions off the edge itself: at an infinity, a NaN, or where the edge ends.
APART = {
    "fmax at (1.0, nan)",
    "fmin at (1.0, nan)",
    "power at (0.0, 0.0)",
    "power at (0.0, 1.0)",
    "power at (0.0, 2.0)",
    "xlogy at (0.0, 1.0)",
    "xlog1py at (0.0, 0.0)",
}

pytestmark = pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")


def test_every_row_that_states_a_kink_is_in_the_table():
    stated = {name for name, row in PRIMITIVES.items() if row.kinks}
    assert stated <= {*EDGES, *STEADY}
    assert not set(EDGES) & set(STEADY)


def test_the_tables_hold_rows_alone():
    assert {*EDGES, *STEADY} <= set(PRIMITIVES)
    assert set(COMPLEX) <= set(EDGES) | {"loggamma"}


@pytest.mark.parametrize("case", STATED)
def test_the_distance_of_a_stated_kink_is_zero(case):
    row, kink = STATED[case]
    y = row.evaluate(kink.inputs, kink.params)
    nearest = np.min(EDGES[row.name].distance(kink.inputs, y, kink.params))
    assert (nearest > 0) == (case in APART)


@pytest.mark.parametrize("name", sorted(EDGES))
def test_samples_are_away_from_edges(name):
    row = PRIMITIVES[name]
    rng = np.random.default_rng(3)
    for sample in row.samples(rng, np.dtype(float)):
        if not all(np.size(x) for x in sample.inputs):
            continue
        y = row.evaluate(sample.inputs, sample.params)
        distance = np.asarray(EDGES[name].distance(sample.inputs, y, sample.params))
        assert np.all(distance >= 0)
        if row.kinks:
            assert np.all(distance > 1e-6)
