"""Values computed once more: the same outputs, in less memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad, trace
from wengert.analysis import peak_memory
from wengert.engines import NumpyEngine
from wengert.graph.check import check
from wengert.graph.parse import parse
from wengert.graph.walk import count, inner_graphs
from wengert.passes import prune, reroll, simplify
from wengert.passes.cut import least_kept
from wengert.passes.rematerialize import (
    carried,
    crossing,
    rematerialize,
    stretches,
)

TEXT = """graph(s: f64[8], x: f64[8]) {
    a = sin x
    b = exp a
    c = multiply b b
    d = tanh c
    e = multiply s d
    f = multiply e b
    g = multiply f a
    return c, g
}"""
LATE = 4


def graph_and_vars():
    graph = parse(TEXT)
    return graph, [equation.outputs[0] for equation in graph.equations]


def run(graph, seed=0):
    rng = np.random.default_rng(seed)
    return NumpyEngine().compile(graph)(
        *(rng.normal(size=var.type.shape) for var in graph.inputs)
    )


@settings(deadline=None, max_examples=20)
@given(st.sets(st.integers(0, LATE - 1)))
def test_the_outputs_stay(kept):
    graph, vars = graph_and_vars()
    again = rematerialize(graph, LATE, {vars[k] for k in kept})
    check(again)
    for a, b in zip(run(graph), run(again), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_not_kept_is_computed_when_it_is_asked_for():
    graph, (a, b, c, d, *_) = graph_and_vars()
    assert crossing(graph, LATE) == [a, b, d]
    assert carried(graph, LATE) == [set(), {a}, {b}, {c}]
    everything = rematerialize(graph, LATE, {a, b, d})
    assert count(everything)["checkpoint"] == 0
    again = rematerialize(graph, LATE, {b})
    names = [equation.primitive.name for equation in again.equations]
    assert names == [
        "sin", "exp", "multiply", "checkpoint", "multiply", "multiply", "checkpoint",
        "multiply",
    ]  # fmt: skip
    bodies = [count(g) for e in again.equations for g in inner_graphs(e)]
    # c is an output, and so is there.
    assert bodies == [{"tanh": 1}, {"sin": 1}]


def test_passes_leave_the_order():
    def f(x):
        for _ in range(12):
            x = np.sin(np.exp(-x * x))
        return x.sum()

    graph = prune(trace(grad(f), np.ones(1000)))
    late = len(graph.equations) // 2
    cuts = stretches(graph, late, 4)
    assert len(cuts) == 3
    kept = set().union(*(carried(graph, late)[k] for k in cuts))
    again = rematerialize(graph, late, kept)
    assert peak_memory(again) < peak_memory(graph)
    for change in (prune, simplify, reroll):
        assert peak_memory(change(again)) <= peak_memory(again)
        np.testing.assert_allclose(run(change(again))[0], run(graph)[0])


# ----- the cut -----


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ({"multiply"}, {"a", "b", "d"}),
        ({"exp", "multiply", "tanh"}, {"a"}),
        ({"sin", "exp", "multiply", "tanh"}, set()),
    ],
)
def test_the_least_is_kept(again, expected):
    graph, vars = graph_and_vars()
    kept = least_kept(
        graph, LATE, lambda e: e.primitive.name in again, lambda v: v.type.nbytes
    )
    names = dict(zip(vars, "abcdefg", strict=True))
    assert {names[var] for var in kept} == expected


def test_a_narrow_value_is_kept_for_wide_ones():
    graph = parse("""graph(s: f64[1000], x: f64[1000]) {
        a = sum[axes=(0,), keepdims=False] x
        b = broadcast_to[shape=(1000,)] a
        c = multiply b b
        d = multiply s c
        e = multiply d b
        return e
    }""")
    light = lambda e: e.primitive.name != "sum"  # noqa: E731
    (var,) = least_kept(graph, 3, light, lambda v: v.type.nbytes)
    assert var.type.shape == ()


def test_more_bytes_than_32_bits_count():
    graph, vars = graph_and_vars()
    kept = least_kept(graph, LATE, lambda e: e.primitive.name != "sin", lambda _: 2**40)
    assert kept == {vars[0]}
