"""The pattern of every row that is no plain function of elements holds its Jacobian."""

import numpy as np
import pytest

import wengert.scipy.fft
import wengert.scipy.linalg
import wengert.scipy.ndimage
import wengert.scipy.signal
import wengert.scipy.sparse  # noqa: F401  (each registers its rows)
from wengert.analysis.sparsity import dependence
from wengert.graph import PRIMITIVES, Constant, Elementwise
from wengert.graph.dependence import active_inputs
from wengert.trace.staging import stage_function
from wengert.transforms.forward import push_function

ROWS = [
    name
    for name, row in PRIMITIVES.items()
    if not isinstance(row, Constant)
    and (not isinstance(row, Elementwise) or name in ("multiply", "scale", "divide"))
]


def columns(f, xs):
    """Give the Jacobian, a column for each direction."""
    directions = []
    for i, x in enumerate(xs):
        for k in range(x.size):
            unit = np.zeros(x.size, x.dtype)
            unit[k] = 1
            seeds = [None] * len(xs)
            seeds[i] = unit.reshape(x.shape)[()]
            directions.append(seeds)
    ys, dots = push_function(f, xs, directions)
    size = sum(y.size for y in ys)
    found = np.zeros((size, len(directions)), complex)
    for column, own in enumerate(dots):
        parts = [
            np.zeros(y.size) if dot is None else np.ravel(dot)
            for y, dot in zip(ys, own, strict=True)
        ]
        found[:, column] = np.concatenate(parts) if parts else 0
    return found


@pytest.mark.parametrize("name", ROWS)
def test_the_pattern_of_a_row_is_a_superset(name):
    row = PRIMITIVES[name]
    for sample in row.samples(np.random.default_rng(0), np.dtype(np.float64)):
        inputs = [np.asarray(v)[()] for v in sample.inputs]
        active = [
            i for i in active_inputs(row, len(inputs)) if inputs[i].dtype.kind == "f"
        ]

        def f(*values, sample=sample, inputs=inputs, active=active):
            filled = list(inputs)
            for i, value in zip(active, values, strict=True):
                filled[i] = value
            y = row(*filled, **sample.params)
            return list(y) if row.is_tuple else [y]

        xs = [inputs[i] for i in active]
        graph = stage_function(f, xs)[1]
        found = dependence(graph, range(len(xs))).pattern.toarray()
        assert not ((columns(f, xs) != 0) & ~found).any()
