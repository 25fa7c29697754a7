"""Random Graphs and random programs as C, many of them in each compilation."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engines.c.compiling import Batch, check_close, needs_cc
from tests.graph.random_graphs import graphs, run
from wengert import grad, trace
from wengert.errors import EngineError

pytestmark = needs_cc

# Each attempt to shrink a batch would be a compilation; the message names the Graph.
relaxed = settings(
    deadline=None,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def compare(batch, rtol=1e-12):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label, results, expected in batch.run():
            check_close(label, results, expected, rtol)


def check_graphs(some, folder):
    batch = Batch(folder)
    for graph, inputs in some:
        if isinstance(run(graph, inputs), type):
            continue  # a guard fails, or Python raises
        try:
            batch.add(graph, inputs, str(graph))
        except EngineError:
            continue  # complex numbers
    if len(batch):
        compare(batch)
    return len(batch)


many = st.lists(graphs(), min_size=10, max_size=10)


@settings(relaxed, max_examples=10)
@given(many)
def test_graphs(tmp_path_factory, some):
    check_graphs(some, tmp_path_factory.mktemp("graphs"))


@pytest.mark.slow
@settings(relaxed, max_examples=60)
@given(many)
def test_many_graphs(tmp_path_factory, some):
    check_graphs(some, tmp_path_factory.mktemp("graphs"))


# ----- programs: matrices, slices, sums, products, writes, and gradients of them -----

UNARY = (
    np.sin, np.tanh, np.square, lambda a: np.exp(-a * a), lambda a: np.abs(a) + 0.1,
    lambda a: a[::-1], lambda a: a.T, lambda a: a - a.mean(0),
    lambda a: np.roll(a, 1, 1), lambda a: a * a.sum(1, keepdims=True),
    lambda a: np.concatenate([a[1:], a[:1]]), lambda a: a[:, ::2] @ a[::2],
    lambda a: a[np.array([2, 0, 0, 1])] * 0.5, lambda a: np.where(a > 0.2, a, a * a),
    lambda a: np.maximum(a, a.T), lambda a: a.reshape(2, 8).T.reshape(4, 4),
    lambda a: np.stack([a[0], a[3], a[1], a[1]], 1), lambda a: a / (1 + a.max()),
)  # fmt: skip
BINARY = (
    np.add, np.subtract, np.multiply, lambda a, b: a @ b, lambda a, b: a / (1 + b * b),
    np.maximum, lambda a, b: np.where(a < b, a, b[0]), lambda a, b: a * b[:, 1:2],
    lambda a, b: np.hypot(a, b + 3), lambda a, b: np.outer(a[0], b[:, 2]),
)  # fmt: skip


def written(a, b):
    """Write into an array, at a slice and at one place."""
    a = a.copy()
    a[1:3, ::-1] += b[:2]
    a[0, 0] = b[3, 3] * a[1, 1]
    return a


@st.composite
def programs(draw):
    """Draw a function of two matrices, to one number."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([*UNARY, *BINARY, written]),
                st.integers(0, 30),
                st.integers(0, 30),
            ),
            min_size=1,
            max_size=8,
        )
    )

    def f(x, y):
        values = [x, y]
        for step, i, j in steps:
            pair = values[-1 - i % len(values)], values[-1 - j % len(values)]
            made = step(pair[0]) if step in UNARY else step(*pair)
            values.append(made / (1 + 0.1 * np.sum(made * made)))
        return np.sum(values[-1] * np.arange(16.0).reshape(4, 4)) + values[-1][2, 1]

    return f


def check_programs(some, seed, folder):
    rng = np.random.default_rng(seed)
    batch = Batch(folder)
    for f in some:
        xs = [rng.normal(size=(4, 4)), rng.normal(size=(4, 4))]
        batch.add(trace(f, *xs), xs)
        batch.add(trace(grad(f, (0, 1)), *xs), xs)
    compare(batch, rtol=1e-9)


@settings(relaxed, max_examples=3)
@given(st.lists(programs(), min_size=8, max_size=8), st.integers(0, 99))
def test_programs(tmp_path_factory, some, seed):
    check_programs(some, seed, tmp_path_factory.mktemp("programs"))


@pytest.mark.slow
@settings(relaxed, max_examples=40)
@given(st.lists(programs(), min_size=12, max_size=12), st.integers(0, 9999))
def test_many_programs(tmp_path_factory, some, seed):
    check_programs(some, seed, tmp_path_factory.mktemp("programs"))
