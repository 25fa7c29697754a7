"""Bodies are written down from types: nothing is computed, and nothing is asked."""

import numpy as np
import pytest

import wengert.numpy as wnp
import wengert.operators  # noqa: F401  (fills the registry)
from tests.peaks import peak_bytes
from wengert.errors import ControlFlowError, EscapedTracerError
from wengert.graph import ArrayType
from wengert.graph.evaluate import runner
from wengert.graph.primitive import PRIMITIVES, Linear
from wengert.trace.bodies import VIEWS, stage_body

F8 = np.dtype(float)


def written(f, *shapes):
    return stage_body(f, [ArrayType(shape, F8) for shape in shapes])


def gives_view(row):
    for sample in row.samples(np.random.default_rng(0), F8):
        x = sample.inputs
        y = row.impl(*x, **sample.params)
        if isinstance(y, np.ndarray) and any(
            isinstance(v, np.ndarray) and np.may_share_memory(v, y) for v in x
        ):
            return True
    return False


def test_views_are_those_of_the_rows():
    """What is written through a view must reach the array: so all must be known."""
    single = [
        row
        for row in PRIMITIVES.values()
        if type(row) is Linear and row.outputs == 1
        and all(len(s.inputs) == 1 for s in row.samples(np.random.default_rng(0), F8))
    ]  # fmt: skip
    assert {row.name for row in single if gives_view(row)} <= VIEWS


def test_nothing_is_computed():
    graph, values = written(lambda x: [np.linalg.inv(x) / 0.0], (2, 2))
    assert values == ()
    assert [e.primitive.name for e in graph.equations] == ["inv", "divide"]


def test_what_is_closed_over_comes_first():
    w = np.arange(3.0)
    graph, (value,) = written(lambda x: [x * w], (3,))
    assert value is w
    (y,) = runner(graph)(w, np.full(3, 2.0))
    np.testing.assert_array_equal(y, 2 * w)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: [x if x[0] > 0 else -x],
        lambda x: [x[: (x > 0).sum()]],
        lambda x: [x[x > 0]],
        lambda x: [x * int(x[0])],
        lambda x: [x + wnp.arange(0, x[0])],
        lambda x: [x * len([v for v in x if v])],
    ],
)
def test_python_gets_no_answer(f):
    with pytest.raises(ControlFlowError, match="test_bodies.py"):
        written(f, (3,))


def test_a_tracer_does_not_leave():
    kept = []
    written(lambda x: [kept.append(x) or x], (3,))
    with pytest.raises(EscapedTracerError):
        np.sin(kept[0])


def test_writing_and_views():
    def f(x):
        y = np.zeros_like(x)
        v = y.reshape(2, 2).T
        v[0] = x[2:]
        y[0] += 1.0
        return [v.copy(), y]

    graph, values = written(f, (4,))
    x = np.array([1.0, 2.0, 3.0, 4.0])
    expected = f(x)
    for a, b in zip(runner(graph)(*values, x), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_large_bodies_take_no_memory():
    def f(x):
        for _ in range(10):
            x = np.sin(x)[::-1] * 2.0
        return [x.reshape(1000, 1000).T.sum(axis=0)]

    assert peak_bytes(lambda: written(f, (1_000_000,))) < 1e6
