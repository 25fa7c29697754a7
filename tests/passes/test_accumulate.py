"""Sums over the steps of loops are carried."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad, scan, trace
from wengert.engines import NumpyEngine
from wengert.engines.llvm.engine import LlvmEngine
from wengert.passes import prune
from wengert.passes.accumulate import accumulate
from wengert.passes.prepare import prepare

X = np.random.default_rng(0).normal(size=(5, 3))


def changed(f, *args):
    graph = trace(f, *args)
    after = prune(accumulate(graph))
    for engine in (NumpyEngine(), LlvmEngine()):
        pairs = zip(
            engine.compile(after)(*args),
            NumpyEngine().compile(graph)(*args),
            strict=True,
        )
        for y, expected in pairs:
            assert y.dtype == expected.dtype
            np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)
    return after


def carries(graph):
    (loop,) = [e for e in graph.equations if e.primitive.name == "scan"]
    return loop.params["carries"], len(loop.outputs)


def step(c, x):
    y = np.sin(c) * x
    return c + y, (y, np.sum(y), x > 0)


@settings(max_examples=10, deadline=None)
@given(st.booleans(), st.sampled_from([(5, 3), (1, 3), (4, 1)]), st.booleans())
def test_sums_are_carried(reverse, shape, also):
    def f(x):
        c, (ys, s, _) = scan(step, x[0], x, reverse=reverse)
        last = ys[-1] if also else c
        return c, np.sum(ys, axis=0), np.sum(s), last

    x = np.random.default_rng(0).normal(size=shape)
    after = changed(f, x)
    # What is read otherwise too stays a stack.
    assert carries(after) == ((2, 3) if also else (3, 3))
    outside = [e.primitive.name for e in after.equations]
    assert outside.count("sum") == int(also)


def test_other_sums_stay():
    def f(x):
        _, (ys, s, told) = scan(step, x[0], x)
        return np.sum(ys, axis=1), np.sum(told, axis=0), np.sum(s, keepdims=True)

    assert carries(changed(f, X)) == (1, 4)


def test_outputs_stay():
    def f(x):
        ys = scan(step, x[0], x)[1][0]
        return ys, np.sum(ys, axis=0)

    assert carries(changed(f, X)) == (1, 2)


def test_the_sign_of_zeros():
    f = lambda x: np.sum(scan(lambda c, x: (c, x * c), 1.0, x)[1], axis=0)
    (y,) = NumpyEngine().compile(accumulate(trace(f, -np.zeros((3, 2)))))(
        -np.zeros((3, 2))
    )
    assert np.signbit(y).all()


def test_bodies_too():
    def inner(c, x):
        return c + np.sum(scan(step, c, x[None] * np.ones((4, 1)))[1][0], axis=0), c

    graph = changed(lambda x: scan(inner, x[0], x), X)
    assert "sum" not in str(graph)
    assert "carries=2" in str(graph)


def test_gradients_of_unrolled_loops():
    def f(p):
        y = p
        for _ in range(40):
            y = y + 0.1 * np.sin(p * y)
        return np.sum(y)

    graph = prepare(trace(grad(f), X[0]))
    backward = [e for e in graph.equations if e.primitive.name == "scan"][-1]
    assert backward.params["carries"] == len(backward.outputs)
    (y,) = LlvmEngine().compile(graph)(X[0])
    np.testing.assert_allclose(y, grad(f)(X[0]), rtol=1e-12)
