"""Cheap values are computed again rather than stacked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad, jit, scan, trace, value_and_grad
from wengert.engines import NumpyEngine
from wengert.engines.llvm.engine import LlvmEngine
from wengert.passes import prune
from wengert.passes.prepare import prepare
from wengert.passes.recompute import LEAST, recompute

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 3))


def run(graph, *args, engine=NumpyEngine):
    return engine().compile(graph)(*args)


def changed(f, *args, least=1):
    graph = prune(trace(f, *args))
    after = prune(recompute(graph, least))
    expected = run(graph, *args)
    for y, reference in zip(run(after, *args), expected, strict=True):
        np.testing.assert_array_equal(y, reference)
    for y, reference in zip(
        run(after, *args, engine=LlvmEngine), expected, strict=True
    ):
        np.testing.assert_allclose(y, reference, rtol=1e-11, atol=1e-13)
    return graph, after


def stacks(graph):
    """Give the shapes of what the first scan stacks."""
    loop = next(e for e in graph.equations if e.primitive.name == "scan")
    return [var.type.shape[1:] for var in loop.outputs[loop.params["carries"] :]]


def reader(index, *ys):
    """Read stacks by another scan, or one element of them."""
    total = lambda c, y: (c * 0.5 + sum(y), c)
    return scan(total, np.zeros(3), tuple(y[index] for y in ys))[0]


INDICES = st.sampled_from(
    [slice(None), slice(None, None, -1), slice(4, 1, -1), slice(1, 5)]
)


@settings(max_examples=12, deadline=None)
@given(INDICES, INDICES, st.booleans(), st.booleans())
def test_stacks_of_cheap_values_go(one, other, reverse, element):
    def step(p, c, x):
        a = p * c
        b = a + x * 2.0
        d = np.concatenate([b[1:], a[:1]])
        return np.sin(d), (a, b, d)

    def f(p, x):
        c, (a, b, d) = scan(lambda c, x: step(p, c, x), x[0], x, reverse=reverse)
        out = reader(one, a, b), reader(other, d)
        return (c, *out, d[2], a[-1]) if element else (c, *out)

    before, after = changed(f, X[0], X)
    assert stacks(before) == [(3,)] * 3
    assert stacks(after) == [(3,)]


def test_dear_values_stay():
    def f(x):
        def step(c, x):
            a = np.exp(c) * x
            return a, (np.exp(c), a + np.exp(c), a * 2)

        _, (e, s, a) = scan(step, x[0], x)
        return reader(slice(None, None, -1), e, s, a)

    # Of the exponential, which stays, the others are made again.
    before, after = changed(f, X)
    assert (stacks(before), stacks(after)) == ([(3,)] * 3, [(3,)])


def test_what_is_read_as_a_whole_stays():
    def f(x):
        c, a = scan(lambda c, x: (np.sin(c), c * x), x[0], x)
        return reader(slice(None), a), np.cumsum(a, axis=0)

    graph = trace(f, X)
    assert recompute(graph, 1) is graph
    g = trace(lambda x: scan(lambda c, x: (np.sin(c), c * x), x[0], x), X)
    assert recompute(g, 1) is g


def test_a_carry_larger_than_what_it_saves_is_not_stacked():
    def f(x):
        _, a = scan(lambda c, x: (np.sin(c), c[:1] + x[0]), x[0], x)
        return reader(slice(None), a)

    graph = trace(f, X)
    assert recompute(graph, 1) is graph


def test_small_stacks_stay():
    def f(x):
        _, (a, b) = scan(lambda c, x: (np.sin(c), (c * x, c + x)), x[0], x)
        return reader(slice(None), a, b)

    graph = trace(f, X)
    assert recompute(graph) is graph
    assert stacks(prune(recompute(graph, 1))) != stacks(graph)


def test_chains_of_loops():
    def f(x):
        a = scan(lambda c, x: (np.sin(c), (c * x, c - x)), x[0], x)[1]
        b = scan(lambda c, y: (np.cos(c), (c * y[0], c + y[1])), x[1], a)[1]
        return reader(slice(None, None, -1), *b)

    _, after = changed(f, X)
    assert stacks(after) == [(3,)]


def runge_kutta(x, steps=30):
    slope = lambda y: np.concatenate([x[:1], x[1:] * y[:-1]])
    y, h = np.zeros_like(x), 1 / steps
    for _ in range(steps):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(y + h * k3))
    return np.sum(y)


@pytest.mark.parametrize("n", [4, LEAST // 30 // 8])
def test_a_differential_equation(n):
    x = RNG.uniform(0.5, 1.5, n)
    graph = prepare(trace(grad(runge_kutta), x))
    # Of large systems what is carried is stacked, of small ones all four stages.
    assert len(stacks(graph)) == (1 if n > 100 else 4)
    (y,) = run(graph, x, engine=LlvmEngine)
    np.testing.assert_allclose(y, grad(runge_kutta)(x), rtol=1e-10)


def test_through_jit():
    x = RNG.uniform(0.5, 1.5, 5000)
    f = value_and_grad(runge_kutta)
    compiled = jit(f)
    compiled.compile(x)
    for y, expected in zip(compiled(x), f(x), strict=True):
        np.testing.assert_allclose(y, expected, rtol=1e-10)
